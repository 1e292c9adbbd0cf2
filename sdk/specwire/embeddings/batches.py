"""How many inputs go into one request: as many as the provider takes.

Its limits stand in the manifest (``x-limits`` of the operation ``embeddings``): inputs,
and tokens of all of them together. Tokens are guessed, on the high side; where a guess
was too low the provider says so, and the request is made of halves instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ..core.errors import APIStatusError, RequestValidationError, SpecwireError
from ..core.standard_codes import REQUEST_TOO_LARGE

USUAL_ITEMS: Final = 256
"""Where a manifest says nothing, as of servers on this machine."""
PLAIN_ITEMS: Final = 512
"""Numbers in JSON take four times the room of base64, and a reply has its limit."""


@frozen
class Limits:
    """What one request may hold; ``tokens`` is ``None`` where only inputs count."""

    items: int
    tokens: int | None = None


def limits_of(operation: Mapping[str, Any], *, encoded: bool) -> Limits:
    """The limits that a manifest gives an operation."""
    said = operation.get("limits") or {}
    items = int(said.get("items") or USUAL_ITEMS)
    return Limits(items if encoded else min(items, PLAIN_ITEMS), said.get("tokens"))


def tokens(value: Any) -> int:
    """How many tokens an input is at most, nearly always: a guess.

    English has one in some four characters, code and numbers one in two or three,
    Chinese and Japanese one a character or a little more.
    """
    if isinstance(value, str):
        other = len(value.encode("utf-8", "replace")) - len(value)
        return (len(value) + other) // 2 + 1
    if isinstance(value, Mapping):
        return sum(map(tokens, value.values()))
    return len(value)


def batches(inputs: Sequence[Any], limits: Limits) -> list[list[int]]:
    """The places of ``inputs`` in lots that keep to ``limits``, in order.

    An input that is too large by itself has a request of its own: the provider knows
    better.
    """
    found: list[list[int]] = []
    held = 0
    for index, each in enumerate(inputs):
        size = 0 if limits.tokens is None else tokens(each)
        full = limits.tokens is not None and held + size > limits.tokens
        if not found or full or len(found[-1]) >= limits.items:
            found.append([])
            held = 0
        found[-1].append(index)
        held += size
    return found


def halves(batch: list[int]) -> tuple[list[int], list[int]]:
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]


def is_too_large(error: SpecwireError) -> bool:
    """Whether the provider refused a request because of its size."""
    said = isinstance(error, APIStatusError)
    return said and error.standard_code == REQUEST_TOO_LARGE


def named(error: SpecwireError, places: Sequence[int]) -> None:
    """Have ``error`` say which inputs its request held: ``error.inputs``."""
    error.inputs = tuple(places)  # type: ignore[attr-defined]
    error.args = (f"{error.message}; {shown(places)}",)


def shown(places: Sequence[int]) -> str:
    """``input 3``, ``inputs 96 to 191``, ``inputs 1, 4, 9 and 20 more``."""
    if len(places) == 1:
        return f"input {places[0]}"
    if list(places) == list(range(places[0], places[-1] + 1)):
        return f"inputs {places[0]} to {places[-1]}"
    some = ", ".join(map(str, places[:8]))
    more = f" and {len(places) - 8} more" if len(places) > 8 else ""
    return f"inputs {some}{more}"


def checked(where: str, inputs: Any) -> list[Any]:
    """The inputs as a list.

    :raises RequestValidationError: for a text in place of a list, and for an input that
        is empty or nothing that can be embedded; which one is said.
    """
    if isinstance(inputs, (str, bytes, Mapping)):
        raise RequestValidationError(
            f"{where}: expected a list of inputs, got one {type(inputs).__name__}; "
            "embed(...) takes a single text"
        )
    found = list(inputs)
    for index, each in enumerate(found):
        what = _fault(each)
        if what:
            raise RequestValidationError(
                f"{where}: expected a text as input {index}, got {what}",
                pointer=f"/{index}",
            )
    return found


def _fault(value: Any) -> str:
    if isinstance(value, (str, Mapping)):
        return "" if value else f"an empty {type(value).__name__}"
    if isinstance(value, (list, tuple)):
        good = value and all(type(each) is int for each in value)
        return "" if good else f"a {type(value).__name__} that holds no tokens"
    return type(value).__name__
