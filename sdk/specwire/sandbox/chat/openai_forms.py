"""Bodies of the OpenAI dialect: chat, embeddings, and ranking as others do it."""

from __future__ import annotations

from typing import Final

from .schemas import (
    ANY,
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
    maybe,
    tagged,
)

_FUNCTION = closed(
    "name",
    name={"type": "string", "pattern": r"^[a-zA-Z0-9_.-]{1,128}$"},
    description=maybe(TEXT),
    parameters=maybe(OBJECT),
    strict=maybe(FLAG),
)
TOOL: Final = closed("type function", type={"const": "function"}, function=_FUNCTION)
CALL: Final[Schema] = {
    "type": "object",
    "required": ["id", "type", "function"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "type": {"const": "function"},
        "function": {
            "type": "object",
            "required": ["name", "arguments"],
            "properties": {"name": TEXT, "arguments": TEXT},
        },
    },
}
_FORMAT: Schema = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["text", "json_object", "json_schema"]},
        "json_schema": {
            "type": "object",
            "required": ["name", "schema"],
            "properties": {"name": TEXT, "schema": OBJECT},
        },
    },
}
PARTS: Final[dict[str, Schema]] = {
    "text": closed("type text", type=TEXT, text=TEXT, cache_control=ANY),
    "image_url": closed(
        "type image_url",
        type=TEXT,
        image_url={"anyOf": [TEXT, closed("url", url=TEXT, detail=TEXT)]},
        cache_control=ANY,
    ),
    "input_audio": closed(
        "type input_audio",
        type=TEXT,
        # Mistral's is bare.
        input_audio={"anyOf": [closed("data format", data=TEXT, format=TEXT), TEXT]},
    ),
    "file": closed(
        "type",
        type=TEXT,
        file=closed("", filename=TEXT, file_data=TEXT, file_id=TEXT),
        file_id=TEXT,
    ),
    "video_url": closed("type video_url", type=TEXT, video_url=ANY),
    "document_url": closed(
        "type document_url", type=TEXT, document_url=ANY, document_name=TEXT
    ),
    "thinking": closed("type thinking", type=TEXT, thinking=ANY),
    "refusal": closed("type refusal", type=TEXT, refusal=TEXT),
}
_CONTENT: Schema = {
    "anyOf": [TEXT, array(tagged("type", "parts", *PARTS), 1)],
}
_SPOKEN: dict[str, Schema] = {
    "system": closed("role content", role=TEXT, content=_CONTENT, name=TEXT),
    "developer": closed("role content", role=TEXT, content=_CONTENT, name=TEXT),
    "user": closed("role content", role=TEXT, content=_CONTENT, name=TEXT),
    "assistant": {
        "type": "object",
        "required": ["role"],
        "properties": {
            "role": TEXT,
            "content": maybe(_CONTENT),
            "tool_calls": array(CALL, 1),
        },
    },
    "tool": closed(
        "role content tool_call_id",
        role=TEXT,
        content=_CONTENT,
        tool_call_id={"type": "string", "minLength": 1},
        name=TEXT,
    ),
}
_CHAT = closed(
    "model messages",
    model={"type": "string", "minLength": 1},
    messages=array(tagged("role", "spoken", *_SPOKEN), 1),
    frequency_penalty=maybe(between(-2, 2)),
    presence_penalty=maybe(between(-2, 2)),
    logit_bias=maybe(OBJECT),
    logprobs=maybe(FLAG),
    top_logprobs=maybe(between(0, 20)),
    max_tokens=maybe(COUNT),
    max_completion_tokens=maybe(COUNT),
    metadata=maybe(OBJECT),
    modalities=maybe(TEXTS),
    audio=ANY,
    n=maybe({"type": "integer", "minimum": 1, "maximum": 128}),
    parallel_tool_calls=maybe(FLAG),
    prediction=ANY,
    prompt_cache_key=TEXT,
    prompt_cache_retention=TEXT,
    reasoning_effort=maybe(TEXT),
    response_format=maybe(_FORMAT),
    safety_identifier=TEXT,
    seed=maybe(WHOLE),
    service_tier=maybe(TEXT),
    stop=maybe({"anyOf": [TEXT, TEXTS]}),
    store=maybe(FLAG),
    stream=maybe(FLAG),
    stream_options=maybe(
        closed("", include_usage=FLAG, include_obfuscation=FLAG),
    ),
    temperature=maybe(between(0, 2)),
    tool_choice=maybe(
        {
            "anyOf": [
                {"enum": ["none", "auto", "required", "any"]},
                closed(
                    "type function",
                    type={"const": "function"},
                    function=closed("name", name=TEXT),
                ),
            ]
        }
    ),
    tools=maybe(array(TOOL, 1)),
    top_p=maybe(between(0, 1)),
    user=TEXT,
    verbosity=maybe(TEXT),
    web_search_options=ANY,
    functions=ANY,
    function_call=ANY,
)
_EMBEDDING = closed(
    "input",
    model=TEXT,
    input={"anyOf": [TEXT, {**array(ANY, 1), "maxItems": 2048}]},
    dimensions=COUNT,
    output_dimension=COUNT,
    encoding_format={"enum": ["float", "base64"]},
    output_dtype=TEXT,
    user=TEXT,
    input_type=TEXT,
    truncate=ANY,
    task=TEXT,
    normalized=FLAG,
    embedding_type=ANY,
    late_chunking=FLAG,
)
RERANK: Final = closed(
    "model query documents",
    model=TEXT,
    query=TEXT,
    documents=array({"anyOf": [TEXT, OBJECT]}, 1),
    top_n=COUNT,
    max_tokens_per_doc=COUNT,
    priority=WHOLE,
    return_documents=FLAG,
    rank_fields=TEXTS,
)

FORMS: Final[Schema] = {
    "parts": PARTS,
    "spoken": _SPOKEN,
    "chat": _CHAT,
    "embeddings": _EMBEDDING,
    "rerank": RERANK,
}
"""The schemas by operation, and what they refer to."""
