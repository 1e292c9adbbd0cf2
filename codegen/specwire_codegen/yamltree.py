"""YAML events to plain JSON data: the core schema of YAML 1.2, and no more.

Keys are text as written (``200``, ``no``, ``1.10``), dates stay text, ``yes`` and
``on`` are words. Aliases become copies within a budget, so the result is a tree; the
merge key ``<<`` is honoured because documents in the wild use it. There is no recursion
over the input. What parses the text is :mod:`~specwire_codegen.source`'s business.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, Protocol

from .problems import shown

DEPTH = 200
"""Levels of nesting that are read; real documents stay under 60."""
COPIES = 250_000
"""Values that all aliases of one file together may add."""

_CORE = "tag:yaml.org,2002:"
_KNOWN = frozenset(["str", "int", "float", "bool", "null", "seq", "map"])
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MERGE = object()
_UNFINISHED = object()


class Report(Protocol):
    """Takes what is wrong at a mark; does not return when it is ``fatal``."""

    def __call__(
        self, code: str, message: str, mark: Any, *, fatal: bool = False
    ) -> None: ...


class _Frame:
    """A collection that is being read; ``key`` is ``None`` while one is awaited."""

    __slots__ = ("anchor", "is_map", "key", "merges", "value")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.is_map = isinstance(value, dict)
        self.key: Any = None
        self.merges: list[dict[str, Any]] = []


class Tree:
    """Builds the data of one YAML stream."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._anchors: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._stack: list[_Frame] = []
        self._plain: dict[str, Any] = dict(_WORDS)
        self._left = COPIES
        self.documents = 0
        self.data: Any = None

    def feed(self, events: Iterable[Any]) -> None:
        """Take all events of the stream; the result is in ``data``."""
        for event in events:
            kind = event.__class__.__name__
            if kind == "ScalarEvent":
                if self._at_key():
                    self._key(event.value, event)
                else:
                    self._put(self._scalar(event), event.start_mark)
            elif kind == "MappingStartEvent":
                self._open({}, event)
            elif kind == "SequenceStartEvent":
                self._open([], event)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self._close(event)
            elif kind == "AliasEvent":
                self._alias(event)
            elif kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    message = "a second document starts here; one file holds one"
                    self._report("S004", message, event.start_mark, fatal=True)

    # -- collections -------------------------------------------------------------

    def _at_key(self) -> bool:
        return (
            bool(self._stack)
            and self._stack[-1].is_map
            and (self._stack[-1].key is None)
        )

    def _open(self, value: Any, event: Any) -> None:
        mark = event.start_mark
        if self._at_key():
            message = "a mapping or list as a key; JSON knows only text"
            self._report("S008", message, mark, fatal=True)
        if len(self._stack) >= DEPTH:
            self._too_deep(mark)
        self._check_tag(event, "map" if isinstance(value, dict) else "seq")
        if event.anchor:
            self._anchors[event.anchor] = _UNFINISHED
        self._stack.append(_Frame(value, event.anchor))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        for merged in frame.merges:
            for key, value in merged.items():
                frame.value.setdefault(key, value)
        if frame.anchor:
            self._anchors[frame.anchor] = frame.value
        self._put(frame.value, event.start_mark)

    def _key(self, text: str, event: Any) -> None:
        frame = self._stack[-1]
        if event.anchor and event.__class__.__name__ == "ScalarEvent":
            self._anchors[event.anchor] = self._texts[event.anchor] = text
        if text == "<<" and getattr(event, "implicit", (False,))[0]:
            frame.key = _MERGE
            return
        if text in frame.value:
            message = f"the key '{shown(text)}' is here twice; the last one is used"
            self._report("S005", message, event.start_mark)
        frame.key = text

    def _put(self, value: Any, mark: Any) -> None:
        if not self._stack:
            self.data = value
            return
        frame = self._stack[-1]
        if not frame.is_map:
            frame.value.append(value)
        elif frame.key is _MERGE:
            self._merge(frame, value, mark)
            frame.key = None
        else:
            frame.value[frame.key] = value
            frame.key = None

    def _merge(self, frame: _Frame, value: Any, mark: Any) -> None:
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(one, dict) for one in listed):
            frame.merges += listed
        else:
            self._report("S008", "'<<' merges a mapping, or a list of them", mark)

    # -- aliases -----------------------------------------------------------------

    def _alias(self, event: Any) -> None:
        name, mark = event.anchor, event.start_mark
        if name not in self._anchors:
            message = f"the alias '*{shown(name)}' has no anchor before it"
            self._report("S006", message, mark, fatal=True)
        found = self._anchors[name]
        if found is _UNFINISHED:
            message = f"the alias '*{shown(name)}' stands inside what it refers to"
            self._report("S006", message, mark, fatal=True)
        if not self._at_key():
            self._put(self._copy(found, len(self._stack), mark), mark)
        elif name in self._texts and not isinstance(found, (dict, list)):
            self._key(self._texts[name], event)
        else:
            message = "a mapping or list as a key; JSON knows only text"
            self._report("S008", message, mark, fatal=True)

    def _copy(self, value: Any, depth: int, mark: Any) -> Any:
        long = isinstance(value, str) and len(value) // 1000
        self._left -= 1 + long
        if self._left < 0:
            message = f"aliases expand to more than {COPIES:,} values"
            self._report("S006", message, mark, fatal=True)
        if not isinstance(value, (dict, list)):
            return value
        if depth >= DEPTH:
            self._too_deep(mark)
        if isinstance(value, dict):
            return {k: self._copy(v, depth + 1, mark) for k, v in value.items()}
        return [self._copy(v, depth + 1, mark) for v in value]

    def _too_deep(self, mark: Any) -> None:
        message = f"nested more than {DEPTH} levels deep"
        self._report("S007", message, mark, fatal=True)

    # -- scalars -----------------------------------------------------------------

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is not None:
            value = self._tagged(text, event)
        elif not event.implicit[0]:
            value = text
        elif text in self._plain:
            value = self._plain[text]
        else:
            value = self._plain[text] = self._resolved(text, event.start_mark)
        if event.anchor:
            self._anchors[event.anchor] = value
            self._texts[event.anchor] = text
        return value

    def _resolved(self, text: str, mark: Any) -> Any:
        if text[0] not in "-+.0123456789":
            return text
        try:
            if _INT.fullmatch(text):
                base = {"0o": 8, "0x": 16}.get(text[:2], 10)
                value = int(text[2:] if base != 10 else text, base)
                str(value)  # no limit holds for the bases that are powers of two
                return value
            if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
        except ValueError:  # more digits than Python converts
            pass
        else:
            if not _FLOAT.fullmatch(text) and not _NOT_FINITE.fullmatch(text):
                return text
        message = f"JSON has no number '{shown(text)}'; it is read as text"
        self._report("S009", message, mark)
        return text

    def _tagged(self, text: str, event: Any) -> Any:
        name = self._check_tag(event, "str")
        if name == "str":
            return text
        value = self._resolved(text, event.start_mark) if text else text
        if name in ("null", "bool") and text in _WORDS:
            value = _WORDS[text]
        if name == "float" and isinstance(value, int):
            value = float(value) if abs(value) < 1 << 1023 else value
        return value

    def _check_tag(self, event: Any, default: str) -> str:
        """The core schema's name of a tag; any other tag is a problem."""
        tag = event.tag
        if tag is None or tag == "!":
            return default
        name = str(tag).removeprefix(_CORE)
        if name != tag and name in _KNOWN and (default == "str" or name == default):
            return name
        message = f"the tag '{shown(tag)}' has no meaning in JSON and is ignored"
        self._report("S008", message, event.start_mark)
        return default
