"""``ModelArray``: what takes an endpoint out, and how it comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from specwire.errors import (
    APITimeoutError,
    BackpressureError,
    BudgetExceededError,
    CancelledError,
    CircuitOpenError,
)
from specwire.routing import HealthCheckConfig, ModelArray, ModelEndpoint
from specwire.testing import FakeClock
from tests.resilience.answering import cut, failed


def array_of(*names: str, clock: FakeClock, **config: Any) -> ModelArray:
    health = HealthCheckConfig(**{"slow_start_seconds": 0, **config})
    array = ModelArray("test", health_check=health, clock=clock)
    for name in names:
        array.add_endpoint(name, f"https://{name}.invalid")
    return array


def names(array: ModelArray, count: int) -> list[str]:
    return [getattr(array.select_endpoint(), "name", "-") for _ in range(count)]


def state(array: ModelArray, name: str) -> dict[str, Any]:
    return next(each for each in array.snapshot() if each["name"] == name)


def test_faults_in_a_row_take_it_out_and_time_brings_it_back(clock: FakeClock) -> None:
    """Three faults open the circuit; after the rest one call at a time may try."""
    array = array_of("a", "b", clock=clock, cooldown_seconds=10)
    for _ in range(3):
        array.record_failure("a")
    assert (names(array, 3), state(array, "a")["state"]) == (["b"] * 3, "open")
    clock.now += 10
    visit = array.enter()
    assert (visit.endpoint.name, names(array, 2)) == ("a", ["b", "b"])
    visit.ended()
    assert state(array, "a")["state"] == "closed"


def test_a_refused_request_is_no_fault_of_its_server(clock: FakeClock) -> None:
    """400 as often as you like takes nothing out."""
    array = array_of("a", clock=clock)
    for _ in range(9):
        array.record_failure("a", failed(400))
    assert array.is_healthy()


def test_one_at_its_limit_rests(clock: FakeClock) -> None:
    """After 429 the others are asked until what the server said is over."""
    array = array_of("a", "b", clock=clock)
    array.record_failure("a", failed(429, retry_after_s=7))
    assert names(array, 3) == ["b"] * 3
    clock.now += 7
    assert "a" in names(array, 2)


def test_a_server_that_asks_for_time_gets_it(clock: FakeClock) -> None:
    """503 with Retry-After is a fault, and has it rest as well."""
    array = array_of("a", "b", clock=clock)
    array.record_failure("a", failed(503, retry_after_s=4))
    assert (state(array, "a")["state"], names(array, 2)) == ("closed", ["b", "b"])
    clock.now += 4
    assert "a" in names(array, 2)


def test_where_all_rest_the_first_to_be_ready_is_asked(clock: FakeClock) -> None:
    """A rest is a wish; an error is worse than asking too early."""
    array = array_of("a", "b", clock=clock)
    array.record_failure("a", failed(429, retry_after_s=7))
    array.record_failure("b", failed(429, retry_after_s=5))
    assert names(array, 2) == ["b", "b"]


def test_a_key_that_is_not_good_there_rests_it(clock: FakeClock) -> None:
    """After 401 it is left alone for the cooldown; no circuit opens."""
    array = array_of("a", "b", clock=clock, cooldown_seconds=10)
    array.record_failure("a", failed(401))
    assert (names(array, 2), state(array, "a")["rest_s"]) == (["b", "b"], 10)
    assert state(array, "a")["state"] == "closed"


def test_what_was_never_sent_tells_nothing(clock: FakeClock) -> None:
    """A call whose time was over before, or that was cancelled, is nobody's fault."""
    array = array_of("a", clock=clock, max_failures=1)
    array.record_failure("a", APITimeoutError("late", retryable=False, attempts=0))
    array.record_failure("a", CancelledError("test: enough"))
    assert state(array, "a")["state"] == "closed"
    array.record_failure("a", APITimeoutError("slow", retryable=True, attempts=1))
    assert state(array, "a")["state"] == "open"


def test_its_share_grows_after_it_has_healed(clock: FakeClock) -> None:
    """Of ten chances it gets one at first, five after half the time, then all."""
    array = array_of("a", "b", clock=clock, slow_start_seconds=20).with_strategy(
        "priority"
    )
    array.mark_unhealthy("a")
    array.mark_healthy("a")
    counts = []
    for _ in range(3):
        got = []
        for chance in range(10):
            clock._chance = (chance + 0.5) / 10
            got += names(array, 1)
        counts.append(got.count("a"))
        clock.now += 10
    assert counts == [1, 5, 10]


def test_a_check_brings_it_back_and_takes_it_out(clock: FakeClock) -> None:
    """One good check closes the circuit; as many bad ones as faults take it out."""
    array = array_of("a", "b", clock=clock, max_failures=2)
    for _ in range(2):
        array.record_failure("a")
    array.record_check("a", True)
    assert state(array, "a")["state"] == "closed"
    array.record_check("a", False)
    assert state(array, "a")["state"] == "closed"
    array.record_check("a", False)
    assert (state(array, "a")["state"], names(array, 2)) == ("down", ["b", "b"])


def test_a_call_goes_on_to_the_next(clock: FakeClock) -> None:
    """Each endpoint is asked once; the last one is told that it is."""
    array = array_of("a", "b", "c", clock=clock)
    asked = []

    def ask(endpoint: ModelEndpoint, last: bool) -> str:
        asked.append((endpoint.name, last))
        if not last:
            raise cut()
        return "done"

    assert array.call(ask) == "done"
    assert asked == [("a", False), ("b", False), ("c", True)]


def test_the_last_error_is_the_callers(clock: FakeClock) -> None:
    """Where all fail the error is the last one's, not one of the array."""
    array = array_of("a", "b", clock=clock)
    errors = [failed(500), failed(503)]
    with pytest.raises(type(errors[1])) as caught:
        array.call(lambda endpoint, _: _raise(errors["ab".index(endpoint.name)]))
    assert caught.value is errors[1]


def test_what_is_wrong_with_the_request_is_raised_at_once(clock: FakeClock) -> None:
    """After 400 no other endpoint is asked."""
    array = array_of("a", "b", clock=clock)
    with pytest.raises(type(failed(400))):
        array.call(lambda *_: _raise(failed(400)))
    assert [each.requests for each in array.endpoints] == [1, 0]


def test_where_none_may_be_asked_the_error_says_why(clock: FakeClock) -> None:
    """It names each endpoint's state, and when to come again."""
    array = array_of("a", "b", clock=clock, max_failures=1, cooldown_seconds=9)
    array.mark_unhealthy("a")
    array.record_failure("b")
    with pytest.raises(CircuitOpenError, match="a is down, b is open") as caught:
        array.call(lambda *_: None)
    assert caught.value.retry_after_s == 9


def test_a_stream_counts_until_its_end(clock: FakeClock) -> None:
    """It is under way until it was read, and only its beginning fails over."""
    array = array_of("a", "b", clock=clock)

    def stream(endpoint: ModelEndpoint, _: bool) -> Iterator[str]:
        if endpoint.name == "a":
            raise cut()
        yield "one"
        raise cut()

    events = array.call(stream)
    assert (next(events), state(array, "b")["connection_count"]) == ("one", 1)
    with pytest.raises(type(cut())):
        next(events)
    told = [(each["failures"], each["connection_count"]) for each in array.snapshot()]
    assert told == [(1, 0), (1, 0)]


def test_a_stream_that_begins_has_found_out(clock: FakeClock) -> None:
    """The first event of a probe closes the circuit; its end is not waited for."""
    array = array_of("a", clock=clock, max_failures=1, cooldown_seconds=9)
    array.record_failure("a")
    clock.now += 9
    events = array.call(lambda *_: iter("abc"))
    assert state(array, "a")["state"] == "closed"
    assert (list(events), state(array, "a")["connection_count"]) == (["a", "b", "c"], 0)


def test_a_refusal_by_the_client_itself_tells_nothing(clock: FakeClock) -> None:
    """No place in its queue, or no budget, is not the endpoint's doing."""
    array = array_of("a", clock=clock)
    array.record_failure("a", BackpressureError("test: full"))
    array.record_failure("a", BudgetExceededError("test: spent"))
    assert state(array, "a")["rest_s"] == 0


def test_a_stream_that_is_left_gives_its_place_back(clock: FakeClock) -> None:
    """Closing it ends the count and tells nothing against the endpoint."""
    array = array_of("a", clock=clock, max_failures=1)
    events = array.call(lambda *_: iter("abc"))
    events.close()
    assert array.snapshot()[0]["connection_count"] == 0
    assert array.is_healthy()


def test_threads_may_share_it(clock: FakeClock) -> None:
    """Eight threads with 500 calls each: all are counted, none stays under way."""
    array = array_of("a", "b", "c", clock=clock).with_strategy("least_connections")

    def work() -> None:
        for number in range(500):
            visit = array.enter()
            visit.ended(cut() if number % 50 == 0 else None)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = array.snapshot()
    assert sum(each["requests"] for each in counted) == 4_000
    assert sum(each["failures"] for each in counted) == 80
    assert [each["connection_count"] for each in counted] == [0, 0, 0]


def test_names_are_unique() -> None:
    """A second endpoint of a name is refused; removing the first makes room."""
    array = ModelArray().add_endpoint("a", "")
    with pytest.raises(ValueError, match="'a' already"):
        array.add_endpoint("a", "")
    assert array.remove_endpoint("a") is not None
    assert len(array.add_endpoint("a", "")) == 1
    assert not array.mark_healthy("b")


def test_an_endpoint_is_kept_as_data() -> None:
    """What ``to_dict`` gives ``from_dict`` takes."""
    made = ModelEndpoint("a", "gpt-4o", "https://a.invalid", 2.0, healthy=False)
    again = ModelEndpoint.from_dict(made.to_dict())
    assert again.to_dict() == made.to_dict()
    again.healthy = True
    assert again.healthy


def _raise(error: Exception) -> None:
    raise error
