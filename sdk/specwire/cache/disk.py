"""``DiskCache``: entries in a SQLite file, shared by threads, forks and processes.

A file of the owner's alone; values are JSON text with a checksum, so that a torn or
foreign one is found out and nothing in it can run. Whatever the file does (it is full,
locked, read-only, broken, gone), an entry is then not there, and the log says so once.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from ..core.clock import Clock
from ..core.database import Connections, transaction
from ..core.shared import at_least
from .entries import Entry, read, written
from .store import Store

logger = logging.getLogger("specwire")

_MARK: Final = 0x73776361
_NAME: Final = "answers.db"
_MOST_TOUCHED: Final = 256
_AT_A_TIME: Final = 64
_FAULTS: Final = (sqlite3.Error, OSError, TypeError, ValueError)
_TABLES: Final = (
    "CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, "
    "sum TEXT NOT NULL, until REAL, used INTEGER NOT NULL, size INTEGER NOT NULL)",
    "CREATE INDEX by_use ON entries (used)",
    "CREATE INDEX by_end ON entries (until)",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value)",
    "INSERT INTO facts VALUES ('salt', hex(randomblob(16))), ('bytes', 0), "
    "('entries', 0), ('used', 0)",
    "CREATE TRIGGER put AFTER INSERT ON entries BEGIN "
    "UPDATE facts SET value = value + NEW.size WHERE name = 'bytes'; "
    "UPDATE facts SET value = value + 1 WHERE name = 'entries'; END",
    "CREATE TRIGGER taken AFTER DELETE ON entries BEGIN "
    "UPDATE facts SET value = value - OLD.size WHERE name = 'bytes'; "
    "UPDATE facts SET value = value - 1 WHERE name = 'entries'; END",
)


class DiskCache(Store):
    """Entries in the file ``path``; it is made, 0600, where there is none.

    :param path: a file, or a folder in which one is made.
    :param max_bytes: so many bytes of entries at most; what was not used longest goes.
    :param busy_s: so long another process that writes is waited for.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = 100 << 20,
        busy_s: float = 0.5,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        given = os.path.abspath(os.path.expanduser(os.fspath(path)))
        self.path = os.path.join(given, _NAME) if os.path.isdir(given) else given
        self.max_bytes = at_least("max_bytes", max_bytes, 1)
        self._busy_s = at_least("busy_s", busy_s, 0)
        self._known = False
        self._writing = threading.RLock()
        self._well = True
        self._salt = b""
        # Used since something was written last: reading is then no writing.
        self._touched: dict[str, None] = {}
        self._db = Connections(
            self.path,
            mark=_MARK,
            tables=_TABLES,
            synchronous="NORMAL",  # what a power cut takes is asked for again
            busy_s=busy_s,
        )

    @property
    def salt(self) -> bytes:
        if not self._salt:
            rows = self._asked("SELECT value FROM facts WHERE name = 'salt'")
            if rows and isinstance(rows[0][0], str):
                self._salt = rows[0][0].encode()[:64]
        return self._salt

    def get(self, key: str) -> Entry | None:
        return self.get_many([key])[0]

    def get_many(self, keys: Sequence[str]) -> list[Entry | None]:
        try:
            db = self._opened()
            rows = [
                db.execute(
                    "SELECT value, sum, until FROM entries WHERE key = ?", (key,)
                ).fetchone()
                for key in keys
            ]
        except _FAULTS as error:
            self._failed(error)
            return [None] * len(keys)
        self._well = True
        return [self._read(*pair) for pair in zip(keys, rows, strict=True)]

    def _read(self, key: str, row: tuple[Any, ...] | None) -> Entry | None:
        if row is None:
            return None
        try:
            if row[1] != _sum(key, row[0], row[2]):
                raise ValueError("its checksum is another's")
            entry = read(row[0])
        except (TypeError, ValueError, AttributeError) as error:
            self._fault(f"an entry of {self.path} is broken ({error}); it was removed")
            self.delete(key)
            return None
        if self._clock.time() >= entry.until:
            return None
        with self._lock:
            self._touched.pop(key, None)
            self._touched[key] = None
            many = len(self._touched) > _MOST_TOUCHED
        if many:
            self.put_many({})
        return entry

    def put(self, key: str, entry: Entry) -> bool:
        return bool(self.put_many({key: entry}))

    def put_many(self, entries: Mapping[str, Entry]) -> int:
        rows = [self._row(key, entry) for key, entry in entries.items()]
        fitting = [row for row in rows if row[4] <= self.max_bytes]
        try:
            with self._lock:
                touched, self._touched = self._touched, {}
            with self._writing, transaction(db := self._opened()):
                evicted = self._put(db, fitting, touched)
        except _FAULTS as error:
            self._failed(error)
            return 0
        with self._lock:
            self.evicted += evicted
        self._well = True
        return len(fitting)

    def _row(self, key: str, entry: Entry) -> tuple[str, str, str, float | None, int]:
        text = written(entry)
        until = None if entry.until == math.inf else entry.until
        return key, text, _sum(key, text, until), until, len(text) + len(key) + 100

    def _put(
        self,
        db: sqlite3.Connection,
        rows: Sequence[tuple[str, str, str, float | None, int]],
        touched: Mapping[str, None],
    ) -> int:
        used = _fact(db, "used")
        for key in touched:
            used += 1
            db.execute("UPDATE entries SET used = ? WHERE key = ?", (used, key))
        for key, text, check, until, size in rows:
            used += 1
            db.execute("DELETE FROM entries WHERE key = ?", (key,))
            row = (key, text, check, until, used, size)
            db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        db.execute("UPDATE facts SET value = ? WHERE name = 'used'", (used,))
        return self._make_room(db)

    def _make_room(self, db: sqlite3.Connection) -> int:
        over = _fact(db, "bytes") - self.max_bytes
        if over <= 0:
            return 0
        db.execute("DELETE FROM entries WHERE until <= ?", (self._clock.time(),))
        over, gone = _fact(db, "bytes") - self.max_bytes, 0
        oldest = "SELECT key, size FROM entries ORDER BY used LIMIT ?"
        while over > 0:
            found = db.execute(oldest, (_AT_A_TIME,)).fetchall()
            if not found:  # the sum was wrong
                db.execute("UPDATE facts SET value = 0 WHERE name = 'bytes'")
                break
            for key, size in found:
                if over > 0:
                    db.execute("DELETE FROM entries WHERE key = ?", (key,))
                    over, gone = over - size, gone + 1
        return gone

    def delete(self, key: str) -> bool:
        return bool(self._changed("DELETE FROM entries WHERE key = ?", key))

    def clear(self) -> None:
        self._changed("DELETE FROM entries")

    def size(self) -> tuple[int, int]:
        known = dict(self._asked("SELECT name, value FROM facts"))
        return int(known.get("entries", 0)), int(known.get("bytes", 0))

    def remove_expired(self) -> int:
        """Remove what is past its time; how many entries that were."""
        ended = "DELETE FROM entries WHERE until <= ?"
        return self._changed(ended, self._clock.time())

    def close(self) -> None:
        if self._touched:
            self.put_many({})
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    # -- the file --------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection:
        if self._known:
            return self._db.get()
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        db = self._db.get()
        if os.stat(self.path).st_mode & 0o077:
            os.chmod(self.path, 0o600)  # it is ours, and was made by other hands
        self._known = True
        return db

    def _asked(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._opened().execute(statement, values).fetchall()
        except _FAULTS as error:
            self._failed(error)
            return []

    def _changed(self, statement: str, *values: Any) -> int:
        """How many entries ``statement`` has changed."""
        try:
            with self._writing:
                return self._opened().execute(statement, values).rowcount
        except _FAULTS as error:
            self._failed(error)
            return 0

    def _failed(self, error: Exception) -> None:
        well, self._well = self._well, False
        said = (
            f"the cache in {self.path} is not used: {error}; make room, mend the "
            "rights, or move the file away: a new one is made"
        )
        self._fault(said if well else "")

    def _fault(self, said: str) -> None:
        with self._lock:
            self.errors += 1
        if said:
            logger.warning("%s", said)

    def _forked(self) -> None:
        super()._forked()
        self._writing = threading.RLock()
        self._touched = {}  # the parent's to write

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.path, self.max_bytes, self._busy_s)

    def __repr__(self) -> str:
        return f"<DiskCache in {self.path}>"


def _again(path: str, max_bytes: int, busy_s: float) -> DiskCache:
    return DiskCache(path, max_bytes=max_bytes, busy_s=busy_s)


def _fact(db: sqlite3.Connection, name: str) -> int:
    query = "SELECT value FROM facts WHERE name = ?"
    return int(db.execute(query, (name,)).fetchone()[0])


def _sum(key: str, text: str, until: float | None) -> str:
    return blake2b(f"{key}\n{until!r}\n{text}".encode(), digest_size=12).hexdigest()
