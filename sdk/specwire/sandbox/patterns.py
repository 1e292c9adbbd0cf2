"""A text that a regular expression matches, for schemas with a ``pattern``.

Covers what patterns in schemas use: literals, classes, repetition, groups and
alternatives. Look-around and back-references are left out; the caller checks.
"""

from __future__ import annotations

import re
import sys
from random import Random
from typing import Any

if sys.version_info >= (3, 11):
    from re import _parser as _re  # type: ignore[attr-defined, unused-ignore]
else:
    import sre_parse as _re

_WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"
_CLASSES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_WORD": _WORDS,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _WORDS,
    "CATEGORY_NOT_DIGIT": "abcdef",
    "CATEGORY_NOT_WORD": "-",
}


def sample_pattern(pattern: str, random: Random) -> str | None:
    """A text in which ``pattern`` is found, or ``None`` where none could be made."""
    try:
        text = _sequence(_re.parse(pattern), random)
        return text if re.search(pattern, text) else None
    except (re.error, RecursionError, KeyError, OverflowError):
        return None


def _sequence(tokens: Any, random: Random) -> str:
    return "".join(_token(str(name), value, random) for name, value in tokens)


def _token(name: str, value: Any, random: Random) -> str:
    if name == "LITERAL":
        return chr(value)
    if name == "ANY":
        return random.choice(_WORDS)
    if name == "NOT_LITERAL":
        return next(letter for letter in _WORDS if ord(letter) != value)
    if name == "IN":
        return random.choice(_members(value))
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = value
        times = random.randint(low, min(int(high), max(low, 1)))
        return "".join(_sequence(inner, random) for _ in range(times))
    if name == "SUBPATTERN":
        return _sequence(value[-1], random)
    if name == "BRANCH":
        return _sequence(random.choice(value[1]), random)
    return ""  # anchors match no letter


def _members(items: Any) -> str:
    found = ""
    for name, value in items:
        if str(name) == "NEGATE":
            rest = _members(items[1:])
            return "".join(letter for letter in _WORDS + "-_ ." if letter not in rest)
        if str(name) == "RANGE":
            found += "".join(chr(code) for code in range(value[0], value[1] + 1)[:64])
        elif str(name) == "CATEGORY":
            found += _CLASSES[str(value)]
        else:
            found += chr(value)
    return found
