"""Which recorded request is nearest to one that was not, and in what it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import Final

from .asked import Asked, differences
from .cassette_file import Entry
from .marks import same

_SHOWN: Final = 5
_COUNTED: Final = 100


def described(
    asked: Asked, entries: Iterable[Entry], left: Iterable[Entry], path: Path
) -> str:
    """What to say of ``asked``, which none of ``left`` answers."""
    known, unplayed = list(entries), list(left)
    if not known:
        return f"{asked}: the cassette {str(path)!r} is empty"
    said = f"{asked} is not in the cassette {str(path)!r}"
    equal = [each for each in known if not any(_between(each.asked, asked))]
    if equal:
        return (
            f"{asked}: the cassette {str(path)!r} has it {len(equal)} times, and all "
            "were played"
        )
    near = max(unplayed or known, key=lambda each: _nearness(each.asked, asked))
    lines = [said, f"nearest is entry {known.index(near) + 1}: {near.asked}"]
    lines += [f"  {line}" for line in islice(_between(near.asked, asked), _SHOWN)]
    if near not in unplayed:
        lines.append("  and it was played")
    return "\n".join(lines)


def _nearness(recorded: Asked, asked: Asked) -> tuple[bool, float, int]:
    alike = SequenceMatcher(None, recorded.path, asked.path).ratio()
    count = sum(1 for _ in islice(_between(recorded, asked), _COUNTED))
    return recorded.method == asked.method, alike, -count


def _between(recorded: Asked, asked: Asked) -> Iterator[str]:
    """In what they differ, a line each."""
    for name in ("method", "path"):
        left, right = getattr(recorded, name), getattr(asked, name)
        if not same(left, right, {}):
            yield f"{name}: recorded {left}, came {right}"
    if not same(recorded.query, asked.query, {}):
        yield from differences(dict(recorded.query), dict(asked.query), "query")
    left, right = recorded.body(), asked.body()
    if not same(left, right, {}):
        yield from differences(left, right, "body")
