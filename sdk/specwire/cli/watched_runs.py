"""The runs that the sandbox's page shows: journals of ``specwire run``, read only.

Loaded for ``--ui`` alone, and whole, so that the first look does not take long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ..batch.journal import lock_of
from ..batch.stored import Stored
from ..batch.tokens import Tokens
from ..budgets import UsageLedger
from ..budgets.ledger import default_path
from ..core.errors import SpecwireError
from ..sandbox.page import RunProgress

_ENDING: Final = "*.journal"
_MOST: Final = 50
_Stamp = tuple[tuple[int, int], ...]


class WatchedRuns:
    """How far the runs are whose journals lie at ``places``: files or folders.

    A file is read again only where it has changed. What a run has cost is told where
    it has a budget, by the ledger that budgets keep.
    """

    def __init__(self, places: Sequence[str]) -> None:
        self._places = [Path(place) for place in places]
        self._known: dict[Path, tuple[_Stamp, RunProgress]] = {}
        self._tokens: dict[Path, Tokens] = {}
        self._costs: tuple[_Stamp, dict[str, int]] = ((), {})

    def __call__(self) -> list[RunProgress]:
        """Each run's progress, the one that changed last first."""
        found = sorted(self._journals(), key=lambda path: -_changed(path))[:_MOST]
        return [self._progress(path) for path in found]

    def _journals(self) -> Iterator[Path]:
        for place in self._places:
            if place.is_dir():
                yield from place.glob(_ENDING)
            else:
                yield place

    def _progress(self, path: Path) -> RunProgress:
        ledger = _ledger()
        taken = os.path.exists(lock_of(str(path)))
        stamp = (*_stamp(path), *_stamp(ledger), (taken, 0))
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = stamp, self._read(path, ledger, taken)
            self._known[path] = known
        return known[1]

    def _read(self, path: Path, ledger: Path, taken: bool) -> RunProgress:
        stored = Stored(str(path))
        try:
            status, mark = stored.status(), stored.mark()
            given, output = self._tokens_of(path).look()
            nano = self._cost(ledger).get(f"batch-{mark}")
        except SpecwireError as error:
            return RunProgress(str(path), problem=str(error))
        return RunProgress(
            str(path),
            status.succeeded,
            status.failed,
            status.open,
            status.complete,
            None if nano is None else nano / 1e9,
            running=taken,
            changed_at=_changed(path) / 1e9,
            input_tokens=given,
            output_tokens=output,
        )

    def _tokens_of(self, path: Path) -> Tokens:
        return self._tokens.setdefault(path, Tokens(str(path)))

    def _cost(self, ledger: Path) -> dict[str, int]:
        """Nano-USD by the names of runs."""
        stamp = _stamp(ledger)
        if stamp != self._costs[0]:
            sums: dict[str, int] = {}
            for entry in UsageLedger(str(ledger)).each():
                sums[entry.run] = sums.get(entry.run, 0) + (entry.nano or 0)
            self._costs = stamp, sums
        return self._costs[1]


def _ledger() -> Path:
    return Path(default_path())


def _stamp(path: Path) -> _Stamp:
    """Differs when a database of SQLite has changed; empty where there is none."""
    found = []
    for name in (path, path.with_name(path.name + "-wal")):
        try:
            facts = os.stat(name)
        except OSError:
            continue
        found.append((facts.st_size, facts.st_mtime_ns))
    return tuple(found)


def _changed(path: Path) -> int:
    return max((at for _, at in _stamp(path)), default=0)
