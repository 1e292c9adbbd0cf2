"""``extract_json``: the JSON in a text that holds more than that.

Models put answers in fences, say something before and behind, and leave commas at the
end of lists. Each character is looked at a bounded number of times, and nothing here
recurses, so that a hostile text costs no more than a long one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ..core import codec

_FENCE: Final = re.compile(
    r"^[ \t>]{0,9}(`{3,9}|~{3,9})[ \t]{0,9}([\w+-]{0,20})[^\n]*", re.MULTILINE
)
_OPEN: Final = re.compile(r"[{\[]")
_BRACKET: Final = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"', re.DOTALL)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<mark>[{}\[\]:,])"
    r'|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<word>true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"(?![\w.+-]))",
    re.DOTALL,
)
_REST: Final = re.compile(r"\s*\Z")
_RAW: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DEEPEST: Final = 200
"""Deeper than this is no answer, and nothing that can be written again."""


def extract_json(text: str, default: Any = None) -> Any:
    """The JSON value in ``text``, or ``default`` where there is none.

    The text itself, where it is JSON; else what stands in the first fence that holds
    JSON (one marked ``json`` comes first); else the first object in the text, or list
    that holds an object; else the first list. A comma behind the last member and line
    ends inside strings are let pass. What is cut off, or broken in the middle, is none:
    a part of an answer is never handed out as if it were the whole.

    >>> extract_json('Here it is: {"city": "Porto",} as you wished.')
    {'city': 'Porto'}
    """
    try:
        return codec.loads_text(text)
    except ValueError:
        pass
    for _, inner in sorted(_fences(text), key=lambda f: f[0] != "json"):
        found = _best(inner)
        if found is not _NONE:
            return found
    found = _best(text)
    return default if found is _NONE else found


def extract_all(text: str) -> list[Any]:
    """Every object and list in ``text``, in order; see :func:`extract_json`."""
    return list(_values(text))


def _fences(text: str) -> Iterator[tuple[str, str]]:
    """What stands in fences, with the language that each names."""
    begun: re.Match[str] | None = None
    for line in _FENCE.finditer(text):
        if begun is None:
            begun = line
        elif line[1].startswith(begun[1]) and not line[2]:
            yield begun[2].lower(), text[begun.end() : line.start()]
            begun = None
    if begun is not None:
        yield begun[2].lower(), text[begun.end() :]


_NONE: Final[Any] = object()


def _best(text: str) -> Any:
    """The first value that is or holds an object; else the first that is not empty."""
    spare: Any = _NONE
    for value in _values(text):
        if value and (isinstance(value, dict) or _holds_object(value)):
            return value
        if spare is _NONE or (value and not spare):
            spare = value
    return spare


def _holds_object(value: list[Any]) -> bool:
    return any(isinstance(item, (dict, list)) and item for item in value)


def _values(text: str) -> Iterator[Any]:
    at = 0
    while (begun := _OPEN.search(text, at)) is not None:
        reader = _Reader(text, begun.start())
        if reader.read():
            yield reader.root
            at = reader.at
        elif reader.is_json:
            at = _behind(text, begun.start())
        else:
            at = reader.innermost  # brackets of the prose: nothing of it was JSON


def _behind(text: str, at: int) -> int:
    """Where a broken value ends: nothing inside it is an answer."""
    depth = 0
    for found in _BRACKET.finditer(text, at):
        mark = found[0]
        depth += mark in "{["
        depth -= mark in "}]"
        if depth == 0 and mark in "}]":
            return found.end()
    return len(text)


class _Reader:
    """One value from its opening bracket on.

    :ivar is_json: whether a whole member or item of it was read.
    :ivar innermost: behind the last bracket that was opened; where the value fails
        before anything is in it, all brackets before fail in the same place.
    """

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        self.root: Any = _NONE
        self.is_json = False
        self.innermost = at
        self._text = text
        self._stack: list[Any] = []
        self._keys: list[Any] = []
        self._expect = "value"

    def read(self) -> bool:
        """Read to the end of the value; whether it has one."""
        while (token := _TOKEN.match(self._text, self.at)) is not None:
            if not self._take(token):
                return False
            self.at = token.end()
            if not self._stack:
                return True
            if token["mark"] in ("{", "["):
                self.innermost = self.at
        # Cut off in the middle of an answer, or of a string of it.
        self.is_json = self.is_json or _REST.match(self._text, self.at) is not None
        return False

    def _take(self, token: re.Match[str]) -> bool:
        mark = token["mark"]
        if mark is None:
            return self._scalar(token)
        if mark in "{[":
            return self._opened({} if mark == "{" else [])
        if mark in "}]":
            return self._closed(dict if mark == "}" else list)
        if mark == ":":
            fits, self._expect = self._expect == "colon", "value"
            return fits
        fits = self._expect == "comma"
        self._expect = "key" if isinstance(self._stack[-1], dict) else "value"
        return fits

    def _opened(self, value: Any) -> bool:
        if self._expect != "value" or len(self._stack) >= _DEEPEST:
            self.is_json = self.is_json or len(self._stack) >= _DEEPEST
            return False
        self._put(value)
        self._stack.append(value)
        self._keys.append(None)
        self._expect = "key" if isinstance(value, dict) else "value"
        return True

    def _closed(self, kind: type) -> bool:
        if not isinstance(self._stack[-1], kind) or self._expect == "colon":
            return False
        if kind is dict and self._expect == "value":
            return False
        self._stack.pop()
        self._keys.pop()
        self.is_json, self._expect = True, "comma"
        return True

    def _scalar(self, token: re.Match[str]) -> bool:
        if self._expect not in ("value", "key"):
            return False
        try:
            value = _scalar(token)
        except ValueError:
            return False
        if self._expect == "key":
            self._keys[-1], self._expect = value, "colon"
            return token["text"] is not None
        self._put(value)
        self.is_json, self._expect = True, "comma"
        return True

    def _put(self, value: Any) -> None:
        if not self._stack:
            self.root = value
        elif isinstance(self._stack[-1], dict):
            self._stack[-1][self._keys[-1]] = value
        else:
            self._stack[-1].append(value)


def _scalar(token: re.Match[str]) -> Any:
    text = token["text"]
    if text is None:
        return codec.loads_text(token["word"])
    if any(raw in text for raw in _RAW):
        for raw, escaped in _RAW.items():
            text = text.replace(raw, escaped)
    return codec.loads_text(text)
