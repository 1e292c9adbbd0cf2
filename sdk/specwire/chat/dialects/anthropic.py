"""Anthropic's messages. https://docs.anthropic.com/en/api/messages

The system text stands beside the turns, turns of one role in a row are one, results of
tools are the first of a user's blocks, and ``max_tokens`` has to be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..messages import ContentBlock, Message
from ..tools import ToolChoice, ToolDefinition
from .base import Dialect, call_of, extra, is_block

if TYPE_CHECKING:
    from ..formats import ResponseFormat

_LEAST = 1024
"""The smallest budget of thinking that the API takes, in tokens."""


class Anthropic(Dialect):
    shapes = {"image": "anthropic_source", "document": "anthropic_document"}
    system = "top_level"
    unsaid = ("name",)
    thinks_at = ("thinking",)
    default_roles = {"tool": "user"}

    def thinking(self, block: ContentBlock) -> dict[str, Any] | None:
        # Without its signature a thought is refused.
        return block.to_dict() if block.signature else None

    def put_system(self, blocks: Sequence[ContentBlock]) -> None:
        parts = [part for part in self.parts(blocks) if part["text"]]
        plain = all(set(part) == {"type", "text"} for part in parts)
        text = "\n\n".join(part["text"] for part in parts)
        if parts:
            self.body["system"] = text if plain else parts

    # -- turns -------------------------------------------------------------------

    def turns(self, messages: Sequence[Message]) -> None:
        joined: list[dict[str, Any]] = []
        for message in messages:
            role = self.role(message.role)
            parts = self.parts(message.blocks())
            if not parts:
                continue  # the API refuses an empty turn
            beside = self.extra(message) if message.role != "tool" else {}
            if joined and joined[-1]["role"] == role:
                joined[-1]["content"] += parts
                joined[-1].update(beside)
            else:
                joined.append({"role": role, "content": parts, **beside})
        if not joined:
            raise self.refused("expected at least one message that is not empty")
        for turn in joined:
            turn["content"] = _ordered(turn["content"])
        self.body["messages"] = joined

    def part(self, block: ContentBlock) -> dict[str, Any] | None:
        if block.type == "tool_use":
            call = call_of(block)
            use = {"type": "tool_use", "id": call.id, "name": call.name}
            return {**use, "input": call.arguments, **call.extra}
        if block.type == "tool_result":
            return self._result(block)
        if block.type == "text" and not block.text:
            return None
        return super().part(block)

    def _result(self, block: ContentBlock) -> dict[str, Any]:
        if not block.tool_use_id:
            raise self.refused("a tool's message without tool_call_id")
        wire = {"type": "tool_result", "tool_use_id": block.tool_use_id}
        content = block.content
        if isinstance(content, list) and all(map(is_block, content)):
            wire["content"] = self.parts([ContentBlock.of(inner) for inner in content])
        elif content is not None and content != "":
            plain = ContentBlock("tool_result", content=content)
            wire["content"] = self.result_text(plain)
        if block.is_error:
            wire["is_error"] = True
        return {**wire, **extra(block, *wire, "content", "is_error", "name")}

    # -- tools and the answer ----------------------------------------------------

    def tools(self, tools: Sequence[ToolDefinition | Mapping[str, Any]]) -> None:
        self.body["tools"] = [_tool(tool) for tool in tools]

    def choice(self, choice: ToolChoice, tools: Sequence[Any]) -> None:
        wire: dict[str, Any] = {"type": choice.mode}
        if choice.mode == "required":
            wire["type"] = "any"
        if choice.mode == "tool":
            wire["name"] = choice.name
        self.body["tool_choice"] = wire

    def parallel(self, allowed: bool) -> None:
        choice = self.body.setdefault("tool_choice", {"type": "auto"})
        if choice["type"] != "none":
            choice["disable_parallel_tool_use"] = not allowed

    def answer(self, form: ResponseFormat) -> None:
        if form.kind == "json_schema":
            from ...structured.transform import transform_schema

            schema = self.schema(transform_schema, form.schema, "/response_format")
            given = self.body.get("output_config") or {}
            wished = {"type": "json_schema", "schema": schema}
            self.body["output_config"] = {**given, "format": wished}
        elif form.kind == "json_object":
            # There is no such mode: the model is told.
            self._told("Answer with one JSON object and nothing else.")
        elif form.kind != "text":
            raise self.refused(f"no such form: {form.kind!r}", "/response_format")

    def _told(self, text: str) -> None:
        system = self.body.get("system")
        if isinstance(system, list):
            self.body["system"] = [*system, {"type": "text", "text": text}]
        else:
            self.body["system"] = f"{system}\n\n{text}" if system else text

    def think(self, tokens: int | None) -> None:
        if not tokens:
            if tokens == 0:
                self.body["thinking"] = {"type": "disabled"}
            return
        tokens = max(tokens, _LEAST)
        most = self.body.get("max_tokens")
        if isinstance(most, int):
            if self.most is not None:
                # Nobody said a limit: there is room for the answer beside the thoughts.
                most = self.body["max_tokens"] = min(most + tokens, self.most)
            if most <= _LEAST:
                raise self.refused(
                    f"expected max_tokens above {_LEAST}, which thinking takes at "
                    f"least; got {most}",
                    "/max_tokens",
                )
            tokens = max(self.within(tokens, most), _LEAST)
        self.body["thinking"] = {"type": "enabled", "budget_tokens": tokens}


def _ordered(parts: list[dict[str, Any]]) -> Any:
    """Results first, as the API wants them; text alone as a string."""
    first = parts[0]
    if len(parts) == 1 and set(first) == {"type", "text"} and first["type"] == "text":
        return first["text"]
    results = [part for part in parts if part.get("type") == "tool_result"]
    return [*results, *(p for p in parts if p.get("type") != "tool_result")]


def _tool(tool: ToolDefinition | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(tool, ToolDefinition):
        return dict(tool)
    wire: dict[str, Any] = {"name": tool.name}
    if tool.description:
        wire["description"] = tool.description
    wire["input_schema"] = tool.parameters
    if tool.strict is not None:
        wire["strict"] = tool.strict
    return {**wire, **tool.extra}


DIALECT = Anthropic
