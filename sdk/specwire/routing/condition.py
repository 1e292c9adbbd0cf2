"""How an endpoint is: what was said of it, its circuit, its rest, its slow start.

No lock and no clock in it: :class:`~specwire.routing.ModelArray` brings both. Faults of
the server open the circuit; an error after which another endpoint may do better but
which is no fault (a quota, a key that is not good there) has it rest for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import APITimeoutError, BackpressureError, BudgetExceededError
from ..core.standard_codes import RATE_LIMITED
from ..resilience.circuit import Circuit, CircuitState, Pass
from ..resilience.configs import CircuitBreakerConfig
from ..resilience.faults import code_of, fallbackable, is_fault, status_of
from ..resilience.shared import at_least

_LONGEST_REST_S: Final = 120.0
_SHORTEST_REST_S: Final = 1.0
_LEAST_SHARE: Final = 0.1
_NEW: Final = 0.3
"""How much the latest latency counts beside those before it."""
_FORGOTTEN_S: Final = 30.0
"""After so long half of a latency is forgotten: what was slow is tried again."""


class HealthCheckConfig:
    """When an endpoint is taken out, and how it comes back.

    :param endpoint: the path that a check asks, below the base URL; ``None`` is what
        the provider's manifest names (``availability.check``).
    :param interval_seconds: from one check of an endpoint to the next.
    :param timeout_seconds: how long a check may take.
    :param max_failures: so many faults, or failed checks, in a row take it out.
    :param cooldown_seconds: after so long one call finds out whether it is up again.
    :param slow_start_seconds: how long it is before it takes part in all choices again
        once it is; from a tenth of them, linearly.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        interval_seconds: float = 30.0,
        timeout_seconds: float = 5.0,
        max_failures: int = 3,
        *,
        cooldown_seconds: float = 30.0,
        slow_start_seconds: float = 30.0,
    ) -> None:
        self.endpoint = endpoint
        self.interval_seconds = at_least("interval_seconds", interval_seconds, 0)
        self.timeout_seconds = at_least("timeout_seconds", timeout_seconds, 0.001)
        self.max_failures = at_least("max_failures", max_failures, 1)
        self.cooldown_seconds = at_least("cooldown_seconds", cooldown_seconds, 0)
        self.slow_start_seconds = at_least("slow_start_seconds", slow_start_seconds, 0)

    def to_dict(self) -> dict[str, Any]:
        """All settings, as plain data."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HealthCheckConfig:
        """What :meth:`to_dict` gave."""
        return cls(**data)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"HealthCheckConfig({shown})"


class Condition:
    """Of one endpoint; ``now`` is a reading of a clock that never goes back.

    :ivar marked: what a user or a check has said of it last.
    """

    def __init__(self, config: HealthCheckConfig) -> None:
        self.config = config
        self.marked = True
        self._failed_checks = 0
        self._circuit = Circuit(
            CircuitBreakerConfig(config.max_failures, 1, config.cooldown_seconds)
        )
        self._rests_until = float("-inf")
        self._healed = float("-inf")
        self._latency: tuple[float, float] | None = None

    # -- what it says ------------------------------------------------------------------

    def free(self, now: float) -> bool:
        """Whether it may be asked."""
        return self.marked and self._circuit.free(now)

    def healthy(self, now: float) -> bool:
        """Whether nothing is held against it; half-open, it may be well again."""
        return self.marked and self._circuit.state(now) is not CircuitState.OPEN

    def state(self, now: float) -> str:
        """``closed``, ``open``, ``half_open``, or ``down`` by a word or a check."""
        return self._circuit.state(now).value if self.marked else "down"

    def rest_s(self, now: float) -> float:
        """How long it had better be left alone; 0 where it need not be."""
        return max(self._circuit.rest_s(now), self._rests_until - now, 0.0)

    def share(self, now: float) -> float:
        """In which part of the choices it stands: 1, and less after it has healed."""
        span = self.config.slow_start_seconds
        since = now - self._healed
        return 1.0 if since >= span else max(since / span, _LEAST_SHARE)

    def latency_s(self, now: float) -> float | None:
        """Of its answers, the latest counting most; ``None`` without any."""
        if self._latency is None:
            return None
        seconds, when = self._latency
        return seconds * 0.5 ** ((now - when) / _FORGOTTEN_S)  # type: ignore[no-any-return]

    # -- what happens to it ------------------------------------------------------------

    def enter(self, now: float) -> Pass:
        leave = self._circuit.enter(now)
        return Pass(-1, set(), False) if leave is None else leave

    def answered(self, now: float, seconds: float) -> None:
        """It took so long to answer, or to begin to."""
        if self._latency is not None:
            old, when = self._latency
            part = max(_NEW, 1 - 0.5 ** ((now - when) / _FORGOTTEN_S))
            seconds = old + (seconds - old) * part
        self._latency = (seconds, now)

    def ended(self, leave: Pass, error: BaseException | None, now: float) -> None:
        """How a call ended; what tells nothing of it only gives leave back."""
        if error is not None and (not isinstance(error, Exception) or _unsent(error)):
            leave.give_back()
        elif error is not None and is_fault(error):
            self._circuit.failed(leave, now)
            self._rest(error, now)
        elif error is not None and not fallbackable(error) and not status_of(error):
            leave.give_back()
        else:
            self._well(leave, now)
            if error is not None and fallbackable(error):
                once = code_of(error) == RATE_LIMITED
                usual = _SHORTEST_REST_S if once else self.config.cooldown_seconds
                self._rest(error, now, usual)

    def _well(self, leave: Pass, now: float) -> None:
        was = self._circuit.state(now)
        self._circuit.succeeded(leave)
        is_now = self._circuit.state(now)
        if was is not CircuitState.CLOSED and is_now is CircuitState.CLOSED:
            self._healed = now

    def _rest(self, error: BaseException, now: float, usual: float = 0.0) -> None:
        """As long as the server asks for."""
        asked = getattr(error, "retry_after_s", None)
        seconds = usual if asked is None else float(asked)
        self._rests_until = now + min(seconds, _LONGEST_REST_S)

    def mark(self, healthy: bool, now: float) -> None:
        """Somebody's word: out, or in and with nothing held against it."""
        if healthy and not self.healthy(now):
            self._healed = now
        self.marked = healthy
        if healthy:
            self._circuit.reset()
            self._failed_checks = 0
            self._rests_until = float("-inf")

    def check(self, alive: bool, now: float) -> None:
        """What a check found; ``max_failures`` in a row take it out, one brings it
        back."""
        self._failed_checks = 0 if alive else self._failed_checks + 1
        if alive and not self.healthy(now):
            self.mark(True, now)
        elif self._failed_checks >= self.config.max_failures:
            self.marked = False


def _unsent(error: BaseException) -> bool:
    """It was over before anything was sent: no time left, no place, no money."""
    if isinstance(error, (BackpressureError, BudgetExceededError)):
        return True
    return isinstance(error, APITimeoutError) and not error.attempts
