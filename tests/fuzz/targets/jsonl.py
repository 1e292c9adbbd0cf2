"""JSON lines: what a split at line feeds gives, however the body is cut."""

from __future__ import annotations

from typing import Any

from specwire.core.jsonl import JSONLParser, LineTooLarge

from ..taking import Taking, cuts


def check(data: bytes) -> None:
    """Two bytes for the cuts, one for the longest line, then the body."""
    take = Taking(data)
    seed, bound = take.number(65_536), take.one((0, 0, 4, 30))
    body = take.rest()
    expected = reference(body, bound or 1 << 26)
    for pieces in cuts(body, seed):
        assert parsed(pieces, bound or 1 << 26) == expected, pieces


def parsed(pieces: list[bytes], bound: int) -> tuple[Any, ...]:
    parser = JSONLParser(max_line_bytes=bound)
    lines: list[tuple[int, bytes]] = []
    try:
        for piece in pieces:
            lines += parser.feed_numbered(piece)
        last = parser.close()
    except LineTooLarge as error:
        return (lines, error.line_number)
    if last is not None:
        lines.append((parser.line_number, last))
    return (lines, None)


def reference(body: bytes, bound: int) -> tuple[Any, ...]:
    lines: list[tuple[int, bytes]] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if len(line) > bound:
            return (lines, number)
        line = line.removesuffix(b"\r")
        if line.strip():
            lines.append((number, line))
    return (lines, None)
