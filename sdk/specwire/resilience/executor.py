"""``ResilientExecutor``: all parts around any function, in the order a client has them.

Preflight, backpressure, rate limit, breaker, retry, transport: a place is held for the
whole execution; the rate and the circuit are asked by each attempt, for a retry is a
request as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..core.clock import Clock
from ..core.crew import here
from ..core.signals import SignalsSnapshot
from .backpressure import Backpressure
from .circuit_breaker import CircuitBreaker
from .config import ResilientConfig
from .rate_limiter import RateLimiter
from .retry import OnRetry, RetryPolicy, RetryResult

T = TypeVar("T")


class ExecutionStats:
    """How one execution went.

    :ivar rate_limit_wait_ms: how long it waited for the rate, all attempts together.
    :ivar inflight_at_start: executions under way when it began.
    """

    def __init__(self, inflight_at_start: int) -> None:
        self.success = False
        self.retry_result: RetryResult | None = None
        self.rate_limit_wait_ms = 0.0
        self.circuit_state = "closed"
        self.inflight_at_start = inflight_at_start


class ResilientExecutor:
    """Runs functions under one :class:`ResilientConfig`; threads may share it.

    >>> ResilientExecutor(ResilientConfig(max_inflight=2)).execute(lambda: "done")
    'done'

    :param clock: the time, for tests; the machine's by default.
    :ivar places: and ``limiter``, ``breaker``, ``policy``: the parts, ``None`` where
        the config has none.
    """

    def __init__(
        self,
        config: ResilientConfig | None = None,
        name: str = "default",
        *,
        clock: Clock | None = None,
    ) -> None:
        self.config: ResilientConfig = config or ResilientConfig.default()
        self.name = name
        self._clock = clock or Clock()
        self.hooks = self.config.hooks(clock=self._clock)
        self.policy: RetryPolicy | None = self._part(RetryPolicy)
        self.places: Backpressure | None = self._part(Backpressure)
        self.limiter: RateLimiter | None = self._part(RateLimiter)
        self.breaker: CircuitBreaker | None = self._part(CircuitBreaker)

    def _part(self, kind: type[T]) -> T | None:
        return next((hook for hook in self.hooks if isinstance(hook, kind)), None)

    @property
    def circuit_state(self) -> str:
        """``closed``, ``open`` or ``half_open``; ``closed`` without a circuit."""
        return self.breaker.state.value if self.breaker is not None else "closed"

    @property
    def current_inflight(self) -> int:
        """Calls in flight; 0 where nothing counts them."""
        return self.places.current_inflight if self.places is not None else 0

    def signals_snapshot(self) -> SignalsSnapshot:
        """How all parts stand now."""
        return SignalsSnapshot.of(self.hooks, {}, self._clock.time())

    def get_stats(self) -> dict[str, Any]:
        """The name, and how all parts stand, as plain data."""
        return {"name": self.name, **self.signals_snapshot().to_dict()}

    def reset(self) -> None:
        """Close the circuit."""
        if self.breaker is not None:
            self.breaker.reset()

    def execute(self, operation: Callable[[], T], on_retry: OnRetry | None = None) -> T:
        """What ``operation`` returns; of a stream the first event is waited for.

        :raises CircuitOpenError: where the circuit is open; nothing was called.
        :raises BackpressureError: where there was no place in time.
        :raises Exception: the last attempt's.
        """
        return self.execute_with_stats(operation, on_retry)[0]

    def execute_with_stats(
        self, operation: Callable[[], T], on_retry: OnRetry | None = None
    ) -> tuple[T, ExecutionStats]:
        """As :meth:`execute`, and how it went."""
        stats = ExecutionStats(self.current_inflight)
        refused = self.breaker.refusal() if self.breaker is not None else None
        if refused is not None:
            raise refused

        def all_attempts() -> T:
            return self._attempts(operation, on_retry, stats)

        if self.places is None:
            return all_attempts(), stats
        return self.places.execute(all_attempts), stats

    def _attempts(
        self,
        operation: Callable[[], T],
        on_retry: OnRetry | None,
        stats: ExecutionStats,
    ) -> T:
        def attempt() -> T:
            if self.limiter is not None:
                stats.rate_limit_wait_ms += self.limiter.acquire() * 1000
            if self.breaker is not None:
                return self.breaker.call(operation)
            return here().settled(operation())  # type: ignore[no-any-return]

        try:
            if self.policy is None:
                value = attempt()
            else:
                stats.retry_result = self.policy.execute(attempt, on_retry)
                value = stats.retry_result.unwrap()
        finally:
            stats.circuit_state = self.circuit_state
        stats.success = True
        return value
