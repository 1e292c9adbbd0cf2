"""What filters say of one text together, and the text that is left of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import evolve

from .filter import Filter
from .findings import Finding
from .folding import View

_QUOTES: Final = re.compile(r'\\.|"', re.DOTALL)


def findings_in(filters: Iterable[Filter], view: View) -> list[Finding]:
    """All findings, at the places where they were written, in their order.

    What lies within one that is allowed is left out.
    """
    found: list[Finding] = []
    for each in filters:
        if each.enabled:
            found += each.find(view)
    if not found:
        return found
    found = [_written(each, view) for each in found]
    allowed = [each for each in found if each.action == "allow"]
    if allowed:
        found = [f for f in found if not any(_within(f, a) for a in allowed)]
    return sorted(found, key=lambda each: (each.start, -each.end))


def _written(found: Finding, view: View) -> Finding:
    start, end = view.span(found.start, found.end)
    return evolve(found, start=start, end=end, place=view.place)


def _within(found: Finding, other: Finding) -> bool:
    return found is other or (other.start <= found.start and found.end <= other.end)


def masks(found: Sequence[Finding]) -> list[Finding]:
    """Those of ``found`` that are places to cover; what overlaps is one of them."""
    merged: list[Finding] = []
    for each in found:
        if each.end <= each.start:
            continue
        last = merged[-1] if merged else None
        if last is not None and each.start < last.end:
            merged[-1] = evolve(last, end=max(last.end, each.end))
        else:
            merged.append(each)
    return merged


def masked(
    text: str, found: Sequence[Finding], *, json: bool = False, quoted: bool = False
) -> str:
    """``text`` with a mask at each of ``found``, which are in order.

    :param json: it is JSON text, and stays that.
    :param quoted: it begins within a string of it.
    """
    parts, done = [], 0
    for each in masks(found):
        parts.append(text[done : each.start])
        if json:
            quoted = in_string(parts[-1], quoted)
            parts.append(json_mask(each.mask, quoted))
        else:
            parts.append(each.mask)
        done = each.end
    parts.append(text[done:])
    return "".join(parts)


def in_string(text: str, quoted: bool) -> bool:
    """Whether a JSON string is open behind ``text``; ``quoted``: before it was."""
    marks = [found for found in _QUOTES.findall(text) if found == '"']
    return quoted ^ (len(marks) % 2 == 1)


def json_mask(mask: str, quoted: bool) -> str:
    """``mask`` as it stands in JSON: in a string, or in a number's place."""
    written = json.dumps(mask)
    return written[1:-1] if quoted else written
