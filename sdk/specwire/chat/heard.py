"""What the caller of a stream was given, where hooks stand on its way.

They may change events and hold them back, so an answer that is put together from what
the provider sent would tell more than the caller may know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .events import ContentDelta, PartialToolCall, StreamingEvent, ThinkingDelta
from .response import Candidate, ChatResponse
from .tools import ToolCall


class Heard:
    """Takes the events that are handed out, and corrects the answer by them."""

    def __init__(self) -> None:
        self._parts: dict[Any, list[str]] = {}

    def take(self, event: StreamingEvent) -> None:
        """The caller gets ``event``."""
        number = event.candidate_index
        if isinstance(event, ContentDelta):
            self._parts.setdefault(("text", number), []).append(event.content)
        elif isinstance(event, ThinkingDelta):
            self._parts.setdefault(("thinking", number), []).append(event.thinking)
        elif isinstance(event, PartialToolCall):
            key = ("tool", number, event.tool_call_id)
            self._parts.setdefault(key, []).append(event.arguments)

    def response(self, response: ChatResponse) -> ChatResponse:
        """``response`` with the texts that were handed out."""
        response.candidates = [self._candidate(one) for one in response.candidates]
        response.raw = None
        return response

    def _said(self, *key: Any) -> str:
        return "".join(self._parts.get(key, ()))

    def _candidate(self, one: Candidate) -> Candidate:
        number = one.index
        thinking = self._said("thinking", number) or None
        same = thinking == one.thinking
        return Candidate(
            number,
            self._said("text", number),
            thinking,
            self._calls(one.tool_calls, number),
            one.finish_reason,
            one.raw_finish_reason,
            # A signature is for what was signed.
            thinking_blocks=one.thinking_blocks if same else (),
        )

    def _calls(self, calls: Sequence[ToolCall], number: int) -> list[ToolCall]:
        made = []
        for call in calls:
            said = self._said("tool", number, call.id)
            if said == (call.arguments_raw or ""):
                made.append(call)
            else:
                made.append(ToolCall(call.id, call.name, None, said, **call.extra))
        return made
