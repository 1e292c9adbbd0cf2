"""Frames to events: what the wire says in pieces, put together.

The rules of a manifest say what a frame is about (:mod:`specwire.chat.mapping`). Here
is what needs a memory: which piece belongs to which call, what the counts add up to,
why each candidate ended, and that the stream did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .accumulating import ToolCallAccumulator
from .contents import pieces
from .events import (
    ContentDelta,
    FinalCandidate,
    Metadata,
    StreamEnd,
    StreamError,
    StreamingEvent,
    ThinkingDelta,
)
from .mapping import KINDS, Mapped
from .programs import Literal
from .reading import Reading, reading_of
from .response import Candidate, ChatResponse
from .usage import Tally

__all__ = ["Assembler", "ToolCallAccumulator"]

_ID = ("tool_call_id", "id", "call_id")
_NAME = ("tool_name", "name", "function_name")
_ARGUMENTS = ("arguments", "partial_json", "input", "args")
_TEXT = ("content", "text", "delta")
_THINKING = ("thinking", "reasoning", "reasoning_content", "content", "text")
_REASON = ("finish_reason", "stop_reason")
_ANSWERS = frozenset({"text", "thinking", "tool_start", "tool_delta"})
_LOOKED_AT = 4
"""So many frames are looked at for the model's name and the answer's id."""


class _State:
    """One candidate so far."""

    __slots__ = (
        "blocks",
        "calls",
        "final",
        "literal",
        "raw",
        "texts",
        "thoughts",
        "told",
    )

    def __init__(self, number: int) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.blocks: list[dict[str, str]] = []
        self.told = 0  # so many thoughts stand in blocks
        self.calls = ToolCallAccumulator(number)
        self.raw: str | None = None
        self.literal: str | None = None
        self.final = False

    def sign(self, fields: Mapping[str, Any]) -> None:
        """What was thought since the last block is one, where the provider signs it."""
        signature, hidden = fields.get("signature"), fields.get("redacted")
        if signature.__class__ is str and signature:
            thought = "".join(self.thoughts[self.told :])
            self.told = len(self.thoughts)
            block = {"type": "thinking", "thinking": thought, "signature": signature}
            self.blocks.append(block)
        elif hidden.__class__ is str:
            self.blocks.append({"type": "redacted_thinking", "data": hidden})


class Assembler:
    """One stream's events.

    :ivar ended: the frame that marks the end has come.
    :ivar failed: an error came; nothing that follows counts.
    """

    def __init__(self, manifest: Any, *, model: str = "") -> None:
        self._reading: Reading = reading_of(manifest)
        stream = self._reading.stream
        self._map = stream.mapper.map
        self._select, self._skip, self._end = stream.select, stream.skip, stream.end
        self._manifest = manifest
        self._model: str | None = None
        self._asked = model
        self._id: str | None = None
        self._tally = Tally(self._reading.counting)
        self._counted = False
        self._states: dict[int, _State] = {}
        self._count = 0
        self._document: ChatResponse | None = None
        self.ended = False
        self.failed = False
        self._closed = False

    @property
    def is_document(self) -> bool:
        """Whether what came is a whole answer, not a stream."""
        return self._document is not None

    @property
    def complete(self) -> bool:
        """Whether each candidate has said why it ended."""
        if self._document is not None:
            return True
        return bool(self._states) and all(
            state.raw is not None or state.literal is not None
            for state in self._states.values()
        )

    def feed(self, frame: Any) -> list[StreamingEvent]:
        """The events of one frame; of any JSON value."""
        env = (frame,)
        if self._skip is not None and self._skip(env):
            return []
        mapped = self._map(frame)
        if self._select is not None and not self._select(env):
            # A manifest lists what it knows; an error is never passed over.
            mapped = [m for m in mapped if KINDS.get(m[0]) == "error"]
        self._count += 1
        if self._count <= _LOOKED_AT:
            document = self._opened(frame, mapped)
            if document is not None:
                return document
        events: list[StreamingEvent] = []
        late: list[Mapped] = []
        for one in mapped:
            kind = KINDS.get(one[0])
            if kind == "text":
                self._text(one[1], one[2], events)
            elif kind == "finish":
                late.append(one)
            elif kind is not None:
                _TAKEN[kind](self, one[1], one[2], events)
        for _, fields, candidate in late:
            self._finish(fields, candidate, events)
        if self._end is not None and self._end(env):
            self.ended = True
        return events

    def end(self) -> list[StreamingEvent]:
        """The events of the end: what was open is closed, and the end itself."""
        if self._closed or self.failed:
            return []
        self._closed = True
        events: list[StreamingEvent] = []
        for number, state in sorted(self._states.items()):
            events += state.calls.end_all()
            self._final(number, state, events)
        first = self.response()
        usage = first.usage if self._counted else None
        events.append(StreamEnd(first.finish_reason, first.raw_finish_reason, usage))
        return events

    def response(self) -> ChatResponse:
        """The answer, as far as it has come."""
        if self._document is not None:
            return self._document
        candidates = [
            Candidate(
                number,
                "".join(state.texts),
                "".join(state.thoughts) or None,
                state.calls.calls(),
                *self._reason(state),
                thinking_blocks=state.blocks,
            )
            for number, state in sorted(self._states.items())
        ]
        return ChatResponse(
            candidates,
            usage=self._tally.usage(),
            model=self._model or self._asked,
            provider=self._reading.id,
            id=self._id,
            prices=self._reading.prices_of(self._manifest, self._asked or self._model),
        )

    # -- the start ---------------------------------------------------------------

    def _opened(
        self, frame: Any, mapped: Sequence[Mapped]
    ) -> list[StreamingEvent] | None:
        """Look who answers; the events of a whole answer where a frame should be."""
        self._model = self._model or self._reading.response.model_in(frame)
        self._id = self._id or self._reading.response.id_in(frame)
        if self._count > 1 or frame.__class__ is not dict:
            return None
        if any(KINDS.get(m[0]) in _ANSWERS or m[0] == "StreamError" for m in mapped):
            return None
        found = self._reading.response.read(frame)
        if not found.has_answer:
            return None
        self._document = found.response(self._manifest, self._asked)
        return self._told(self._document)

    def _told(self, document: ChatResponse) -> list[StreamingEvent]:
        """A whole answer as the events that a stream would have had."""
        events: list[StreamingEvent] = []
        for one in document.candidates:
            number, calls = one.index, ToolCallAccumulator(one.index)
            if one.thinking:
                events.append(ThinkingDelta(one.thinking, number))
            if one.content:
                events.append(ContentDelta(one.content, 0, number))
            for call in one.tool_calls:
                events += calls.take(call.id, call.name, None, call.arguments)
            events.append(
                FinalCandidate(number, one.finish_reason, one.raw_finish_reason)
            )
        if document.usage:
            self._counted = True
            events.append(Metadata(document.usage))
        return events

    # -- a kind each -------------------------------------------------------------

    def _state(self, candidate: int) -> _State:
        state = self._states.get(candidate)
        if state is None:
            state = self._states[candidate] = _State(candidate)
        return state

    def _text(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        value = fields.get("content")
        if value is None:
            value = _named(fields, _TEXT)
        state = self._states.get(candidate) or self._state(candidate)
        if value.__class__ is str:
            if value:
                events.append(ContentDelta(value, len(state.texts), candidate))
                state.texts.append(value)
            return
        for thought, text in pieces(value):
            if thought:
                self._thought(state, text, candidate, events)
            else:
                events.append(ContentDelta(text, len(state.texts), candidate))
                state.texts.append(text)

    def _thinking(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        state = self._state(candidate)
        for _, text in pieces(_named(fields, _THINKING)):
            self._thought(state, text, candidate, events)
        state.sign(fields)

    def _thought(
        self, state: _State, text: str, candidate: int, events: list[StreamingEvent]
    ) -> None:
        events.append(ThinkingDelta(text, candidate))
        state.thoughts.append(text)

    def _tool(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        """A call's start or a piece of it: its fields, or whole calls in one field."""
        calls = self._state(candidate).calls
        calls.frame = self._count
        whole = fields.get("tool_calls", fields.get("tool_call"))
        if whole is not None:
            for piece in whole if whole.__class__ is list else (whole,):
                if piece.__class__ is dict:
                    events += calls.piece(piece)
            return
        signature = fields.get("signature")
        extra = {} if signature is None else {"thoughtSignature": signature}
        events += calls.take(
            _named(fields, _ID),
            _named(fields, _NAME),
            fields.get("index"),
            _named(fields, _ARGUMENTS),
            **extra,
        )

    def _started(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        given = _named(fields, _ARGUMENTS)
        if given == {}:  # a place for what will come in pieces
            fields = {n: v for n, v in fields.items() if n not in _ARGUMENTS}
        self._tool(fields, candidate, events)

    def _ended_tool(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        state = self._states.get(candidate)
        if state is not None:
            events += state.calls.end(_named(fields, _ID), fields.get("index"))

    def _usage(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        self._model = self._model or _text_of(fields, "model")
        self._id = self._id or _text_of(fields, "id")
        found = self._tally.add(fields)
        self._counted = self._counted or found
        reason = _named(fields, _REASON)
        if reason is not None:
            self._finish({"finish_reason": reason}, candidate, events)
        if found or reason:
            raw = reason if isinstance(reason, str) and reason else None
            normal = self._reading.normal(raw)
            usage = self._tally.usage() if found else None
            events.append(Metadata(usage, normal, raw, candidate))

    def _finish(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        if "usage" in fields:
            self._usage({"usage": fields["usage"]}, candidate, events)
        reason = _named(fields, _REASON)
        state = self._state(candidate)
        if isinstance(reason, Literal):
            state.literal = str(reason)
        elif isinstance(reason, str) and reason:
            state.raw = reason
            events += state.calls.end_all()
            self._final(candidate, state, events)

    def _final(self, number: int, state: _State, events: list[StreamingEvent]) -> None:
        normal, raw = self._reason(state)
        if not state.final and raw is not None:
            state.final = True
            events.append(FinalCandidate(number, normal, raw))

    def _reason(self, state: _State) -> tuple[str | None, str | None]:
        raw = state.raw if state.raw is not None else state.literal
        return self._reading.normal(raw), raw

    def _failure(
        self, fields: Mapping[str, Any], candidate: int, events: list[StreamingEvent]
    ) -> None:
        self.failed = True
        event_id = fields.get("event_id")
        error = fields.get("error", dict(fields))
        events.append(
            StreamError(error, event_id if isinstance(event_id, str) else None)
        )


_Taker = Callable[[Assembler, Mapping[str, Any], int, "list[StreamingEvent]"], None]
_TAKEN: dict[str, _Taker] = {
    "thinking": Assembler._thinking,
    "tool_start": Assembler._started,
    "tool_delta": Assembler._tool,
    "tool_end": Assembler._ended_tool,
    "usage": Assembler._usage,
    "error": Assembler._failure,
}


def _text_of(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _named(fields: Mapping[str, Any], names: Sequence[str]) -> Any:
    """A field under one of the names that manifests have for it."""
    for name in names:
        value = fields.get(name)
        if value is not None:
            return value
    return None
