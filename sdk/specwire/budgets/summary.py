"""Entries of a ledger added up by model, provider, key, run, day or hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from attrs import define

from .counts import Counts
from .ledger import Entry


@define
class Line:
    """One row of a summary.

    :ivar calls: how many answers.
    :ivar nano: nano-USD.
    :ivar unpriced: answers among them whose price nobody knew.
    :ivar estimated: answers whose tokens nobody told.
    """

    name: str
    calls: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    nano: int = 0
    unpriced: int = 0
    estimated: int = 0

    def add(self, entry: Entry) -> None:
        counts: Counts = entry.counts
        self.calls += 1
        self.input += counts.fresh + counts.read + counts.written
        self.cache_read += counts.read
        self.cache_write += counts.written
        self.output += counts.output
        self.nano += entry.nano or 0
        self.unpriced += entry.nano is None
        self.estimated += not entry.told


def summed(entries: Iterable[Entry], by: str, tz: tzinfo) -> list[Line]:
    """A line a group: of times in their order, of others the dearest first.

    :param by: ``model``, ``day``, ``provider``, ``key``, ``run`` or ``hour``.
    """
    name = _name(by, tz)
    lines: dict[str, Line] = {}
    for entry in entries:
        key = name(entry)
        lines.setdefault(key, Line(key)).add(entry)
    if by in ("day", "hour"):
        return sorted(lines.values(), key=lambda line: line.name)
    return sorted(lines.values(), key=lambda line: (-line.nano, line.name))


def total(lines: Iterable[Line]) -> Line:
    """All lines as one."""
    found = Line("total")
    for line in lines:
        for name in Line.__annotations__:
            if name != "name":
                setattr(found, name, getattr(found, name) + getattr(line, name))
    return found


def _name(by: str, tz: tzinfo) -> Callable[[Entry], str]:
    if by in ("day", "hour"):
        form = "%Y-%m-%d" if by == "day" else "%Y-%m-%d %H:00"
        return lambda entry: datetime.fromtimestamp(entry.at, tz).strftime(form)
    if by == "model":
        return lambda entry: f"{entry.provider}/{entry.model}"
    return lambda entry: str(getattr(entry, by)) or "(none)"
