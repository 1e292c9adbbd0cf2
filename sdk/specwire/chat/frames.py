"""From the bytes of a streamed answer to its JSON frames.

Sans-I/O, fed at any split. How the frames are framed is seen from the first bytes,
whatever a manifest says: server-sent events, JSON lines, a JSON array (Gemini without
``alt=sse``), or one JSON document where a stream was asked for.

What is no frame is a :class:`BadFrame` in its place, and the next ones follow. A last
event without its blank line is taken where it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core import codec
from ..core.jsonl import JSONLParser, LineTooLarge
from ..core.sse import MAX_EVENT_BYTES, EventTooLarge, SSEParser

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_USUAL_DONE = "[DONE]"


class BadFrame:
    """What stands where a frame should be.

    :ivar text: as it came.
    :ivar problem: continues "an event ...".
    :ivar fatal: nothing that follows can be read.
    """

    __slots__ = ("fatal", "problem", "text")

    def __init__(self, text: str, problem: str, *, fatal: bool = False) -> None:
        self.text = text
        self.problem = problem
        self.fatal = fatal


class Marks:
    """The texts that end a stream, and those that say nothing."""

    __slots__ = ("done", "ignored", "objects")

    def __init__(self, done: Iterable[str] = (), *, other_end: bool = False) -> None:
        """:param other_end: a frame marks the end, so that ``[DONE]`` does not."""
        self.done = frozenset(done) | (frozenset() if other_end else {_USUAL_DONE})
        self.ignored = frozenset({"", _USUAL_DONE} - self.done)
        self.objects = any(text.startswith("{") for text in self.done)


class Frames:
    """The frames of one body.

    :ivar done: a done signal came.
    :ivar cut: after :meth:`end`: where the body breaks off, or ``None``.
    :ivar framing: ``sse``, ``json_lines``, ``json_array`` or ``json``, once seen.
    """

    def __init__(self, marks: Marks | None = None) -> None:
        self._marks = marks or Marks()
        self._head = b""
        self._inner: _Framing | None = None

    @property
    def done(self) -> bool:
        return self._inner is not None and self._inner.done

    @property
    def cut(self) -> str | None:
        return self._inner.cut if self._inner is not None else None

    @property
    def framing(self) -> str | None:
        return self._inner.name if self._inner is not None else None

    @property
    def held_bytes(self) -> int:
        """How much of a frame that is not complete has come."""
        return self._inner.held_bytes if self._inner is not None else 0

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """The frames that ``chunk`` completes, each read when it is asked for."""
        if self._inner is not None:
            return self._inner.feed(chunk)
        head = self._head + chunk
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return iter(())
        rest = head.removeprefix(_BOM).lstrip(_BLANK)
        self._head = b""
        if not rest:
            return iter(())
        kind = {b"{": LineFrames, b"[": ArrayFrames}.get(rest[:1], EventFrames)
        self._inner = kind(self._marks)
        return self._inner.feed(rest)

    def end(self) -> Iterator[Any]:
        """The frames that the end of the input completes."""
        return self._inner.end() if self._inner is not None else iter(())


def frames(described: Any = None) -> Frames:
    """The reader for a manifest, a decoder's settings, or nothing known.

    :param described: a manifest, or ``{"done_signal": str}`` as manifests have it.
    """
    data = getattr(described, "data", described)
    if not isinstance(data, Mapping):
        return Frames()
    stream = data.get("stream", data)
    done = stream.get("done") or stream.get("done_signal") or ()
    signals = [done] if isinstance(done, str) else done
    return Frames(Marks(signals, other_end=stream.get("end") is not None))


class _Framing:
    """Base: one way of putting frames into bytes."""

    name = ""
    held_bytes: int

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self.done = False
        self.cut: str | None = None

    def feed(self, chunk: bytes) -> Iterator[Any]:
        raise NotImplementedError

    def end(self) -> Iterator[Any]:
        raise NotImplementedError

    def _read(self, text: str) -> Iterator[Any]:
        """The frames of a text, which mostly is one."""
        try:
            data = codec.loads_text(text)
        except ValueError:
            yield from self._unread(text)
        else:
            yield from self._seen(data, text)

    def _seen(self, data: Any, text: str) -> Iterator[Any]:
        if data is None or self._is_mark(text):
            return
        for frame in data if data.__class__ is list else (data,):
            if frame.__class__ is dict:
                yield frame
            else:
                yield BadFrame(text, "is no JSON object")

    def _unread(self, text: str) -> Iterator[Any]:
        if self._is_mark(text):
            return
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and all(map(self._is_whole, lines)):
            for line in lines:  # of a server that leaves out the blank lines
                yield from self._read(line)
            return
        yield BadFrame(text, "is not JSON")

    def _is_whole(self, line: str) -> bool:
        if line.strip() in self._marks.done | self._marks.ignored:
            return True
        try:
            codec.loads_text(line)
        except ValueError:
            return False
        return True

    def _is_mark(self, text: str) -> bool:
        text = text.strip()
        if text in self._marks.done:
            self.done = True
            return True
        return text in self._marks.ignored


class EventFrames(_Framing):
    """Server-sent events; a frame without a ``type`` takes its event's name for one."""

    name = "sse"

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks)
        self._parser = SSEParser()

    @property
    def held_bytes(self) -> int:  # type: ignore[override]
        return self._parser.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        try:
            blocks = self._parser.blocks(chunk)
        except EventTooLarge as error:
            yield BadFrame("", str(error), fatal=True)
            return
        loads, marked = codec.loads_text, self._marks.objects
        for kind, text in blocks:
            try:
                frame = loads(text)
            except ValueError:
                yield from self._unread(text)
            else:
                if frame.__class__ is not dict or marked:
                    yield from self._seen(frame, text)
                else:
                    if kind and "type" not in frame:
                        frame["type"] = kind
                    yield frame
            if self.done:
                return

    def end(self) -> Iterator[Any]:
        if not self._parser.incomplete_tail:
            return
        found = list(self.feed(b"\n\n"))
        broken = any(frame.__class__ is BadFrame for frame in found)
        if not self.done and (broken or not found):
            self.cut = "in the middle of an event"
        yield from (f for f in found if f.__class__ is not BadFrame or f.fatal)


class LineFrames(_Framing):
    """JSON lines; or one JSON document, which may be written over many lines."""

    name = "json_lines"

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks)
        self._parser = JSONLParser()
        self._first: bytearray | None = bytearray()
        self._document: bytearray | None = None

    @property
    def held_bytes(self) -> int:  # type: ignore[override]
        whole = self._document
        return self._parser.held_bytes if whole is None else len(whole)

    def feed(self, chunk: bytes) -> Iterator[Any]:
        if self._document is not None:
            yield from self._hold(chunk)
            return
        if self._first is not None:
            self._first += chunk
        try:
            lines = self._parser.feed_numbered(chunk)
        except LineTooLarge as error:
            yield BadFrame("", str(error), fatal=True)
            return
        for _, line in lines:
            first, self._first = self._first, None
            if first is not None and not line.rstrip().endswith(b"}"):
                self._document, self.name = bytearray(), "json"
                yield from self._hold(first)
                return
            yield from self._read(line.decode("utf-8", "replace"))
            if self.done:
                return

    def _hold(self, chunk: bytes | bytearray) -> Iterator[BadFrame]:
        whole = self._document = self._document or bytearray()
        whole += chunk
        if len(whole) > MAX_EVENT_BYTES:
            whole.clear()
            problem = f"is a document of more than {MAX_EVENT_BYTES} bytes"
            yield BadFrame("", problem, fatal=True)

    def end(self) -> Iterator[Any]:
        try:
            rest = self._document or self._parser.close()
        except LineTooLarge as error:
            yield BadFrame("", str(error), fatal=True)
            return
        if not rest:
            return
        found = list(self._read(rest.decode("utf-8", "replace")))
        if any(frame.__class__ is BadFrame for frame in found):
            self.cut = "in the middle of a JSON document"
            return
        yield from found


class ArrayFrames(_Framing):
    """A JSON array, its elements as they come."""

    name = "json_array"

    _mark = re.compile(rb'["{}\[\],]')
    _quoted = re.compile(rb'["\\]')

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks)
        self._held = bytearray()
        self._at = 0  # what is before was looked at
        self._depth = 0
        self._in_text = False
        self._closed = False

    @property
    def held_bytes(self) -> int:  # type: ignore[override]
        return len(self._held)

    def feed(self, chunk: bytes) -> Iterator[Any]:
        if self._closed:
            return
        self._held += chunk
        for item in self._items():
            yield from self._read(item.decode("utf-8", "replace"))
        if len(self._held) > MAX_EVENT_BYTES:
            self._closed = True
            yield BadFrame("", str(EventTooLarge(MAX_EVENT_BYTES)), fatal=True)

    def _items(self) -> list[bytes]:
        """The elements that have ended; each byte is looked at once."""
        held, start, items = self._held, 0, []
        while not self._closed:
            pattern = self._quoted if self._in_text else self._mark
            found = pattern.search(held, self._at)
            if found is None:
                self._at = max(self._at, len(held))
                break
            mark, self._at = found.group(), found.end()
            if mark == b"\\":
                self._at += 1
            elif mark == b'"':
                self._in_text = not self._in_text
            elif self._ends_item(mark):
                stop = self._at if mark == b"}" else found.start()
                item = bytes(held[start:stop]).strip(_BLANK)
                start = self._at
                if item:
                    items.append(item)
        del held[:start]
        self._at -= start
        return items

    def _ends_item(self, mark: bytes) -> bool:
        if mark == b",":
            return self._depth == 1
        if mark in b"{[":
            self._depth += 1
            if self._depth == 1:  # the array's own bracket
                del self._held[: self._at]
                self._at = 0
            return False
        self._depth -= 1
        self._closed = self._depth <= 0
        return self._closed or (self._depth == 1 and mark == b"}")

    def end(self) -> Iterator[Any]:
        if not self._closed:
            self.cut = "in the middle of a JSON array"
        return iter(())
