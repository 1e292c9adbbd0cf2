"""``MemoryCache``: what it holds is what a plain model of it holds."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.cache import DiskCache, Entry, MemoryCache
from specwire.testing import FakeClock

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), st.integers(0, 6), st.integers(0, 40), st.integers(1, 30)
        ),
        st.tuples(st.just("get"), st.integers(0, 6), st.just(0), st.just(0)),
        st.tuples(st.just("delete"), st.integers(0, 6), st.just(0), st.just(0)),
        st.tuples(st.just("pass"), st.integers(0, 20), st.just(0), st.just(0)),
    ),
    max_size=60,
)


class Model:
    """Entries by key, the one that was used last at the end."""

    def __init__(self, most: int, most_bytes: int, clock: FakeClock) -> None:
        self.held: dict[str, Entry] = {}
        self.most, self.most_bytes, self.clock = most, most_bytes, clock

    def get(self, key: str) -> Entry | None:
        found = self.held.pop(key, None)
        if found is None or found.until <= self.clock.time():
            return None
        self.held[key] = found
        return found

    def put(self, key: str, entry: Entry) -> None:
        self.held.pop(key, None)
        if entry.size + len(key) <= self.most_bytes:
            self.held[key] = entry
        while len(self.held) > self.most or self.bytes() > self.most_bytes:
            del self.held[next(iter(self.held))]

    def bytes(self) -> int:
        return sum(entry.size + len(key) for key, entry in self.held.items())


@given(STEPS)
@settings(max_examples=80, deadline=None)
def test_it_is_a_list_by_last_use(steps: list[Any]) -> None:
    """Up to its limits, of entries and of bytes, and each entry up to its time."""
    clock = FakeClock()
    store, model = (
        MemoryCache(4, max_bytes=900, clock=clock),
        Model(4, 900, clock),
    )
    for what, number, size, lasting in steps:
        key, now = f"k{number}", clock.time()
        if what == "put":
            entry = Entry(bytes(size * 20), now, now + lasting, now + lasting)
            store.put(key, entry)
            model.put(key, entry)
        elif what == "get":
            assert store.get(key) is model.get(key)
        elif what == "delete":
            assert store.delete(key) == (model.held.pop(key, None) is not None)
        else:
            clock.now += number
        assert store.size() == (len(model.held), model.bytes())


@given(STEPS)
@settings(max_examples=25, deadline=None)
def test_a_file_has_the_same_entries(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    """Of those that it has, each is the last one put, in time; the size is known."""
    clock = FakeClock()
    store = DiskCache(
        tmp_path_factory.mktemp("c") / "a.db", max_bytes=3000, clock=clock
    )
    put: dict[str, Entry] = {}
    for what, number, size, lasting in steps:
        key, now = f"k{number}", clock.time()
        if what == "put":
            put[key] = Entry(bytes(size * 20), now, now + lasting, now + lasting)
            assert store.put(key, put[key])
        elif what == "get":
            found = store.get(key)
            if found is not None:
                assert found.value == put[key].value
                assert put[key].until > now
        elif what == "delete":
            store.delete(key)
        else:
            clock.now += number
    sizes = [row[0] for row in store._asked("SELECT size FROM entries")]
    assert store.size() == (len(sizes), sum(sizes))
    assert sum(sizes) <= 3000
    assert store.errors == 0
    store.close()


def test_what_was_used_last_stays() -> None:
    """The other one goes, and is counted."""
    store = MemoryCache(2)
    for key in "ab":
        store.put(key, Entry(key, 0.0))
    assert store.get("a") is not None
    store.put("c", Entry("c", 0.0))
    assert [store.get(key) is not None for key in "abc"] == [True, False, True]
    assert store.evicted == 1


def test_threads_may_share_it() -> None:
    """Its sums are right after any number of them."""
    store = MemoryCache(50, max_bytes=20_000)

    def work(number: int) -> None:
        for step in range(300):
            key = f"k{(number * 7 + step) % 90}"
            store.put(key, Entry(bytes(step % 50), 0.0))
            store.get(f"k{step % 90}")
            store.delete(f"k{step % 11}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries, size = store.size()
    known = store._entries
    assert entries == len(known) <= 50
    assert size == sum(entry.size + len(key) for key, (entry, _) in known.items())


def test_a_copy_in_another_process_is_empty() -> None:
    """It has the settings, and no answers."""
    store = MemoryCache(3, max_bytes=1000)
    store.put("a", Entry("a", 0.0))
    copied = pickle.loads(pickle.dumps(store))
    assert (copied.max_entries, copied.max_bytes, copied.size()) == (3, 1000, (0, 0))
