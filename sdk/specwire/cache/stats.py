"""``CacheStats``: what a cache has done so far."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class CacheStats:
    """Counts since the cache was made.

    :ivar hits: calls answered from it, those that waited for an equal one too.
    :ivar misses: calls that it would have answered and had to let go.
    :ivar stale: errors in whose place an older answer was given; no hits.
    :ivar stored: answers put in.
    :ivar evicted: answers that had to go for others.
    :ivar errors: how often the place did not do, or held what is no answer.
    :ivar entries: how many are there; with the vectors of embeddings.
    :ivar bytes: how much they take, roughly.
    """

    hits: int = 0
    misses: int = 0
    stale: int = 0
    stored: int = 0
    evicted: int = 0
    errors: int = 0
    entries: int = 0
    bytes: int = 0

    @property
    def total_requests(self) -> int:
        """Hits and misses."""
        return self.hits + self.misses

    @property
    def hit_rate(self) -> float:
        """From 0 to 1."""
        return self.hits / self.total_requests if self.total_requests else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All counters and the ``hit_rate``, as plain data."""
        return {**attrs.asdict(self), "hit_rate": self.hit_rate}
