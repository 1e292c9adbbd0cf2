"""When a circuit opens, who may probe it, and when it closes."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from specwire.errors import (
    APITimeoutError,
    BackpressureError,
    CancelledError,
    CircuitOpenError,
    DecodeError,
    InternalServerError,
    RequestValidationError,
    StreamError,
)
from specwire.resilience import CircuitBreaker, CircuitBreakerConfig
from specwire.testing import FakeClock
from tests.core.conftest import hang_up
from tests.core.sample import client
from tests.scripted import chunked, serving

from .answering import Server, cut, failed


def broken(breaker: CircuitBreaker, error: BaseException | None = None) -> None:
    """One call through ``breaker`` that fails."""

    def fail() -> None:
        raise error or failed(503)

    with pytest.raises(type(error or failed(503))):
        breaker.call(fail)


def opened(clock: FakeClock, **settings: Any) -> CircuitBreaker:
    breaker = CircuitBreaker(failure_threshold=1, clock=clock, **settings)
    broken(breaker)
    assert breaker.state == "open"
    return breaker


@pytest.mark.parametrize(
    "error",
    [
        *(failed(status) for status in (500, 502, 503, 504, 529, 408)),
        *(cut(), APITimeoutError("slow"), StreamError("cut")),
        *(ConnectionResetError(), TimeoutError()),
    ],
    ids=repr,
)
def test_faults_of_the_server_and_of_the_way_count(
    error: BaseException, clock: FakeClock
) -> None:
    """What AI-Protocol calls E3xxx, ours or another library's."""
    breaker = CircuitBreaker(failure_threshold=2, clock=clock)
    broken(breaker, error)
    assert str(breaker.state) == "closed"
    broken(breaker, error)
    assert str(breaker.state) == "open"


@pytest.mark.parametrize(
    "error",
    [
        *(failed(status) for status in (400, 401, 403, 404, 409, 413, 422, 429)),
        *(CancelledError("x"), BackpressureError("x"), DecodeError("x")),
        CircuitOpenError("another one"),
        *(RequestValidationError("x"), ValueError(), FileNotFoundError(2, "x", "y")),
        KeyboardInterrupt(),
    ],
    ids=repr,
)
def test_the_callers_own_faults_do_not_count(
    error: BaseException, clock: FakeClock
) -> None:
    """A request that is refused, limited, given up or never sent opens nothing."""
    breaker = CircuitBreaker(failure_threshold=1, clock=clock)
    broken(breaker, error)
    assert breaker.state == "closed"


def test_faults_in_a_row_are_counted(clock: FakeClock) -> None:
    """An answer between them begins the count again; a 429 does not."""
    breaker = CircuitBreaker(failure_threshold=2, clock=clock)
    broken(breaker)
    breaker.call(int)
    broken(breaker)
    assert breaker.state == "closed"
    broken(breaker, failed(429))
    broken(breaker)
    assert breaker.state == "open"


def test_an_open_circuit_calls_nothing(clock: FakeClock) -> None:
    """The refusal says until when, and what the last fault was."""
    breaker = opened(clock, cooldown_seconds=30)
    clock.now += 10
    with pytest.raises(CircuitOpenError, match="InternalServerError") as caught:
        breaker.call(pytest.fail)
    assert caught.value.retry_after_s == 20
    assert caught.value.standard_code == "E3002"
    assert not caught.value.retryable
    assert breaker.get_time_until_retry() == 20


def test_a_good_probe_closes_and_a_bad_one_opens(clock: FakeClock) -> None:
    """After the rest; the rest begins again with each fault."""
    breaker = opened(clock, cooldown_seconds=30)
    clock.now += 30
    assert (breaker.state, breaker.is_half_open) == ("half_open", True)
    broken(breaker)
    assert breaker.state == "open"
    clock.now += 29
    assert breaker.state == "open"
    clock.now += 1
    assert breaker.call(lambda: "up") == "up"
    assert breaker.state == "closed"


def test_a_config_asks_for_two_good_probes(clock: FakeClock) -> None:
    """As ai-lib's does; the keyword is ``success_threshold``."""
    breaker = CircuitBreaker(CircuitBreakerConfig(1, cooldown_seconds=1), clock=clock)
    broken(breaker)
    clock.now += 1
    breaker.call(int)
    assert breaker.state == "half_open"
    breaker.call(int)
    assert breaker.state == "closed"


def test_exactly_one_of_many_threads_probes(clock: FakeClock) -> None:
    """Threads that come at one moment: one is let through, the others are refused."""
    breaker = opened(clock, cooldown_seconds=5)
    clock.now += 5
    start, hold = threading.Barrier(16), threading.Event()
    let_through: list[int] = []
    refused: list[float | None] = []

    def probe() -> None:
        let_through.append(1)
        hold.wait(10)

    def ask() -> None:
        start.wait(10)
        try:
            breaker.call(probe)
        except CircuitOpenError as error:
            refused.append(error.retry_after_s)
            if len(refused) == 15:
                hold.set()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(let_through), len(refused)) == (1, 15)
    assert breaker.state == "closed"


def test_a_probe_whose_caller_dies_gives_its_place_back(clock: FakeClock) -> None:
    """Interrupted, or dropped without a word: the next one may probe."""
    breaker = opened(clock, cooldown_seconds=5)
    clock.now += 5
    broken(breaker, KeyboardInterrupt())
    leave = breaker.enter()
    with pytest.raises(CircuitOpenError):
        breaker.enter()
    del leave
    gc.collect()
    breaker.call(int)
    assert breaker.state == "closed"


def test_what_began_before_says_nothing_later(clock: FakeClock) -> None:
    """A slow call's late fault does not open a circuit that has closed meanwhile."""
    breaker = CircuitBreaker(failure_threshold=1, cooldown_seconds=5, clock=clock)
    slow, slower = breaker.enter(), breaker.enter()
    broken(breaker)
    breaker.ended(slow)
    assert breaker.state == "open"
    clock.now += 5
    breaker.call(int)
    breaker.ended(slower, failed(500))
    assert breaker.state == "closed"


def test_as_a_hook_each_attempt_counts(clock: FakeClock) -> None:
    """Three faults of one call open it; the fourth attempt is not made."""
    breaker, server = (
        CircuitBreaker(failure_threshold=3, clock=clock),
        Server(*[503] * 9),
    )
    made = client(hooks=[breaker, server], _clock=clock, max_retries=5)
    with pytest.raises(CircuitOpenError):
        made.notes.create()
    assert (server.asked, breaker.state_of("notes")) == (3, "open")
    assert breaker.state_of("other") == "closed"


def test_as_a_hook_a_refusal_by_the_server_is_an_answer(clock: FakeClock) -> None:
    """A probe that gets a 400 finds the server well."""
    breaker = CircuitBreaker(failure_threshold=1, cooldown_seconds=5, clock=clock)
    made = client(hooks=[breaker, Server(500, 400)], _clock=clock, max_retries=0)
    with pytest.raises(InternalServerError):
        made.notes.create()
    clock.now += 5
    with pytest.raises(Exception, match="400"):
        made.notes.create()
    assert breaker.state == "closed"


def test_a_limit_that_ran_out_before_sending_is_no_fault(clock: FakeClock) -> None:
    """The call's own deadline, while it waited, says nothing of the server."""

    class Late(Server):
        def before_attempt(self, call: Any) -> Any:
            clock.now += 100

    breaker = CircuitBreaker(failure_threshold=1, clock=clock)
    made = client(hooks=[breaker, Late()], _clock=clock, timeout=10)
    with pytest.raises(APITimeoutError):
        made.notes.create()
    assert breaker.state == "closed"


STOP = b'data: {"type": "stop"}\n\n'
PIECE = b'data: {"type": "piece", "text": "a"}\n\n'


def test_streams_that_break_off_count_at_their_end(clock: FakeClock) -> None:
    """A good beginning does not hide that no stream comes to its end."""
    breaker = CircuitBreaker(failure_threshold=2, clock=clock)
    cut_off = hang_up(chunked(PIECE, end=False))
    with (
        serving(cut_off, cut_off) as server,
        client(server.url, hooks=[breaker], max_retries=0) as made,
    ):
        for _ in range(2):
            stream = made.notes.create(stream=True)
            assert next(stream).text == "a"
            with pytest.raises(StreamError):
                next(stream)
    assert breaker.state == "open"


def test_a_probe_that_streams_closes_with_its_first_event(clock: FakeClock) -> None:
    """Others need not wait for the end; a fault behind it counts anew."""
    breaker = opened(clock, cooldown_seconds=5)
    breaker = CircuitBreaker(failure_threshold=1, cooldown_seconds=5, clock=clock)
    with (
        serving(
            b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            hang_up(chunked(PIECE, end=False)),
        ) as server,
        client(server.url, hooks=[breaker], max_retries=0) as made,
    ):
        with pytest.raises(InternalServerError):
            made.notes.create()
        clock.now += 5
        stream = made.notes.create(stream=True)
        assert breaker.state == "half_open"
        next(stream)
        assert breaker.state == "closed"
        with pytest.raises(StreamError):
            next(stream)
        assert breaker.state == "open"


def test_a_dropped_stream_gives_the_probe_back(clock: FakeClock) -> None:
    """Closed before its first event, it has told nothing."""
    breaker = CircuitBreaker(failure_threshold=1, cooldown_seconds=0, clock=clock)
    with (
        serving(chunked(PIECE, STOP), chunked(PIECE, STOP)) as server,
        client(server.url, hooks=[breaker]) as made,
    ):
        broken_hook(breaker, clock)
        made.notes.create(stream=True).close()
        assert breaker.state == "half_open"
        assert [each.type for each in made.notes.create(stream=True)] == [
            "piece",
            "stop",
        ]
    assert breaker.state == "closed"


def broken_hook(breaker: CircuitBreaker, clock: FakeClock) -> None:
    leave = breaker.enter("notes")
    breaker.ended(leave, failed(500), "notes")


def test_a_streaming_function_is_judged_by_its_end(clock: FakeClock) -> None:
    """``call`` waits for the first event; what breaks later counts as well."""

    def events() -> Iterator[int]:
        yield 1
        raise cut()

    breaker = CircuitBreaker(failure_threshold=1, clock=clock)
    stream = breaker.call(events)
    assert (next(stream), str(breaker.state)) == (1, "closed")
    with pytest.raises(type(cut())):
        next(stream)
    assert breaker.state == "open"


def test_execute_has_a_fallback(clock: FakeClock) -> None:
    """In place of a refused call, not of a failed one."""
    breaker = opened(clock)
    assert breaker.execute(pytest.fail, lambda: "instead") == "instead"
    breaker.reset()
    assert breaker.execute(lambda: 1) == 1
    stats = breaker.get_stats()
    assert (stats.rejected_requests, stats.failed_requests) == (1, 1)


class Machine(RuleBasedStateMachine):
    """The circuit against a model of it: who is let through, and its state."""

    THRESHOLD, REST = 3, 10.0

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.breaker = CircuitBreaker(
            failure_threshold=self.THRESHOLD,
            cooldown_seconds=self.REST,
            clock=self.clock,
        )
        self.state, self.row, self.until = "closed", 0, 0.0
        self.probe: Any = None

    def _now(self) -> str:
        if self.state == "open" and self.clock.now >= self.until:
            return "half_open"
        return self.state

    @rule(seconds=st.sampled_from([1.0, 4.0, 10.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(kind=st.sampled_from(["good", "fault", "own", "limited"]))
    @precondition(lambda self: self.probe is None)
    def ask(self, kind: str) -> None:
        expected = self._now()
        assert self.breaker.state == expected
        try:
            leave = self.breaker.enter()
        except CircuitOpenError:
            assert expected == "open"
            return
        assert expected != "open"
        self._end(leave, kind, expected)

    @rule()
    @precondition(lambda self: self.probe is None and self._now() == "half_open")
    def begin_a_probe(self) -> None:
        self.probe = self.breaker.enter()

    @rule()
    @precondition(lambda self: self.probe is not None)
    def a_second_probe_is_refused(self) -> None:
        with pytest.raises(CircuitOpenError):
            self.breaker.enter()

    @rule(kind=st.sampled_from(["good", "fault", "own", "limited"]))
    @precondition(lambda self: self.probe is not None)
    def end_the_probe(self, kind: str) -> None:
        leave, self.probe = self.probe, None
        self._end(leave, kind, "half_open")

    def _end(self, leave: Any, kind: str, was: str) -> None:
        errors = {"good": None, "fault": cut(), "own": failed(400)}
        self.breaker.ended(leave, errors.get(kind, failed(429)))
        if kind in ("good", "own"):
            self.state, self.row = "closed", 0
        elif kind == "fault":
            self.row += 1
            if was == "half_open" or self.row >= self.THRESHOLD:
                self.state, self.until = "open", self.clock.now + self.REST
        assert self.breaker.state == self._now()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, derandomize=True
)
