"""Where things stand in a JSON text; used only when there is something to report.

:mod:`json` reads the data and says nothing about places. This goes over the same text
(known to be JSON, or nearly) without recursion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

Tokens = tuple[str, ...]
"""A JSON pointer, split and unescaped."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)


def places(text: str) -> Iterator[tuple[Tokens, int]]:
    """Each value's pointer and offset (for a member, its key's), in text order.

    A key that is given twice comes twice.
    """
    path: list[str] = []
    in_array: list[bool] = []
    at_key = False
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token == ",":
            at_key = bool(in_array) and not in_array[-1]
            if in_array and in_array[-1]:
                path[-1] = str(int(path[-1]) + 1)
        elif token in "]}":
            del path[-1:], in_array[-1:]
            at_key = False
        elif at_key:
            path[-1] = _unquoted(token)
            at_key = False
            yield tuple(path), found.start()
        elif token != ":":
            if not in_array or in_array[-1]:
                yield tuple(path), found.start()
            if token in "{[":
                in_array.append(token == "[")
                path.append("0")
                at_key = token == "{"


def twice(text: str) -> list[tuple[Tokens, int]]:
    """Pointer and offset of each key that its object already has."""
    seen: set[Tokens] = set()
    out: list[tuple[Tokens, int]] = []
    for tokens, offset in places(text):
        if tokens in seen:
            out.append((tokens, offset))
        seen.add(tokens)
    return out


def offset_of(text: str, literal: str) -> int:
    """Where ``literal`` first stands as a token of its own; 0 if it does not."""
    for found in _TOKEN.finditer(text):
        if found.group() == literal:
            return found.start()
    return 0


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')
