"""What stands for anything: the marks that secrets have left in a cassette.

In a recorded request ``***``, for a key, is any text. A mark of an account is any text
as well, and from then on always that one.
"""

from __future__ import annotations

import re
from typing import Any, Final

MARK: Final = "hidden-account-"
MARKED: Final = re.compile(rf"({MARK}\d+)")
KEY: Final = "***"
_ANY: Final = re.compile(rf"({MARK}\d+|\*\*\*)")


def same_text(recorded: str, got: str, bound: dict[str, str]) -> bool:
    """Whether they are the same, where a mark is any text, and always the same one.

    :param bound: what marks stand for so far; is added to where they are the same.
    """
    if recorded == got or not (MARK in recorded or KEY in recorded):
        return recorded == got
    parts = _ANY.split(recorded)
    pattern = "".join(
        "(.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    found = re.fullmatch(pattern, got, re.DOTALL)
    if found is None:
        return False
    new: dict[str, str] = {}
    for mark, text in zip(parts[1::2], found.groups(), strict=True):
        if mark == KEY or text == mark:
            continue
        if bound.get(mark, new.setdefault(mark, text)) != text:
            return False
    for mark, text in new.items():
        bound.setdefault(mark, text)
    return True


def same(recorded: Any, got: Any, bound: dict[str, str]) -> bool:
    """As :func:`same_text`, for JSON."""
    if isinstance(recorded, str) and isinstance(got, str):
        return same_text(recorded, got, bound)
    if isinstance(recorded, dict) and isinstance(got, dict):
        return recorded.keys() == got.keys() and all(
            same(value, got[name], bound) for name, value in recorded.items()
        )
    if isinstance(recorded, (list, tuple)) and isinstance(got, (list, tuple)):
        pairs = zip(recorded, got, strict=False)
        return len(recorded) == len(got) and all(same(a, b, bound) for a, b in pairs)
    return type(recorded) is type(got) and bool(recorded == got)
