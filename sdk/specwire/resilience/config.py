"""``ResilientConfig``: which parts a client has, in all spellings of it."""

from __future__ import annotations

from typing import Any

from ..core.clock import Clock
from ..core.hooks import Hook
from ..core.retry import DEFAULT_POLICY, Policy
from .backpressure import Backpressure
from .circuit_breaker import CircuitBreaker
from .configs import (
    BackpressureConfig,
    CircuitBreakerConfig,
    RateLimiterConfig,
    RetryConfig,
    from_env,
)
from .preflight import PreflightChecker
from .rate_limiter import RateLimiter
from .retry import RetryPolicy


class ResilientConfig:
    """Settings of all parts; a part that is not named is not there.

    >>> config = ResilientConfig(max_retries=3, rate_limit_rps=10, max_inflight=50)
    >>> client = Client(hooks=config.hooks())  # doctest: +SKIP

    :param max_retries: retries after the first attempt.
    :param rate_limit_rps: requests a second.
    :param circuit_breaker_threshold: so many faults in a row open the circuit.
    :param max_inflight: calls in flight.
    :param retry: all settings of the part, in place of ``max_retries``; so are
        ``rate_limiter`` (or ``rate_limit``), ``circuit_breaker`` and ``backpressure``.
    """

    def __init__(
        self,
        retry: RetryConfig | None = None,
        rate_limit: RateLimiterConfig | None = None,
        circuit_breaker: CircuitBreakerConfig | None = None,
        backpressure: BackpressureConfig | None = None,
        *,
        rate_limiter: RateLimiterConfig | None = None,
        max_retries: int | None = None,
        rate_limit_rps: float | None = None,
        circuit_breaker_threshold: int | None = None,
        max_inflight: int | None = None,
    ) -> None:
        rate = _either("rate_limiter", rate_limiter, "rate_limit", rate_limit)
        if max_retries is not None:
            retry = _either("retry", retry, "max_retries", RetryConfig(max_retries))
        if rate_limit_rps is not None:
            limit = RateLimiterConfig(rate_limit_rps)
            rate = _either("rate_limiter", rate, "rate_limit_rps", limit)
        if circuit_breaker_threshold is not None:
            own = CircuitBreakerConfig(circuit_breaker_threshold, 1)
            circuit_breaker = _either(
                "circuit_breaker", circuit_breaker, "circuit_breaker_threshold", own
            )
        if max_inflight is not None:
            places = BackpressureConfig(max_inflight)
            backpressure = _either("backpressure", backpressure, "max_inflight", places)
        self.retry = retry
        self.rate_limiter: RateLimiterConfig | None = rate
        self.circuit_breaker = circuit_breaker
        self.backpressure = backpressure

    @classmethod
    def default(cls) -> ResilientConfig:
        """All parts as they are unless told otherwise: no rate but the servers'."""
        return cls(
            RetryConfig(),
            RateLimiterConfig(),
            CircuitBreakerConfig(),
            BackpressureConfig(),
        )

    @classmethod
    def minimal(cls) -> ResilientConfig:
        """Two retries and nothing else."""
        return cls(RetryConfig(2))

    @classmethod
    def production(cls) -> ResilientConfig:
        """Three retries after 1 to 30 s, 10 requests a second, a circuit that five
        faults open for 30 s, 10 calls in flight."""
        return cls(
            RetryConfig(3, initial_delay=1.0, max_delay=30.0),
            RateLimiterConfig.from_rps(10),
            CircuitBreakerConfig(5, cooldown_seconds=30.0),
            BackpressureConfig(10),
        )

    @classmethod
    def from_env(cls) -> ResilientConfig:
        """What the variables ``AI_LIB_*`` ask for; a part without one is not there.

        ``AI_LIB_RPS`` or ``AI_LIB_RPM``, ``AI_LIB_BREAKER_FAILURE_THRESHOLD``,
        ``AI_LIB_BREAKER_COOLDOWN_SECS``, ``AI_LIB_MAX_INFLIGHT``,
        ``AI_LIB_QUEUE_TIMEOUT``.

        :raises ValueError: for a value that is no number.
        """
        rate = RateLimiterConfig.from_env()
        breaker = _set(
            "AI_LIB_BREAKER_FAILURE_THRESHOLD", "AI_LIB_BREAKER_COOLDOWN_SECS"
        )
        places = _set("AI_LIB_MAX_INFLIGHT", "AI_LIB_QUEUE_TIMEOUT")
        return cls(
            rate_limiter=rate if rate.requests_per_second else None,
            circuit_breaker=CircuitBreakerConfig.from_env() if breaker else None,
            backpressure=BackpressureConfig.from_env() if places else None,
        )

    # -- what it says ----------------------------------------------------------------

    @property
    def rate_limit(self) -> RateLimiterConfig | None:
        """The same as ``rate_limiter``."""
        return self.rate_limiter

    @property
    def max_retries(self) -> int | None:
        """Retries after the first attempt; ``None`` leaves it to the client."""
        return None if self.retry is None else self.retry.max_retries

    @property
    def rate_limit_rps(self) -> float | None:
        """Requests a second; None without a limit."""
        rate = self.rate_limiter
        return None if rate is None else rate.requests_per_second

    @property
    def circuit_breaker_threshold(self) -> int | None:
        """Faults in a row that open the circuit; None without one."""
        breaker = self.circuit_breaker
        return None if breaker is None else breaker.failure_threshold

    @property
    def max_inflight(self) -> int | None:
        """Calls in flight at most; None without a limit."""
        return None if self.backpressure is None else self.backpressure.max_inflight

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if v is not None)
        return f"ResilientConfig({shown})"

    # -- what it makes ---------------------------------------------------------------

    def policy(self) -> Policy:
        """What a client's loop does after a failure."""
        return (
            DEFAULT_POLICY if self.retry is None else RetryPolicy(self.retry).policy()
        )

    def hooks(self, *, clock: Clock | None = None) -> list[Hook]:
        """New parts for one client, in the order in which each attempt passes them."""
        made: list[Hook] = []
        if self.retry is not None:
            made.append(RetryPolicy(self.retry, clock=clock))
        places = limiter = breaker = None
        if self.backpressure is not None:
            places = Backpressure(self.backpressure, clock=clock)
        if self.rate_limiter is not None:
            limiter = RateLimiter(self.rate_limiter, clock=clock)
        if self.circuit_breaker is not None:
            breaker = CircuitBreaker(self.circuit_breaker, clock=clock)
        if breaker is not None or places is not None:
            made.append(PreflightChecker(limiter, breaker, places, clock=clock))
        parts: tuple[Hook | None, ...] = (places, limiter, breaker)
        return [*made, *(part for part in parts if part is not None)]


def _set(*variables: str) -> bool:
    return any(from_env(variable, float) is not None for variable in variables)


def _either(name: str, value: Any, other: str, alias: Any) -> Any:
    if value is not None and alias is not None:
        raise TypeError(f"ResilientConfig: {name} and {other} are one setting")
    return alias if value is None else value
