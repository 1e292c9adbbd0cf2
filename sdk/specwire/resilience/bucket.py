"""A token bucket that gives out moments (GCRA). No lock, no clock in it.

It remembers one number, when all that was taken will have been earned; so a request's
moment is known when it asks, and those after it know theirs. In any span of ``s``
seconds at most ``burst + rate * s`` are let go.
"""

from __future__ import annotations

import math
from typing import Final

_ROUNDING_S: Final = 2e-9
"""Each interval is longer by this, so that rounding never lets one more into a span."""


class Moment:
    """When somebody may go on: a reading of the clock; ``until`` is for the bucket."""

    __slots__ = ("amount", "ready", "until")

    def __init__(self, ready: float, until: float, amount: float) -> None:
        self.ready = ready
        self.until = until
        self.amount = amount


class Bucket:
    """``rate`` a second, ``burst`` at once; a rate of 0 is no limit.

    :param initial: how many may be taken at the very beginning; ``burst``.
    """

    __slots__ = ("_earned", "_initial", "_interval", "burst", "rate")

    def __init__(self, rate: float, burst: float, initial: float | None = None) -> None:
        self.rate = rate
        self.burst = burst
        self._interval = 1 / rate + _ROUNDING_S if rate > 0 else 0.0
        self._initial = burst if initial is None else min(initial, burst)
        self._earned = -math.inf

    def _since(self, now: float) -> float:
        if self._earned == -math.inf:
            self._earned = now + (self.burst - self._initial) * self._interval
        return max(self._earned, now)

    def ready(self, amount: float, now: float) -> float:
        """When ``amount`` may be taken."""
        if not self.rate:
            return now
        return max(self._since(now) + (amount - self.burst) * self._interval, now)

    def reserve(self, amount: float, now: float) -> Moment:
        """Take ``amount``, at the moment when it is there."""
        if not self.rate:
            return Moment(now, now, 0)
        ready = self.ready(amount, now)
        self._earned = self._since(now) + amount * self._interval
        return Moment(ready, self._earned, amount)

    def withdraw(self, moment: Moment) -> None:
        """Give back what was not used, unless others have their moments after it."""
        if self._earned == moment.until:
            self._earned -= moment.amount * self._interval

    def correct(self, more: float) -> None:
        """Take ``more`` after all; less than nothing is given back."""
        if self.rate and self._earned != -math.inf:
            self._earned += more * self._interval

    def available(self, now: float) -> float:
        """How much may be taken at once; ``inf`` without a limit."""
        if not self.rate:
            return math.inf
        taken = (self._since(now) - now) / self._interval
        return max(round(self.burst - taken, 9), 0.0)
