"""A server that is down for long: what it is sent, who answers, and how it ends.

Time is simulated, and a call takes a tenth of a second of it. What is counted is every
request that would have gone out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from specwire.errors import APIConnectionError, CircuitOpenError, InternalServerError
from specwire.resilience import (
    CircuitBreaker,
    CircuitBreakerConfig,
    FallbackChain,
    RetryPolicy,
)
from specwire.testing import FakeClock
from tests.core.sample import client

from .answering import Server, failed, reply

THREADS = 32
CALL_S = 0.1


class Failing(Server):
    """Fails all the time between two moments of the clock; before and after it is well.

    :ivar asked: how many requests came; ``during`` of them while it was down.
    """

    def __init__(self, clock: FakeClock, begin: float, end: float, error: Any) -> None:
        super().__init__()
        self.clock, self.begin, self.end, self.error = clock, begin, end, error
        self.during = 0
        self._counting = threading.Lock()

    def before_attempt(self, call: Any) -> Any:
        with self._counting:
            self.clock.now += CALL_S
            down = self.begin <= self.clock.now < self.end
            self.during += down
            self.script = [self.error if down else reply()]
            return super().before_attempt(call)


@contextmanager
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


@pytest.mark.parametrize("policy", [None, RetryPolicy, "breaker"])
@pytest.mark.parametrize("status", [500, 503, 529])
def test_threads_that_share_a_client_send_a_fifth_more_at_most(
    policy: Any, status: int, clock: FakeClock
) -> None:
    """Thirty-two of them, through an outage that none of their 640 calls outlives."""
    parts: dict[Any, list[Any]] = {
        None: [],
        RetryPolicy: [RetryPolicy(max_retries=5)],
        "breaker": [RetryPolicy(max_retries=5), CircuitBreaker()],
    }
    server = Server(*[failed(status)] * 9_999)
    made = client(hooks=[*parts[policy], server], _clock=clock, timeout=None)
    refused: list[type] = []

    def work(_: int) -> None:
        for _ in range(20):
            try:
                made.notes.create()
            except (InternalServerError, CircuitOpenError) as error:
                refused.append(type(error))

    with crowd() as pool:
        list(pool.map(work, range(THREADS)))
    calls = THREADS * 20
    assert len(refused) == calls
    assert 0 < server.asked <= calls * 1.2


def test_connections_that_break_for_long_cost_a_fifth_more_at_most(
    clock: FakeClock,
) -> None:
    """An outage need not have a status."""
    server = Server(*[APIConnectionError("test: refused")] * 9_999)
    made = client(hooks=[RetryPolicy(max_retries=9), server], _clock=clock)
    for _ in range(400):
        with pytest.raises(APIConnectionError):
            made.notes.create()
    assert 400 < server.asked <= 400 * 1.2


def test_outages_that_come_again_are_paid_from_what_was_earned(
    clock: FakeClock,
) -> None:
    """Four of five minutes well, one down: over hours no more than a fifth on top."""
    server = Server()
    made = client(hooks=[RetryPolicy(max_retries=5), server], _clock=clock)
    calls = 0
    for _ in range(20):
        for down in (False, False, False, False, True):
            server.script = [failed(503) if down else 200] * 1_000
            for _ in range(60):
                calls += 1
                try:
                    made.notes.create()
                except InternalServerError:
                    continue
    assert calls < server.asked <= calls * 1.2


def test_a_circuit_asks_a_dead_server_once_in_a_while(clock: FakeClock) -> None:
    """An hour's outage is some probes, not some thousand calls; then all is well."""
    server = Failing(clock, clock.now, clock.now + 3_600, failed(503))
    config = CircuitBreakerConfig(5, 1, cooldown_seconds=30)
    breaker = CircuitBreaker(config, clock=clock)
    made = client(hooks=[breaker, server], _clock=clock, max_retries=0)
    answered, ended = 0, clock.now + 4_000
    while clock.now < ended:
        clock.now += 1
        try:
            answered += made.notes.create().id == "n1"
        except (InternalServerError, CircuitOpenError):
            continue
    assert server.during <= 5 + 3_600 / 30
    assert answered >= (400 - 30) / (1 + CALL_S) - 1


# -- another target ------------------------------------------------------------------


def chained(clock: FakeClock, first: Failing, second: Server) -> FallbackChain:
    """Two clients without retries, in order."""

    def asks(server: Server) -> Any:
        made = client(hooks=[server], _clock=clock, max_retries=0, timeout=None)
        return lambda: made.notes.create().id

    chain = FallbackChain(clock=clock)
    chain.add_target("first", asks(first))
    chain.add_target("second", asks(second))
    return chain


def test_another_target_answers_all_of_a_long_outage(clock: FakeClock) -> None:
    """No call is lost, a fifth more is sent at most, and traffic comes back."""
    first = Failing(clock, clock.now + 60, clock.now + 1_800, failed(503))
    second = Server()
    chain = chained(clock, first, second)
    used, last, begin = [], 0.0, clock.now
    while clock.now < begin + 2_400:
        clock.now += 1
        result = chain.execute()
        assert result.value == "n1"
        used.append(result.target_used)
        last = clock.now if result.target_used == "second" else last
    assert first.asked + second.asked <= len(used) * 1.2
    assert first.during <= 5 + 1_740 / 30
    assert used[0] == used[-1] == "first"
    assert begin + 1_700 < last <= begin + 1_800 + 30 + 2


def test_threads_that_share_a_chain_all_get_answers(clock: FakeClock) -> None:
    """What was under way when the circuit opened is all that is sent twice."""
    first = Failing(clock, 0, clock.now + 1e9, failed(503))
    second = Server()
    chain = chained(clock, first, second)
    start = threading.Barrier(THREADS)

    def work(_: int) -> list[str]:
        start.wait(20)
        return [chain.call() for _ in range(20)]

    with crowd() as pool:
        answers = [text for texts in pool.map(work, range(THREADS)) for text in texts]
    calls = THREADS * 20
    assert answers == ["n1"] * calls
    probes = (clock.now - 1_000.0) / 30 + 1
    assert first.asked <= 5 + THREADS + probes
    assert first.asked + second.asked <= calls * 1.2


def test_all_targets_down_is_told_without_storming_them(clock: FakeClock) -> None:
    """Each is asked until its circuit opens, then now and then."""
    servers = [Failing(clock, 0, clock.now + 1e9, failed(503)) for _ in range(2)]
    chain = chained(clock, *servers)
    calls, begin = 600, clock.now
    for _ in range(calls):
        clock.now += 1
        assert not chain.execute().success
    most = 5 + (clock.now - begin) / 30 + 1
    assert [server.asked <= most for server in servers] == [True, True]
    assert sum(server.asked for server in servers) <= calls * 1.2
