"""The requests of a batch as a file has them: JSON Lines, a request a line.

A line is ``{"custom_id": "…", "params": {…}}`` as the API has it, or the request
itself, or ``{"prompt": "…"}``, or a text; what is not said comes from the flags.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .exits import UsageError

_LONGEST: Final = 1024


def rows_of(path: str, defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All requests of the file; ``-`` is standard input.

    :raises UsageError: which names the line that is none.
    """
    rows: list[dict[str, Any]] = []
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        row = _row(line, f"{path}, line {number}", number, defaults)
        name = row["custom_id"]
        if name in lines:
            raise UsageError(
                f"{path}, line {number}: custom_id {name!r} is that of line "
                f"{lines[name]} as well"
            )
        lines[name] = number
        rows.append(row)
    if not rows:
        raise UsageError(f"{path}: holds no requests")
    return rows


def _lines(path: str) -> Iterator[tuple[int, str]]:
    try:
        if path == "-":
            yield from _told(sys.stdin)
            return
        with open(path, encoding="utf-8-sig") as file:
            yield from _told(file)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected text in UTF-8: {error.reason}") from None


def _told(stream: Any) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            yield number, line


def _row(
    line: str, where: str, number: int, defaults: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        found: Any = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: expected JSON: {error}") from None
    if isinstance(found, str):
        return _row(json.dumps({"prompt": found}), where, number, defaults)
    if not isinstance(found, dict):
        raise UsageError(f"{where}: expected an object or a text")
    name = str(found.pop("custom_id", f"line-{number}"))
    usual = {"max_tokens": _LONGEST, **defaults}
    if isinstance(found.get("params"), dict):
        return {"custom_id": name, "params": {**usual, **found["params"]}}
    if "prompt" in found:
        said = {"role": "user", "content": found.pop("prompt")}
        found["messages"] = [*found.get("messages", ()), said]
    if not found.get("messages"):
        raise UsageError(f'{where}: expected "params", "messages" or "prompt"')
    return {"custom_id": name, "params": {**usual, **found}}
