"""Bodies of the Cohere dialect, second version of its API."""

from __future__ import annotations

from typing import Final

from .openai_forms import CALL, PARTS, RERANK, TOOL
from .schemas import (
    COUNT,
    FLAG,
    OBJECT,
    TEXT,
    TEXTS,
    WHOLE,
    Schema,
    array,
    between,
    closed,
    tagged,
)

_PARTS: dict[str, Schema] = {
    "text": closed("type text", type=TEXT, text=TEXT),
    "image_url": PARTS["image_url"],
    "thinking": closed("type thinking", type=TEXT, thinking=TEXT),
    "document": closed("type document", type=TEXT, document=OBJECT),
}
_CONTENT: Schema = {"anyOf": [TEXT, array(tagged("type", "parts", *_PARTS), 1)]}
_SPOKEN: dict[str, Schema] = {
    "system": closed("role content", role=TEXT, content=_CONTENT),
    "user": closed("role content", role=TEXT, content=_CONTENT),
    "assistant": closed(
        "role",
        role=TEXT,
        content=_CONTENT,
        tool_calls=array(CALL, 1),
        tool_plan=TEXT,
        citations=array(OBJECT),
    ),
    "tool": closed(
        "role content tool_call_id",
        role=TEXT,
        content=_CONTENT,
        tool_call_id={"type": "string", "minLength": 1},
    ),
}
_CHAT = closed(
    "model messages",
    model={"type": "string", "minLength": 1},
    messages=array(tagged("role", "spoken", *_SPOKEN), 1),
    stream=FLAG,
    tools=array(TOOL),
    strict_tools=FLAG,
    documents=array({"anyOf": [TEXT, OBJECT]}),
    citation_options=OBJECT,
    response_format=closed(
        "type",
        type={"enum": ["text", "json_object"]},
        json_schema=OBJECT,
        schema=OBJECT,
    ),
    safety_mode={"enum": ["CONTEXTUAL", "STRICT", "OFF", "NONE"]},
    max_tokens=COUNT,
    stop_sequences={"type": "array", "items": TEXT, "maxItems": 5},
    temperature=between(0, 1),
    seed=WHOLE,
    frequency_penalty=between(0, 1),
    presence_penalty=between(0, 1),
    k={"type": "integer", "minimum": 0, "maximum": 500},
    p=between(0.01, 0.99),
    logprobs=FLAG,
    tool_choice={"enum": ["REQUIRED", "NONE"]},
    thinking=closed("type", type={"enum": ["enabled", "disabled"]}, token_budget=COUNT),
    priority=WHOLE,
)
_EMBED = closed(
    "model input_type",
    model=TEXT,
    input_type={
        "enum": [
            "search_document",
            "search_query",
            "classification",
            "clustering",
            "image",
        ]
    },
    texts={"type": "array", "items": TEXT, "maxItems": 96},
    images={"type": "array", "items": TEXT, "maxItems": 1},
    inputs=array(OBJECT),
    max_tokens=COUNT,
    output_dimension={"enum": [256, 512, 1024, 1536]},
    embedding_types=TEXTS,
    truncate={"enum": ["NONE", "START", "END"]},
    priority=WHOLE,
)

FORMS: Final[Schema] = {
    "parts": _PARTS,
    "spoken": _SPOKEN,
    "chat": _CHAT,
    "embed": _EMBED,
    "rerank": RERANK,
}
"""The schemas by operation, and what they refer to."""
