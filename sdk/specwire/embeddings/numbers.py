"""Numbers off the wire: single precision, little-endian, four bytes each.

Text of base64 becomes an ``array('f')`` without a list in between; so does what a cache
has kept. In which form they are handed out is decided here too.
"""

from __future__ import annotations

import base64
import math
import sys
from array import array
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ..core.extras import lacking
from . import vectors as _vectors

if TYPE_CHECKING:
    from .types import VectorForm

FORMS: Final = ("array", "list", "numpy")


def from_wire(value: Any) -> array[float]:
    """The vector that a reply holds: base64, or a list of numbers.

    :raises ValueError: for anything else; the text continues "the vector ...".
    """
    if isinstance(value, str):
        try:
            found = unpacked(base64.b64decode(value, validate=True))
        except ValueError:
            # ``from`` would keep the whole text in the error's context.
            found = array("f")
        if not found:
            raise ValueError("is no base64 of four bytes a number") from None
    elif isinstance(value, list):
        try:
            found = array("f", value)
        except (TypeError, OverflowError):
            raise ValueError("is no list of numbers") from None
        if not found:
            raise ValueError("is empty")
    else:
        kind = type(value).__name__
        raise ValueError(f"is neither base64 nor a list of numbers but {kind}")
    if not math.isfinite(sum(found)):
        raise ValueError("holds NaN or infinity")
    return found


def unpacked(packed: bytes) -> array[float]:
    """:raises ValueError: where bytes are left over."""
    found = array("f")
    found.frombytes(packed)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def packed(vector: array[float]) -> bytes:
    """What a cache keeps of a vector."""
    if sys.byteorder == "big":
        vector = vector[:]
        vector.byteswap()
    return vector.tobytes()


def formed(vector: array[float], form: VectorForm) -> Any:
    """``vector`` as the caller wants it."""
    if form == "list":
        return vector.tolist()
    if form == "numpy":
        return numpy_sums("EmbeddingClient").single(vector)
    return vector


def numpy_sums(where: str) -> ModuleType:
    """The module that counts with numpy.

    :raises ImportError: where that is not installed.
    """
    found = _vectors.by_numpy()
    if found is None:
        lacking("embeddings", where)
    return found
