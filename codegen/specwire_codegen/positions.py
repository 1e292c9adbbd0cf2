"""From ``file#/json/pointer`` to line and column, when a problem is shown.

The files are read again, once each, and of a JSON file only what lies on the way to
a pointer is looked into. Where a pointer does not exist (a part that an overlay or a
conversion made) its nearest parent is meant. Reports nothing: a file that cannot be
read any more has no places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import jsontext
from .problems import Place
from .source import looks_like_json, read_text, text_of, yaml_events
from .yamltree import DEPTH

Tokens = jsontext.Tokens
_Finder = Callable[[Tokens], tuple[Place | None, int]]
"""Place of a pointer or its nearest parent, and how many tokens led somewhere."""

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
        self._files: dict[str, _Finder] = {}

    def __call__(self, at: str) -> Place | None:
        """Line and column of a pointer, or of its nearest parent that exists."""
        file, _, pointer = at.partition("#")
        if file not in self._files:
            self._files[file] = self._read(file)
        find, tokens = self._files[file], split(pointer)
        place, steps = find(tokens)
        origin = _MOVED.get(tokens[:2])
        if origin is not None and steps < 2:
            place, _ = find(origin + tokens[2:])
        return place

    def _read(self, file: str) -> _Finder:
        if file in self._urls:
            return _finder(Path(file), text_of(self._urls[file]))
        path = self._root / file.replace("%23", "#")
        return _finder(path, read_text(path))


def locate(path: Path, pointer: str) -> Place | None:
    """Line and column of ``/json/pointer`` in one file."""
    return _finder(path, read_text(path))(split(pointer))[0]


def split(pointer: str) -> Tokens:
    """The tokens of a JSON pointer, unescaped; RFC 6901."""
    if "~" not in pointer:
        return tuple(pointer.split("/")[1:])
    return tuple(
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
    )


def _finder(path: Path, text: str | None) -> _Finder:
    if text is None:
        return lambda tokens: (None, 0)
    if looks_like_json(path, text):
        found = jsontext.Finder(text)
        if found.is_json():
            return _in_json(found, jsontext.Lines(text))
    # YAML's flow style starts with a brace too.
    return _in_yaml(_yaml_index(text))


def _in_json(found: jsontext.Finder, lines: jsontext.Lines) -> _Finder:
    def find(tokens: Tokens) -> tuple[Place | None, int]:
        offset, steps = found.nearest(tokens)
        return lines(offset), steps

    return find


def _in_yaml(index: dict[Tokens, Place]) -> _Finder:
    def find(tokens: Tokens) -> tuple[Place | None, int]:
        while tokens and tokens not in index:
            tokens = tokens[:-1]
        return index.get(tokens), len(tokens)

    return find


def _yaml_index(text: str) -> dict[Tokens, Place]:
    index: dict[Tokens, Place] = {}
    try:
        for tokens, mark in _yaml_places(yaml_events(text)):
            if len(tokens) > DEPTH:
                # Such a file was refused; going on would take the square of its length.
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
