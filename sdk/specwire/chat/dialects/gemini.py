"""Gemini's generateContent. https://ai.google.dev/api/generate-content

Turns are ``contents`` made of ``parts``; a function's call and its response know each
other by name; the model's name is in the path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..messages import ContentBlock, Message, json_text
from ..tools import ToolChoice, ToolDefinition
from .base import SIGNATURES, Dialect, extra, is_block, put
from .gemini_schema import gemini_schema

if TYPE_CHECKING:
    from ..formats import ResponseFormat


class Gemini(Dialect):
    shapes = dict.fromkeys(
        ("image", "audio", "video", "document"), "gemini_inline_data"
    )
    system = "instruction"
    unsaid = ("name", "cache_control")
    thinks_at = ("generationConfig", "thinkingConfig")
    default_roles = {"assistant": "model", "tool": "user"}
    names_model = False

    def text(self, block: ContentBlock) -> dict[str, Any]:
        return {"text": block.text or "", **extra(block, "text", *self.unsaid)}

    def put_system(self, blocks: Sequence[ContentBlock]) -> None:
        self.body["systemInstruction"] = {"parts": self.parts(blocks)}

    # -- turns -------------------------------------------------------------------

    def turns(self, messages: Sequence[Message]) -> None:
        contents: list[dict[str, Any]] = []
        for message in messages:
            role = self.role(message.role)
            parts = self.parts(message.blocks())
            if not parts:
                continue
            beside = self.extra(message) if message.role != "tool" else {}
            if contents and contents[-1]["role"] == role:
                contents[-1]["parts"] += parts
                contents[-1].update(beside)
            else:
                contents.append({"role": role, "parts": parts, **beside})
        if not contents:
            raise self.refused("expected at least one message that is not empty")
        self.body["contents"] = contents

    def parts(self, blocks: Any) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        others = []
        for block in blocks:
            if block.type == "tool_result":
                results += self._result(block)
                continue
            part = self.part(block)
            if part is not None and part != {"text": ""}:
                others.append(part)
        return [*results, *others]

    def part(self, block: ContentBlock) -> dict[str, Any] | None:
        if block.type == "redacted_thinking":
            return None
        if block.type != "tool_use":
            return super().part(block)
        part = {"functionCall": {"name": block.name, "args": block.input or {}}}
        signature = next(
            (block.members[k] for k in SIGNATURES if k in block.members), 0
        )
        return {**part, "thoughtSignature": signature} if signature else part

    def _result(self, block: ContentBlock) -> list[dict[str, Any]]:
        """The response, and what is not text in it as parts of their own."""
        id = block.tool_use_id
        name = block.name or self.calls.get(id if isinstance(id, str) else "")
        if not name:
            raise self.refused(
                f"result of a tool: no call has the id {id!r:.60}; give the message "
                "the tool's name="
            )
        response, more = self._response(block)
        return [{"functionResponse": {"name": name, "response": response}}, *more]

    def _response(self, block: ContentBlock) -> tuple[Any, list[dict[str, Any]]]:
        content, more = block.content, []
        if isinstance(content, list) and content and all(map(is_block, content)):
            inner = [ContentBlock.of(each) for each in content]
            more = self.parts(b for b in inner if b.type != "text")
            content = "\n".join(b.text or "" for b in inner if b.type == "text")
        if block.is_error:
            return {"error": json_text(content)}, more
        if isinstance(content, str):
            content = _object(content)
        if not isinstance(content, Mapping):
            content = {"output": "" if content is None else content}
        return dict(content), more

    # -- tools and the answer ----------------------------------------------------

    def tools(self, tools: Sequence[ToolDefinition | Mapping[str, Any]]) -> None:
        own = [dict(tool) for tool in tools if not isinstance(tool, ToolDefinition)]
        said = [self._said(tool) for tool in tools if isinstance(tool, ToolDefinition)]
        self.body["tools"] = [*([{"functionDeclarations": said}] if said else []), *own]

    def _said(self, tool: ToolDefinition) -> dict[str, Any]:
        wire: dict[str, Any] = {"name": tool.name}
        if tool.description:
            wire["description"] = tool.description
        schema = self.schema(gemini_schema, tool.parameters, "/tools")
        if schema.get("properties"):  # an object without members is refused
            wire["parameters"] = schema
        return {**wire, **tool.extra}

    def choice(self, choice: ToolChoice, tools: Sequence[Any]) -> None:
        modes = {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
        config: dict[str, Any] = {"mode": modes[choice.mode]}
        if choice.mode == "tool":
            config["allowedFunctionNames"] = [choice.name]
        self.body["toolConfig"] = {"functionCallingConfig": config}

    def answer(self, form: ResponseFormat) -> None:
        if form.kind not in ("text", "json_object", "json_schema"):
            raise self.refused(f"no such form: {form.kind!r}", "/response_format")
        if form.kind == "text":
            return
        put(self.body, ("generationConfig", "responseMimeType"), "application/json")
        if form.schema is not None:
            schema = self.schema(gemini_schema, form.schema, "/response_format")
            put(self.body, ("generationConfig", "responseSchema"), schema)

    def think(self, tokens: int | None) -> None:
        if tokens:
            config = self.body.get("generationConfig") or {}
            tokens = self.within(tokens, config.get("maxOutputTokens"))
        config = {"thinkingBudget": -1 if tokens is None else tokens}
        if tokens != 0:
            config["includeThoughts"] = True
        put(self.body, self.thinks_at, config)


def _object(text: str) -> Any:
    """The JSON object that ``text`` is; else ``text``."""
    if text.lstrip()[:1] == "{":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return value if isinstance(value, dict) else text
    return text


DIALECT = Gemini
