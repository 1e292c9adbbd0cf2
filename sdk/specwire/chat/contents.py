"""Content as providers have it: a text, or a list of parts of which some are texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_DEPTH = 8
"""Parts in parts: a thought is a list of texts, and nothing known goes deeper."""


def pieces(
    value: Any, thought: bool = False, depth: int = 0
) -> Iterator[tuple[bool, str]]:
    """The texts of a content, never empty, and whether each is a thought."""
    if isinstance(value, str):
        if value:
            yield thought, value
    elif isinstance(value, list) and depth < _DEPTH:
        for part in value:
            yield from pieces(part, thought, depth + 1)
    elif isinstance(value, dict) and depth < _DEPTH:
        kind = value.get("type")
        if kind == "thinking" or "thinking" in value:
            yield from pieces(value.get("thinking"), True, depth + 1)
        elif kind in (None, "text", "output_text"):
            yield from pieces(value.get("text"), thought, depth + 1)
