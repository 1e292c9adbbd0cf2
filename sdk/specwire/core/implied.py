"""Headers that hold a list: the operation's own values, and those arguments imply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .types import UNSET

if TYPE_CHECKING:
    from .resource import Operation


def imply(
    operation: Operation[Any], args: Mapping[str, Any], given: dict[str, Any]
) -> None:
    """Add the values that arguments ask for, unless another date of one is there."""
    for name, (wire, value) in operation.implied.items():
        if args[name] is UNSET or args[name] is None:
            continue
        before = given.get(wire) or operation.const_headers.get(wire, "")
        stem = value.rstrip("-0123456789")
        if not any(item.strip().startswith(stem) for item in before.split(",")):
            given[wire] = joined(value, before)


def joined(first: str, second: str) -> str:
    items = [item.strip() for item in f"{second},{first}".split(",")]
    return ",".join(dict.fromkeys(item for item in items if item))
