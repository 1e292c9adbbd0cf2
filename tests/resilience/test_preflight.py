"""What is asked before a request, and what it costs one that may not go."""

from __future__ import annotations

import pytest

from specwire.errors import BackpressureError, CircuitOpenError
from specwire.resilience import (
    Backpressure,
    CircuitBreaker,
    PreflightChecker,
    PreflightConfig,
    PreflightContext,
    RateLimiter,
)
from specwire.testing import FakeClock
from tests.core.sample import client

from .answering import Server, failed


def parts(clock: FakeClock) -> tuple[RateLimiter, CircuitBreaker, Backpressure]:
    return (
        RateLimiter(requests_per_second=1, clock=clock),
        CircuitBreaker(failure_threshold=1, cooldown_seconds=5, clock=clock),
        Backpressure(max_inflight=1, clock=clock),
    )


def test_without_parts_everything_passes() -> None:
    """As the documented ``PreflightChecker()``."""
    assert PreflightChecker().check().passed


def test_each_part_is_asked_and_named(clock: FakeClock) -> None:
    """The error says which part, why, and when to ask again."""
    limiter, breaker, places = parts(clock)
    checker = PreflightChecker(limiter, breaker, places, clock=clock)
    first = checker.check()
    assert (first.passed, places.current_inflight) == (True, 1)
    full = checker.check()
    assert [error.component for error in full.errors] == ["backpressure"]
    first.release_permit()
    first.release_permit()
    fast = checker.check()
    assert [error.component for error in fast.errors] == ["rate_limiter"]
    assert fast.errors[0].retry_after_ms == 1001  # of the nanoseconds in between
    assert places.current_inflight == 0
    checker.check()
    clock.now += 2
    breaker.ended(breaker.enter(), failed(500))
    refused = checker.check()
    assert [error.component for error in refused.errors] == ["circuit_breaker"]
    assert refused.errors[0].retry_after_s == 5
    assert refused.signals is not None
    assert refused.signals.circuit_state == "open"


def test_a_refused_request_takes_nothing(clock: FakeClock) -> None:
    """Not the rate, not a place, not a probe."""
    limiter, breaker, places = parts(clock)
    checker = PreflightChecker(limiter, breaker, places, clock=clock)
    with places.permit():
        for _ in range(3):
            assert not checker.check().passed
    assert checker.check().passed


def test_it_may_wait(clock: FakeClock) -> None:
    """``timeout_ms`` bounds the wait for the rate and for a place."""
    limiter, _, _ = parts(clock)
    config = PreflightConfig(timeout_ms=2000)
    checker = PreflightChecker(limiter, config=config, clock=clock)
    assert [checker.check().passed for _ in range(3)] == [True] * 3
    assert sum(clock.slept) == pytest.approx(2)


def test_all_that_is_wrong_is_told_on_request(clock: FakeClock) -> None:
    """``fail_fast=False``."""
    limiter, breaker, places = parts(clock)
    breaker.ended(breaker.enter(), failed(500))
    config = PreflightConfig(fail_fast=False)
    checker = PreflightChecker(limiter, breaker, places, config, clock=clock)
    with places.permit():
        found = [error.component for error in checker.check().errors]
    assert found == ["circuit_breaker", "backpressure"]


def test_reports_reach_the_circuit(clock: FakeClock) -> None:
    """A failure opens it, a good probe closes it."""
    _, breaker, _ = parts(clock)
    checker = PreflightChecker(circuit_breaker=breaker, clock=clock)
    checker.check()
    checker.on_failure()
    assert breaker.state == "open"
    clock.now += 5
    with PreflightContext(checker) as flight:
        assert flight.passed
        flight.on_success()
    assert breaker.state == "closed"
    with pytest.raises(RuntimeError), PreflightContext(checker):
        raise RuntimeError  # no fault of a server
    assert breaker.state == "closed"


def test_as_a_hook_it_refuses_before_anything_waits(clock: FakeClock) -> None:
    """A call that the circuit refuses does not queue for a place."""
    limiter, breaker, places = parts(clock)
    breaker.ended(breaker.enter("notes"), failed(500), "notes")
    checker = PreflightChecker(limiter, breaker, places, clock=clock)
    made = client(hooks=[checker, places, limiter, breaker, Server()], _clock=clock)
    with places.permit(), pytest.raises(CircuitOpenError):
        made.notes.create()
    assert clock.slept == []
    checker = PreflightChecker(
        backpressure=Backpressure(max_inflight=1, queue_timeout=0, clock=clock)
    )
    assert checker._places is not None
    made = client(hooks=[checker, Server()], _clock=clock)
    with checker._places.permit(), pytest.raises(BackpressureError):
        made.notes.create()
    made.notes.create()
