"""The settings of each part, in both spellings that programs have for them.

Seconds under plain names (``initial_delay=1.0``), milliseconds under names that end in
``_ms``; two spellings of one setting at once are an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeVar

from .shared import at_least

T = TypeVar("T")
Growth = Literal["exponential", "linear", "fixed"]
LONGEST_RETRY_AFTER_S: Final = 120.0


class JitterStrategy(str, Enum):
    """How chance spreads a wait: not at all, over all of it, over its upper half."""

    NONE = "none"
    FULL = "full"
    EQUAL = "equal"


class _Settings:
    """Equal where all settings are."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({shown})"


class RetryConfig(_Settings):
    """When a failed attempt is repeated, and after what wait.

    :param max_retries: not counting the first attempt.
    :param initial_delay: the first wait in seconds, and the least of all; 1.
    :param max_delay: the longest wait in seconds; 60.
    :param backoff_multiplier: by how much each wait is longer than the one before; 2.
    :param jitter: ``full`` spreads a wait from the least to all of it, ``equal`` over
        its upper half, ``none`` not at all.
    :param growth: ``exponential``, ``linear`` or ``fixed``.
    :param retry_on_status: the statuses that are tried again; ``None`` is what
        :func:`specwire.core.retry.may_retry` says. Broken connections always are.
    :param retry_on_error_code: standard codes, by code or name: of the failures that
        may pass these are tried again and no others, whatever their status. Codes of
        the service's own are tried again besides.
    :param max_retry_after: a server that asks for a longer wait, in seconds, is not
        waited for; the error says what it asked for.
    :param min_delay_ms: ``initial_delay`` in milliseconds; ``max_delay_ms`` and
        ``exponential_base`` are other spellings as well.
    """

    def __init__(
        self,
        max_retries: int = 3,
        *,
        initial_delay: float | None = None,
        max_delay: float | None = None,
        backoff_multiplier: float | None = None,
        min_delay_ms: float | None = None,
        max_delay_ms: float | None = None,
        exponential_base: float | None = None,
        jitter: str = "full",
        growth: Growth = "exponential",
        retry_on_status: Any = None,
        retry_on_error_code: Any = (),
        max_retry_after: float = LONGEST_RETRY_AFTER_S,
    ) -> None:
        self.max_retries = int(at_least("max_retries", max_retries, 0))
        first = _seconds("initial_delay", initial_delay, "min_delay_ms", min_delay_ms)
        self.initial_delay = 1.0 if first is None else first
        most = _seconds("max_delay", max_delay, "max_delay_ms", max_delay_ms)
        self.max_delay = max(60.0 if most is None else most, self.initial_delay)
        factor = _one(
            *("backoff_multiplier", backoff_multiplier),
            *("exponential_base", exponential_base),
        )
        self.backoff_multiplier = at_least(
            "backoff_multiplier", 2.0 if factor is None else factor, 1
        )
        self.jitter = JitterStrategy(jitter)
        self.growth: Growth = growth
        if growth not in ("exponential", "linear", "fixed"):
            raise ValueError(f"growth: expected a way to grow, got {growth!r}")
        statuses = retry_on_status
        self.retry_on_status = None if statuses is None else frozenset(statuses)
        self.retry_on_error_code = frozenset(retry_on_error_code)
        self.max_retry_after = at_least("max_retry_after", max_retry_after, 0)

    @classmethod
    def no_retry(cls) -> RetryConfig:
        """One attempt."""
        return cls(0)

    @classmethod
    def from_protocol(cls, policy: Mapping[str, Any] | None) -> RetryConfig:
        """The ``retry_policy`` of a manifest, as it is written there or compiled."""
        given = dict(policy or {})
        strategy = str(given.get("growth") or given.get("strategy") or "exponential")
        growth = strategy.partition("_")[0]
        if growth == "none":
            return cls.no_retry()
        jitter = given.get("jitter")
        statuses = given.get("http", given.get("retry_on_http_status"))
        codes = [
            *(given.get("code") or given.get("retry_on_error_code") or ()),
            *(given.get("status") or given.get("retry_on_error_status") or ()),
        ]
        retries = given.get("max_retries")
        return cls(
            3 if retries is None else retries,
            initial_delay=_in_seconds(given, "min_s", "min_delay_ms"),
            max_delay=_in_seconds(given, "max_s", "max_delay_ms"),
            backoff_multiplier=given.get("factor"),
            jitter=jitter if jitter in ("none", "equal") else "full",
            growth=growth if growth in ("linear", "fixed") else "exponential",  # type: ignore[arg-type]
            retry_on_status=statuses or None,
            retry_on_error_code=codes,
        )

    @property
    def min_delay_ms(self) -> float:
        """``initial_delay``, in milliseconds."""
        return self.initial_delay * 1000

    @property
    def max_delay_ms(self) -> float:
        """``max_delay``, in milliseconds."""
        return self.max_delay * 1000

    @property
    def exponential_base(self) -> float:
        """The same as ``backoff_multiplier``."""
        return self.backoff_multiplier


class RateLimiterConfig(_Settings):
    """How fast requests may follow each other.

    :param requests_per_second: 0 is no limit.
    :param burst_size: how many may be sent at once after a pause; 1 unless given, so
        that no second sees more than the rate.
    :param initial_tokens: how many of them at the very beginning; all unless given.
    :param tokens_per_minute: how many tokens of text, as the service counts them.
    """

    def __init__(
        self,
        requests_per_second: float = 0.0,
        burst_size: float | None = None,
        initial_tokens: float | None = None,
        *,
        tokens_per_minute: float | None = None,
    ) -> None:
        self.requests_per_second = at_least(
            "requests_per_second", requests_per_second or 0.0, 0
        )
        self.burst_size = burst_size or None
        if self.burst_size is not None:
            at_least("burst_size", self.burst_size, 1)
        self.initial_tokens = initial_tokens
        if tokens_per_minute is not None:
            at_least("tokens_per_minute", tokens_per_minute, 1)
        self.tokens_per_minute = tokens_per_minute

    @classmethod
    def from_rps(cls, rps: float, burst_multiplier: float = 1.5) -> RateLimiterConfig:
        """So many requests a second.

        :param burst_multiplier: a burst may hold this many seconds' worth.
        """
        burst = max(int(rps * burst_multiplier), 1) if rps > 0 else None
        return cls(rps, burst, burst)

    @classmethod
    def from_rpm(cls, rpm: float, burst_multiplier: float = 1.5) -> RateLimiterConfig:
        """So many requests a minute.

        :param burst_multiplier: as in :meth:`from_rps`.
        """
        return cls.from_rps(rpm / 60.0, burst_multiplier)

    @classmethod
    def unlimited(cls) -> RateLimiterConfig:
        """No rate of its own; what servers ask for is kept to."""
        return cls()

    @classmethod
    def from_env(cls) -> RateLimiterConfig:
        """``AI_LIB_RPS`` requests a second, or ``AI_LIB_RPM`` a minute."""
        minute = from_env("AI_LIB_RPM", float)
        per_second = minute / 60.0 if minute is not None else 0.0
        return cls(from_env("AI_LIB_RPS", float) or per_second)


class CircuitBreakerConfig(_Settings):
    """When a circuit opens, and when it closes again.

    :param failure_threshold: so many faults in a row open it.
    :param success_threshold: so many probes in a row close it.
    :param cooldown_seconds: how long it stays open before it is probed.
    :param timeout_seconds: refused, for a breaker ends no call: the client has a limit.
    :param half_open_max_concurrent: how many probes may be under way at a time.
    """

    def __init__(
        self,
        failure_threshold: int = 5,
        success_threshold: int = 2,
        cooldown_seconds: float = 30.0,
        timeout_seconds: float | None = None,
        half_open_max_concurrent: int = 1,
    ) -> None:
        if timeout_seconds is not None:
            raise ValueError(
                "timeout_seconds: a breaker ends no call; give the client a timeout"
            )
        self.failure_threshold = at_least("failure_threshold", failure_threshold, 1)
        self.success_threshold = at_least("success_threshold", success_threshold, 1)
        self.cooldown_seconds = at_least("cooldown_seconds", cooldown_seconds, 0)
        self.half_open_max_concurrent = at_least(
            "half_open_max_concurrent", half_open_max_concurrent, 1
        )

    @classmethod
    def default(cls) -> CircuitBreakerConfig:
        """Five faults in a row, 30 seconds of rest."""
        return cls()

    @classmethod
    def from_env(cls) -> CircuitBreakerConfig:
        """``AI_LIB_BREAKER_FAILURE_THRESHOLD``, ``AI_LIB_BREAKER_COOLDOWN_SECS``."""
        most = from_env("AI_LIB_BREAKER_FAILURE_THRESHOLD", int)
        rest = from_env("AI_LIB_BREAKER_COOLDOWN_SECS", float)
        return cls(5 if most is None else most, 2, 30.0 if rest is None else rest)


class BackpressureConfig(_Settings):
    """How many calls may be in flight.

    :param max_inflight: also ``max_concurrent``; 10; 0 is no limit.
    :param queue_timeout: how long a call waits for a place, in seconds; ``None`` for as
        long as the call may take, 0 not at all.
    """

    def __init__(
        self,
        max_inflight: int | None = None,
        queue_timeout: float | None = None,
        *,
        max_concurrent: int | None = None,
    ) -> None:
        most = _one("max_inflight", max_inflight, "max_concurrent", max_concurrent)
        self.max_inflight = int(
            at_least("max_inflight", 10 if most is None else most, 0)
        )
        if queue_timeout is not None:
            at_least("queue_timeout", queue_timeout, 0)
        self.queue_timeout = queue_timeout

    @property
    def max_concurrent(self) -> int:
        """The same as ``max_inflight``."""
        return self.max_inflight

    @classmethod
    def unlimited(cls) -> BackpressureConfig:
        """As many calls in flight as there are."""
        return cls(0)

    @classmethod
    def from_env(cls) -> BackpressureConfig:
        """``AI_LIB_MAX_INFLIGHT`` and ``AI_LIB_QUEUE_TIMEOUT`` (seconds)."""
        wait = from_env("AI_LIB_QUEUE_TIMEOUT", float)
        return cls(from_env("AI_LIB_MAX_INFLIGHT", int), wait)


def from_env(variable: str, kind: Callable[[str], T]) -> T | None:
    """The number in ``variable``; ``None`` where it is empty or not there.

    :raises ValueError: for anything else.
    """
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{variable}: expected a number, got {text!r}") from None


def _one(
    name: str, value: float | None, other: str, alias: float | None
) -> float | None:
    if value is not None and alias is not None:
        raise TypeError(f"{name} and {other} are one setting; give one of them")
    return alias if value is None else value


def _seconds(
    name: str, seconds: float | None, other: str, millis: float | None
) -> float | None:
    value = _one(name, seconds, other, None if millis is None else millis / 1000)
    return None if value is None else at_least(name, value, 0)


def _in_seconds(given: Mapping[str, Any], name: str, millis: str) -> float | None:
    value = given.get(name)
    if value is None and given.get(millis) is not None:
        value = given[millis] / 1000
    return value
