"""Where keys stand in a TOML text, for messages about a plan.

:mod:`tomllib` keeps no places. This reads headers and keys line by line, which is
enough to name the right line; it judges nothing, and where it is misled (by a text over
several lines that looks like a table) only the line of a message suffers.
"""

from __future__ import annotations

import re

from .problems import Place

Key = tuple["str | int", ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"(\s*)({_KEY})\s*=")
_INLINE = re.compile(rf"[{{,]\s*({_KEY})\s*=")
_SPLIT = re.compile(_PART)


class Lines:
    """Places of the keys of one text."""

    def __init__(self, text: str) -> None:
        self._places: dict[Key, Place] = {}
        arrays: dict[Key, int] = {}
        table: Key = ()
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            entry = _ENTRY.match(line)
            if header:
                table = _parts(header[2])
                if header[1] == "[[":
                    arrays[table] = arrays.get(table, -1) + 1
                    self._places.setdefault(table, (number, 1))
                    table = (*table, arrays[table])
                self._add(table, (number, 1))
            elif entry:
                key = (*table, *_parts(entry[2]))
                self._add(key, (number, len(entry[1]) + 1))
                for found in _INLINE.finditer(line, entry.end()):
                    self._add((*key, *_parts(found[1])), (number, found.start(1) + 1))

    def place(self, key: Key) -> Place:
        """Line and column of a key, or of the nearest table that holds it."""
        while key and key not in self._places:
            key = key[:-1]
        return self._places.get(key, (1, 1))

    def _add(self, key: Key, place: Place) -> None:
        for length in range(1, len(key) + 1):
            self._places.setdefault(key[:length], place)


def _parts(key: str) -> Key:
    return tuple(part.strip("\"'") for part in _SPLIT.findall(key))
