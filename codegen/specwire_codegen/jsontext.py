"""Where things stand in a JSON text; used only when there is something to report.

:mod:`json` reads the data and says nothing about places. This goes over the same text
(known to be JSON, or nearly): token by token where every key counts, and past whole
values with the parser of :mod:`json` where only one pointer is asked for.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Any

Tokens = tuple[str, ...]
"""A JSON pointer, split and unescaped."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
_BLANKS = re.compile(r"[ \t\n\r]*")


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


def offsets_of(text: str, literals: Collection[str]) -> dict[str, int]:
    """Where each of ``literals`` first stands as a token of its own; 0 if nowhere."""
    found = dict.fromkeys(literals, 0)
    missing = set(literals)
    for match in _TOKEN.finditer(text) if missing else ():
        token = match.group()
        if token in missing:
            found[token] = match.start()
            missing.remove(token)
            if not missing:
                break
    return found


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')


class Lines:
    """Line and column of offsets in one text; the text is read once for all."""

    def __init__(self, text: str) -> None:
        self._ends = [found.start() for found in re.finditer("\n", text)]

    def __call__(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        line = bisect_left(self._ends, offset)
        start = self._ends[line - 1] + 1 if line else 0
        return line + 1, offset - start + 1


class Finder:
    """Finds values by pointer; an object or array is taken apart once, when asked.

    What lies beside the way is passed over by the parser of :mod:`json`, which is
    many times faster than telling its tokens.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside: dict[int, dict[str, tuple[int, int]]] = {}
        self.scans = 0
        """How many objects and arrays were taken apart."""
        self._root = self._blanks(0)
        self._end = 0

    def is_json(self) -> bool:
        """Whether the whole text is one JSON value."""
        try:
            self._members(self._root)
        except (ValueError, RecursionError):
            return False
        return self._blanks(self._end) == len(self._text)

    def nearest(self, tokens: Tokens) -> tuple[int, int]:
        """Offset of the value (for a member, of its key), or of its nearest parent.

        Also how many of ``tokens`` led somewhere. Only for a text that is JSON.
        """
        place = at = self._root
        for number, token in enumerate(tokens):
            inside = self._members(at)
            if token not in inside:
                return place, number
            place, at = inside[token]
        return place, len(tokens)

    def _members(self, at: int) -> dict[str, tuple[int, int]]:
        """Member or index to where it is shown and where its value begins."""
        if at not in self._inside:
            self.scans += 1
            self._inside[at] = dict(self._taken_apart(at))
        return self._inside[at]

    def _taken_apart(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        text, opener = self._text, self._text[at : at + 1]
        if opener not in ("{", "["):
            self._end = _PASS(text, at)[1]
            return
        close = "}" if opener == "{" else "]"
        here = self._blanks(at + 1)
        number = 0
        while text[here : here + 1] != close or number:
            place, name = here, str(number)
            if opener == "{":
                self._expect(here, '"')
                name, here = _PASS(text, here)
                here = self._blanks(self._expect(self._blanks(here), ":"))
            yield name, (place, here)
            here = self._blanks(_PASS(text, here)[1])
            number += 1
            if text[here : here + 1] == close:
                break
            here = self._blanks(self._expect(here, ","))
        self._end = here + 1

    def _expect(self, at: int, char: str) -> int:
        if self._text[at : at + 1] != char:
            raise ValueError(f"expected {char!r} at {at}")
        return at + 1

    def _blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at


def _nothing(_: Any) -> None:
    """Keep no value that is only passed over."""


_PASS = json.JSONDecoder(
    object_pairs_hook=_nothing,
    parse_float=_nothing,
    parse_int=_nothing,
    parse_constant=_nothing,
).raw_decode
"""Value and end of the JSON value that begins at an offset."""
