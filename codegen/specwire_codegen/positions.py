"""From ``file#/json/pointer`` to line and column, when a problem is shown.

The files are read again and indexed once each; where a pointer does not exist (a part
that an overlay or a conversion made) its nearest parent is meant. Reports nothing: a
file that cannot be read any more has no places.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import jsontext
from .problems import Place
from .source import looks_like_json, read_text, text_of, yaml_events
from .yamltree import DEPTH

Tokens = jsontext.Tokens
_Index = dict[Tokens, Place]

# Where a part of a Swagger 2.0 document went to, and where it came from.
_MOVED: dict[Tokens, Tokens] = {
    ("components", "schemas"): ("definitions",),
    ("components", "parameters"): ("parameters",),
    ("components", "requestBodies"): ("parameters",),
    ("components", "responses"): ("responses",),
    ("components", "securitySchemes"): ("securityDefinitions",),
}


class Positions:
    """Finds places; the function that :meth:`Problems.render` wants."""

    def __init__(
        self, root: Path | None = None, urls: Mapping[str, bytes] | None = None
    ) -> None:
        self._root = root or Path()
        self._urls = urls or {}
        self._indexes: dict[str, _Index] = {}

    def __call__(self, at: str) -> Place | None:
        """Line and column of a pointer, or of its nearest parent that exists."""
        file, _, pointer = at.partition("#")
        if file not in self._indexes:
            self._indexes[file] = self._read(file)
        index = self._indexes[file]
        tokens = split(pointer)
        found = _nearest(index, tokens)
        origin = _MOVED.get(tokens[:2])
        if origin is not None and tokens[:2] not in index:
            found = _nearest(index, origin + tokens[2:])
        return index.get(found)

    def _read(self, file: str) -> _Index:
        if file in self._urls:
            return _index(Path(file), text_of(self._urls[file]))
        path = self._root / file.replace("%23", "#")
        return _index(path, read_text(path))


def locate(path: Path, pointer: str) -> Place | None:
    """Line and column of ``/json/pointer`` in one file."""
    tokens, index = split(pointer), _index(path, read_text(path))
    return index.get(_nearest(index, tokens))


def split(pointer: str) -> Tokens:
    """The tokens of a JSON pointer, unescaped; RFC 6901."""
    return tuple(
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
    )


def _nearest(index: _Index, tokens: Tokens) -> Tokens:
    while tokens and tokens not in index:
        tokens = tokens[:-1]
    return tokens


def _index(path: Path, text: str | None) -> _Index:
    if text is None:
        return {}
    if not looks_like_json(path, text) or not _is_json(text):
        return _yaml_index(text)
    # Lines are counted on the way; counting anew for each value would be quadratic.
    index: _Index = {}
    line, start, seen = 1, 0, 0
    for tokens, offset in jsontext.places(text):
        if len(tokens) > DEPTH:
            # Such a file was refused; going on would take the square of its length.
            break
        lines = text.count("\n", seen, offset)
        if lines:
            line += lines
            start = text.rfind("\n", seen, offset) + 1
        seen = offset
        index[tokens] = (line, offset - start + 1)
    return index


def _is_json(text: str) -> bool:
    """Whether JSON's strings can be told in ``text``; YAML's flow style is not sure."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _yaml_index(text: str) -> _Index:
    index: _Index = {}
    try:
        for tokens, mark in _yaml_places(yaml_events(text)):
            if len(tokens) > DEPTH:
                break
            index[tokens] = (mark.line + 1, mark.column + 1)
    except Exception:
        # Whatever is wrong with the text has been reported when it was loaded.
        return index
    return index


def _yaml_places(events: Iterator[Any]) -> Iterator[tuple[Tokens, Any]]:
    path: list[str] = []
    in_list: list[bool] = []
    key_next = False
    for event in events:
        kind = event.__class__.__name__
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            del path[-1:], in_list[-1:]
        elif kind not in (
            "ScalarEvent",
            "AliasEvent",
            "MappingStartEvent",
            "SequenceStartEvent",
        ):
            continue
        elif key_next and kind == "ScalarEvent":
            path[-1] = event.value
            key_next = False
            yield tuple(path), event.start_mark
            continue
        else:
            if not in_list or in_list[-1]:
                yield tuple(path), event.start_mark
            if kind.endswith("StartEvent"):
                in_list.append(kind == "SequenceStartEvent")
                path.append("0")
                key_next = kind == "MappingStartEvent"
                continue
        if in_list and in_list[-1]:
            path[-1] = str(int(path[-1]) + 1)
        key_next = bool(in_list) and not in_list[-1]
