"""The requests of a batch as a file has them: JSON Lines, a request a line.

A line is ``{"custom_id": "…", "params": {…}}`` as the API has it, or the request
itself, or ``{"prompt": "…"}``, or a text; what is not said comes from the flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from . import inputs
from .exits import UsageError

_LONGEST: Final = 1024


def rows_of(path: str, defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All requests of the file; ``-`` is standard input.

    :raises UsageError: which names the line that is none.
    """
    rows: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for line in inputs.lines(path):
        row = _row(line, defaults)
        name = row["custom_id"]
        if name in numbers:
            raise UsageError(
                f"{line.place}: custom_id {name!r} is that of line {numbers[name]} as "
                "well"
            )
        numbers[name] = line.number
        rows.append(row)
    if not rows:
        raise UsageError(f"{path}: holds no requests")
    return rows


def _row(line: inputs.Line, defaults: Mapping[str, Any]) -> dict[str, Any]:
    found = inputs.parsed(line.text, line.place)
    if isinstance(found, str):
        found = {"prompt": found}
    if not isinstance(found, dict):
        raise UsageError(f"{line.place}: expected an object or a text")
    name = str(found.pop("custom_id", f"line-{line.number}"))
    usual = {"max_tokens": _LONGEST, **defaults}
    if isinstance(found.get("params"), dict):
        return {"custom_id": name, "params": {**usual, **found["params"]}}
    if "prompt" in found:
        said = {"role": "user", "content": found.pop("prompt")}
        found["messages"] = [*found.get("messages", ()), said]
    if not found.get("messages"):
        raise UsageError(f'{line.place}: expected "params", "messages" or "prompt"')
    return {"custom_id": name, "params": {**usual, **found}}
