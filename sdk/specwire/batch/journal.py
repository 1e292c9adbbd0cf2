"""The journal: a SQLite file that says what was asked, sent and answered.

An item is written down before it is sent, with the key that it is sent with, and its
result before it counts as done. Writing is WAL with full synchronisation: what was
committed is there after SIGKILL and after a power cut. Requests and results lie in
tables of their own, so that a change of state writes a few bytes.

One connection writes; who reads opens one of their own, also from other processes. It
does not know what a call is.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from .errors import InputChangedError, JournalError
from .items import Item
from .work import Outcome

WAITING, SENT, AGAIN, SUCCEEDED, FAILED = range(5)
_MARK: Final = 0x53574A31
_BUSY_S: Final = 30.0
_TABLES: Final = """
    CREATE TABLE items (
        id INTEGER PRIMARY KEY, custom_id TEXT NOT NULL UNIQUE,
        position INTEGER NOT NULL, kind TEXT NOT NULL, digest BLOB NOT NULL,
        key TEXT NOT NULL, state INTEGER NOT NULL, seen INTEGER NOT NULL, batch INTEGER
    );
    CREATE INDEX open_items ON items (id) WHERE state < 3;
    CREATE INDEX places ON items (position, id);
    CREATE TABLE requests (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE results (
        id INTEGER PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL,
        elapsed_s REAL NOT NULL
    );
    CREATE TABLE batches (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL, made_at REAL NOT NULL,
        server_id TEXT, collected INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE facts (name TEXT PRIMARY KEY, value);
"""


@frozen
class Row:
    """An item as the journal has it."""

    number: int
    custom_id: str
    position: int
    kind: str
    key: str
    state: int
    body: str = ""


class Journal:
    """The file, for the one who writes; made with the rights 0600 where there is none.

    :ivar mark: names the run, from its first time on.

    :raises JournalError: from every method, where the file does not do.
    """

    def __init__(self, path: str, mark: str) -> None:
        self.path = path
        self.mark = mark
        self._db: sqlite3.Connection = None  # type: ignore[assignment]
        self.turn = 0

    def open(self) -> None:
        """Open it for writing, in the thread that writes."""
        with _told(self.path):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = db = _connected(self.path)
            mark = db.execute("PRAGMA application_id").fetchone()[0]
            if not mark and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                db.executescript(
                    f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id={_MARK}; COMMIT"
                )
            elif mark != _MARK:
                raise sqlite3.DatabaseError("it is the file of another program")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.create_function("new_key", 0, _new_key)
        with self.transaction():
            self.turn = int(self.fact("turn") or 0) + 1
            self.note("turn", self.turn)
            self.mark = self.fact("mark") or self.mark
            self.note("mark", self.mark)

    def close(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside; durable at the end."""
        with _told(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    # -- items -------------------------------------------------------------------------

    def admit(self, item: Item, state: int | None, retry_failed: bool) -> Row:
        """Write ``item`` down, or find it; its state is then ``state`` if it is open.
        ``None`` leaves it as it is.

        :raises InputChangedError: where the journal has another one of that name, or
            this turn has met it before.
        """
        key = _new_key()
        made = self._db.execute(
            "INSERT OR IGNORE INTO items (custom_id, position, kind, digest, key, "
            "state, seen) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(item.custom_id, item.position, item.kind, item.digest, key),
                *(WAITING if state is None else state, self.turn),
            ),
        )
        if made.rowcount:
            number = int(made.lastrowid or 0)
            self._db.execute("INSERT INTO requests VALUES (?, ?)", (number, item.body))
            return Row(
                number,
                *(item.custom_id, item.position, item.kind, key, WAITING, item.body),
            )
        return self._found(item, state, retry_failed)

    def _found(self, item: Item, state: int | None, retry_failed: bool) -> Row:
        number, key, before, digest, seen = self._db.execute(
            "SELECT id, key, state, digest, seen FROM items WHERE custom_id = ?",
            (item.custom_id,),
        ).fetchone()
        _check_same(item, digest == item.digest, seen == self.turn)
        if before == FAILED and retry_failed:
            self.reopen(number)
            (key,) = self._db.execute(
                "SELECT key FROM items WHERE id = ?", (number,)
            ).fetchone()
            before = WAITING
        after = before if state is None or before >= SUCCEEDED else state
        self._db.execute(
            "UPDATE items SET seen = ?, position = ?, state = ? WHERE id = ?",
            (self.turn, item.position, after, number),
        )
        return Row(
            *(number, item.custom_id, item.position, item.kind, key, before, item.body)
        )

    def reopen(self, number: int | None = None) -> None:
        """Take back what failed: of one item or of all. Each gets a new key, because
        who keeps answers by their keys would give the old one again."""
        which = "state = ? AND (? IS NULL OR id = ?)"
        values = (FAILED, number, number)
        self._db.execute(
            f"DELETE FROM results WHERE id IN (SELECT id FROM items WHERE {which})",
            values,
        )
        self._db.execute(
            f"UPDATE items SET state = {WAITING}, key = new_key(), batch = NULL "
            f"WHERE {which}",
            values,
        )

    def move(self, number: int, state: int) -> None:
        """Give an open item another open state."""
        self._db.execute("UPDATE items SET state = ? WHERE id = ?", (state, number))

    def finish(self, number: int, outcome: Outcome) -> bool:
        """Write the result of an item down; false where it has one already."""
        state = SUCCEEDED if outcome.success else FAILED
        done = self._db.execute(
            "UPDATE items SET state = ? WHERE id = ? AND state < 3", (state, number)
        )
        if not done.rowcount:
            return False
        values = (number, outcome.body, outcome.attempts, outcome.elapsed_s)
        self._db.execute("INSERT INTO results VALUES (?, ?, ?, ?)", values)
        return True

    # -- facts -------------------------------------------------------------------------

    def fact(self, name: str) -> Any:
        row = self._db.execute(
            "SELECT value FROM facts WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else row[0]

    def note(self, name: str, value: Any) -> None:
        self._db.execute("REPLACE INTO facts VALUES (?, ?)", (name, value))

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """For parts of a run that keep more than items here."""
        return self._db.execute(statement, values)


def _check_same(item: Item, same: bool, twice: bool) -> None:
    if twice:
        raise InputChangedError(
            f"batch: item {item.position}: custom_id {item.custom_id!r} comes twice in "
            "the input; each item needs a name of its own",
            custom_id=item.custom_id,
        )
    if not same:
        raise InputChangedError(
            f"batch: item {item.position} ({item.custom_id!r}) is another request than "
            "the journal has under that name; give changed items other custom_ids, or "
            "begin a new journal",
            custom_id=item.custom_id,
        )


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        if isinstance(error, InputChangedError):
            raise
        raise JournalError(
            f"journal {path}: {error}. Nothing more is sent without it: make room, "
            "mend the rights or the path; what it has stays, and a next run goes on"
        ) from error


def _connected(path: str, mode: str = "rw") -> sqlite3.Connection:
    uri = f"{Path(path).absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)


def _new_key() -> str:
    return str(uuid.uuid4())


@contextlib.contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """A connection that reads; the one who writes is not held up.

    :raises JournalError: where there is no such journal.
    """
    with _told(path):
        if not os.path.exists(path):
            raise FileNotFoundError("there is no such file")
        db = _connected(path)
        try:
            if db.execute("PRAGMA application_id").fetchone()[0] != _MARK:
                raise sqlite3.DatabaseError("it is no journal of a run")
            yield db
        finally:
            db.close()
