"""What stands on a stream's way: events are held back while their texts are undecided.

Their order stays: an event behind a text that is undecided waits with it, whatever it
is, unless it says that the text is whole. Nothing that a filter refuses is handed out,
however it was cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..core.errors import GuardrailError, SpecwireError
from ..core.hooks import Tap
from .channel import Channel
from .filter import Filter
from .findings import Finding
from .pieces import Piece, Pieces

Refuse = Callable[[Sequence[Finding], str], None]


class _Held:
    """An event on its way; ``open`` pieces of it are undecided."""

    __slots__ = ("emptied", "event", "open")

    def __init__(self, event: Any) -> None:
        self.event = event
        self.open = 0
        self.emptied = False


class Holding(Tap):
    """The tap of one stream."""

    __slots__ = ("_channels", "_filters", "_pieces", "_queue", "_tell")

    def __init__(
        self,
        filters: Sequence[Filter],
        pieces: Pieces,
        tell: Refuse,
    ) -> None:
        self._filters, self._pieces, self._tell = filters, pieces, tell
        self._queue: deque[_Held] = deque()
        self._channels: dict[Any, Channel] = {}

    def items(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            try:
                self._take(item)
            except GuardrailError as error:
                yield from self._ready()
                yield error
                return
            yield from self._ready()

    def rest(self) -> Iterator[Any]:
        try:
            self._end(lambda channel: True)
        except GuardrailError as error:
            yield from self._ready()
            yield error
            return
        yield from self._ready()

    def _take(self, item: Any) -> None:
        if isinstance(item, SpecwireError):
            self._end(lambda channel: True)
            self._queue.append(_Held(item))
            return
        pieces = self._pieces.of(item)
        held = _Held(item)
        held.open = 1  # until all its pieces were looked at
        self._queue.append(held)
        for piece in pieces:
            self._add(held, piece)
        ends = self._pieces.ends(item)
        if ends is not None:
            self._end(ends)
        held.open -= 1

    def _add(self, held: _Held, piece: Piece) -> None:
        def done(text: str) -> None:
            held.open -= 1
            if text != piece.value:
                piece.put(text)
                held.emptied = not text and piece.alone

        held.open += 1
        name = piece.channel
        channel = None if name is None else self._channels.get(name)
        if channel is None:
            channel = Channel(
                self._filters,
                piece.place,
                piece.json,
                lambda found: self._tell(found, piece.place),
            )
            if name is not None:
                self._channels[name] = channel
        channel.add(piece.value, done)
        if name is None:
            channel.end()

    def _end(self, ends: Callable[[Any], bool]) -> None:
        for name, channel in self._channels.items():
            if channel.holds and ends(name):
                channel.end()

    def _ready(self) -> Iterator[Any]:
        queue = self._queue
        while queue and not queue[0].open:
            held = queue.popleft()
            # All of its text lies under a mask that stands before it.
            if not held.emptied:
                yield held.event
