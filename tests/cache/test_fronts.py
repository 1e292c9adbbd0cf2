"""The same cache at every front door: chat, builders, workflows, generated packages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire import AiClient, Client
from specwire.cache import Cache, DiskCache, MemoryCache, from_cache
from tests.chat.answers import anthropic, openai, openai_events
from tests.client.test_workflow_stream import FINAL, chunk, frames
from tests.golden import library
from tests.scripted import chunked, reply, serving

from .asking import KEY, asking


def chat(url: str, *hooks: Any, model: str = "openai/gpt-4o") -> AiClient:
    return AiClient(model, api_key=KEY, base_url=url, hooks=hooks, max_retries=0)


def test_a_chat_is_answered_again() -> None:
    """With its content, tokens and costs; and it says where it comes from."""
    cache = Cache()
    with serving(openai("a")) as server, chat(server.url, cache) as client:
        first, second = (client.chat().user("Hi").execute() for _ in range(2))
        assert len(server.received) == 1
    assert (second.content, second.usage) == (first.content, first.usage)
    assert (from_cache(first), from_cache(second)) == (None, "hit")


def test_a_stream_of_chat_is_given_again() -> None:
    """Event by event, with the whole answer at its end."""
    with serving(openai_events("a", "b")) as server:
        with chat(server.url, Cache()) as client:
            streams = [client.chat().user("Hi").stream() for _ in range(1)]
            texts = [[repr(e) for e in stream] for stream in streams]
            again = client.chat().user("Hi").stream()
            assert [repr(e) for e in again] == texts[0]
            assert (again.response.content, from_cache(again)) == ("ab", "hit")
            assert len(server.received) == 1


def test_a_stream_of_chat_that_is_cut_is_not_kept() -> None:
    """The next one is sent."""
    cut = openai_events("a", done=False)
    with serving(cut, openai_events("a")) as server:
        with chat(server.url, Cache()) as client:
            with pytest.raises(Exception, match="end"):
                list(client.chat().user("Hi").stream())
            for _ in range(2):
                list(client.chat().user("Hi").stream())
            assert len(server.received) == 2


def test_a_model_that_is_named_in_the_path_is_asked_as_well() -> None:
    """Gemini's way."""
    parts = {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}
    with serving(reply(200, {"candidates": [parts]})) as server:
        with chat(server.url, Cache(), model="gemini/gemini-2.0-flash") as client:
            texts = [client.chat().user("Hi").execute().content for _ in range(2)]
        assert (texts, len(server.received)) == (["a", "a"], 1)


def test_candidates_that_are_asked_for_one_by_one_are_several() -> None:
    """Equal requests of one call are not one answer; the same call again is."""
    with serving(*map(anthropic, "abc")) as server:
        model = "anthropic/claude-sonnet-4-5"
        with chat(server.url, Cache(), model=model) as client:
            asked = client.chat().user("Hi").max_tokens(9).candidates(3)
            first = {one.content for one in asked.execute().candidates}
            second = {one.content for one in asked.execute().candidates}
        assert first == second == set("abc")
        assert len(server.received) == 3


@pytest.mark.parametrize("kind", [Cache, MemoryCache])
def test_a_builder_takes_a_cache_or_a_store(kind: Any) -> None:
    """It stands before what limits calls, whatever the order of the settings."""
    with serving(openai("a")) as server:
        client = (
            AiClient.builder()
            .model("openai/gpt-4o")
            .api_key(KEY)
            .base_url(server.url)
            .production_ready()
            .cache(kind())
            .build()
        )
        with client:
            assert isinstance(client._hooks[0], Cache)
            for _ in range(2):
                assert client.chat().user("Hi").execute().content == "a"
        assert len(server.received) == 1


def test_a_workflow_is_kept_where_it_is_said() -> None:
    """Whole and streamed; by itself no run is taken for another."""
    ran = reply(200, {"success": True, "output": {"a": 1}})
    stream = chunked(frames(chunk("x"), FINAL))
    with serving(ran, ran, stream) as server:
        for cache, runs in ((Cache(), 2), (Cache(only={"workflows.execute"}), 0)):
            with Client(
                api_keys={"sim": KEY}, base_urls={"sim": server.url}, hooks=[cache]
            ) as client:
                if runs:
                    for _ in range(runs - 1):
                        client.execute_workflow("wf_1", {"a": 1})
                    continue
                for _ in range(3):
                    done = client.execute_workflow("wf_1", {"a": 1})
                    assert done.output == {"a": 1}
                events = [
                    list(client.execute_workflow("wf_1", {"a": 1}, stream=True))
                    for _ in range(2)
                ]
                assert events[0] == events[1] != []
        assert len(server.received) == 3


def test_a_generated_package_takes_one() -> None:
    """By the names of its operations, or as its server says."""
    book = {"id": "00000000-0000-4000-8000-000000000000", "title": "A", "kind": "novel"}
    kept = reply(200, book, {"cache-control": "max-age=60"})
    with serving(kept, reply(200, book), reply(200, book)) as server:
        for cache, sent in ((Cache(), 1), (Cache(only={"books.get"}), 2)):
            with library.Client(
                base_urls={"library": server.url},
                api_keys={"library": KEY},
                hooks=[cache],
            ) as client:
                titles = [client.books.get(book["id"]).title for _ in range(3)]
            assert (titles, len(server.received)) == (["A"] * 3, sent)


def test_signals_show_it() -> None:
    """Beside those of other hooks."""
    cache = Cache()
    with asking(cache) as (client, _):
        shown = client.signals_snapshot().parts["cache"]
    assert shown == cache.stats.to_dict()
    assert {"hits", "misses", "stale", "stored", "evicted", "errors"} <= set(shown)
    json.dumps(shown)


def test_a_call_without_one_loads_none() -> None:
    """And a cache in memory loads no SQLite; nothing of resilience either way."""
    from tests.house.test_imports import loaded

    plain = loaded(
        "from specwire import Client, AiClient; Client(); import specwire.core.session"
    )
    assert not [name for name in plain if name.startswith("specwire.cache")]
    used = loaded("from specwire.cache import Cache; Cache()")
    assert not {"sqlite3", "specwire.cache.disk", "specwire.resilience"} & used


def test_a_store_is_checked() -> None:
    """What is none is refused when the cache is made."""
    with pytest.raises(TypeError, match="store: expected a Store, got str"):
        Cache("answers.db")  # type: ignore[arg-type]
    assert "answers.db" in repr(Cache(DiskCache("answers.db")))
