"""Findings as lines with places, named as somebody in the working directory would."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .positions import Positions
from .problems import Problems
from .url import is_url


def lines(
    problems: Problems,
    root: Path,
    urls: Mapping[str, bytes] | None = None,
    *,
    notes: bool = True,
) -> list[str]:
    """One line for each: ``file:line:col: error R004 message``.

    ``root`` is what the findings' files are relative to, ``urls`` what was fetched.
    """
    moved, locate = _moved(problems, root, urls or {})
    return moved.render(locate, notes=notes)


def objects(
    problems: Problems, root: Path, urls: Mapping[str, bytes] | None = None
) -> list[dict[str, Any]]:
    """The same as JSON objects, see :meth:`Problems.as_json`."""
    moved, locate = _moved(problems, root, urls or {})
    return moved.as_json(locate)


def _moved(
    problems: Problems, root: Path, urls: Mapping[str, bytes]
) -> tuple[Problems, Positions]:
    try:
        prefix = root.resolve().relative_to(Path.cwd())
    except ValueError:
        return problems, Positions(root, urls)
    out = Problems()
    for one in problems:
        file, _, pointer = one.at.partition("#")
        if not is_url(file):
            file = posixpath.normpath(posixpath.join(prefix.as_posix(), file))
        at = f"{file}#{pointer}"
        out.add(one.severity, one.code, at, one.message, one.hint, place=one.place)
    return out, Positions(Path.cwd(), urls)
