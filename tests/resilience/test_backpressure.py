"""Who gets a place, who waits for one, and when it is free again."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest

from specwire.errors import APITimeoutError, BackpressureError, StreamError
from specwire.resilience import Backpressure, BackpressureConfig
from specwire.testing import FakeClock
from tests.core.conftest import hang_up
from tests.core.sample import client
from tests.scripted import chunked, reply, serving

from .answering import Server

PIECE = b'data: {"type": "piece", "text": "a"}\n\n'
STOP = b'data: {"type": "stop"}\n\n'


@pytest.mark.parametrize(
    "made",
    [
        *(
            Backpressure(7),
            Backpressure(max_inflight=7),
            Backpressure(max_concurrent=7),
        ),
        Backpressure(BackpressureConfig(max_inflight=7)),
        Backpressure(BackpressureConfig(max_concurrent=7)),
    ],
)
def test_spellings_of_the_limit(made: Backpressure) -> None:
    """One setting under two names, by keyword or as a config."""
    assert (made.config.max_inflight, made.config.max_concurrent) == (7, 7)


def test_two_spellings_at_once_are_refused() -> None:
    """Neither of them is dropped in silence."""
    with pytest.raises(TypeError, match="max_inflight and max_concurrent"):
        Backpressure(max_inflight=1, max_concurrent=2)


def test_a_place_is_given_back_by_with(clock: FakeClock) -> None:
    """Whatever happens inside."""
    places = Backpressure(max_inflight=1, clock=clock)
    with pytest.raises(ZeroDivisionError), places.permit():
        assert (places.current_inflight, places.available_permits) == (1, 0)
        raise ZeroDivisionError
    assert places.current_inflight == 0


def test_a_dropped_place_is_free(clock: FakeClock) -> None:
    """Nobody can lose one for good."""
    places = Backpressure(max_inflight=1, clock=clock)
    places.permit()
    gc.collect()
    assert places.try_acquire() is True
    assert places.try_acquire() is False
    places.release()
    places.release()
    assert places.available_permits == 1


def test_no_place_in_time_is_an_error(clock: FakeClock) -> None:
    """After ``queue_timeout`` seconds; with 0 at once."""
    places = Backpressure(max_inflight=1, queue_timeout=3, clock=clock)
    with places.permit():
        with pytest.raises(BackpressureError, match="all 1 places") as caught:
            places.permit()
        assert sum(clock.slept) == pytest.approx(3)
        with pytest.raises(BackpressureError):
            places.permit(timeout=0)
        assert sum(clock.slept) == pytest.approx(3)
    assert caught.value.standard_code == "E2001"
    assert places.get_stats()["waiting"] == 0


def test_who_came_first_is_served_first() -> None:
    """Callers wait in a queue, and a place that is given back wakes the first."""
    places = Backpressure(max_inflight=1)
    held = places.permit()
    order: list[int] = []
    threads = []
    for number in range(5):

        def run(number: int = number) -> None:
            with places.permit():
                order.append(number)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        while places.get_stats()["waiting"] <= number:
            threading.Event().wait(0.001)
    held.release()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]


def test_never_more_than_the_limit() -> None:
    """Thirty-two threads, four places."""
    places = Backpressure(max_inflight=4)
    most, lock, inside = [0], threading.Lock(), [0]
    start = threading.Barrier(32)

    def run() -> None:
        start.wait(10)
        for _ in range(5):
            with places.permit():
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=run) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 1 <= most[0] <= 4
    assert places.current_inflight == 0


def test_as_a_hook_a_call_holds_a_place(clock: FakeClock) -> None:
    """For the attempt; between two attempts and after the call nothing is held."""
    places = Backpressure(max_inflight=1, clock=clock)
    seen: list[int] = []

    class Seeing(Server):
        def before_attempt(self, call: Any) -> Any:
            seen.append(places.current_inflight)
            return super().before_attempt(call)

    client(hooks=[places, Seeing(503, 200)], _clock=clock).notes.create()
    assert (seen, places.current_inflight) == ([1, 1], 0)


def test_as_a_hook_the_queue_has_an_end(clock: FakeClock) -> None:
    """``queue_timeout``, or the call's own limit, whichever is first."""
    places = Backpressure(max_inflight=1, queue_timeout=2, clock=clock)
    made = client(hooks=[places, Server()], _clock=clock)
    with places.permit():
        with pytest.raises(BackpressureError):
            made.notes.create()
        with pytest.raises(APITimeoutError):
            made.notes.create(timeout=1)
    assert sum(clock.slept) == pytest.approx(3)
    assert places.get_stats()["waiting"] == 0
    made.notes.create()


def test_streams_hold_their_place_to_the_end() -> None:
    """Read to the end, closed, dropped or broken off."""
    places = Backpressure(max_inflight=1, queue_timeout=0)
    stream = chunked(PIECE, STOP)
    script = [stream, stream, stream, hang_up(chunked(PIECE, end=False))]
    with (
        serving(*script) as server,
        client(server.url, hooks=[places], max_retries=0) as made,
    ):
        events = made.notes.create(stream=True)
        with pytest.raises(BackpressureError):
            made.notes.create(stream=True)
        list(events)
        assert places.current_inflight == 0
        with made.notes.create(stream=True):
            assert places.current_inflight == 1
        assert places.current_inflight == 0
        dropped = made.notes.create(stream=True)
        assert places.current_inflight == 1
        del dropped
        gc.collect()
        assert places.current_inflight == 0
        with pytest.raises(StreamError):
            list(made.notes.create(stream=True))
        assert places.current_inflight == 0


def test_downloads_hold_their_place_to_the_end() -> None:
    """They stay on the wire as streams do."""
    places = Backpressure(max_inflight=1, queue_timeout=0)
    with (
        serving(reply(200, "abc", content_type="text/plain")) as server,
        client(server.url, hooks=[places]) as made,
    ):
        body = made.notes.raw()
        assert places.current_inflight == 1
        assert body.read() == b"abc"
        assert places.current_inflight == 0


def test_a_stream_that_is_begun_again_has_one_place() -> None:
    """The attempt before it has given its own back."""
    places = Backpressure(max_inflight=1, queue_timeout=0)
    overloaded = b'data: {"type": "error", "error": {"type": "overloaded_error"}}\n\n'
    with (
        serving(chunked(overloaded), chunked(PIECE, STOP)) as server,
        client(server.url, hooks=[places], _clock=FakeClock()) as made,
    ):
        events = made.notes.create(stream=True)
        assert next(events).text == "a"
        assert places.current_inflight == 1
        list(events)
    assert places.current_inflight == 0


def test_a_place_that_comes_free_wakes_a_waiting_call() -> None:
    """Within no time, and through the client's loop."""
    places = Backpressure(max_inflight=1)
    held = places.permit()
    done = threading.Event()

    def run() -> None:
        client(hooks=[places, Server()]).notes.create()
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    while not places.get_stats()["waiting"]:
        threading.Event().wait(0.001)
    held.release()
    assert done.wait(10)
    thread.join(10)


def test_closing_the_client_ends_the_wait() -> None:
    """Who stands in the queue hears of it at once."""
    places = Backpressure(max_inflight=1)
    held = places.permit()
    made = client(hooks=[places, Server()])
    failures: list[BaseException] = []

    def run() -> None:
        try:
            made.notes.create()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not places.get_stats()["waiting"]:
        threading.Event().wait(0.001)
    made.close()
    thread.join(10)
    assert [type(each).__name__ for each in failures] == ["CancelledError"]
    assert places.get_stats()["waiting"] == 0
    held.release()
