"""What a pointer leads to, a step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ir import Pointer

NOTHING: Any = object()
"""What stands where a pointer leads nowhere."""
_NULL = {"type": "null"}


def file_part(pointer: Pointer) -> str:
    """The file of ``file#/json/pointer``."""
    return pointer.partition("#")[0]


def member(value: Any, token: str) -> Any:
    """One step of a pointer in a document of one dialect, or :data:`NOTHING`."""
    if isinstance(value, list):
        known = token.isascii() and token.isdigit() and len(token) < 10
        return value[int(token)] if known and int(token) < len(value) else NOTHING
    if not isinstance(value, Mapping):
        return NOTHING
    if token in value:
        return value[token]
    # What the dialect moved: see dialect._wrapped and prefixItems.
    choice = value.get("anyOf")
    if isinstance(choice, list) and len(choice) == 2 and choice[1] == _NULL:
        return member(choice[0], token)
    return (
        value["prefixItems"] if token == "items" and "prefixItems" in value else NOTHING
    )
