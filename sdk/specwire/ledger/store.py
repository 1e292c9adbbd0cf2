"""The ledger's file: one SQLite table, a row a key.

Each call opens the file and closes it again, so that threads, forks and other processes
need no agreement. Writing is WAL with full synchronisation: what was committed is there
after SIGKILL and after a power cut. It does not know what a run is.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import evolve, frozen

from ..core.database import connect, mark_of, transaction
from .errors import LedgerFileError
from .lock import held

OPEN: Final = frozenset({"sent", "paused"})
"""States that a run may leave by itself."""
_MARK: Final = 0x53574C31
_TABLE: Final = """
    CREATE TABLE runs (
        key TEXT PRIMARY KEY, workflow_id TEXT NOT NULL, server TEXT NOT NULL,
        run_id TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL,
        created_at REAL NOT NULL, finished_at REAL, task_id TEXT, given_id TEXT,
        result TEXT
    )
"""
_COLUMNS: Final = (
    "key, workflow_id, server, run_id, status, attempts, created_at, finished_at, "
    "task_id, given_id, result"
)


@frozen
class Entry:
    """One run as the ledger knows it.

    :ivar status: ``sent`` (it may have begun), ``paused``, ``completed``, ``failed``
        or ``cancelled``.
    :ivar run_id: the identifier it was sent with, chosen before sending.
    :ivar given_id: the identifier that the server called it by, where it said one.
    :ivar attempts: how many runs were sent for the key.
    :ivar created_at: when this run was written down, seconds since the epoch.
    :ivar finished_at: when its result was.
    :ivar result: the server's answer as plain data.
    :ivar recorded: the call found this in the ledger and sent nothing.
    """

    key: str
    workflow_id: str
    server: str
    run_id: str
    status: str
    attempts: int
    created_at: float
    finished_at: float | None = None
    task_id: str | None = None
    given_id: str | None = None
    result: dict[str, Any] | None = None
    recorded: bool = True

    @property
    def success(self) -> bool:
        """Whether the run came to a good end."""
        return self.status == "completed"

    @property
    def output(self) -> Any:
        """What the run produced."""
        return (self.result or {}).get("output")

    @property
    def error(self) -> Any:
        """Why the run failed, as the server said it."""
        return (self.result or {}).get("error")


class Store:
    """Rows by key.

    :raises LedgerFileError: from every method, where the file does not do.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def made(self, pause: Callable[[], None]) -> None:
        """Make the file where there is none; two processes may do so at once.

        One that died while it made the file leaves an empty database, or none.
        """
        if os.path.exists(self.path) and not self._is_new():
            return
        with held(f"{self.path}.lock", pause):
            try:
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            except OSError as error:
                raise _unusable(self.path, error) from error
            if self._is_new():
                with self._opened(new=True) as db:
                    with transaction(db):
                        db.execute(_TABLE)
                        db.execute(f"PRAGMA application_id = {_MARK}")
                    db.execute("PRAGMA journal_mode = WAL")

    def _is_new(self) -> bool:
        with self._opened(new=True) as db:
            return (
                not mark_of(db)
                and not db.execute("SELECT 1 FROM sqlite_master").fetchone()
            )

    def get(self, key: str) -> Entry | None:
        with self._opened() as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM runs WHERE key = ?", (key,)
            ).fetchone()
            return None if row is None else self._entry(row)

    def all(self) -> list[Entry]:
        with self._opened() as db:
            found = db.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY created_at, key")
            return [self._entry(row) for row in found]

    def put(self, entry: Entry) -> None:
        result = None if entry.result is None else json.dumps(entry.result)
        values = (
            *(entry.key, entry.workflow_id, entry.server, entry.run_id, entry.status),
            *(entry.attempts, entry.created_at, entry.finished_at, entry.task_id),
            *(entry.given_id, result),
        )
        marks = ", ".join("?" * len(values))
        with self._opened() as db, transaction(db):
            db.execute(f"REPLACE INTO runs ({_COLUMNS}) VALUES ({marks})", values)

    def remove(self, key: str) -> bool:
        with self._opened() as db, transaction(db):
            return db.execute("DELETE FROM runs WHERE key = ?", (key,)).rowcount > 0

    def renames(self, server: str) -> bool:
        """Whether ``server`` last gave a run another identifier than it was sent."""
        with self._opened() as db:
            row = db.execute(
                "SELECT given_id <> run_id FROM runs WHERE server = ? AND given_id "
                "IS NOT NULL ORDER BY created_at DESC LIMIT 1",
                (server,),
            ).fetchone()
        return row is not None and bool(row[0])

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        entry = Entry(*row)
        if entry.result is None:
            return entry
        return evolve(entry, result=json.loads(str(entry.result)))

    @contextlib.contextmanager
    def _opened(self, *, new: bool = False) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            db = connect(self.path)
            if not new and mark_of(db) != _MARK:
                raise sqlite3.DatabaseError("it is the file of another program")
            yield db
        except (sqlite3.Error, ValueError) as error:
            raise _unusable(self.path, error) from error
        finally:
            if db is not None:
                with contextlib.suppress(sqlite3.Error):
                    db.close()


def _unusable(path: str, error: Exception) -> LedgerFileError:
    return LedgerFileError(
        f"ledger {path}: {error}. Nothing is run without it: make room, mend the "
        "rights or the path, or move the file away after a look at what was run"
    )
