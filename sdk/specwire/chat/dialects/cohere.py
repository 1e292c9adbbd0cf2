"""Cohere's chat, version 2. https://docs.cohere.com/reference/chat

Close to OpenAI's, but for the words of ``tool_choice``, the plan that goes with calls,
and documents, which stand beside the turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..messages import ContentBlock
from ..tools import ToolChoice, ToolDefinition
from . import media
from .openai import OpenAI

if TYPE_CHECKING:
    from ..formats import ResponseFormat
    from ..messages import Message


class Cohere(OpenAI):
    shapes = {"image": "openai_url"}
    unsaid = ("name", "cache_control")
    thinks_at = ("thinking",)

    def held(self, block: ContentBlock) -> dict[str, Any]:
        if media.KINDS[block.type] == "document" and not self.rules.get("document"):
            return self._document(block)
        return super().held(block)

    def _document(self, block: ContentBlock) -> dict[str, Any]:
        """The document goes beside the turns; its text is what can be sent."""
        source = media.source_of(block, self.where, self.rules)
        title, source.title = source.title, None
        text = media.text(source, self.where)["text"]
        data = {"title": title, "text": text}
        data = {k: v for k, v in data.items() if v}
        self.body.setdefault("documents", []).append({"data": data})
        return {}

    def parts(self, blocks: Any) -> list[dict[str, Any]]:
        return [part for part in super().parts(blocks) if part]

    def _assistant(
        self, message: Message, blocks: Sequence[ContentBlock]
    ) -> dict[str, Any]:
        wire = super()._assistant(message, blocks)
        if "tool_calls" in wire:
            said = wire.pop("content")
            if said:
                wire["tool_plan"] = said
        return wire

    def tools(self, tools: Sequence[ToolDefinition | Mapping[str, Any]]) -> None:
        super().tools(tools)
        strict = [tool["function"].pop("strict", None) for tool in self._functions()]
        if any(strict):
            self.body["strict_tools"] = True

    def _functions(self) -> list[dict[str, Any]]:
        tools = self.body["tools"]
        return [tool for tool in tools if isinstance(tool.get("function"), dict)]

    def choice(self, choice: ToolChoice, tools: Sequence[Any]) -> None:
        if choice.mode == "auto":
            return  # what the API does where nothing is said
        self.body["tool_choice"] = "NONE" if choice.mode == "none" else "REQUIRED"
        if choice.mode == "tool":
            # One tool cannot be named, but the others can be kept back.
            found = self._functions()
            named = [t for t in found if t["function"].get("name") == choice.name]
            self.body["tools"] = named

    def parallel(self, allowed: bool) -> None:
        """The API has no word for it."""

    def answer(self, form: ResponseFormat) -> None:
        wire: dict[str, Any] = {"type": "json_object"}
        if form.kind == "json_schema":
            wire["json_schema"] = form.schema
        elif form.kind != "json_object":
            wire["type"] = form.kind
        self.body["response_format"] = wire

    def think(self, tokens: int | None) -> None:
        if tokens == 0:
            self.body["thinking"] = {"type": "disabled"}
        elif tokens:
            tokens = self.within(tokens, self.body.get("max_tokens"))
            self.body["thinking"] = {"type": "enabled", "token_budget": tokens}


DIALECT = Cohere
