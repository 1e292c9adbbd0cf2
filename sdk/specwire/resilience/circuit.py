"""One circuit's states: closed, open, half-open. No lock, no clock, no call in it.

Of an open circuit everyone is refused until its rest is over. Then it is half-open, and
one caller at a time may try; the first fault opens it again. What ends in another state
than it began in says nothing about the present one and is not counted.
"""

from __future__ import annotations

from enum import Enum

from .configs import CircuitBreakerConfig


class CircuitState(str, Enum):
    """Closed lets calls through, open refuses them, half-open probes."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"

    __str__ = str.__str__


class Pass:
    """One caller's leave to go on; what a dropped one held is free again."""

    __slots__ = ("_probes", "era", "mark", "probe")

    def __init__(self, era: int, probes: set[object], probe: bool) -> None:
        self.era = era
        self.probe = probe
        self.mark = object()
        self._probes = probes
        if probe:
            probes.add(self.mark)

    def give_back(self) -> None:
        self._probes.discard(
            self.mark
        )  # one step of the interpreter: no lock is needed

    __del__ = give_back


class Circuit:
    """The states of one circuit; ``now`` is a reading of a clock that never goes back.

    :ivar failures: faults in a row, while it is closed.
    """

    def __init__(self, config: CircuitBreakerConfig) -> None:
        self.config = config
        self.failures = 0
        self.changes = 0
        self._successes = 0
        self._opened: float | None = None
        self._era = 0
        self._probes: set[object] = set()

    def state(self, now: float) -> CircuitState:
        if self._opened is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self.rest_s(now) > 0 else CircuitState.HALF_OPEN

    def rest_s(self, now: float) -> float:
        """Seconds until it is half-open; 0 where it is not open."""
        if self._opened is None:
            return 0.0
        return max(self._opened + self.config.cooldown_seconds - now, 0.0)

    @property
    def probing(self) -> int:
        """How many probes are under way."""
        return len(self._probes)

    def free(self, now: float) -> bool:
        """Whether a caller may go on now."""
        state = self.state(now)
        if state is CircuitState.HALF_OPEN:
            return self.probing < self.config.half_open_max_concurrent
        return state is CircuitState.CLOSED

    def enter(self, now: float) -> Pass | None:
        """Leave to go on, or ``None``; each is given back."""
        if not self.free(now):
            return None
        return Pass(self._era, self._probes, self._opened is not None)

    def succeeded(self, leave: Pass) -> None:
        leave.give_back()
        if leave.era != self._era:
            return
        self.failures = 0
        if self._opened is None:
            return
        self._successes += 1
        if self._successes >= self.config.success_threshold:
            self._change(None)

    def failed(self, leave: Pass, now: float) -> None:
        leave.give_back()
        if leave.era != self._era:
            return
        self.failures += 1
        if self._opened is not None or self.failures >= self.config.failure_threshold:
            self._change(now)

    def _change(self, opened: float | None) -> None:
        self._opened = opened
        self._era += 1
        self.changes += 1
        self._successes = 0
        self._probes = set()
        if opened is None:
            self.failures = 0

    def reset(self) -> None:
        """Closed, with nothing held against it."""
        self._change(None)
