"""What is answered, in no dialect: the Messages service's reply, taken out of its form.

A dialect puts a request into the Messages API's terms (:class:`Turns` collects the
conversation) and gets a :class:`Told` back. So all dialects choose the same tools, fill
the same schemas and stop for the same reasons.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..services.editing import managed
from ..services.reply import write_reply
from ..state import State

_PIECE = 12
_MOST = 4096
ANY_JSON: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
}
"""The schema for those who ask for JSON and do not say which."""


@attrs.frozen
class Called:
    """A call of a tool; ``arguments`` is JSON text, cut where the tokens ran out."""

    name: str
    input: dict[str, Any]
    arguments: str


@attrs.frozen
class Told:
    """One answer.

    :ivar stop: ``end_turn``, ``stop_sequence``, ``max_tokens``, ``tool_use`` or
        ``refusal``.
    """

    text: str
    thinking: str
    calls: tuple[Called, ...]
    stop: str
    prompt_tokens: int
    completion_tokens: int
    thinking_tokens: int


class Turns:
    """A conversation on its way into the Messages API's terms.

    What one side says in several messages is one turn there.
    """

    def __init__(self) -> None:
        self.system: list[str] = []
        self._messages: list[dict[str, Any]] = []

    def add(self, role: str, blocks: list[dict[str, Any]]) -> None:
        """Let ``role`` (``user`` or ``assistant``) say ``blocks``."""
        if self._messages and self._messages[-1]["role"] == role:
            self._messages[-1]["content"] += blocks
        else:
            self._messages.append({"role": role, "content": list(blocks)})

    def hear(self, message: Mapping[str, Any], blocks: list[dict[str, Any]]) -> None:
        """A message with a role and function calls, as two of the languages have it."""
        role = message["role"]
        if role in ("system", "developer"):
            self.system += [b["text"] for b in blocks if b["type"] == "text"]
        elif role == "tool":
            self.add("user", [result_block(message["tool_call_id"], blocks)])
        elif role == "user":
            self.add("user", blocks)
        else:
            calls = [
                use_block(c["id"], c["function"]["name"], c["function"]["arguments"])
                for c in message.get("tool_calls") or ()
            ]
            self.add("assistant", blocks + calls)

    def params(self, model: str, most: int | None, **more: Any) -> dict[str, Any]:
        """The parameters of a message; ``more`` without what is ``None``."""
        messages = self._messages or [{"role": "user", "content": ""}]
        params = {
            "model": model,
            "max_tokens": most or _MOST,
            "messages": messages,
            **more,
        }
        if self.system:
            params["system"] = "\n".join(self.system)
        return {name: each for name, each in params.items() if each is not None}


def tell(params: dict[str, Any], state: State, *, count: int = 1) -> list[Told]:
    """``count`` answers to ``params``."""
    context = managed(params)
    told = []
    for variant in range(count):
        asked = {**params, "metadata": {"variant": variant}} if variant else params
        draft = write_reply(asked, context, state)
        uses = [block for block in draft.blocks if block["type"] == "tool_use"]
        cut = draft.stop_reason == "max_tokens"
        told.append(
            Told(
                _joined(draft.blocks, "text"),
                _joined(draft.blocks, "thinking"),
                tuple(_called(use, cut=cut) for use in uses),
                draft.stop_reason,
                context.tokens,
                draft.output_tokens,
                draft.thinking_tokens,
            )
        )
    return told


def pieces(text: str) -> Iterator[str]:
    """``text`` as it is streamed."""
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


def text_block(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "text", "text": text}


def media_block(kind: str = "image") -> dict[str, Any]:
    """A block that counts as a picture or a document."""
    return {"type": kind, "source": {"type": "url", "url": "https://example.com/"}}


def tool(name: str, description: str | None, schema: Any) -> dict[str, Any]:
    """A tool that may be called; one without a schema takes nothing."""
    schema = schema if isinstance(schema, dict) else {}
    schema = {"type": "object", **schema}
    return {"name": name, "description": description or "", "input_schema": schema}


def use_block(id: str, name: str, arguments: Any) -> dict[str, Any]:
    """A call that was made earlier; ``arguments`` may be text that is no JSON."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            arguments = {}
    return {"type": "tool_use", "id": id, "name": name, "input": arguments}


def result_block(id: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a tool answered."""
    return {"type": "tool_result", "tool_use_id": id, "content": blocks}


def json_form(schema: Any) -> dict[str, Any]:
    """The output configuration that asks for JSON by ``schema``."""
    return {"format": {"type": "json_schema", "schema": schema or ANY_JSON}}


def _joined(blocks: list[dict[str, Any]], kind: str) -> str:
    return "".join(block[kind] for block in blocks if block["type"] == kind)


def _called(use: dict[str, Any], *, cut: bool) -> Called:
    arguments = json.dumps(use["input"], ensure_ascii=False)
    # The service leaves no input in a call that is cut off: here it is half a text.
    half = '{"' if cut and not use["input"] else arguments
    return Called(use["name"], use["input"], half)
