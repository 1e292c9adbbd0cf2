"""How fast requests follow each other, and what servers say of it."""

from __future__ import annotations

import math
import threading
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.core.rate_limits import duration_s, instant_s
from specwire.errors import APITimeoutError, CircuitOpenError, RateLimitError
from specwire.resilience import CircuitBreaker, RateLimiter, RateLimiterConfig
from specwire.resilience.line import Limit, Line
from specwire.testing import FakeClock
from tests.core.sample import client

from .answering import Server, failed, reply

NOW = 1_700_001_000.0
"""The time of day of a new FakeClock."""


def most_in(times: list[float], span: float) -> int:
    """The most of ``times`` in any half-open span."""
    return max(sum(begin <= each < begin + span for each in times) for begin in times)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    rate=st.sampled_from([0.5, 1.0, 3.0, 7.0, 10.0, 333.0]),
    burst=st.integers(1, 5),
    pauses=st.lists(st.sampled_from([0.0, 0.01, 0.3, 5.0]), max_size=40),
)
def test_no_window_sees_more_than_the_rate(
    rate: float, burst: int, pauses: list[float]
) -> None:
    """In any span: the burst, and what the rate gives in it."""
    clock = FakeClock()
    limiter = RateLimiter(requests_per_second=rate, burst_size=burst, clock=clock)
    times = []
    for pause in [*pauses, *[0.0] * 20]:
        clock.now += pause
        limiter.acquire()
        times.append(clock.now)
    for span in (1 / rate, 1.0, 2.5):
        earned = math.ceil(rate * span - 1e-9)
        assert most_in(times, span) <= burst - 1 + earned


def test_without_a_burst_a_second_sees_the_rate(clock: FakeClock) -> None:
    """Ten a second means ten in every second, the first as well."""
    limiter = RateLimiter(requests_per_second=10, clock=clock)
    times = []
    for _ in range(100):
        limiter.acquire()
        times.append(clock.now)
    assert most_in(times, 1.0) == 10


def test_acquire_says_how_long_it_waited(clock: FakeClock) -> None:
    """Nothing at first, then what is left of the interval."""
    limiter = RateLimiter(requests_per_second=2, clock=clock)
    assert limiter.acquire() == 0.0
    clock.now += 0.3
    assert limiter.get_wait_time() == pytest.approx(0.2)
    assert limiter.acquire() == pytest.approx(0.2)
    assert limiter.try_acquire() is False
    assert limiter.is_limited
    clock.now += 0.5 + 1e-6
    assert limiter.try_acquire() is True


def test_a_pause_earns_the_burst_and_no_more(clock: FakeClock) -> None:
    """However long it was."""
    limiter = RateLimiter(requests_per_second=10, burst_size=20, clock=clock)
    clock.now += 1000
    assert limiter.available_tokens == 20
    assert sum(limiter.try_acquire() for _ in range(30)) == 20


def test_no_rate_is_no_limit(clock: FakeClock) -> None:
    """As with 0 requests a second."""
    for limiter in (RateLimiter(clock=clock), RateLimiter(0, clock=clock)):
        assert [limiter.acquire() for _ in range(50)] == [0.0] * 50
        assert limiter.available_tokens == float("inf")


def test_spellings_of_the_rate(clock: FakeClock) -> None:
    """By name, by the minute, and as ai-lib's config."""
    assert RateLimiter(requests_per_minute=60).config.requests_per_second == 1
    assert RateLimiter(RateLimiterConfig.from_rps(10)).config.burst_size == 15
    assert RateLimiter(RateLimiterConfig.from_rpm(60)).config.burst_size == 1
    none = RateLimiter(
        RateLimiterConfig(requests_per_second=1, burst_size=3, initial_tokens=0),
        clock=clock,
    )
    assert none.acquire() == pytest.approx(1)


@pytest.mark.parametrize("bad", [-1, float("nan"), "10"])
def test_a_rate_is_a_number(bad: Any) -> None:
    """Nothing less than 0, and no text."""
    with pytest.raises((TypeError, ValueError), match="requests_per_second"):
        RateLimiter(requests_per_second=bad)


def test_as_a_hook_retries_wait_as_well(clock: FakeClock) -> None:
    """Each attempt is a request; the client's loop does the waiting."""
    limiter = RateLimiter(requests_per_second=0.1, clock=clock)
    made = client(hooks=[limiter, Server(503)], _clock=clock)
    made.notes.create()
    assert clock.slept == pytest.approx([0.5, 9.5])


def test_a_wait_that_is_too_long_is_not_begun(clock: FakeClock) -> None:
    """It is raised at once, and its place goes to the next one."""
    limiter = RateLimiter(requests_per_second=0.1, clock=clock)
    made = client(hooks=[limiter, Server()], _clock=clock)
    made.notes.create()
    with pytest.raises(
        APITimeoutError, match="RateLimiter asks to wait 10 s"
    ) as caught:
        made.notes.create(timeout=3)
    assert caught.value.retry_after_s == pytest.approx(10)
    assert clock.slept == []
    assert limiter.get_wait_time() == pytest.approx(10)


def test_what_a_later_hook_refuses_is_given_back(clock: FakeClock) -> None:
    """An open circuit costs nothing of the rate."""
    limiter = RateLimiter(requests_per_second=1, clock=clock)
    breaker = CircuitBreaker(failure_threshold=1, clock=clock)
    breaker.ended(breaker.enter("notes"), failed(500), "notes")
    made = client(hooks=[limiter, breaker, Server()], _clock=clock)
    for _ in range(3):
        with pytest.raises(CircuitOpenError):
            made.notes.create()
    assert clock.slept == []


def test_threads_are_served_in_turn() -> None:
    """Each has its own moment; none is let go twice or early."""
    limiter = RateLimiter(requests_per_second=2000)
    times: list[float] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait(10)
        for _ in range(5):
            limiter.acquire()
            times.append(limiter._clock.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(times) == 40
    assert max(times) - min(times) >= 39 / 2000 - 1e-4


# -- tokens of text -------------------------------------------------------------------


def test_tokens_wait_by_estimate_and_are_settled_by_usage(clock: FakeClock) -> None:
    """A call that used less than it was thought to gives the rest back."""
    limiter = RateLimiter(tokens_per_minute=60, estimate=lambda _: 60, clock=clock)
    made = client(hooks=[limiter, Server()], _clock=clock)
    made.notes.create()  # NOTE says 3 tokens
    made.notes.create()
    assert clock.slept == pytest.approx([3], abs=0.01)


# -- what servers say -----------------------------------------------------------------

RESETS = {
    "seconds": ("30", 30),
    "a fraction": ("1.5", 1.5),
    "minutes": ("1m", 60),
    "minutes and seconds": ("6m0s", 360),
    "milliseconds": ("20ms", 0.02),
    "all units": ("1h2m3.5s", 3723.5),
    "epoch": (str(int(NOW) + 90), 90),
    "epoch in ms": (str(int(NOW * 1000) + 2500), 2.5),
    "RFC 3339": ("2023-11-14T22:31:00Z", 60),
    "RFC 3339 with offset": ("2023-11-14T23:31:00.500+01:00", 60.5),
    "HTTP date": (formatdate(NOW + 42, usegmt=True), 42),
}


@pytest.mark.parametrize(("text", "seconds"), RESETS.values(), ids=RESETS)
@pytest.mark.parametrize(
    "name",
    [
        *("x-ratelimit-{}-requests", "x-ratelimit-{}-tokens", "x-ratelimit-{}"),
        *("anthropic-ratelimit-requests-{}", "anthropic-ratelimit-input-tokens-{}"),
        "RateLimit-{}",
    ],
)
def test_nothing_left_waits_for_the_reset(
    name: str, text: str, seconds: float, clock: FakeClock
) -> None:
    """In every family of headers and every form of time."""
    limiter = RateLimiter(clock=clock)
    limiter.update_from_headers(
        {name.format("remaining"): "0", name.format("reset"): text}
    )
    assert limiter.get_wait_time() == pytest.approx(seconds, abs=1e-3)
    limiter.acquire()
    assert limiter.get_wait_time() == 0


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "1x", "m", "NaN", "9" * 400, "1m 2x"]
)
def test_what_cannot_be_read_says_nothing(text: str, clock: FakeClock) -> None:
    """No error, and no wait."""
    limiter = RateLimiter(clock=clock)
    limiter.update_from_headers(
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": text}
    )
    limiter.update_from_headers({"x-ratelimit-remaining-requests": text})
    assert limiter.get_wait_time() == 0


@pytest.mark.parametrize(
    "header", ['"default";r=0;t=30', "limit=100, remaining=0, reset=30"]
)
def test_the_one_header_of_the_drafts(header: str, clock: FakeClock) -> None:
    """``RateLimit``, as the drafts of the IETF have spelled it."""
    limiter = RateLimiter(clock=clock)
    limiter.update_from_headers({"RateLimit": header})
    assert limiter.get_wait_time() == 30


def test_a_manifests_own_names_are_read(clock: FakeClock) -> None:
    """``rate_limit_headers`` of a manifest, as it stands there."""
    names = {"requests_remaining": "X-Left", "requests_reset": "X-Again"}
    limiter = RateLimiter(headers=names, clock=clock)
    limiter.update_from_headers({"x-left": "0", "x-again": "20ms"})
    assert limiter.get_wait_time() == pytest.approx(0.02)


def test_what_is_left_is_spent_and_then_waited_for(clock: FakeClock) -> None:
    """Also before the next reply says so; after the reset the quota is whole."""
    limiter = RateLimiter(clock=clock)
    limiter.update_from_headers(
        {
            "x-ratelimit-limit": "9",
            "x-ratelimit-remaining": "2",
            "x-ratelimit-reset": "60",
        }
    )
    assert [limiter.acquire() for _ in range(2)] == [0, 0]
    assert limiter.signals()["rate_remaining"] == 0
    assert limiter.acquire() == pytest.approx(60)
    assert limiter.acquire() == 0


def test_the_servers_wish_stops_all_calls(clock: FakeClock) -> None:
    """A 429 with Retry-After to one call is waited for by the others."""
    limiter = RateLimiter(clock=clock)
    server = Server(reply(429, {"retry-after": "7"}))
    made = client(hooks=[limiter, server], _clock=clock, max_retries=0)
    with pytest.raises(RateLimitError):
        made.notes.create()
    made.notes.create()
    assert clock.slept == [7]


def test_a_wish_has_a_limit(clock: FakeClock) -> None:
    """``max_wait``: a day is not waited for."""
    limiter = RateLimiter(max_wait=60, clock=clock)
    limiter.update_from_headers({"retry-after": "86400"})
    assert limiter.get_wait_time() == 60


def test_services_have_quotas_of_their_own(clock: FakeClock) -> None:
    """What one server says is nothing to another."""
    limiter = RateLimiter(clock=clock)
    limiter.update_from_headers({"retry-after": "9"}, "a")
    assert (limiter.get_wait_time(service="a"), limiter.get_wait_time()) == (9, 0)
    assert limiter.get_server_state("a")["wait_s"] == 9


def test_adaptive_may_be_off(clock: FakeClock) -> None:
    """Then headers say nothing."""
    limiter = RateLimiter(adaptive=False, clock=clock)
    made = client(
        hooks=[limiter, Server(reply(200, {"retry-after": "9"}))], _clock=clock
    )
    made.notes.create()
    made.notes.create()
    assert clock.slept == []


def test_lengths_of_time() -> None:
    """Units in any order that is written; anything else is none."""
    assert [duration_s(t) for t in ("1d", "2h", "1m30s", "250us", " 3s ")] == [
        *(86400, 7200, 90, pytest.approx(0.00025), 3),
    ]
    assert [duration_s(t) for t in ("", "5", "s", "1m30")] == [None] * 4
    assert instant_s("6m0s", 1000.0) == 1360.0


def test_moments_are_in_order() -> None:
    """A place given back is not given to two."""
    limits = (Limit.of(1, 1), Limit())
    line = Line("", 0.0).filled(limits)
    taken = [line.take((1, 0), limits, math.inf, 0.0) for _ in range(3)]
    assert line.give_back(taken[1]) is False
    assert line.give_back(taken[2]) is True
    taken[2:] = [line.take((1, 0), limits, math.inf, 0.0) for _ in range(2)]
    assert all(b.ready - a.ready >= 1 for a, b in pairwise(taken))


def test_who_waited_for_text_does_not_go_all_at_once(clock: FakeClock) -> None:
    """Requests and tokens are taken together, at one moment, each at its rate."""
    limiter = RateLimiter(requests_per_second=1, tokens_per_minute=60, clock=clock)
    limiter.acquire(text_tokens=60)
    times = []
    for text in (60, 0, 0, 0):
        limiter.acquire(text_tokens=text)
        times.append(clock.now - 1000)
    assert times == pytest.approx([60, 61, 62, 63], abs=0.01)


def test_a_call_that_cannot_wait_takes_nothing(clock: FakeClock) -> None:
    """Nor do those behind it wait for the moment that it would have had."""
    limiter = RateLimiter(requests_per_second=0.1, clock=clock)
    made = client(hooks=[limiter, Server()], _clock=clock)
    limiter.acquire()
    with pytest.raises(APITimeoutError):
        made.notes.create(timeout=3)
    assert limiter._store._line.serial == 1
