"""Streams: kept whole or not at all, and given again as streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire import Hook, errors
from specwire.cache import Cache, DiskCache, from_cache
from specwire.resilience import Backpressure, CircuitBreaker, RateLimiter
from tests.budgets.asking import BEGUN, BLOCK, END, PIECE, event

from .asking import ASKED, CUT, STREAM, answer, asking, chunked, said

DROPPED = chunked(BEGUN, BLOCK, event("content_block_delta", index="no"), PIECE, END)
IN_STREAM = chunked(
    BEGUN, event("error", error={"type": "overloaded_error", "message": "no"})
)


def events(client: Any) -> list[Any]:
    return list(client.messages.create(**ASKED, stream=True))


@pytest.mark.parametrize("disk", [False, True], ids=["memory", "disk"])
def test_a_stream_is_given_again_as_a_stream(disk: bool, path: str) -> None:
    """With the same events, from one request."""
    cache = Cache(DiskCache(path) if disk else None)
    with asking(cache, STREAM) as (client, server):
        first = events(client)
        stream = client.messages.create(**ASKED, stream=True)
        assert [list(stream), from_cache(stream)] == [first, "hit"]
        assert len(server.received) == 1


def test_a_stream_of_texts_is_given_again() -> None:
    """``messages.stream``: texts, and the whole message."""
    with asking(Cache(), STREAM) as (client, server):
        made = []
        for _ in range(2):
            with client.messages.stream(**ASKED) as stream:
                made.append(("".join(stream.text_stream), stream.get_final_message()))
        assert made[0] == made[1]
        assert len(server.received) == 1


def test_a_stream_and_a_whole_answer_are_two() -> None:
    """Whoever asks for the one does not get the other."""
    with asking(Cache(), STREAM, answer("a")) as (client, _):
        events(client)
        assert said(client) == "a"


@pytest.mark.parametrize(
    "first", [CUT, DROPPED, IN_STREAM], ids=["cut", "shape", "error"]
)
def test_a_stream_that_failed_is_not_kept(first: bytes) -> None:
    """Cut off, not to be read in part, or ended by an error."""
    cache = Cache()
    with asking(cache, first, STREAM) as (client, server):
        stream = client.messages.create(**ASKED, stream=True)
        with pytest.raises(errors.SpecwireError):
            list(stream)
        list(stream)  # one that can go on behind what could not be read
        assert events(client) == events(client)
        assert len(server.received) == 2
    assert cache.stats.stored == 1


def test_a_stream_that_was_left_is_not_kept() -> None:
    """Closed, or dropped, before its end."""
    cache = Cache()
    with asking(cache, STREAM, STREAM, STREAM) as (client, _):
        with client.messages.create(**ASKED, stream=True) as stream:
            next(stream)
        next(client.messages.create(**ASKED, stream=True))
        assert cache.stats.stored == 0
        events(client)
    assert cache.stats.stored == 1


def test_a_large_stream_is_not_kept() -> None:
    """Nor does it take memory: what was written down is let go."""
    cache = Cache(max_entry_bytes=200)
    with asking(cache, STREAM) as (client, _):
        events(client)
    assert cache.stats.stored == 0


def test_equal_streams_in_one_thread_do_not_wait_for_each_other() -> None:
    """Both are open at a time: a stream is not shared before its end."""
    cache = Cache()
    with asking(cache, STREAM, STREAM) as (client, server):
        one, two = (client.messages.create(**ASKED, stream=True) for _ in range(2))
        pairs = list(zip(one, two, strict=True))
        assert len(server.received) == 2
    assert all(a == b for a, b in pairs)


def test_a_stream_begun_again_is_kept_as_it_came_then() -> None:
    """What a first attempt had sent is not in front of it."""
    broken = chunked(b": hello\n\n", end=False)
    with asking(Cache(), broken, STREAM, max_retries=1) as (client, server):
        assert events(client) == events(client)
        assert len(server.received) == 2


def test_hooks_behind_take_a_stream_that_they_were_not_asked_for() -> None:
    """Limits by tokens, calls and failures are not in the way of one given again."""
    hooks: list[Hook] = [
        RateLimiter(tokens_per_minute=1e6),
        Backpressure(1),
        CircuitBreaker(),
    ]
    with asking(Cache(), STREAM, hooks=hooks) as (client, _):
        assert events(client) == events(client) == events(client)


def test_a_stream_of_bytes_that_are_no_text_is_kept(path: str) -> None:
    """In base64; nothing is lost."""
    from specwire.cache import Entry, Kept

    store = DiskCache(path)
    kept = Kept(200, {"a": "b"}, bytes(range(256)), "http://x")
    store.put("k", Entry(kept, 1.0))
    found = store.get("k")
    assert found is not None
    assert found.value.body == bytes(range(256))
    text = store._asked("SELECT value FROM entries")[0][0]
    assert json.loads(text)["kind"] == "reply"
