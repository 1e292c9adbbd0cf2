"""What is tried again, and after what wait."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.core.retry import DEFAULT_POLICY
from specwire.core.standard_codes import QUOTA_EXHAUSTED
from specwire.errors import InternalServerError, RateLimitError
from specwire.resilience import (
    RetryConfig,
    RetryPolicy,
    with_retry,
)
from specwire.testing import FakeClock
from tests.core.sample import client

from .answering import Server, cut, failed, reply


class Failing:
    """A function that fails with each of ``errors``, then returns ``"done"``."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.called = 0

    def __call__(self) -> str:
        self.called += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_both_spellings_are_one_config() -> None:
    """The documented one in seconds, ai-lib's own in milliseconds."""
    documented = RetryConfig(
        max_retries=3, initial_delay=1.0, max_delay=30.0, backoff_multiplier=2.0
    )
    other = RetryConfig(3, min_delay_ms=1000, max_delay_ms=30000, exponential_base=2)
    assert documented == other
    assert (other.min_delay_ms, other.max_delay_ms) == (1000, 30000)
    with pytest.raises(TypeError, match="one setting"):
        RetryConfig(initial_delay=1, min_delay_ms=1000)


@pytest.mark.parametrize("jitter", ["none", "full", "equal"])
@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_no_wait_is_outside_its_bounds(jitter: str, chance: float) -> None:
    """Whatever chance says: not shorter than the least, not longer than the longest."""
    config = RetryConfig(jitter=jitter, initial_delay=1, max_delay=30)
    policy = RetryPolicy(config, clock=FakeClock(chance=chance))
    delays = [policy.calculate_delay(attempt) for attempt in range(80)]
    assert all(1 <= delay <= 30 for delay in delays)
    assert delays == sorted(delays) or chance == 0


def test_ways_to_grow() -> None:
    """Exponential, linear or fixed."""
    assert _delays("exponential") == [1, 2, 4, 8]
    assert _delays("linear") == [1, 2, 3, 4]
    assert _delays("fixed") == [1, 1, 1, 1]


def _delays(growth: Any) -> list[float]:
    policy = RetryPolicy(growth=growth, jitter="none")
    return [policy.calculate_delay(attempt) for attempt in range(4)]


def test_a_servers_wish_comes_first_and_has_a_limit() -> None:
    """A day is not waited for: the error is the caller's at once."""
    policy = RetryPolicy(max_retry_after=120)
    assert policy.calculate_delay(0, retry_after=5.0) == 5.0
    assert policy.should_retry(failed(429, retry_after_s=120))
    assert not policy.should_retry(failed(429, retry_after_s=86_400))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        *((failed(status), True) for status in (408, 409, 429, 500, 502, 503, 529)),
        *((failed(status), False) for status in (400, 401, 403, 404, 413, 422)),
        *((cut(), True), (ConnectionResetError(), True), (TimeoutError(), True)),
        *((ValueError(), False), (FileNotFoundError(2, "no", "file"), False)),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(error: Exception, expected: bool) -> None:
    """Faults of servers, limits and broken connections, other libraries' as well."""
    assert RetryPolicy().should_retry(error, 0) is expected


def test_statuses_and_codes_of_a_manifest() -> None:
    """Where it lists statuses, those are tried again and no others."""
    policy = RetryPolicy(
        RetryConfig.from_protocol(
            {
                "strategy": "exponential_backoff",
                "max_retries": 2,
                "min_delay_ms": 500,
                "retry_on_http_status": [429, 500],
                "retry_on_error_status": ["UNAVAILABLE"],
            }
        )
    )
    unavailable = failed(400)
    unavailable.body = {"error": {"status": "UNAVAILABLE"}}
    assert policy.max_retries == 2
    assert policy.config.initial_delay == 0.5
    for error in (failed(500), cut(), unavailable):
        assert policy.should_retry(error, 0), error
    quota = failed(429)
    quota.standard_code = QUOTA_EXHAUSTED
    for error in (failed(503), failed(400), quota):
        assert not policy.should_retry(error, 0), error
    assert not policy.should_retry(failed(500), 2)


def test_standard_codes_of_a_manifest_decide() -> None:
    """Of what may pass at all, those that are listed; by name or by code."""
    policy = RetryPolicy(
        RetryConfig(
            retry_on_status=[429, 500, 404],
            retry_on_error_code=["rate_limited", "E3002", "not_found"],
        )
    )
    for error in (failed(429), failed(503)):
        assert policy.should_retry(error, 0), error
    for error in (failed(500), failed(404), failed(504)):
        assert not policy.should_retry(error, 0), error


@pytest.mark.parametrize(
    ("record", "growth", "retries"),
    [
        ({"strategy": "none"}, "exponential", 0),
        ({"strategy": "linear_backoff"}, "linear", 3),
        ({"strategy": "fixed_delay", "max_retries": 0}, "fixed", 0),
        ({"growth": "linear", "min_s": 2.0, "max_retries": 1}, "linear", 1),
        (None, "exponential", 3),
    ],
)
def test_policies_of_manifests(record: Any, growth: str, retries: int) -> None:
    """As they are written, and as they are compiled."""
    config = RetryConfig.from_protocol(record)
    assert (config.growth, config.max_retries) == (growth, retries)


def test_execute_says_how_it_went(clock: FakeClock) -> None:
    """Value, attempts and waits; each wait is told before."""
    told: list[Any] = []
    policy = RetryPolicy(jitter="none", clock=clock)
    result = policy.execute(
        Failing(failed(503), cut()),
        lambda attempt, error, delay: told.append((attempt, delay)),
    )
    assert (result.value, result.attempts, result.total_delay_ms) == ("done", 3, 3000)
    assert told == [(1, 1), (2, 2)]
    assert clock.slept == [1, 2]


def test_call_raises_the_last_error(clock: FakeClock) -> None:
    """``execute`` keeps it in its result."""
    policy = RetryPolicy(max_retries=1, clock=clock)
    with pytest.raises(RateLimitError):
        policy.call(Failing(failed(503), failed(429)))
    assert policy.execute(Failing(failed(400))).attempts == 1
    assert with_retry(Failing()) == "done"


def test_a_long_outage_uses_the_budget_up(clock: FakeClock) -> None:
    """A thousand calls cost at most a fifth more."""
    policy = RetryPolicy(max_retries=3, clock=clock)
    down = Failing(*[failed(503)] * 9999)
    for _ in range(1000):
        policy.execute(down)
    assert 1000 < down.called <= 1200


@pytest.mark.parametrize("calls", [200, 300])
def test_a_client_in_a_long_outage_sends_a_fifth_more_at_most(
    calls: int, clock: FakeClock
) -> None:
    """With retries by the client's rule or by a policy, all calls together."""
    for policy in ([], [RetryPolicy(max_retries=5)]):
        server = Server(*[503] * 9999)
        made = client(hooks=[*policy, server], _clock=clock, timeout=None)
        for _ in range(calls):
            with pytest.raises(InternalServerError):
                made.notes.create()
        assert calls < server.asked <= calls * 1.2


def test_a_server_that_half_fails_for_long_gets_a_fifth_more(clock: FakeClock) -> None:
    """Every second attempt fails, at random places: retries that fail use it up."""
    server = Server(*([503, 503, 503, 200] * 1000))
    made = client(hooks=[server], _clock=clock, timeout=None)
    calls = 0
    while server.asked < 700:
        calls += 1
        try:
            made.notes.create()
        except InternalServerError:
            continue
    assert server.asked <= calls * 1.2


def test_as_a_hook_it_is_the_clients_policy(clock: FakeClock) -> None:
    """How often, what and after what wait; the loop is the client's."""
    policy = RetryPolicy(max_retries=4, jitter="none", retry_on_status=[404])
    server = Server(404, 404, 404, 404)
    made = client(hooks=[policy, server], _clock=clock)
    made.notes.create()
    assert clock.slept == [1, 2, 4, 8]
    server.script = [503]
    with pytest.raises(InternalServerError):
        made.notes.create()


def test_a_call_without_retries_keeps_none(clock: FakeClock) -> None:
    """``max_retries=0`` is a call's own wish."""
    made = client(hooks=[RetryPolicy(), Server(503)], _clock=clock)
    with pytest.raises(InternalServerError):
        made.notes.create(max_retries=0)


def test_what_may_have_begun_is_not_repeated(clock: FakeClock) -> None:
    """A policy says what helps; what does no harm is the operation's affair."""
    server = Server(500)
    made = client(hooks=[RetryPolicy(retry_on_status=[500]), server], _clock=clock)
    with pytest.raises(InternalServerError):
        made.notes.run("n1")
    assert server.asked == 1


def test_a_wish_in_a_header_is_waited_for(clock: FakeClock) -> None:
    """As seconds and as a date; another library's error has headers as well."""
    made = client(
        hooks=[
            RetryPolicy(jitter="none"),
            Server(reply(429, {"retry-after": "Tue, 14 Nov 2023 22:30:09 GMT"})),
        ],
        _clock=clock,
    )
    made.notes.create()
    assert clock.slept == [9]

    class Foreign(Exception):
        headers = {"Retry-After": "3"}
        status_code = 503

    assert RetryPolicy(clock=clock).get_retry_after(Foreign()) == 3


def test_the_policy_is_the_cores() -> None:
    """So that a client can be given it without hooks."""
    policy = RetryPolicy(jitter="none").policy()
    assert policy.backoff.delay_s(3, 1.0) == 4
    assert type(policy) is type(DEFAULT_POLICY)
