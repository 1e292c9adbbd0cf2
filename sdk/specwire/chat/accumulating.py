"""Tool calls out of their pieces, told apart by index, id or order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .events import (
    PartialToolCall,
    StreamingEvent,
    ToolCallEnded,
    ToolCallStarted,
)
from .mapping import new_id
from .tools import ToolCall

MAX_CALLS = 4096
"""More in one answer are none that a model made."""


class OpenCall:
    """A call that is being put together."""

    __slots__ = (
        "complete",
        "ended",
        "extra",
        "frame",
        "id",
        "index",
        "name",
        "numbered",
        "pieces",
        "started",
    )

    def __init__(self, index: int, numbered: bool) -> None:
        self.index = index
        self.numbered = numbered  # by the provider
        self.id = ""
        self.name = ""
        self.pieces: list[str] = []
        self.extra: dict[str, Any] = {}
        self.frame = -1
        self.started = self.complete = self.ended = False

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    def closed(self) -> ToolCall:
        """The call with its arguments parsed."""
        text = self.arguments
        return ToolCall(self.id, self.name, None, text, **self.extra)


class ToolCallAccumulator:
    """The calls of one candidate.

    Pieces belong together by id, else by index, else to the call before. An id or a
    name that comes with each piece is taken once; a new id and name under an old index
    are another call, as some servers number them.

    >>> calls = ToolCallAccumulator()
    >>> calls.add({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}})
    >>> calls.add({"index": 0, "function": {"arguments": "}"}})
    >>> calls.calls()[0].arguments_raw
    '{}'

    :ivar frame: the number of the frame that is being read: a call that begins in a
        later one ends those before.
    """

    def __init__(self, candidate: int = 0) -> None:
        self._candidate = candidate
        self._calls: list[OpenCall] = []
        self._by_index: dict[int, OpenCall] = {}
        self._by_id: dict[str, OpenCall] = {}
        self.frame = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, piece: Mapping[str, Any]) -> None:
        """A piece of its own frame; see :meth:`piece` for the events."""
        self.frame += 1
        self.piece(piece)

    def calls(self) -> list[ToolCall]:
        """All calls, in the order in which they began."""
        return [call.closed() for call in self._calls if call.started or call.name]

    def assembled(self) -> list[dict[str, Any]]:
        """The same as OpenAI has them: ``{"index", "id", "type", "function"}``."""
        return [
            {
                "index": call.index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in self._calls
        ]

    def piece(self, raw: Mapping[str, Any]) -> list[StreamingEvent]:
        """The events of a piece that is a member of a list of calls."""
        inner = raw.get("function")
        if inner.__class__ is not dict:
            inner = raw
        return self.take(
            raw.get("id"),
            _text(inner.get("name")),
            raw.get("index"),
            _first(inner, ("arguments", "input", "args", "parameters")),
        )

    def take(
        self, id: Any, name: Any, index: Any, arguments: Any, **extra: Any
    ) -> list[StreamingEvent]:
        """The events of a piece; what is not known of it is ``None``.

        ``arguments`` are a piece of JSON text, or whole as an object.
        """
        index = index if index.__class__ is int else None
        call = self._found(_text(id), _text(name), index)
        if call is None:
            if len(self._calls) >= MAX_CALLS:
                return []
            call = self._begun(index)
        call.frame = self.frame
        call.name = call.name or _text(name)
        call.extra.update(extra)
        if not call.id and _text(id):
            call.id = id
            self._by_id[id] = call
        events: list[StreamingEvent] = []
        text, whole = _as_text(arguments)
        if not call.started and (call.name or text):
            self._start(call, events)
        if text:
            call.pieces.append(text)
            call.complete = whole
            events.append(
                PartialToolCall(call.id, text, call.index, whole, self._candidate)
            )
        if whole:
            self._end(call, events)
        return events

    def end(self, id: Any = None, index: Any = None) -> list[StreamingEvent]:
        """The events of a call's end; of no call (a text block's end) there is none."""
        call: OpenCall | None
        if index.__class__ is int:
            call = self._by_index.get(index)
        elif _text(id):
            call = self._by_id.get(id)
        else:
            call = self._calls[-1] if self._calls else None
        events: list[StreamingEvent] = []
        if call is not None:
            self._end(call, events)
        return events

    def end_all(self) -> list[StreamingEvent]:
        """The events of the ends that are still to come."""
        events: list[StreamingEvent] = []
        for call in self._calls:
            self._end(call, events)
        return events

    def _found(self, id: str, name: str, index: int | None) -> OpenCall | None:
        if id:
            known = self._by_id.get(id)
            same = known is not None and (index is None or not known.numbered)
            if known is not None and (same or index == known.index):
                return known
        if index is not None:
            call = self._by_index.get(index)
            other = call is not None and id and call.id and id != call.id and name
            return None if other else call
        if id or not self._calls:
            return None
        last = self._calls[-1]
        if name and (last.complete or last.name not in ("", name)):
            return None
        return last

    def _begun(self, index: int | None) -> OpenCall:
        number = len(self._calls) if index is None else index
        call = OpenCall(number, index is not None)
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _start(self, call: OpenCall, events: list[StreamingEvent]) -> None:
        for before in self._calls:
            # Those of this frame may have pieces further on in it.
            if before is not call and before.frame < self.frame:
                self._end(before, events)
        if not call.id:
            call.id = new_id()
            self._by_id[call.id] = call
        call.started = True
        events.append(ToolCallStarted(call.id, call.name, call.index, self._candidate))

    def _end(self, call: OpenCall, events: list[StreamingEvent]) -> None:
        if not call.started and call.id:  # its name never came
            self._start(call, events)
        if call.started and not call.ended:
            call.ended = True
            events.append(ToolCallEnded(call.id, call.index, self._candidate))


def _as_text(arguments: Any) -> tuple[str, bool]:
    """A piece as text, and whether it is all there is."""
    if arguments.__class__ is str:
        return arguments, False
    if arguments is None:
        return "", False
    return json.dumps(arguments, ensure_ascii=False), True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _first(members: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((members[n] for n in names if members.get(n) is not None), None)
