"""``FakeClock``: time that passes by sleeping."""

from __future__ import annotations

import threading

from ..core.clock import Clock


class FakeClock(Clock):
    """Time that passes by sleeping; ``slept`` lists the waits, in seconds.

    >>> clock = FakeClock()
    >>> client = Client(..., _clock=clock)  # doctest: +SKIP
    """

    def __init__(self, now: float = 1_000.0, chance: float = 1.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._chance = chance

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now

    def chance(self) -> float:
        return self._chance

    def sleep(self, seconds: float, ended: threading.Event) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        return ended.is_set()
