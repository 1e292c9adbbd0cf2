"""Large JSON, read by orjson where the extra ``fast`` is there: seven times as fast for
numbers (vectors of embeddings), no slower for text.

What it reads otherwise than :mod:`specwire.core.codec` is left to that: integers beyond
64 bits, which it makes floats of, and whatever it refuses.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

LEFT: Final = object()
"""In place of a value: read it otherwise."""
_DIGITS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_LONG: Final = b"0" * 19


def loads(body: bytes) -> Any:
    """The value of ``body``, or :data:`LEFT`."""
    quick = _quick()
    if quick is None or _has_long_integer(body.translate(_DIGITS)):
        return LEFT
    try:
        return quick(body)
    except ValueError:
        return LEFT


def _has_long_integer(body: bytes) -> bool:
    """Whether 19 digits or more stand together, and not behind a decimal point.

    In a text they may, too: then it is read otherwise for nothing.
    """
    at = body.find(_LONG)
    while at >= 0:
        if body[at - 1 : at] != b".":
            return True
        while body[at : at + 1] == b"0":
            at += 1
        at = body.find(_LONG, at)
    return False


@cache
def _quick() -> Any:
    try:
        import orjson
    except ImportError:
        return None
    return orjson.loads
