"""The requests of a batch as a file has them: JSON Lines, a request a line.

A line is ``{"custom_id": "…", "params": {…}}`` as the API has it, or the request
itself, or ``{"prompt": "…"}``, or a text; what is not said comes from the flags.
"""

from __future__ import annotations

import json
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
    places: dict[str, str] = {}
    for place, line in inputs.lines(path):
        row = _row(line, place, defaults)
        name = row["custom_id"]
        if name in places:
            raise UsageError(
                f"{place}: custom_id {name!r} is that of {_line(places[name])} as well"
            )
        places[name] = place
        rows.append(row)
    if not rows:
        raise UsageError(f"{path}: holds no requests")
    return rows


def _line(place: str) -> str:
    return place.rpartition(", ")[2]


def _row(line: str, where: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found: Any = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: expected JSON: {error}") from None
    if isinstance(found, str):
        return _row(json.dumps({"prompt": found}), where, defaults)
    if not isinstance(found, dict):
        raise UsageError(f"{where}: expected an object or a text")
    name = str(found.pop("custom_id", _line(where).replace(" ", "-")))
    usual = {"max_tokens": _LONGEST, **defaults}
    if isinstance(found.get("params"), dict):
        return {"custom_id": name, "params": {**usual, **found["params"]}}
    if "prompt" in found:
        said = {"role": "user", "content": found.pop("prompt")}
        found["messages"] = [*found.get("messages", ()), said]
    if not found.get("messages"):
        raise UsageError(f'{where}: expected "params", "messages" or "prompt"')
    return {"custom_id": name, "params": {**usual, **found}}
