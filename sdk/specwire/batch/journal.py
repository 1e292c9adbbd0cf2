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
import itertools
import os
import sqlite3
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import frozen

from .errors import BatchError, InputChangedError, JournalError
from .items import Item
from .work import Outcome

T = TypeVar("T")

WAITING, SENT, AGAIN, SUCCEEDED, FAILED = range(5)
_MARK: Final = 0x53574A31
_BUSY_S: Final = 30.0
_CACHE_KB: Final = 256
"""Full after some thousand items, so that memory is the same from there on."""
_AT_ONCE: Final = 64
"""Rows of a statement at most; 8 values each stay below SQLite's limit of 999."""
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


def lock_of(path: str) -> str:
    """The file that is there while somebody runs the journal, or was killed at it."""
    return f"{path}.lock"


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
        self._next = 1

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
            db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            db.create_function("new_key", 0, _new_key)
        with self.transaction():
            self.turn = int(self.fact("turn") or 0) + 1
            self.note("turn", self.turn)
            self.mark = self.fact("mark") or self.mark
            self.note("mark", self.mark)
            last = self._db.execute("SELECT MAX(id) FROM items").fetchone()[0]
            self._next = 1 + (last or 0)

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

    def admit(
        self, items: Sequence[Item], state: int | None, retry_failed: bool
    ) -> list[Row | InputChangedError]:
        """Write ``items`` down, or find them; the state of one that is open is then
        ``state``. ``None`` leaves it as it is.

        In place of an item that the journal has otherwise under that name, or that this
        turn has met before, is the error to raise.
        """
        first = self._next
        self._next += len(items)
        new = WAITING if state is None else state
        noted = [
            Row(number, i.custom_id, i.position, i.kind, _new_key(), WAITING, i.body)
            for number, i in enumerate(items, first)
        ]
        count = self._insert(
            "INSERT OR IGNORE INTO items (id, custom_id, position, kind, digest, key, "
            "state, seen) VALUES {}",
            [
                (
                    *(row.number, row.custom_id, row.position, row.kind),
                    *(item.digest, row.key, new, self.turn),
                )
                for row, item in zip(noted, items, strict=True)
            ],
        )
        made: Container[int] = range(first, self._next)
        if count < len(items):
            sql = "SELECT id FROM items WHERE id >= ?"
            made = {number for (number,) in self._db.execute(sql, (first,))}
        self._insert(
            "INSERT INTO requests VALUES {}",
            [(row.number, row.body) for row in noted if row.number in made],
        )
        return [
            row if row.number in made else self._found(item, state, retry_failed)
            for row, item in zip(noted, items, strict=True)
        ]

    def _found(
        self, item: Item, state: int | None, retry_failed: bool
    ) -> Row | InputChangedError:
        number, key, before, digest, seen = self._db.execute(
            "SELECT id, key, state, digest, seen FROM items WHERE custom_id = ?",
            (item.custom_id,),
        ).fetchone()
        changed = _changed(item, digest == item.digest, seen == self.turn)
        if changed is not None:
            return changed
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

    def move(self, numbers: Iterable[int], state: int) -> None:
        """Give items another state."""
        for part in _parts(list(numbers)):
            marks = ", ".join("?" * len(part))
            self._db.execute(
                f"UPDATE items SET state = ? WHERE id IN ({marks})", (state, *part)
            )

    def finish(self, outcomes: Mapping[int, Outcome]) -> set[int]:
        """Write results down, by the numbers of their items; the numbers of those that
        had none yet."""
        kept: set[int] = set()
        for part in _parts(list(outcomes)):
            marks = ", ".join("?" * len(part))
            sql = f"SELECT id FROM items WHERE state < 3 AND id IN ({marks})"
            kept.update(number for (number,) in self._db.execute(sql, part))
        for state, success in ((SUCCEEDED, True), (FAILED, False)):
            self.move((n for n in kept if outcomes[n].success is success), state)
        self._insert(
            "INSERT INTO results VALUES {}",
            [
                (number, each.body, each.attempts, each.elapsed_s)
                for number, each in outcomes.items()
                if number in kept
            ],
        )
        return kept

    def _insert(self, statement: str, rows: list[tuple[Any, ...]]) -> int:
        """Insert ``rows``, many by one statement; how many it made.

        A statement lets other threads run while it works, and beside busy ones gets its
        turn back late.
        """
        made = 0
        for part in _parts(rows):
            marks = f"({', '.join('?' * len(part[0]))})"
            made += self._db.execute(
                statement.format(", ".join([marks] * len(part))),
                tuple(itertools.chain.from_iterable(part)),
            ).rowcount
        return made

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


def _parts(values: list[T]) -> Iterator[list[T]]:
    """``values`` in parts of few different lengths, so that statements are reused."""
    at, size = 0, _AT_ONCE
    while at < len(values):
        while size > len(values) - at:
            size //= 2
        yield values[at : at + size]
        at += size


def _changed(item: Item, same: bool, twice: bool) -> InputChangedError | None:
    if twice:
        problem = (
            f"custom_id {item.custom_id!r} comes twice in the input; each item needs a "
            "name of its own"
        )
    elif not same:
        problem = (
            f"{item.custom_id!r} is another request than the journal has under that "
            "name; give changed items other custom_ids, or begin a new journal"
        )
    else:
        return None
    return InputChangedError(
        f"batch: item {item.position}: {problem}", custom_id=item.custom_id
    )


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except BatchError:
        raise
    except (sqlite3.Error, OSError, ValueError) as error:
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
