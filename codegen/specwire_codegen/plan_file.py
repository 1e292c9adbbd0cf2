"""The file of a plan as data; what is wrong with its TOML is told with its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from .plantext import Lines
from .problems import Problems, Unusable
from .source import display_name, text_of

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib


def read_toml(
    path: Path, problems: Problems, *, root: Path | None = None
) -> tuple[dict[str, Any], str, Lines]:
    """A TOML file, what problems call it, and where its keys stand.

    :raises Unusable: where it cannot be read.
    """
    file = display_name(path, root=root)
    try:
        text = text_of(path.read_bytes())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        problems.error("S001", f"{file}#", f"the plan cannot be read: {why}")
        raise Unusable(problems) from error
    if text is None:
        problems.error("S002", f"{file}#", "the plan cannot be read: no text in UTF-8")
        raise Unusable(problems)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.add(
            "error", "P001", f"{file}#", f"this is not TOML: {error}", place=_at(error)
        )
        raise Unusable(problems) from error
    return data, file, Lines(text)


def _at(error: Exception) -> tuple[int, int] | None:
    found = re.search(r"line (\d+), column (\d+)", str(error))
    return (int(found[1]), int(found[2])) if found else None
