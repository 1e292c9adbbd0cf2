"""JSON lines: bytes in, lines out.

Splits a body of JSON texts, one a line (application/jsonl, application/x-ndjson).
Only a line feed ends a line: U+2028, U+0085 and a lone CR may stand inside a JSON
text. It does not decode JSON; the codec does, and says "line 17" with the number
kept here. Time is linear in the input, however it is cut into chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["JSONLParser", "LineTooLarge", "parse"]

MAX_LINE_BYTES = 64 * 1024 * 1024


class LineTooLarge(ValueError):
    """A line is longer than the parser was told to hold."""

    def __init__(self, line_number: int, max_line_bytes: int) -> None:
        super().__init__(
            f"line {line_number}: expected at most {max_line_bytes} bytes, got more; "
            "is this a JSON lines body? If so, raise max_line_bytes"
        )
        self.line_number = line_number
        self.max_line_bytes = max_line_bytes

    def __reduce__(self) -> tuple[type[LineTooLarge], tuple[int, int]]:
        return type(self), (self.line_number, self.max_line_bytes)


class JSONLParser:
    """Turns the chunks of one JSON lines body into lines without their line ends.

    Blank lines are skipped but counted. ``line_number`` is the number, from 1, of the
    last line that ended (or that :meth:`close` returned). ``unterminated`` is true
    when :meth:`close` returned a line without a line feed: legal if it is whole JSON,
    and the sign of a cut body if it is not.
    """

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self.max_line_bytes = max_line_bytes
        self.line_number = 0
        self.unterminated = False
        self._partial: list[bytes] = []
        self._partial_bytes = 0
        self._refused: LineTooLarge | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes and return the lines they complete.

        :raises LineTooLarge: as :meth:`feed_numbered`.
        """
        return [line for _, line in self.feed_numbered(chunk)]

    def feed_numbered(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """As :meth:`feed`, each line with its number in the body, from 1.

        :raises LineTooLarge: after all lines before the long one were returned; from
            then on every call raises it.
        """
        if self._refused is not None:
            raise self._refused
        lines: list[tuple[int, bytes]] = []
        try:
            self._split(chunk, lines)
        except LineTooLarge as error:
            self._refused = error
            if not lines:
                raise
        return lines

    def close(self) -> bytes | None:
        """Say that the input has ended; return a last line that had no line feed.

        :raises LineTooLarge: if the last :meth:`feed` had lines to return first.
        """
        if self._refused is not None:
            raise self._refused
        line = _content(b"".join(self._partial))
        self._partial, self._partial_bytes = [], 0
        if not line:
            return None
        self.line_number += 1
        self.unterminated = True
        return line

    @property
    def held_bytes(self) -> int:
        """How much of a line that is not complete has come."""
        return self._partial_bytes

    def _split(self, chunk: bytes, lines: list[tuple[int, bytes]]) -> None:
        *ended, rest = chunk.split(b"\n")
        if ended and self._partial:
            self._partial.append(ended[0])
            ended[0] = b"".join(self._partial)
            self._partial, self._partial_bytes = [], 0
        for raw in ended:
            self._check(len(raw))
            self.line_number += 1
            line = _content(raw)
            if line:
                lines.append((self.line_number, line))
        if rest:
            self._partial.append(rest)
            self._partial_bytes += len(rest)
            self._check(self._partial_bytes)

    def _check(self, size: int) -> None:
        if size > self.max_line_bytes:
            raise LineTooLarge(self.line_number + 1, self.max_line_bytes)


def _content(raw: bytes) -> bytes:
    line = raw[:-1] if raw.endswith(b"\r") else raw
    return b"" if line.isspace() else line


def parse(
    chunks: Iterable[bytes], *, parser: JSONLParser | None = None
) -> Iterator[bytes]:
    """Lines of ``chunks``, each given out before the next chunk is asked for.

    A last line without a line feed comes too. Pass a ``parser`` to read afterwards
    whether it was ``unterminated``, or to set its bound; while iterating, its
    ``line_number`` is the number of the line just given out.
    """
    parser = JSONLParser() if parser is None else parser
    for chunk in chunks:
        reached = parser.feed_numbered(chunk)
        counted = parser.line_number
        for number, line in reached:
            parser.line_number = number
            yield line
        parser.line_number = counted
    last = parser.close()
    if last is not None:
        yield last
