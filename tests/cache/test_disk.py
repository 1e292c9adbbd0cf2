"""``DiskCache``: the file outlives deaths, harm and other hands; calls never notice."""

from __future__ import annotations

import json
import logging
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from specwire.cache import Cache, DiskCache, Entry
from tests.house.modules import ROOT, SDK

from .asking import answer, asking, said


def test_answers_outlive_a_cache(path: str) -> None:
    """Another one on the same file has them: two in turn, one request."""
    caches = [Cache(DiskCache(path)) for _ in range(2)]
    with asking(caches[0], answer("a")) as (client, server):
        assert said(client) == "a"
        assert said(client.with_options(hooks=[caches[1]])) == "a"
        assert len(server.received) == 1
    assert caches[1].stats.hits == 1


def test_the_file_is_the_owners_alone(path: str) -> None:
    """0600, its companions too; also where other hands had made it."""
    DiskCache(path).put("a", Entry("a", 0.0))
    os.chmod(path, 0o644)
    store = DiskCache(path)
    store.put("b", Entry("b", 0.0))
    folder = Path(path).parent
    modes = {stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()}
    assert modes == {0o600}


def test_a_folder_will_do(tmp_path: Path) -> None:
    """A file is made in it; folders above a file are made as well."""
    assert DiskCache(tmp_path).path == str(tmp_path / "answers.db")
    store = DiskCache(tmp_path / "a/b/c.db")
    assert store.put("a", Entry("a", 0.0))
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700


def test_values_are_json(path: str) -> None:
    """Nothing in the file can run."""
    with asking(Cache(DiskCache(path)), answer("a")) as (client, _):
        said(client)
    rows = DiskCache(path)._asked("SELECT value FROM entries")
    kept = json.loads(rows[0][0])
    assert kept["kind"] == "reply"
    assert json.loads(kept["value"]["text"])["content"][0]["text"] == "a"


HARM = {
    "another's text": "UPDATE entries SET value = replace(value, 'first', 'wrong')",
    "no JSON": "UPDATE entries SET value = '{'",
    "no text": "UPDATE entries SET value = x'ff00ff'",
    "no sum": "UPDATE entries SET sum = ''",
    "another time": "UPDATE entries SET until = until + 1e6",
    "another shape": "UPDATE entries SET value = '{\"kind\": 1}'",
    "another key": "UPDATE entries SET key = 'x' || key",
    "no facts": "DELETE FROM facts",
    "wrong facts": "UPDATE facts SET value = 'x' WHERE name <> 'salt'",
    "a wrong sum": "UPDATE facts SET value = 1e12 WHERE name = 'bytes'",
    "no table": "DROP TABLE entries",
}


ONLY_FACTS = {name for name in HARM if "facts" in name or name == "a wrong sum"}


@pytest.mark.parametrize("harm", HARM)
def test_poison_is_no_answer(harm: str, path: str) -> None:
    """An entry that was tampered with is not given, and calls go on."""
    script = [answer("first"), *[answer("second")] * 3]
    with asking(Cache(DiskCache(path)), *script) as (client, _):
        assert said(client) == "first"
        db = sqlite3.connect(path)
        db.execute(HARM[harm])
        db.commit()
        db.close()
        assert said(client) == ("first" if harm in ONLY_FACTS else "second")
        other = client.with_options(hooks=[Cache(DiskCache(path))])
        assert [said(other), said(client, max_tokens=7)][1] == "second"


@pytest.mark.parametrize("size", [0, 1, 15, 100, 4096, 9000])
def test_a_torn_file_is_no_answer(
    size: int, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut anywhere: each call is sent, and the log says so at most once a cache."""
    store = DiskCache(path)
    store.put("k", Entry("x" * 5000, 0.0))
    store.close()
    whole = Path(path).read_bytes()
    for file in Path(path).parent.iterdir():
        file.unlink()
    Path(path).write_bytes(whole[:size])
    with caplog.at_level(logging.WARNING, "specwire"):
        cache = Cache(DiskCache(path))
        with asking(cache, answer("a"), answer("b")) as (client, server):
            texts = [said(client), said(client)]
        assert texts == ["a", "ab"[len(server.received) - 1]]
    assert len(caplog.records) <= 1


FOREIGN = {
    "text": b"These are somebody's notes.\n" * 400,
    "zeros": bytes(5000),
    "SQLite": b"",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_of_another_program_is_left_alone(
    kind: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls go on without a cache; the log says what to do."""
    if kind == "SQLite":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE notes (text TEXT)")
        db.commit()
        db.close()
    else:
        Path(path).write_bytes(FOREIGN[kind])
    os.chmod(path, 0o644)
    before = Path(path).read_bytes()
    cache = Cache(DiskCache(path))
    with caplog.at_level(logging.WARNING, "specwire"):
        with asking(cache, answer("a"), answer("b")) as (client, _):
            assert [said(client), said(client)] == ["a", "b"]
    assert Path(path).read_bytes() == before
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o644
    assert [r.getMessage().count("move the file away") for r in caplog.records] == [1]
    assert cache.stats.errors > 0


def test_a_place_that_is_none_is_survived(tmp_path: Path) -> None:
    """Below a file, where no file can be made."""
    (tmp_path / "file").write_text("x")
    cache = Cache(DiskCache(tmp_path / "file/answers.db"))
    with asking(cache, answer("a"), answer("b")) as (client, _):
        assert [said(client), said(client)] == ["a", "b"]


def test_a_full_disk_is_survived(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """What was there is there; what does not fit is asked for again."""
    store = DiskCache(path)
    with asking(Cache(store), answer("a"), *[answer("b" * 50_000)] * 2) as (client, _):
        said(client)
        store._opened().execute("PRAGMA max_page_count = 1")
        asked = {"max_tokens": 7}
        assert said(client, **asked) == said(client, **asked)
        assert said(client) == "a"
    assert "full" in caplog.text


def test_a_file_that_others_hold_is_not_waited_for_long(path: str) -> None:
    """Half a second by default; then the answer is not kept."""
    store = DiskCache(path, busy_s=0.01)
    store.put("a", Entry("a", 0.0))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not store.put("b", Entry("b", 0.0))
    assert store.get("a") is not None
    other.execute("ROLLBACK")
    other.close()
    assert store.put("b", Entry("b", 0.0))


def test_a_file_that_was_removed_is_made_anew(path: str) -> None:
    """Under way."""
    cache = Cache(DiskCache(path))
    with asking(cache, answer("a"), answer("b")) as (client, _):
        assert said(client) == "a"
        for file in Path(path).parent.iterdir():
            file.unlink()
        assert [said(client), said(client)] == ["b", "b"]


def test_its_size_has_a_limit(path: str) -> None:
    """What was not used longest goes first, and what is past its time before it."""
    store = DiskCache(path, max_bytes=5000)
    for key in "abc":
        store.put(key, Entry("x" * 1200, 0.0))
    assert store.get("a") is not None
    store.put("d", Entry("x" * 1200, 0.0))
    assert [store.get(key) is not None for key in "abcd"] == [True, False, True, True]
    assert (store.evicted, store.size()[0]) == (1, 3)
    assert not store.put("e", Entry("x" * 6000, 0.0))


def test_what_is_past_its_time_can_be_removed(path: str) -> None:
    """By hand; room is made of it by itself."""
    store = DiskCache(path)
    store.put("a", Entry("a", 0.0, 1.0, 1e12))
    store.put_many({key: Entry(key, 0.0, 1.0, 2e12) for key in "bc"})
    assert store.remove_expired() == 0
    store._changed("UPDATE entries SET until = 1 WHERE key = 'a'")
    assert store.remove_expired() == 1
    assert store.size()[0] == 2
    store.clear()
    assert store.size() == (0, 0)


def test_threads_may_share_it(path: str) -> None:
    """Its sums are right after any number of them."""
    store = DiskCache(path, max_bytes=50_000)

    def work(number: int) -> None:
        for step in range(20):
            store.put(f"k{(number * 5 + step) % 30}", Entry("x" * 50 * step, 0.0))
            store.get(f"k{step}")
        store.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sizes = [row[0] for row in store._asked("SELECT size FROM entries")]
    assert store.size() == (len(sizes), sum(sizes))
    assert store.errors == 0


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_a_whole_file(path: str) -> None:
    """SIGKILL in the middle of writing, three times: what is read is right."""
    env = {**os.environ, "PYTHONPATH": f"{SDK}{os.pathsep}{ROOT}"}
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.cache.dying", path],
            env=env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"begun\n"
            child.kill()
        store = DiskCache(path)
        found = {n: store.get(f"k{n}") for n in range(97)}
        kept = {n: entry.value for n, entry in found.items() if entry is not None}
        assert kept == {n: f"value {n} " * 200 for n in kept}
        assert kept
        sizes = [row[0] for row in store._asked("SELECT size FROM entries")]
        assert store.size() == (len(sizes), sum(sizes))
        assert store.errors == 0
        store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_writes_beside_its_parent(path: str) -> None:
    """Each with a connection of its own."""
    store = DiskCache(path)
    store.put("a", Entry("a", 0.0))
    pid = os.fork()
    if pid == 0:
        done = store.get("a") is not None and store.put("b", Entry("b", 0.0))
        os._exit(0 if done else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert store.get("b") is not None
    assert store.put("c", Entry("c", 0.0))


def test_a_copy_in_another_process_shares_the_file(path: str) -> None:
    """It is a path and settings."""
    store = DiskCache(path, max_bytes=5000)
    store.put("a", Entry("a", 0.0))
    copied = pickle.loads(pickle.dumps(store))
    assert copied.max_bytes == 5000
    assert copied.get("a") is not None


def test_a_cache_goes_with_its_settings(path: str) -> None:
    """To another process: it shares the file, and keeps the same calls."""
    cache = Cache(DiskCache(path), ttl=5, only={"messages.create"})
    with asking(cache, answer("a")) as (client, _):
        said(client)
        copied = pickle.loads(pickle.dumps(cache))
        assert said(client.with_options(hooks=[copied])) == "a"
    assert (copied.ttl, copied.stats.hits) == (5, 1)


def test_vectors_are_kept_one_by_one(path: str) -> None:
    """By keys that embeddings make; in order, ``None`` where there is none."""
    cache = Cache(DiskCache(path), ttl=None)
    cache.put_vectors({"a": b"\0\1\2\3", "c": b"\xff" * 8})
    again = Cache(DiskCache(path))
    assert again.get_vectors(["a", "b", "c"]) == [b"\0\1\2\3", None, b"\xff" * 8]
    assert (again.stats.hits, again.stats.misses) == (2, 1)
