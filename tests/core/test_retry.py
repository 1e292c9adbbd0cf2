"""Which failures are tried again, and how long is waited first."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from specwire.core.errors import (
    APIConnectionError,
    APITimeoutError,
    DecodeError,
    SpecwireError,
    status_error,
)
from specwire.core.retry import (
    Backoff,
    Budget,
    Policy,
    checked_retries,
    may_retry,
    retry_after_s,
    retryable_status,
)
from specwire.core.types import UNSET, Timeout
from specwire.core.wire import Call, Request
from specwire.errors import (
    BadRequestError,
    ConflictError,
    InternalServerError,
    RateLimitError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import CREATE, NOTE, RUN, client, pack
from tests.scripted import reply

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
OK = reply(200, NOTE)
DONE = reply(200, {"ok": True})
CUT = hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(status, True) for status in (408, 409, 429, 500, 502, 503, 529, 600)]
    + [(status, False) for status in (300, 304, 400, 401, 403, 404, 413, 422, 499)],
)
def test_statuses_that_may_pass_are_tried_again(status: int, expected: bool) -> None:
    """408, 409, 429 and everything from 500 on."""
    assert retryable_status(status, {}) is expected


@pytest.mark.parametrize(
    ("status", "word", "expected"),
    [(400, "true", True), (503, "false", False), (503, "maybe", True)],
)
def test_the_servers_own_word_comes_first(
    status: int, word: str, expected: bool
) -> None:
    """x-should-retry beats the status; another word says nothing."""
    assert retryable_status(status, {"x-should-retry": word}) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1_000"}, None),
        ({"retry-after": "1e9"}, 1e9),
        ({"retry-after": "inf"}, float("inf")),
        ({"retry-after": "9" * 400}, float("inf")),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 -0000"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50"}, 30.0),
        ({"retry-after": "Tuesday, 14-Nov-23 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue Nov 14 22:13:50 2023"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, None),
        ({"retry-after": "Tue, 99 Nov 2023 22:13:00 GMT"}, None),
    ],
    ids=str,
)
def test_the_servers_wish_is_read_in_all_its_forms(
    headers: dict[str, str], expected: float | None
) -> None:
    """Milliseconds, seconds, fractions and dates; what is unusable is as none."""
    assert retry_after_s(headers, NOW) == expected


def test_the_wait_doubles_up_to_its_bound() -> None:
    """0.5, 1, 2, 4, 8 seconds and no more."""
    waits = [Backoff().delay_s(retry, 1.0) for retry in (1, 2, 3, 4, 5, 6, 1_000)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_chance_spreads_the_waits() -> None:
    """Callers that failed together do not come back together."""
    waits = [Backoff().delay_s(1, chance / 10) for chance in range(11)]
    assert (min(waits), max(waits)) == (0.25, 0.5)
    assert len(set(waits)) == 11


@pytest.mark.parametrize("wish", [0.0, 0.3, 2.0, 60.0])
@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_wish_is_a_floor_that_chance_only_raises(wish: float, chance: float) -> None:
    """Nobody comes before the time the server named, nor long after it."""
    delay = Backoff().delay_s(1, chance, wish)
    assert wish <= delay <= max(wish * 1.1, 0.5)


def call_of(operation: Any, key: str | None = None, body: Any = None) -> Call:
    request = Request("POST", "http://h/", {}, body)
    return Call(operation, request, Timeout(), 2, key)


def status(code: int, wish: float | None = None) -> SpecwireError:
    return status_error("op", code, None, retryable=True, retry_after_s=wish)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (status(429), True),
        (status(529), True),
        (status(503, 1.0), True),
        (status(503), False),
        (status(500), False),
        (status(408), False),
        (APIConnectionError("x", started=False), True),
        (APIConnectionError("x"), False),
        (APITimeoutError("x", started=False), True),
        (APITimeoutError("x"), False),
        (DecodeError("x"), False),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_work_that_may_have_begun_is_not_begun_twice(
    error: SpecwireError, expected: bool
) -> None:
    """An operation marked unstarted is repeated only where that is certain."""
    assert may_retry(error, call_of(RUN)) is expected
    assert may_retry(error, call_of(RUN, key="k")) is error.retryable
    assert may_retry(error, call_of(CREATE)) is error.retryable


def test_a_body_that_cannot_be_read_again_is_sent_once() -> None:
    """Half a file is worse than an error."""

    class Once:
        rewindable = False

    assert not may_retry(status(503), call_of(CREATE, body=Once()))


@pytest.mark.parametrize("code", [408, 409, 429, 500, 503, 529])
def test_a_call_gets_through_after_failures(
    play: Play, clock: FakeClock, code: int
) -> None:
    """Two failures, then the answer; the reply counts the attempts."""
    made, server = play(reply(code), reply(code), OK, _clock=clock)
    note = made.notes.create()
    assert note._reply.attempts == 3
    assert clock.slept == [0.5, 1.0]
    assert note._reply.elapsed_s == 1.5
    assert len(server.received) == 3


def test_the_last_failure_is_raised_when_all_fail(play: Play, clock: FakeClock) -> None:
    """max_retries does not count the first attempt."""
    made, server = play(*[reply(500)] * 5, _clock=clock, max_retries=3)
    with pytest.raises(InternalServerError) as caught:
        made.notes.create()
    assert caught.value.attempts == len(server.received) == 4


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422])
def test_the_callers_mistakes_are_not_repeated(
    play: Play, clock: FakeClock, code: int
) -> None:
    """One attempt, no wait."""
    made, server = play(*[reply(code)] * 3, _clock=clock)
    with pytest.raises(SpecwireError):
        made.notes.create()
    assert (len(server.received), clock.slept) == (1, [])


def test_a_call_may_say_how_often(play: Play, clock: FakeClock) -> None:
    """The option of the call wins over the client's."""
    made, server = play(*[reply(500)] * 3, _clock=clock)
    with pytest.raises(InternalServerError):
        made.notes.create(max_retries=0)
    assert len(server.received) == 1


def test_the_servers_wish_is_waited_for(play: Play, clock: FakeClock) -> None:
    """Never shorter, and only a little longer."""
    made, _ = play(reply(429, headers={"Retry-After": "7"}), OK, _clock=clock)
    made.notes.create()
    assert clock.slept == [pytest.approx(7.05)]


@pytest.mark.parametrize("wish", ["20", "1e9", "inf", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wish_past_the_deadline_is_not_slept_through(
    play: Play, clock: FakeClock, wish: str
) -> None:
    """The error comes at once and says how long the server asked to wait."""
    refusal = reply(429, headers={"Retry-After": wish})
    made, server = play(refusal, OK, timeout=10, _clock=clock)
    with pytest.raises(RateLimitError) as caught:
        made.notes.create()
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s >= 20
    assert (clock.slept, len(server.received)) == ([], 1)


@pytest.mark.parametrize("wish", ["1e9", "inf", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wish_without_bound_is_refused_also_without_a_deadline(
    play: Play, clock: FakeClock, wish: str
) -> None:
    """No limit on the call does not mean sleeping for years."""
    refusal = reply(429, headers={"Retry-After": wish})
    made, _ = play(refusal, OK, timeout=None, _clock=clock)
    with pytest.raises(RateLimitError):
        made.notes.create()
    assert clock.slept == []


def test_waits_add_up_against_the_deadline(play: Play, clock: FakeClock) -> None:
    """The wait that would end after the deadline is not begun."""
    busy = [reply(503, headers={"Retry-After": "4"})] * 9
    made, server = play(*busy, timeout=10, max_retries=9, _clock=clock)
    with pytest.raises(InternalServerError):
        made.notes.create()
    assert len(server.received) == 3
    assert sum(clock.slept) < 10


def test_a_server_that_says_no_is_believed(play: Play, clock: FakeClock) -> None:
    """x-should-retry: false ends it, true goes on."""
    no, yes = ({"x-should-retry": word} for word in ("false", "true"))
    made, server = play(reply(503, headers=no), _clock=clock)
    with pytest.raises(InternalServerError):
        made.notes.create()
    made, server = play(reply(400, headers=yes), OK, _clock=clock)
    made.notes.create()
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "failure",
    [
        hang_up(),
        hang_up(b"HTTP/1.1 200"),
        hang_up(b"HTTP/1.1 200 OK\r\nContent-Le"),
        hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"),
        CUT,
        hang_up(b"nonsense\r\n\r\n"),
    ],
    ids=["hung up", "cut status", "cut header", "cut head", "cut body", "no HTTP"],
)
def test_a_broken_connection_is_tried_again(
    play: Play, clock: FakeClock, failure: Any
) -> None:
    """Also a body that stops before its announced end."""
    made, server = play(failure, OK, _clock=clock)
    assert made.notes.create().id == "n1"
    assert len(server.received) == 2


def test_a_cut_chunked_body_is_tried_again(play: Play, clock: FakeClock) -> None:
    """Before, inside and between chunks."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    cuts = [hang_up(head + rest) for rest in (b"", b"5", b"5\r\n{}", b"2\r\n{}\r\n")]
    made, server = play(*cuts, OK, _clock=clock, max_retries=4)
    assert made.notes.create().id == "n1"
    assert len(server.received) == 5


def test_a_run_is_not_repeated_once_it_may_have_begun(
    play: Play, clock: FakeClock
) -> None:
    """The server hung up after the request: that may have been too late."""
    made, server = play(hang_up(), DONE, _clock=clock)
    with pytest.raises(APIConnectionError) as caught:
        made.notes.run("n1")
    assert (caught.value.started, len(server.received)) == (True, 1)


def test_an_idempotency_key_makes_a_run_repeatable(
    play: Play, clock: FakeClock
) -> None:
    """The server can tell that it is the same run."""
    made, server = play(hang_up(), reply(500), DONE, _clock=clock)
    assert made.notes.run("n1", idempotency_key="k1") == {"ok": True}
    assert [r.headers["idempotency-key"] for r in server.received] == ["k1"] * 3


def test_a_run_that_was_refused_for_lack_of_room_is_repeated(
    play: Play, clock: FakeClock
) -> None:
    """429 and 529 say that nothing was begun."""
    made, server = play(reply(429), reply(529), DONE, _clock=clock)
    made.notes.run("n1")
    assert len(server.received) == 3


def test_a_run_that_never_reached_the_server_is_repeated(clock: FakeClock) -> None:
    """A refused connection is not a begun run."""
    with client(_clock=clock) as made:
        with pytest.raises(APIConnectionError) as caught:
            made.notes.run("n1")
    assert (caught.value.attempts, caught.value.started) == (3, False)


def test_all_attempts_carry_the_same_idempotency_key(
    play: Play, clock: FakeClock
) -> None:
    """One key a call, another one for the next call."""
    made, server = play(reply(500), reply(500), OK, OK, _clock=clock)
    made.notes.create()
    made.notes.create()
    keys = [r.headers["idempotency-key"] for r in server.received]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert keys[0].startswith("specwire-")


def test_a_key_given_as_a_header_is_kept(play: Play, clock: FakeClock) -> None:
    """In any case of letters, and it counts as one."""
    made, server = play(reply(500), DONE, _clock=clock)
    made.notes.run("n1", extra_headers={"idempotency-key": "mine"})
    heads = [r.head.lower().count(b"idempotency-key: mine") for r in server.received]
    assert heads == [1, 1]


def test_a_policy_may_decide_otherwise(play: Play, clock: FakeClock) -> None:
    """Helpers bring their own rule of what is tried again."""
    made, _ = play(reply(404), reply(404), DONE, _clock=clock)
    policy = Policy(Backoff(initial_s=3.0), lambda error, call: True)
    call = made.notes._prepare(RUN, {"note_id": "n", "text": "a"}, *pack({}))
    assert made._engine.send(call, (), policy) == {"ok": True}
    assert clock.slept == [3.0, 6.0]


def test_retrying_leaves_no_word_in_the_log(
    play: Play, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A library does not talk unless asked."""
    made, _ = play(reply(500), OK, _clock=clock)
    with caplog.at_level(logging.INFO):
        made.notes.create()
    assert caplog.records == []


def test_the_final_error_is_not_wrapped(play: Play, clock: FakeClock) -> None:
    """No RetryError, and what came first stays visible as its context."""
    made, _ = play(reply(500), reply(409), reply(400), _clock=clock)
    with pytest.raises(BadRequestError) as caught:
        made.notes.create()
    assert type(caught.value) is BadRequestError
    assert not isinstance(caught.value, ConflictError)
    assert caught.value.attempts == 3


@pytest.mark.parametrize("value", [-1, 1001])
def test_a_number_of_retries_has_bounds(value: int) -> None:
    """0 to 1,000."""
    with pytest.raises(ValueError, match="0 to 1000"):
        checked_retries(value)


@pytest.mark.parametrize("value", [True, 1.0, "2", None, UNSET])
def test_a_number_of_retries_is_an_integer(value: Any) -> None:
    """Other kinds are refused where they are given."""
    with pytest.raises(TypeError, match="max_retries"):
        checked_retries(value)


def test_an_outage_uses_the_budget_of_retries_up(play: Play, clock: FakeClock) -> None:
    """From then on each call is one request; a server in trouble is not worn down."""
    made, server = play(*[reply(503)] * 300, _clock=clock)
    for _ in range(200):
        with pytest.raises(InternalServerError):
            made.notes.create()
    assert 200 < len(server.received) <= 250


def test_retries_that_help_cost_nothing(play: Play, clock: FakeClock) -> None:
    """Every call may need one, for as long as they do help."""
    made, server = play(*[reply(503), reply(200, NOTE)] * 100, _clock=clock)
    for _ in range(100):
        assert made.notes.create().id == "n1"
    assert len(server.received) == 200


def test_success_earns_retries_slowly_and_within_bounds() -> None:
    """Ten calls that end well pay for one retry; what is saved up is bounded."""
    budget = Budget(tokens=0.0)
    assert budget.take(None) is None
    for _ in range(11):
        budget.earn()
    assert budget.take(None) == 1.0
    assert budget.take(None) is None
    budget.earn(10_000)
    assert budget.tokens == budget.most


def test_too_many_requests_cost_less_of_the_budget() -> None:
    """A server that says 429 is well; it is the caller who is too fast."""
    cost = Budget().take(RateLimitError("", status_code=429))
    assert cost is not None and cost < 1
