"""JSON of a reply, looked into without trust: what is of another kind is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table(found: Any) -> Mapping[str, Any]:
    """``found`` where it is an object; else an empty one."""
    return found if isinstance(found, Mapping) else {}


def items(found: Any, name: str) -> list[Any]:
    """The list that an object has as ``name``; else an empty one."""
    held = table(found).get(name)
    return held if isinstance(held, list) else []


def text(found: Any) -> str | None:
    """``found`` where it is a text."""
    return found if isinstance(found, str) else None


def number(found: Any) -> float | None:
    """A number, also where it came as text; OpenAI's duration does."""
    try:
        return float(found)
    except (TypeError, ValueError, OverflowError):
        return None
