"""Server-sent events: bytes in, events out.

Follows the event stream interpretation of the WHATWG HTML standard (9.2.6). It does
no I/O, keeps no clock and knows nothing of what the data means: end marks, error
events and JSON are the stream's business. Three things go beyond the standard's
text: an event may be bounded in size, each event carries the ``retry`` of its own
block, and the end of the input tells whether something was cut off.

Time is linear in the input, however it is cut into chunks: a line that has not
ended is kept as pieces and searched once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["EventTooLarge", "SSEParser", "ServerSentEvent", "parse"]

MAX_EVENT_BYTES = 64 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_COLON = ord(":")
# int() refuses long texts, and how long depends on the interpreter's settings.
_MAX_RETRY_DIGITS = 100
# A block that follows a blank line and is `data: x`, or `event: x` and `data: y`.
_USUAL = re.compile(r"(?<=\n\n)(?:event: (.*)\n)?data: (.*)\n\n")
_BEGUN = re.compile(rb"event: .+\n").fullmatch


class EventTooLarge(ValueError):
    """One event, or one line of it, is larger than the parser was told to hold."""

    def __init__(self, max_event_bytes: int) -> None:
        super().__init__(
            f"event stream: expected events of at most {max_event_bytes} bytes, got "
            "a larger one; is this an event stream? If so, raise max_event_bytes"
        )
        self.max_event_bytes = max_event_bytes

    def __reduce__(self) -> tuple[type[EventTooLarge], tuple[int]]:
        return type(self), (self.max_event_bytes,)


class ServerSentEvent:
    """One dispatched event.

    ``event`` is "message" unless the block named another. ``data`` is its data lines
    joined by line feeds. ``id`` is the last event id in force, ``""`` if there never
    was one. ``retry`` is the reconnection time in milliseconds if this event's own
    block set one.
    """

    __slots__ = ("data", "event", "id", "retry")

    def __init__(
        self,
        event: str = "message",
        data: str = "",
        id: str = "",
        retry: int | None = None,
    ) -> None:
        self.event = event
        self.data = data
        self.id = id
        self.retry = retry

    def _fields(self) -> tuple[str, str, str, int | None]:
        return self.event, self.data, self.id, self.retry

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerSentEvent):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return (
            f"ServerSentEvent(event={self.event!r}, data={self.data!r}, "
            f"id={self.id!r}, retry={self.retry!r})"
        )


class SSEParser:
    """Turns the chunks of one event stream into events.

    ``max_event_bytes`` bounds what is held for one event. ``last_event_id`` is the
    id to start from when the stream continues an earlier one.

    ``last_event_id`` and ``retry`` (milliseconds, or None) are also attributes: what
    a reconnection would have to use.
    """

    def __init__(
        self,
        *,
        max_event_bytes: int = MAX_EVENT_BYTES,
        last_event_id: str = "",
    ) -> None:
        self.max_event_bytes = max_event_bytes
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._refused: EventTooLarge | None = None
        self._at_start = True
        self._after_cr = False
        self._partial: list[bytes] = []
        self._partial_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = b""
        self._id: str | None = None
        self._block_retry: int | None = None
        # By place in what the last call gave: its id and retry, where taken by lines.
        self._marks: dict[int, tuple[str, int | None]] = {}

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes and return the events they complete.

        :raises EventTooLarge: after all events before the large one were returned;
            from then on every call raises it.
        """
        return [
            ServerSentEvent(
                event or "message", data, *self._marks.get(n, (self.last_event_id,))
            )
            for n, (event, data) in enumerate(self.blocks(chunk))
        ]

    def blocks(self, chunk: bytes) -> list[tuple[str, str]]:
        """As :meth:`feed`, but only the name (empty for none) and the data of each."""
        self._marks.clear()
        if self._refused is not None:
            raise self._refused
        if self._at_start:
            chunk = self._skip_bom(chunk)
        if self._after_cr or b"\r" in chunk:
            chunk = self._only_line_feeds(chunk)
        events: list[tuple[str, str]] = []
        try:
            self._feed_lines(chunk, events)
        except EventTooLarge as error:
            self._refused = error
            if not events:
                raise
        return events

    def close(self) -> list[ServerSentEvent]:
        """Say that the input has ended. An unfinished block gives no event, ever.

        :raises EventTooLarge: if the last :meth:`feed` had events to return first.
        """
        if self._refused is not None:
            raise self._refused
        return []

    @property
    def incomplete_tail(self) -> bool:
        """Whether the bytes so far stop inside a line or inside a block.

        Asked at the end of the input, it tells a cut stream from a whole one. Lines
        that leave nothing pending (comments, unknown fields) do not open a block.
        """
        return bool(self._partial_bytes or self._in_block())

    @property
    def held_bytes(self) -> int:
        """How much of an event that is not complete has come."""
        return self._data_bytes + self._partial_bytes

    def _in_block(self) -> bool:
        return bool(self._data or self._event or self._id is not None)

    def _skip_bom(self, chunk: bytes) -> bytes:
        # At most two bytes of a byte order mark wait here; they count as a line
        # that has not ended.
        head = b"".join(self._partial) + chunk
        self._partial, self._partial_bytes = [], 0
        if len(head) < len(_BOM) and _BOM.startswith(head):
            return head
        self._at_start = False
        return head.removeprefix(_BOM)

    def _only_line_feeds(self, chunk: bytes) -> bytes:
        # A CR ends its line at once; if an LF follows, in this chunk or the next,
        # it belongs to that line end.
        if not chunk:
            return chunk
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _feed_lines(self, chunk: bytes, events: list[tuple[str, str]]) -> None:
        end = chunk.rfind(b"\n") + 1
        if end:
            lines = chunk[:end]
            if self._partial:
                self._partial.append(lines)
                lines = b"".join(self._partial)
            self._partial, self._partial_bytes = [], 0
            self._take_blocks(lines, events)
        if end < len(chunk):
            self._partial.append(chunk[end:])
            self._partial_bytes += len(chunk) - end
            if self._data_bytes + self._partial_bytes > self.max_event_bytes:
                raise EventTooLarge(self.max_event_bytes)

    def _take_blocks(self, lines: bytes, events: list[tuple[str, str]]) -> None:
        # Only within this many bytes can no single event be too large.
        small = self._data_bytes + len(lines) <= self.max_event_bytes
        if small and (self._in_block() or self._block_retry is not None):
            block, blank, lines = (b"\n" + lines).partition(b"\n\n")
            self._take_lines((block + blank)[1:], events, checked=False)
        end = lines.rfind(b"\n\n") + 2
        if small and end > 1:
            text = "\n\n" + lines[:end].decode("utf-8", "replace")
            found = _USUAL.findall(text)
            if len(found) == text.count("\n\n") - 1:  # each block is a usual one
                events += found
                lines = lines[end:]
                if _BEGUN(lines):  # cut behind the name: its data comes next
                    self._partial, self._partial_bytes = [lines], len(lines)
                    return
        if lines:
            self._take_lines(lines, events, checked=not small)

    def _take_lines(
        self, lines: bytes, events: list[tuple[str, str]], *, checked: bool
    ) -> None:
        whole = lines.split(b"\n")
        whole.pop()
        for line in whole:
            if checked and self._data_bytes + len(line) > self.max_event_bytes:
                raise EventTooLarge(self.max_event_bytes)
            if not line:
                self._end_block(events)
            elif line[0] != _COLON:
                self._take_field(line)

    def _take_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(line) + 1
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry":
            digits = value.lstrip(b"0") or value[:1]
            if value.isdigit() and len(digits) <= _MAX_RETRY_DIGITS:
                self.retry = self._block_retry = int(digits)

    def _end_block(self, events: list[tuple[str, str]]) -> None:
        if self._id is not None:
            self.last_event_id = self._id
        if self._data:
            self._marks[len(events)] = (self.last_event_id, self._block_retry)
            data = b"\n".join(self._data).decode("utf-8", "replace")
            events.append((self._event.decode("utf-8", "replace"), data))
            self._data = []
            self._data_bytes = 0
        self._event = b""
        self._id = None
        self._block_retry = None


def parse(
    chunks: Iterable[bytes], *, parser: SSEParser | None = None
) -> Iterator[ServerSentEvent]:
    """Events of ``chunks``, each given out before the next chunk is asked for.

    Pass a ``parser`` to read its ``incomplete_tail``, ``last_event_id`` and ``retry``
    afterwards, or to set its bound.
    """
    parser = SSEParser() if parser is None else parser
    for chunk in chunks:
        yield from parser.feed(chunk)
    yield from parser.close()
