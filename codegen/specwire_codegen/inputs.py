"""Documents as a user names them, on the command line or in a plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .url import Url, is_url, read_url


def service_names(specs: Sequence[Path | Url]) -> list[str]:
    """A name for the service of each document; no two are the same."""
    stems = [_word(spec.stem) for spec in specs]
    taken: set[str] = set()
    out: list[str] = []
    for spec, stem in zip(specs, stems, strict=True):
        around = spec.resolve().parent.name if isinstance(spec, Path) else spec.host
        base = stem if stems.count(stem) == 1 else _word(f"{around} {stem}")
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        out.append(name)
    return out


def _word(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "api"


def named(text: str, folder: Path = Path()) -> Path | Url:
    """A document or overlay as a user names it; raises :class:`BadUrl`."""
    return read_url(text) if is_url(text) else folder / text
