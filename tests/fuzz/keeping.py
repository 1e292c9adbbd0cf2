"""Which of many inputs are worth keeping: the small ones that open a path each.

A path is a step from one line of ours to another. Inputs are tried from the smallest
on; one that takes a step which none before it took is kept.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

Step: TypeAlias = tuple[str, int, int]
OURS = ("/sdk/specwire/", "/codegen/specwire_codegen/")
LARGEST = 1024


def keep(check: Callable[[bytes], None], found: Path, corpus: Path) -> int:
    """Copy what is worth it from ``found`` to ``corpus``; how many that were."""
    corpus.mkdir(parents=True, exist_ok=True)
    known: set[Step] = set()
    for path in sorted(corpus.iterdir()):
        known |= steps(check, path.read_bytes())
    kept = 0
    for data in _small(path.read_bytes() for path in found.iterdir()):
        taken = steps(check, data)
        if not taken <= known:
            known |= taken
            kept += 1
            name = hashlib.sha256(data).hexdigest()[:12]
            (corpus / name).write_bytes(data)
    return kept


def _small(inputs: Iterable[bytes]) -> list[bytes]:
    fitting = {data for data in inputs if len(data) <= LARGEST}
    return sorted(fitting, key=lambda data: (len(data), data))


def steps(check: Callable[[bytes], None], data: bytes) -> set[Step]:
    """The steps from line to line that ``check`` takes in our modules."""
    found: set[Step] = set()

    def called(frame: FrameType, event: str, _: Any) -> Any:
        file, before = frame.f_code.co_filename, 0
        if not any(part in file for part in OURS):
            return None

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            found.add((file, before, frame.f_lineno))
            before = frame.f_lineno
            return line

        return line

    previous = sys.gettrace()
    sys.settrace(called)
    try:
        check(data)
    finally:
        sys.settrace(previous)
    return found
