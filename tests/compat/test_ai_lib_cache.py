"""``specwire.compat.ai_lib.cache``: by hand, and as a hook; both spellings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire.compat.ai_lib import AiClient
from specwire.compat.ai_lib.cache import (
    CacheBackend,
    CacheConfig,
    CacheKeyGenerator,
    CacheManager,
    DiskCache,
    MemoryCache,
    NullCache,
    get_cache_manager,
    set_cache_manager,
)
from tests.chat.answers import openai, openai_events
from tests.scripted import serving

ASKED = [{"role": "user", "content": "Hi"}]


class Mine(CacheBackend):
    """A backend of a program's own."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.held.get(key)

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        self.held[key] = value

    def delete(self, key: str) -> bool:
        return self.held.pop(key, None) is not None

    def clear(self) -> None:
        self.held.clear()


@pytest.mark.parametrize("kind", ["memory", "disk", "mine"])
def test_a_manager_keeps_answers_by_hand(kind: str, tmp_path: Path) -> None:
    """Of messages, with their parameters, and of embeddings."""
    made = {"memory": MemoryCache, "mine": Mine}
    backend = DiskCache(tmp_path) if kind == "disk" else made[kind]()
    manager = CacheManager(backend, ttl=60)
    assert manager.get_response("m", ASKED) is None
    key = manager.cache_response("m", ASKED, {"content": "a"}, temperature=1)
    assert str(key).startswith("ai:m:")
    assert manager.get_response("m", ASKED) is None
    assert manager.get_response("m", ASKED, temperature=1) == {"content": "a"}
    manager.cache_embedding("e", ["x"], [[1.0, 2.0]], dimensions=2)
    assert manager.get_embedding("e", ["x"], 2) == [[1.0, 2.0]]
    assert manager.invalidate("m", ASKED, temperature=1)
    assert not manager.invalidate("m", ASKED, temperature=1)
    stats = manager.stats
    assert (stats.hits, stats.misses, stats.sets, stats.evictions) == (2, 2, 2, 0)
    assert (stats.total_requests, stats.hit_rate) == (4, 0.5)
    manager.clear()
    assert manager.get_embedding("e", ["x"], 2) is None
    manager.close()


@pytest.mark.parametrize("backend", [MemoryCache, Mine])
def test_a_manager_is_a_clients_hook(backend: Any) -> None:
    """What the documents show, and the code has not: calls pass through it."""
    manager = CacheManager(backend(), ttl=60)
    with serving(openai("a"), openai_events("b")) as server:
        client = (
            AiClient.builder()
            .model("openai/gpt-4o")
            .api_key("sk-secret-0001")
            .base_url(server.url)
            .cache(manager)
            .build()
        )
        with client:
            texts = [client.chat().user("Hi").execute().content for _ in range(3)]
            streams = [list(client.chat().user("Hi").stream()) for _ in range(2)]
        assert len(server.received) == 2
    assert texts == ["a"] * 3
    assert [len(events) > 1 for events in streams] == [True, True]
    assert manager.stats.hits == 3


def test_configs_say_what_is_kept() -> None:
    """None at all, no streams, for a short or a long time."""
    off = CacheManager(CacheConfig.disabled(), MemoryCache())
    off.cache_response("m", ASKED, "a")
    assert (off.enabled, off.get_response("m", ASKED)) == (False, None)
    assert CacheManager(CacheConfig.short_ttl()).ttl == 300
    assert CacheManager(CacheConfig.long_ttl()).ttl == 86_400
    assert CacheManager(backend=NullCache()).get_response("m", ASKED) is None
    with serving(openai("a"), openai_events("b"), openai_events("c")) as server:
        for manager in (off, CacheManager(CacheConfig())):
            with AiClient(
                "openai/gpt-4o",
                api_key="sk-secret-0001",
                base_url=server.url,
                hooks=[manager],
            ) as client:
                if manager is off:
                    client.chat().user("Hi").execute()
                    continue
                for _ in range(2):
                    list(client.chat().user("Hi").stream())
        assert len(server.received) == 3


def test_a_key_is_of_all_that_is_asked() -> None:
    """Calls of tools too; not of who asks, or whether it streams."""
    make = CacheKeyGenerator("ai").generate
    called = [{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}]
    bare = [{"role": "assistant", "content": ""}]
    assert make("m", called) != make("m", bare)
    assert make("m", ASKED, user="u", stream=True) == make("m", ASKED).key
    other = CacheKeyGenerator(include_model=False)
    assert other.generate("m", ASKED) == other.generate("n", ASKED)
    assert len({make("m", ASKED), make("m", ASKED), make("n", ASKED)}) == 2


def test_backends_work_by_hand(tmp_path: Path) -> None:
    """With sizes, times and cleaning."""
    memory = MemoryCache(max_size=2, default_ttl=60)
    for key in "abc":
        memory.set(key, {"k": key})
    assert [memory.exists(key) for key in "abc"] == [False, True, True]
    assert (memory.size, memory.get("c")) == (2, {"k": "c"})
    assert (memory.delete("c"), memory.delete("c")) == (True, False)
    disk = DiskCache(tmp_path / "cache", default_ttl=-1)
    disk.set("gone", 1)
    disk.set("kept", [1, 2], ttl=60)
    assert (disk.get("gone"), disk.get("kept")) == (None, [1, 2])
    assert disk.cleanup_expired() == 1
    assert disk.cache_size_bytes > 0
    disk.clear()
    assert disk.get("kept") is None
    disk.close()


def test_a_program_may_share_one() -> None:
    """Made when it is asked for, or given."""
    assert get_cache_manager() is get_cache_manager()
    mine = CacheManager()
    set_cache_manager(mine)
    assert get_cache_manager() is mine
