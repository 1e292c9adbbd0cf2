"""All parts together: their order, their settings, and what they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from specwire import Hook
from specwire.errors import CircuitOpenError, InternalServerError
from specwire.resilience import (
    Backpressure,
    BackpressureConfig,
    CircuitBreaker,
    CircuitBreakerConfig,
    PreflightChecker,
    RateLimiter,
    RateLimiterConfig,
    ResilientConfig,
    ResilientExecutor,
    RetryConfig,
    RetryPolicy,
)
from specwire.testing import FakeClock
from tests.core.sample import client

from .answering import Server, cut, failed, reply
from .test_retry import Failing


def test_both_documented_spellings() -> None:
    """Flat and nested, and ai-lib's name for the limiter's config."""
    flat = ResilientConfig(
        max_retries=3,
        rate_limit_rps=10,
        circuit_breaker_threshold=5,
        max_inflight=50,
    )
    nested = ResilientConfig(
        retry=RetryConfig(max_retries=3),
        rate_limiter=RateLimiterConfig(requests_per_second=10),
        circuit_breaker=CircuitBreakerConfig(failure_threshold=5, success_threshold=1),
        backpressure=BackpressureConfig(max_inflight=50),
    )
    assert flat == nested
    assert ResilientConfig(rate_limit=RateLimiterConfig(10)).rate_limit_rps == 10
    assert (nested.max_retries, nested.rate_limit_rps) == (3, 10)
    assert (nested.circuit_breaker_threshold, nested.max_inflight) == (5, 50)
    with pytest.raises(TypeError, match="one setting"):
        ResilientConfig(retry=RetryConfig(), max_retries=2)


def test_ready_made_configs() -> None:
    """As ai-lib's: everything, retries alone, and figures for production."""
    assert ResilientConfig.minimal() == ResilientConfig(retry=RetryConfig(2))
    ready = ResilientConfig.production()
    assert (ready.max_retries, ready.rate_limit_rps, ready.max_inflight) == (3, 10, 10)
    assert ready.circuit_breaker_threshold == 5
    assert ResilientConfig.default().rate_limit_rps == 0
    assert (ResilientConfig().hooks(), ResilientConfig().max_retries) == ([], None)


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """``AI_LIB_*``; empty is absent, and what is no number is named."""
    assert ResilientConfig.from_env() == ResilientConfig()
    for name, value in {
        "AI_LIB_RPS": "10",
        "AI_LIB_BREAKER_FAILURE_THRESHOLD": "4",
        "AI_LIB_BREAKER_COOLDOWN_SECS": "2.5",
        "AI_LIB_MAX_INFLIGHT": "7",
        "AI_LIB_QUEUE_TIMEOUT": "1.5",
        "AI_LIB_RPM": "",
    }.items():
        monkeypatch.setenv(name, value)
    assert ResilientConfig.from_env() == ResilientConfig(
        rate_limiter=RateLimiterConfig(10),
        circuit_breaker=CircuitBreakerConfig(4, cooldown_seconds=2.5),
        backpressure=BackpressureConfig(7, 1.5),
    )
    monkeypatch.setenv("AI_LIB_RPS", "many")
    with pytest.raises(ValueError, match="AI_LIB_RPS: expected a number, got 'many'"):
        ResilientConfig.from_env()


def test_hooks_stand_in_the_order_in_which_attempts_pass_them() -> None:
    """Preflight, backpressure, rate limit, breaker; each client has its own."""
    config = ResilientConfig.production()
    assert [type(hook) for hook in config.hooks()] == [
        *(RetryPolicy, PreflightChecker, Backpressure, RateLimiter, CircuitBreaker)
    ]
    assert not {*config.hooks()} & {*config.hooks()}


def test_an_executor_retries_within_one_place(clock: FakeClock) -> None:
    """Rate and circuit are asked by each attempt."""
    executor = ResilientExecutor(
        ResilientConfig(max_retries=3, rate_limit_rps=0.1, max_inflight=1), clock=clock
    )
    seen: list[int] = []
    failing = Failing(failed(503), cut())

    def work() -> str:
        seen.append(executor.current_inflight)
        return failing()

    value, stats = executor.execute_with_stats(work)
    assert (value, seen, executor.current_inflight) == ("done", [1, 1, 1], 0)
    assert stats.retry_result is not None
    assert (stats.success, stats.retry_result.attempts) == (True, 3)
    assert sum(clock.slept) == pytest.approx(20)


def test_an_executor_stops_at_an_open_circuit(clock: FakeClock) -> None:
    """Also in the middle of the retries; then nothing is called."""
    executor = ResilientExecutor(
        ResilientConfig(max_retries=5, circuit_breaker_threshold=2), clock=clock
    )
    down = Failing(*[failed(503)] * 9)
    for _ in range(2):
        with pytest.raises(CircuitOpenError):
            executor.execute(down)
    assert (down.called, executor.circuit_state) == (2, "open")
    assert executor.get_stats()["circuit_state"] == "open"
    executor.reset()
    assert executor.circuit_state == "closed"


def test_an_executors_stream_holds_its_place(clock: FakeClock) -> None:
    """Until it has been read; what fails before the first event is tried again."""
    tries = [0]

    def events() -> Iterator[int]:
        tries[0] += 1
        if tries[0] == 1:
            raise failed(503)
        yield from (1, 2)

    executor = ResilientExecutor(
        ResilientConfig(max_retries=1, max_inflight=1), clock=clock
    )
    stream = executor.execute(events)
    assert (next(stream), executor.current_inflight) == (1, 1)
    assert (list(stream), executor.current_inflight) == ([2], 0)


# -- what is shown --------------------------------------------------------------------


def test_a_client_shows_what_its_hooks_do(clock: FakeClock) -> None:
    """Circuit, calls under way, rate left: under the documented names."""
    config = ResilientConfig(
        rate_limit_rps=1, circuit_breaker_threshold=1, max_inflight=2, max_retries=0
    )
    inside: list[Any] = []

    class Seeing(Server):
        def before_attempt(self, call: Any) -> Any:
            inside.append(made.signals_snapshot().current_inflight)
            return super().before_attempt(call)

    made = client(hooks=[*config.hooks(clock=clock), Seeing(500)], _clock=clock)
    before = made.signals_snapshot()
    assert (before.circuit_state, before.current_inflight) == ("closed", 0)
    assert (before.rate_remaining, before.is_healthy) == (1, True)
    with pytest.raises(InternalServerError):
        made.notes.create(max_retries=0)
    after = made.signals_snapshot()
    assert (inside, after.circuit_state, after.current_inflight) == ([1], "open", 0)
    assert (after.rate_remaining, after.is_healthy) == (0, False)
    assert after.circuit_breaker == {
        "state": "open",
        "failures": 1,
        "threshold": 1,
        "retry_after_s": 30,
    }
    assert after.inflight == {"max": 2, "in_use": 0, "available": 2, "waiting": 0}
    assert after.timestamp == clock.time()
    assert after.to_dict()["health_score"] == after.health_score == 0.25


def test_a_client_without_hooks_shows_its_calls() -> None:
    """There is nothing else to be seen."""
    shown = client().signals_snapshot()
    assert (shown.circuit_state, shown.current_inflight) == ("closed", 0)
    assert (shown.rate_remaining, shown.is_healthy) == (None, True)


def test_any_hook_may_show_something() -> None:
    """What has no attribute of its own is in ``parts``."""

    class Counting(Hook):
        def signals(self) -> dict[str, Any]:
            return {"cache_hits": 3}

    shown = client(hooks=[Counting()]).signals_snapshot()
    assert shown.parts["cache_hits"] == shown.to_dict()["cache_hits"] == 3


def test_what_a_server_says_is_shown(clock: FakeClock) -> None:
    """The quota of the last reply."""
    headers = {"x-ratelimit-remaining": "5", "x-ratelimit-reset": "60"}
    limiter = RateLimiter(clock=clock)
    made = client(hooks=[limiter, Server(reply(200, headers))], _clock=clock)
    made.notes.create()
    assert made.signals_snapshot().rate_remaining == 5
