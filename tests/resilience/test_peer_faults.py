"""The ways in which ai-lib-python's parts fail; none of them is one of ours.

Each test is named for one entry of the list that was measured on versions 0.7.0 and
1.2.0 of it: its checker, its breaker, its waits, its limiter, its fallback.
"""

from __future__ import annotations

from email.utils import formatdate

import pytest

from specwire.errors import APIConnectionError, APITimeoutError, BadRequestError
from specwire.resilience import (
    AdaptiveRateLimiter,
    Backpressure,
    CircuitBreaker,
    CircuitBreakerConfig,
    FallbackChain,
    PreflightChecker,
    RateLimiter,
    RetryPolicy,
)
from specwire.testing import FakeClock

from .answering import cut, failed


def test_preflight_passes_where_no_wait_is_needed(clock: FakeClock) -> None:
    """There: ``acquire()`` gives 0.0, which is read as a refusal."""
    limiter = RateLimiter(requests_per_second=10, burst_size=5, clock=clock)
    assert PreflightChecker(rate_limiter=limiter).check().passed


def test_preflight_takes_a_place(clock: FakeClock) -> None:
    """There: the count is looked at, and nothing is taken."""
    places = Backpressure(max_inflight=1, clock=clock)
    result = PreflightChecker(backpressure=places, clock=clock).check()
    assert places.current_inflight == 1
    result.release_permit()
    assert places.current_inflight == 0


def test_preflight_reports_are_heard(clock: FakeClock) -> None:
    """There: ``on_success`` and ``on_failure`` do nothing."""
    breaker = CircuitBreaker(failure_threshold=2, clock=clock)
    checker = PreflightChecker(circuit_breaker=breaker, clock=clock)
    for _ in range(2):
        checker.check()
        checker.on_failure()
    assert breaker.state == "open"


def test_preflight_lets_a_probe_through_after_the_rest(clock: FakeClock) -> None:
    """There: an open circuit never becomes half-open."""
    breaker = CircuitBreaker(failure_threshold=1, cooldown_seconds=5, clock=clock)
    checker = PreflightChecker(circuit_breaker=breaker, clock=clock)
    checker.check()
    checker.on_failure()
    assert not checker.check().passed
    clock.now += 5
    assert checker.check().passed
    checker.on_success()
    assert breaker.state == "closed"


def test_bad_requests_do_not_open_the_circuit(clock: FakeClock) -> None:
    """There: five refusals with 400 do."""
    breaker = CircuitBreaker(CircuitBreakerConfig(failure_threshold=5), clock=clock)
    for _ in range(20):
        with pytest.raises(BadRequestError):
            breaker.call(_raising(failed(400)))
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "error", [cut(), APITimeoutError("x"), ConnectionRefusedError()]
)
def test_faults_of_the_connection_are_tried_again(error: Exception) -> None:
    """There: they never are."""
    assert RetryPolicy().should_retry(error, 0)


def test_a_wish_to_wait_has_a_limit() -> None:
    """There: a day is slept."""
    policy = RetryPolicy()
    assert policy.calculate_delay(0, 86_400) <= policy.config.max_retry_after
    assert not policy.should_retry(failed(429, 86_400.0), 0)


def test_a_wish_may_be_a_date(clock: FakeClock) -> None:
    """There: a date in Retry-After is not understood."""

    class Other(Exception):
        def __init__(self) -> None:
            self.headers = {"Retry-After": formatdate(clock.time() + 30, usegmt=True)}

    assert RetryPolicy(clock=clock).get_retry_after(Other()) == 30


def test_full_jitter_is_not_no_wait() -> None:
    """There: full jitter may wait for next to nothing."""
    policy = RetryPolicy(clock=FakeClock(chance=0.0))
    assert policy.calculate_delay(0) >= policy.config.initial_delay


@pytest.mark.parametrize(
    ("text", "seconds"), [("1m", 60), ("20ms", 0.02), ("6m0s", 360), ("1h", 3600)]
)
def test_the_limiter_reads_units(text: str, seconds: float, clock: FakeClock) -> None:
    """There: ``1m`` is 1 s, ``20ms`` is 20 s and ``6m0s`` is nothing."""
    limiter = AdaptiveRateLimiter(clock=clock)
    limiter.update_from_headers(
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": text}
    )
    assert limiter.acquire() == pytest.approx(seconds, abs=1e-6)


def test_targets_do_not_share_a_circuit(clock: FakeClock) -> None:
    """There: all fallback models stand behind one breaker."""
    chain = FallbackChain(breaker=CircuitBreakerConfig(1), clock=clock)
    chain.add_target("a", _raising(cut())).add_target("b", lambda: "b")
    assert [chain.call() for _ in range(3)] == ["b"] * 3
    assert chain.circuit_states() == {"a": "open", "b": "closed"}


def test_an_unknown_error_has_no_other_target_tried() -> None:
    """There: any exception without a class of its own does."""
    chain = FallbackChain()
    chain.add_target("a", _raising(KeyError("bug"))).add_target("b", lambda: "b")
    with pytest.raises(KeyError):
        chain.call()


def test_an_open_circuit_is_found_by_the_error_class() -> None:
    """There: faults of the connection have no code; here they are E3001."""
    assert APIConnectionError("x").standard_code == "E3001"


def _raising(error: Exception):  # type: ignore[no-untyped-def]
    def raising() -> None:
        raise error

    return raising
