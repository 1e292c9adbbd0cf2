"""The numbers of one series: counters, and histograms with fixed bounds.

Nothing here takes a lock. A series is one of a collector's, which takes its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..budgets.money import NANO

if TYPE_CHECKING:
    from ..budgets.counts import Counts
    from .subject import Subject

BUCKETS_S: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    *(10.0, 25.0, 60.0, 120.0, 300.0, 600.0),
)
"""From a cache's answer to the longest one; seconds."""
TOKENS: Final = ("input", "output", "cache_read", "cache_write")


class Histogram:
    """How many values were at most each bound, and their sum."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        return sum(self.counts)

    def cumulative(self) -> list[tuple[str, int]]:
        """``le`` and count, as Prometheus has them."""
        found, total = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            total += count
            found.append(("+Inf" if bound == float("inf") else f"{bound:g}", total))
        return found


class Series:
    """What calls of one kind came to.

    :ivar price: a :class:`~specwire.budgets.Price`; ``None`` where nobody knows it,
        ``...`` where nobody was asked.
    :ivar flying: one mark for each call under way.
    """

    __slots__ = (
        *("attempts", "closed", "duration", "errors", "first", "flying", "nano", "ok"),
        *("price", "priced", "retries", "subject", "tokens"),
    )

    def __init__(self, subject: Subject, bounds: Sequence[float]) -> None:
        self.subject = subject
        self.ok = self.closed = self.attempts = self.retries = self.nano = 0
        self.errors: dict[tuple[str, str], int] = {}
        self.duration = Histogram(bounds)
        self.first = Histogram(bounds)
        self.tokens = [0, 0, 0, 0]
        self.flying: set[object] = set()
        self.price: Any = ...
        self.priced = False

    def charge(self, counts: Counts) -> None:
        """Count the tokens of one answer, and what they cost."""
        tokens = self.tokens
        tokens[0] += counts.fresh
        tokens[1] += counts.output
        tokens[2] += counts.read
        tokens[3] += counts.written
        if self.price is not None and self.price is not ...:
            self.priced = True
            self.nano += self.price.cost(counts)

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return {
            **self.subject._asdict(),
            "requests": self.ok + self.closed + self.failed,
            "ok": self.ok,
            "closed": self.closed,
            "failed": self.failed,
            "errors": [
                {"code": code, "status": status, "count": count}
                for (code, status), count in sorted(self.errors.items())
            ],
            "attempts": self.attempts,
            "retries": self.retries,
            "in_flight": len(self.flying),
            "tokens": dict(zip(TOKENS, self.tokens, strict=True)),
            "cost_usd": self.nano / NANO if self.priced else None,
            "duration_s": {"count": self.duration.count, "sum": self.duration.sum},
            "first_event_s": {"count": self.first.count, "sum": self.first.sum},
        }
