"""Equal calls under way at one time: one request for all of them."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from specwire import AiClient, CancelToken, Timeout, errors
from specwire.cache import Cache, MemoryCache
from specwire.cache.flights import Flight
from specwire.core.wire import Call, Request
from specwire.resources.messages import _CREATE
from tests.chat.answers import openai
from tests.scripted import Received, Step, reply, serving

from .asking import KEY, answer, asking, said

Held = Callable[[socket.socket, Received], None]


class Gate:
    """Holds a reply back until it is opened."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._open = threading.Event()

    def holding(self, then: bytes) -> Step:
        then = then.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)

        def step(conn: socket.socket, _: Received) -> None:
            self.arrived.set()
            self._open.wait(30)
            conn.sendall(then)

        return step

    def open(self) -> None:
        self._open.set()


class Waiting(Cache):
    """A cache that says when so many calls wait for others."""

    def __init__(self, wanted: int, **settings: Any) -> None:
        super().__init__(**settings)
        self._left = wanted
        self.all_wait = threading.Event()

    def before_attempt(self, call: Call) -> Any:
        said = super().before_attempt(call)
        if hasattr(said, "until"):
            with self._lock:
                self._left -= 1
                if self._left <= 0:
                    self.all_wait.set()
        return said


def in_threads(count: int, step: Callable[[], object]) -> tuple[list[Any], list[Any]]:
    """Threads under way, and where their results and errors will be."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(step())
        except errors.SpecwireError as error:
            results.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def crowd(cache: Waiting, script: list[Step], gate: Gate, **settings: Any) -> Any:
    """32 threads ask the same; the gate opens once 31 wait."""
    with asking(cache, *script, **settings) as (client, server):
        threads, results = in_threads(32, lambda: said(client))
        assert cache.all_wait.wait(30)
        gate.open()
        joined(threads)
        return results, len(server.received)


def test_of_many_equal_calls_one_is_sent() -> None:
    """32 threads, one request, one answer for all."""
    cache, gate = Waiting(31), Gate()
    results, sent = crowd(cache, [gate.holding(answer("a"))], gate)
    assert (results, sent) == (["a"] * 32, 1)
    assert (cache.stats.hits, cache.stats.misses) == (31, 1)


def test_a_store_that_keeps_nothing_is_no_reason_to_ask_again() -> None:
    """Who has waited gets the answer itself."""

    class Broken(MemoryCache):
        def get(self, key: str) -> None:
            raise OSError("gone")

        def put(self, key: str, entry: Any) -> bool:
            raise OSError("gone")

    cache, gate = Waiting(31, store=Broken()), Gate()
    results, sent = crowd(cache, [gate.holding(answer("a"))], gate)
    assert (results, sent) == (["a"] * 32, 1)
    assert cache.stats.errors > 0


def test_after_a_failure_another_one_goes_on() -> None:
    """The error is its caller's alone; the next one is asked for the others."""
    cache, gate = Waiting(31), Gate()
    down = reply(500, {"error": {"message": "no"}})
    results, sent = crowd(cache, [gate.holding(down), answer("a")], gate)
    assert (sent, results.count("a")) == (2, 31)
    assert isinstance(next(r for r in results if r != "a"), errors.InternalServerError)


def test_nobody_waits_for_one_failure_after_the_other() -> None:
    """After the second all that are left go by themselves, at one time."""
    cache, gate = Waiting(31), Gate()
    down = reply(500, {"error": {"message": "no"}})
    script: list[Step] = [gate.holding(down), down, *[answer("a")] * 30]
    results, sent = crowd(cache, script, gate)
    assert (results.count("a"), sent >= 3) == (30, True)


def test_what_may_not_be_kept_is_not_shared() -> None:
    """``no-store``: the others go by themselves then, none after the other."""
    cache, gate = Waiting(31), Gate()
    script = [gate.holding(answer("a", cache_control="no-store")), *[answer("b")] * 31]
    results, sent = crowd(cache, script, gate)
    assert (results.count("a"), results.count("b"), sent > 2) == (1, 31, True)


def test_one_that_is_cancelled_leaves_its_place() -> None:
    """Another one is sent, and the others get its answer."""
    cache, gate, token = Waiting(3), Gate(), CancelToken()
    with serving(gate.holding(b""), openai()) as server:
        client = AiClient(
            "openai/gpt-4o", api_key=KEY, base_url=server.url, hooks=[cache]
        )
        chat = client.chat().user("Hi")
        first, ended = in_threads(1, lambda: chat.execute(token))
        assert gate.arrived.wait(30)
        others, results = in_threads(3, lambda: chat.execute().content)
        assert cache.all_wait.wait(30)
        token.cancel()
        joined([*first, *others])
        gate.open()
        client.close()
        assert isinstance(ended[0], errors.CancelledError)
        assert (results, len(server.received)) == (["Hi"] * 3, 2)


def test_who_waits_keeps_its_time_limit() -> None:
    """It ends at its own deadline; the one that is under way goes on."""
    cache, gate = Waiting(1), Gate()
    with asking(cache, gate.holding(answer("a"))) as (client, server):
        first, results = in_threads(1, lambda: said(client))
        assert gate.arrived.wait(30)
        with pytest.raises(errors.APITimeoutError):
            said(client, timeout=0.05)
        gate.open()
        joined(first)
        assert (results, len(server.received)) == (["a"], 1)


def test_one_that_ends_wakes_no_other() -> None:
    """Each has a bell of its own: a deadline of one is not the next one's alarm."""
    cache, gate = Waiting(2), Gate()
    with asking(cache, gate.holding(answer("a"))) as (client, _):
        first, _results = in_threads(1, lambda: said(client))
        assert gate.arrived.wait(30)
        others, waited = in_threads(1, lambda: said(client))
        with pytest.raises(errors.APITimeoutError):
            said(client, timeout=0.05)
        assert cache.all_wait.wait(30)
        asked = cache._left
        gate.open()
        joined([*first, *others])
        assert waited == ["a"]
        assert asked - cache._left == 0


def test_one_that_was_dropped_in_the_middle_is_over() -> None:
    """Its call is gone, and who waits for it hears of that."""
    call = Call(_CREATE, Request("POST", "http://x", {}), Timeout(1), 0)
    flight = Flight(call)
    bells = [flight.wait()]
    assert not bells[0].is_set()
    del call
    assert [bell.is_set() for bell in (*bells, flight.wait())] == [True, True]
    assert (flight.over, flight.alone, flight.entry) == (True, False, None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_does_not_wait_for_its_parents_calls() -> None:
    """Nor for locks that were held."""
    cache, gate = Waiting(99), Gate()
    with asking(cache, gate.holding(answer("a")), answer("b")) as (client, _):
        threads, results = in_threads(1, lambda: said(client))
        assert gate.arrived.wait(30)
        with cache._lock, cache.store._lock, cache._flights._lock:
            pid = os.fork()
            if pid == 0:
                waits = cache._flights.under_way or not cache._lock.acquire(timeout=5)
                waits = waits or cache.store.size() != (0, 0)
                os._exit(1 if waits else 0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        gate.open()
        joined(threads)
    assert results == ["a"]
