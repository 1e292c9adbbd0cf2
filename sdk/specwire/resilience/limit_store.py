"""Where a rate limit is kept: in this process, or where several can reach it.

A store answers in one atomic step and never waits for a moment to come. It is not the
limiter: when a request asks, and what servers say in headers, is
:mod:`.rate_limiter`'s. pyrate-limiter was looked at for this and is not used: it has
one weight for all its rates, so requests and tokens cannot be taken together; it polls
in place of giving out moments, so everyone wakes for each; its SQLite bucket keeps a
row a token, its Redis goes by the clocks of the machines that ask, and none of them
gives back or can be told to pause.
"""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

from ..core import standard_codes as _codes
from ..core.errors import SpecwireError
from .line import Cost, Limits, Line, Taken
from .shared import Shared


class LimitStoreError(SpecwireError):
    """The store of a shared limit cannot be reached, or is none."""

    standard_code = _codes.OVERLOADED


@runtime_checkable
class LimitStore(Protocol):
    """A store of limits by name.

    :raises LimitStoreError: from every method, where it fails.
    """

    def take(
        self, name: str, cost: Cost, limits: Limits, service: str, within: float
    ) -> Taken:
        """A moment for ``cost``, where it is no more than ``within`` seconds away and
        ``service`` is not paused. ``within=-1`` only looks."""
        ...

    def stands(self, name: str, taken: Taken, service: str) -> bool:
        """Whether a moment still holds: the line was not lost, nor ``service`` paused
        since."""
        ...

    def give_back(self, name: str, taken: Taken) -> None:
        """Undo :meth:`take`, where nobody has taken a moment since."""

    def correct(self, name: str, more: float, limits: Limits) -> None:
        """``more`` tokens of text were used than was thought."""

    def pause(self, name: str, service: str, seconds: float) -> None:
        """Let nobody go to ``service`` for so long, at least."""

    def close(self) -> None:
        """Give up what is open; it opens again when it is used again."""


class MemoryStore(Shared):
    """This process's own; pauses are the limiter's to know."""

    _line: Line | None = None

    def take(
        self, name: str, cost: Cost, limits: Limits, service: str, within: float
    ) -> Taken:
        with self._lock:
            now = self._clock.monotonic()
            line = self._line
            if line is None:
                line = self._line = Line("here", now, now).filled(limits)
            line.clock = max(line.clock, now)
            return line.take(cost, limits, within, now)

    def stands(self, name: str, taken: Taken, service: str) -> bool:
        return True

    def give_back(self, name: str, taken: Taken) -> None:
        with self._lock:
            if self._line is not None:
                self._line.give_back(taken)

    def correct(self, name: str, more: float, limits: Limits) -> None:
        with self._lock:
            if self._line is not None:
                self._line.correct(more, limits)

    def pause(self, name: str, service: str, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass


FREE = Taken(0.0, True, math.inf, life="free")
"""A moment of no line, where there is no limit."""
