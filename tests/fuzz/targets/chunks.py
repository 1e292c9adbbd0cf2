"""Chunked bodies: RFC 9112 section 7.1 read slowly, however they are cut."""

from __future__ import annotations

import re

from specwire.core.framing import Dechunker, FramingError

from ..taking import Taking, cuts

_LONG = b"\xff" * 4
_MAX_LINE = 65_536


def check(data: bytes) -> None:
    """Two bytes for the cuts, then the body; FF FF FF FF is a line of 70,000."""
    take = Taking(data)
    seed, body = take.number(65_536), take.rest()
    long = _LONG in body
    body = body.replace(_LONG, b"x" * 70_000, 1)
    expected = reference(body)
    for pieces in cuts(body, seed):
        if not (long and len(pieces) > 100):
            assert taken_off(pieces) == expected, pieces


def taken_off(pieces: list[bytes]) -> tuple[bytes, str]:
    """The data, and what became of the body."""
    dechunker = Dechunker()
    data = b""
    for number, piece in enumerate(pieces):
        try:
            data += dechunker.feed(piece)
            dechunker.check()
        except FramingError:
            return data, "refused"
        if dechunker.finished:
            after = dechunker.rest + b"".join(pieces[number + 1 :])
            return data, f"finished before {after!r}"
    return data, "open"


def reference(body: bytes) -> tuple[bytes, str]:
    data = b""
    while True:
        line, found, body = body.partition(b"\n")
        if len(line) > _MAX_LINE:
            return data, "refused"
        if not found:
            return data, "open"
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,16})[ \t]*(;.*)?", _ended(line))
        if size is None:
            return data, "refused"
        left = int(size[1], 16)
        if not left:
            return data, _after(body)
        data += body[:left]
        if len(body) < left:
            return data, "open"
        line, found, body = body[left:].partition(b"\n")
        if (found and _ended(line)) or len(line) > _MAX_LINE:
            return data, "refused"
        if not found:
            return data, "open"


def _after(trailers: bytes) -> str:
    for _ in range(100):
        line, found, trailers = trailers.partition(b"\n")
        if len(line) > _MAX_LINE:
            return "refused"
        if not found:
            return "open"
        if not _ended(line):
            return f"finished before {trailers!r}"
    return "refused" if b"\n" in trailers else "open"


def _ended(line: bytes) -> bytes:
    return line.removesuffix(b"\r")
