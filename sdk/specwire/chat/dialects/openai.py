"""OpenAI's chat completions, which most providers speak.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..messages import ContentBlock, Message
from ..tools import ToolChoice, ToolDefinition
from .base import SYSTEM, Dialect, call_of

if TYPE_CHECKING:
    from ..formats import ResponseFormat

_NOT_SENT = ("thinking", "redacted_thinking")


class OpenAI(Dialect):
    shapes = {
        "image": "openai_url",
        "video": "openai_url",
        "audio": "openai_audio",
        "document": "openai_file",
    }

    def held(self, block: ContentBlock) -> dict[str, Any]:
        part = super().held(block)
        inner = block.members.get("image_url")
        detail = inner.get("detail") if isinstance(inner, Mapping) else block.detail
        if detail and part.get("type") == "image_url":
            part["image_url"]["detail"] = detail
        return part

    # -- turns -------------------------------------------------------------------

    def turns(self, messages: Sequence[Message]) -> None:
        self.body["messages"] = [
            wire for message in messages for wire in self._message(message)
        ]

    def _message(self, message: Message) -> list[dict[str, Any]]:
        blocks = message.blocks()
        results = [block for block in blocks if block.type == "tool_result"]
        if results:
            # A user's turn that holds results (Anthropic's way) comes apart here.
            rest = [block for block in blocks if block.type != "tool_result"]
            out = [self._result(message, block) for block in results]
            if rest:
                out += self._message(Message(message.role, rest, **message.extra))
            return out
        if message.role == "assistant":
            return [self._assistant(message, blocks)]
        content: Any = message.content
        if not isinstance(content, str):
            parts = self.parts(b for b in blocks if b.type not in _NOT_SENT)
            content = self.lone(parts, joined=message.role in SYSTEM)
        role = message.role
        return [{"role": self.role(role), "content": content, **self.extra(message)}]

    def lone(self, parts: list[dict[str, Any]], *, joined: bool = False) -> Any:
        """Text alone is a string, which every server takes."""
        plain = all(set(p) == {"type", "text"} and p["type"] == "text" for p in parts)
        if plain and (joined or len(parts) == 1):
            return "\n\n".join(part["text"] for part in parts)
        return parts

    def _result(self, message: Message, block: ContentBlock) -> dict[str, Any]:
        if not block.tool_use_id:
            raise self.refused("a tool's message without tool_call_id")
        beside = self.extra(message) if message.role == "tool" else {}
        wire = {"role": self.role("tool"), "tool_call_id": block.tool_use_id}
        return {**wire, "content": self.result_text(block), **beside}

    def _assistant(
        self, message: Message, blocks: Sequence[ContentBlock]
    ) -> dict[str, Any]:
        calls = [self.call(block) for block in blocks if block.type == "tool_use"]
        said = [b for b in blocks if b.type not in ("tool_use", *_NOT_SENT)]
        parts = self.parts(said)
        content: Any = parts
        if all(set(p) == {"type", "text"} for p in parts):
            content = "".join(part["text"] for part in parts)
        wire: dict[str, Any] = {"role": self.role("assistant")}
        # The calls stand where there is nothing to say.
        wire["content"] = content or (None if calls else "")
        if calls:
            wire["tool_calls"] = calls
        return {**wire, **self.extra(message)}

    def call(self, block: ContentBlock) -> dict[str, Any]:
        return call_of(block).to_dict()

    # -- tools and the answer ----------------------------------------------------

    def tools(self, tools: Sequence[ToolDefinition | Mapping[str, Any]]) -> None:
        self.body["tools"] = [
            tool.to_dict() if isinstance(tool, ToolDefinition) else dict(tool)
            for tool in tools
        ]

    def choice(self, choice: ToolChoice, tools: Sequence[Any]) -> None:
        value: Any = choice.mode
        if choice.mode == "tool":
            value = {"type": "function", "function": {"name": choice.name}}
        self.body["tool_choice"] = value

    def parallel(self, allowed: bool) -> None:
        self.body["parallel_tool_calls"] = allowed

    def answer(self, form: ResponseFormat) -> None:
        rule = (self.record.get("parameters") or {}).get("response_format") or {}
        wire, taken = form.to_openai(), rule.get("enum") or [form.kind]
        if form.kind == "json_schema" and "json_schema" not in taken:
            # There is no such mode: the model is told, and held to JSON.
            schema = json.dumps(form.schema, ensure_ascii=False)
            self._told(f"Answer with one JSON object that fits this schema: {schema}")
            wire = {"type": "json_object"}
        self.body["response_format"] = wire

    def _told(self, text: str) -> None:
        messages, role = self.body["messages"], self.role("system")
        first = messages[0] if messages else {}
        if first.get("role") == role and isinstance(first.get("content"), str):
            told = {**first, "content": f"{first['content']}\n\n{text}"}
            self.body["messages"] = [told, *messages[1:]]
        else:
            self.body["messages"] = [{"role": role, "content": text}, *messages]


DIALECT = OpenAI
