"""The ledger's file: who may read it, and what happens when it does not do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from specwire.ledger import Entry, LedgerFileError, RunLedger
from specwire.ledger.store import Store

from ..scripted import reply, serving
from .runs import CLOSE, Runs, client_of, script
from .test_crashes import ended, process


def entry_of(key: str) -> Entry:
    return Entry(key, "wf_1", "s", "r1", "completed", 1, 0.0, result={"output": 1})


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """The file and SQLite's own beside it are made with 0600, whatever the umask."""
    path, old = tmp_path / "runs.db", os.umask(0)
    try:
        store = Store(str(path))
        store.made(lambda: None)
        with store._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            store_files = sorted(tmp_path.iterdir())
            modes = {file.stat().st_mode & 0o777 for file in store_files}
    finally:
        os.umask(old)
    assert [file.name for file in store_files] == [
        *("runs.db", "runs.db-shm", "runs.db-wal"),
    ]
    assert modes == {0o600}


def test_entries_come_back_as_they_were(tmp_path: Path) -> None:
    """All of an entry is kept, text of any script and lone surrogates too."""
    path = tmp_path / "runs.db"
    store = Store(str(path))
    store.made(lambda: None)
    result = {"output": ["ü", "\ud800", None, 1.5]}
    entry = Entry("käy", "w", "s", "r", "failed", 3, 1.0, 2.0, "t", "g", result)
    store.put(entry)
    assert RunLedger(path).get("käy") == entry


@pytest.mark.parametrize("name", ["a b#c?d%20.db", "ü.db", "-"])
def test_any_name_will_do(name: str, tmp_path: Path) -> None:
    """The path is a path, also where it looks like a part of a URL."""
    with serving(*script(Runs())) as server:
        RunLedger(tmp_path / name).run("k", client_of(server.url), "wf_1")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_asking_makes_no_file(tmp_path: Path) -> None:
    """A ledger that was never used is empty, and no file appears by looking."""
    ledger = RunLedger(tmp_path / "runs.db")
    assert (ledger.get("k"), ledger.entries(), ledger.forget("k")) == (None, [], False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"no database, but some text " * 40, b"SQLite format 3\0" + b"\7" * 4096],
)
def test_a_corrupt_file_runs_nothing(content: bytes, tmp_path: Path) -> None:
    """It is an error that says what to do, and the file is left as it is."""
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    with serving(*script(Runs())) as server:
        with pytest.raises(LedgerFileError, match="move the file away"):
            RunLedger(path).run("k", client_of(server.url), "wf_1")
    assert server.received == []
    assert path.read_bytes() == content


def test_damage_inside_the_file_runs_nothing(tmp_path: Path) -> None:
    """A table that cannot be read any more is an error too, not an empty ledger."""
    path = tmp_path / "runs.db"
    store = Store(str(path))
    store.made(lambda: None)
    store.put(entry_of("k"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with serving(*script(Runs())) as server, pytest.raises(LedgerFileError):
        RunLedger(path).run("k", client_of(server.url), "wf_1")
    assert server.received == []


def test_the_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A SQLite file that is no ledger gets no table of ours."""
    path = tmp_path / "runs.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE other (x)")
    db.close()
    with serving() as server, pytest.raises(LedgerFileError, match="another program"):
        RunLedger(path).run("k", client_of(server.url), "wf_1")


@pytest.mark.parametrize("half", ["empty", "wal"])
def test_a_file_half_made_is_made(half: str, tmp_path: Path) -> None:
    """Who died while making the file is in nobody's way."""
    path = tmp_path / "runs.db"
    if half == "empty":
        path.touch()
    else:
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = WAL")
        db.close()
    with serving(*script(Runs())) as server:
        entry = RunLedger(path).run("k", client_of(server.url), "wf_1")
    assert entry.success is True


@pytest.mark.parametrize("name", ["no/such/folder/runs.db", "."])
def test_a_path_that_will_not_do_runs_nothing(name: str, tmp_path: Path) -> None:
    """A folder that is missing, or a folder in its place."""
    with serving() as server, pytest.raises(LedgerFileError):
        RunLedger(tmp_path / name).run("k", client_of(server.url), "wf_1")
    assert server.received == []


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
@pytest.mark.parametrize(("size", "sent", "kept"), [(6_000, 0, None), (70_000, 1, 1)])
def test_a_full_disk(size: int, sent: int, kept: int | None, tmp_path: Path) -> None:
    """Full before the run: nothing is sent. Full after it: the result is on the error,
    and the next start finds it by its identifier."""
    path, runs = tmp_path / "runs.db", Runs()
    big = {"success": True, "output": "x" * 200_000}

    def answer(conn: object, request: object) -> None:
        runs.run(request)  # type: ignore[arg-type]
        conn.sendall(reply(200, big, CLOSE))  # type: ignore[attr-defined]

    with serving(answer, *script(runs)) as server:
        said = ended(process("full", str(path), server.url, str(size)))
        assert said == f"full {200_000 if kept else None}"
        assert runs.began == sent
        entry = RunLedger(path).run("k", client_of(server.url), "wf_1")
    assert (entry.success, runs.began) == (True, 1)
