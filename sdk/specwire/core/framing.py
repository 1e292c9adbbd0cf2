"""Where a chunked body ends (RFC 9112 section 7.1): bytes in, data out.

No I/O. What arrived together is given out together, so a stream of small chunks costs
no more than one of large chunks, and nothing that arrived waits for what has not.
"""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?").fullmatch
_MAX_LINE: Final = 65_536
_MAX_TRAILERS: Final = 100


class FramingError(ValueError):
    """The chunks of a body do not say where it ends."""


class Dechunker:
    """Takes the framing off one body.

    :ivar finished: the last chunk and its trailers were read.
    :ivar rest: what followed them, which belongs to no reply that was asked for.
    """

    def __init__(self) -> None:
        self.finished = False
        self.rest = b""
        self._held = b""
        self._left = 0
        self._after_data = False
        self._trailers = -1
        self._broken: FramingError | None = None

    def feed(self, received: bytes) -> bytes:
        """The data that ``received`` holds.

        :raises FramingError: where a chunk does not begin or end as it must; if data
            came before that place, :meth:`check` does, and the data is given out.
        """
        parts: list[bytes] = []
        try:
            self._take(self._held + received if self._held else received, parts)
        except FramingError as error:
            if not parts:
                raise
            self._broken = error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def check(self) -> None:
        """:raises FramingError: where the data of the last :meth:`feed` ended so."""
        if self._broken is not None:
            raise self._broken

    def _take(self, received: bytes, parts: list[bytes]) -> None:
        at = 0
        while not self.finished:
            if self._left:
                data = received[at : at + self._left]
                at += len(data)
                self._left -= len(data)
                parts.append(data)
                if self._left:
                    break
                self._after_data = True
            end = received.find(b"\n", at)
            if (len(received) if end < 0 else end) - at > _MAX_LINE:
                raise FramingError("a line between the chunks is too long")
            if end < 0:
                break
            self._line(received[at:end].removesuffix(b"\r"))
            at = end + 1
        if self.finished:
            self.rest = received[at:]
        else:
            self._held = received[at:]

    def _line(self, line: bytes) -> None:
        """Take the line after a chunk, the one before it, or one after the last."""
        if self._after_data:
            if line:
                raise FramingError("a chunk is longer than its size")
            self._after_data = False
        elif self._trailers >= 0:
            self._trailers += 1
            self.finished = not line
            if self._trailers > _MAX_TRAILERS:
                raise FramingError("more trailers than any reply needs")
        else:
            size = _SIZE(line)
            if size is None:
                raise FramingError("the size of a chunk is not a number")
            self._left = int(size[1], 16)
            if not self._left:
                self._trailers = 0
