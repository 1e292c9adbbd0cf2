"""The line that requests stand in: a token bucket of two resources (GCRA). No I/O.

Each asks once, for requests and for tokens of text together, and is told its moment;
nobody overtakes. What is remembered is when the last one goes, and for each resource
when all that was taken will have been earned. In any span of ``s`` seconds at most
``burst + rate * s`` of each are let go. Times are readings of the line's own clock,
which only ever goes on, whatever the clocks do that it is wound by.
"""

from __future__ import annotations

import math
from typing import Final

from attrs import frozen

_ROUNDING_S: Final = 2e-9
"""Each interval is longer by this, so that rounding never lets one more into a span."""

Cost = tuple[float, float]
"""How many requests, how many tokens of text."""


@frozen
class Limit:
    """What one resource allows.

    :ivar interval: seconds in which one is earned; 0 is no limit.
    :ivar initial: how many there are at the very beginning.
    """

    burst: float = 1.0
    interval: float = 0.0
    initial: float = 1.0

    @classmethod
    def of(
        cls, rate: float, burst: float, initial: float | None = None, late_s: float = 0
    ) -> Limit:
        """Of ``rate`` a second; a rate of 0 is no limit.

        :param late_s: who goes up to so much after its moment still breaks no second's
            rate, nor that of a longer span.
        """
        if not rate > 0:
            return cls()
        interval = 1 / rate
        interval += _ROUNDING_S + late_s * min(interval, 1.0)
        return cls(burst, interval, burst if initial is None else min(initial, burst))


Limits = tuple[Limit, Limit]
"""Of requests, and of tokens of text."""


@frozen
class Taken:
    """What asking for a moment came to.

    :ivar wait_s: seconds until the moment, from ``at``, a reading of the asker's clock.
    :ivar mine: it was taken; else nothing was, and one may ask again after the wait.
    :ivar left: how many requests might be had at once, before this one.
    :ivar life: names the line, which begins another life where it was lost.
    """

    wait_s: float
    mine: bool = False
    left: float = math.inf
    spent: tuple[float, float, float] = (0.0, 0.0, 0.0)
    serial: int = 0
    life: str = ""
    at: float = 0.0

    @property
    def ready(self) -> float:
        return self.at + self.wait_s


class Line:
    """Who goes when.

    :ivar seen: what the clock said that winds this one's, when it was wound last.
    :ivar serial: how many have taken a moment.
    """

    __slots__ = ("clock", "last", "life", "requests", "seen", "serial", "text")

    def __init__(
        self,
        life: str,
        seen: float,
        clock: float = 0.0,
        last: float = 0.0,
        requests: float = 0.0,
        text: float = 0.0,
        serial: int = 0,
    ) -> None:
        self.life = life
        self.seen = seen
        self.clock = clock
        self.last = last
        self.requests = requests
        self.text = text
        self.serial = serial

    def filled(self, limits: Limits) -> Line:
        """A new line, with what there is at the very beginning."""
        self.requests, self.text = (
            self.clock + (each.burst - each.initial) * each.interval for each in limits
        )
        return self

    def emptied(self, limits: Limits) -> Line:
        """As if all had just been taken: what was before is not known any more."""
        self.requests, self.text = (
            max(earned, self.clock + each.burst * each.interval)
            for earned, each in zip((self.requests, self.text), limits, strict=True)
        )
        return self

    def wind(self, now: float, passed: float) -> None:
        """Set the clock on by ``passed`` seconds, at ``now`` of the one it goes by."""
        self.clock += passed
        self.seen = now

    def take(self, cost: Cost, limits: Limits, within: float, at: float) -> Taken:
        """A moment, where it is no more than ``within`` seconds away."""
        (first, second), (requests, text) = limits, (self.requests, self.text)
        now, left = self.clock, math.inf
        ready = last = self.last if self.last > now else now
        if first.interval:
            requests = requests if requests > now else now
            left = first.burst - (requests - now) / first.interval
            ready = max(ready, requests + (cost[0] - first.burst) * first.interval)
        if second.interval:
            text = text if text > now else now
            ready = max(ready, text + (cost[1] - second.burst) * second.interval)
        wait = ready - now
        if wait > within:
            return Taken(wait, False, left)
        self.last, self.serial = ready, self.serial + 1
        if first.interval:
            self.requests = max(requests, ready) + cost[0] * first.interval
        if second.interval:
            self.text = max(text, ready) + cost[1] * second.interval
        spent = (ready - last, self.requests - requests, self.text - text)
        return Taken(wait, True, left, spent, self.serial, self.life, at)

    def give_back(self, taken: Taken) -> bool:
        """Undo, unless others have their moments after it; whether it was undone."""
        if (self.life, self.serial) != (taken.life, taken.serial):
            return False
        self.last -= taken.spent[0]
        self.requests -= taken.spent[1]
        self.text -= taken.spent[2]
        self.serial -= 1  # the one before may be given back as well
        return True

    def correct(self, more: float, limits: Limits) -> None:
        """Take ``more`` tokens of text after all; less than nothing is given back."""
        since = max(self.text, self.clock) if more > 0 else self.text
        self.text = since + more * limits[1].interval
