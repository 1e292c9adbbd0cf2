"""How long an answer lasts, and when an older one stands in for an error."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import errors
from specwire.cache import Cache, DiskCache, MemoryCache, from_cache
from specwire.resilience import CircuitBreaker
from specwire.testing import FakeClock
from tests.scripted import reply

from .asking import ASKED, STREAM, answer, asking, said

DOWN = reply(503, {"error": {"message": "down"}})


def stores(path: str, clock: FakeClock) -> list[Any]:
    return [MemoryCache(clock=clock), DiskCache(path, clock=clock)]


@pytest.mark.parametrize("number", [0, 1], ids=["memory", "disk"])
def test_an_answer_lasts_its_time(number: int, path: str, clock: FakeClock) -> None:
    """Up to ``ttl`` seconds, not longer."""
    cache = Cache(stores(path, clock)[number], ttl=60, clock=clock)
    with asking(cache, answer("a"), answer("b")) as (client, _):
        assert said(client) == "a"
        clock.now += 59.9
        assert said(client) == "a"
        clock.now += 0.1
        assert said(client) == "b"


def test_an_answer_may_last_for_ever(path: str, clock: FakeClock) -> None:
    """With ``ttl=None``, in a file too."""
    cache = Cache(DiskCache(path, clock=clock), ttl=None, clock=clock)
    with asking(cache, answer("a")) as (client, _):
        said(client)
        clock.now += 1e9
        assert said(client) == "a"


@pytest.mark.parametrize("number", [0, 1], ids=["memory", "disk"])
@pytest.mark.parametrize(
    "failing", [DOWN, b"", reply(200, b"{")], ids=["503", "cut", "no JSON"]
)
def test_an_older_answer_stands_in_for_an_error(
    number: int, failing: bytes, path: str, clock: FakeClock
) -> None:
    """A server that fails, cannot be reached or talks nonsense; and it says so."""
    cache = Cache(stores(path, clock)[number], ttl=60, stale=100, clock=clock)
    with asking(cache, answer("a"), failing, failing) as (client, _):
        said(client)
        clock.now += 100
        stale = client.messages.create(**ASKED)
        assert (from_cache(stale), cache.stats.stale) == ("stale", 1)
        assert stale._reply is not None
        assert stale._reply.headers["age"] == "100"
        clock.now += 60
        with pytest.raises(errors.SpecwireError):
            said(client)


def test_an_older_stream_stands_in_for_an_error(clock: FakeClock) -> None:
    """As a stream, which is not kept anew."""
    cache = Cache(ttl=60, clock=clock)
    with asking(cache, STREAM, DOWN, DOWN) as (client, _):
        first = list(client.messages.create(**ASKED, stream=True))
        clock.now += 61
        for _ in range(2):
            stream = client.messages.create(**ASKED, stream=True)
            assert [list(stream), from_cache(stream)] == [first, "stale"]
    assert (cache.stats.stale, cache.stats.stored) == (2, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_error_of_the_caller_is_the_callers(status: int, clock: FakeClock) -> None:
    """A key that was revoked, a request that is wrong: nothing hides it."""
    refused = reply(status, {"error": {"message": "no"}})
    with asking(Cache(ttl=60, clock=clock), answer("a"), refused) as (client, _):
        said(client)
        clock.now += 61
        with pytest.raises(errors.APIStatusError):
            said(client)


def test_a_clock_that_is_set_back_makes_no_answer_last(clock: FakeClock) -> None:
    """What seems to be of a time to come is asked for again."""
    with asking(Cache(ttl=60, clock=clock), answer("a"), answer("b")) as (client, _):
        said(client)
        clock.now -= 100_000
        assert said(client) == "b"


def test_caches_may_stand_one_behind_the_other(path: str, clock: FakeClock) -> None:
    """Memory before a file: an answer is no younger for having been read there."""
    disk = Cache(DiskCache(path, clock=clock), ttl=60, clock=clock)
    script = [answer("a"), answer("b")]
    with asking(disk, *script) as (client, server):
        assert said(client) == "a"
        clock.now += 50
        memory = Cache(ttl=60, clock=clock)
        both = client.with_options(hooks=[memory, disk])
        assert [said(both), said(both), said(both)] == ["a", "a", "a"]
        assert (memory.stats.hits, disk.stats.hits) == (2, 1)
        clock.now += 10
        assert said(both) == "b"
        assert len(server.received) == 2


def test_an_open_circuit_has_older_answers(clock: FakeClock) -> None:
    """Nothing is sent, and something is said."""
    breaker = CircuitBreaker(failure_threshold=1, clock=clock)
    cache = Cache(ttl=60, clock=clock)
    with asking(cache, answer("a"), DOWN, hooks=[breaker]) as (client, server):
        said(client)
        clock.now += 61
        assert [said(client), said(client), said(client)] == ["a"] * 3
        assert len(server.received) == 2


def test_the_next_success_renews(clock: FakeClock) -> None:
    """After an error's stand-in the server is asked again."""
    cache = Cache(ttl=60, clock=clock)
    with asking(cache, answer("a"), DOWN, answer("b")) as (client, _):
        said(client)
        clock.now += 61
        assert [said(client), said(client), said(client)] == ["a", "b", "b"]


def test_a_retry_that_succeeds_is_kept(clock: FakeClock) -> None:
    """It is the call that is kept, not its attempts."""
    cache = Cache(clock=clock)
    settings = {"max_retries": 2, "_clock": clock}
    with asking(cache, DOWN, answer("a"), **settings) as (client, server):
        assert [said(client), said(client)] == ["a", "a"]
        assert len(server.received) == 2
    assert (cache.stats.hits, cache.stats.misses) == (1, 1)


@pytest.mark.parametrize(
    ("setting", "value"), [("ttl", -1), ("stale", -1), ("max_entry_bytes", 0)]
)
def test_settings_are_checked(setting: str, value: float) -> None:
    """The message names the setting and what it may be."""
    with pytest.raises(ValueError, match=f"{setting}: expected"):
        Cache(**{setting: value})  # type: ignore[arg-type]
