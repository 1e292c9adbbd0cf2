"""What in a request's body JSON cannot say, and where: asked when writing it failed.

The writer of the standard library says what was wrong but not where; here the value is
walked once more, in the order it is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import RequestValidationError, shortened
from .members import present

_KEYS = (str, int, float, bool, type(None))


def refusal(where: str, value: Any, error: Exception) -> RequestValidationError:
    """The error for ``value``, which could not be written because of ``error``."""
    text = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    found = None
    if not isinstance(error, RecursionError):
        found = next(_faults(value, "", ()), None)
    pointer, problem = found or ("", text)
    place = f"{pointer} " if pointer else "the body "
    refused = RequestValidationError(
        f"{where}: {place}cannot be written as JSON: {shortened(problem, 200)}; "
        "nothing was sent",
        pointer=pointer,
    )
    if found is None:  # an iterator of the caller's has failed: it is shown where
        refused.__cause__ = error
    return refused


def _faults(
    value: Any, pointer: str, above: tuple[int, ...]
) -> Iterator[tuple[str, str]]:
    """Pointers and problems of what is in ``value``, in order."""
    if id(value) in above:
        yield pointer, "it contains itself"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _key_faults(name, pointer)
            yield from _faults(item, f"{pointer}/{_part(name)}", (*above, id(value)))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _faults(item, f"{pointer}/{number}", (*above, id(value)))
    elif isinstance(value, str):
        yield from _text_faults(value, pointer)
    elif isinstance(value, (float, int)):
        yield from _number_faults(value, pointer)
    elif value is not None:
        try:
            inner = present(value)
        except (TypeError, ValueError) as error:
            yield pointer, str(error)
        else:
            yield from _faults(inner, pointer, (*above, id(value)))


def _key_faults(name: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(name, _KEYS):
        yield pointer, f"a member's name is text, got {type(name).__name__}"
    elif isinstance(name, str):
        yield from _text_faults(name, pointer)
    elif name is not None:
        yield from _number_faults(name, pointer)


def _number_faults(number: float, pointer: str) -> Iterator[tuple[str, str]]:
    try:
        if not math.isfinite(number):
            yield pointer, f"{number!r} is no JSON number"
    except OverflowError:
        try:
            str(number)
        except ValueError:
            yield pointer, "it has more digits than Python writes"


def _text_faults(text: str, pointer: str) -> Iterator[tuple[str, str]]:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        yield (
            pointer,
            f"U+{code:04X} at character {error.start} is half of a surrogate pair, "
            "which is no text",
        )


def _part(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
