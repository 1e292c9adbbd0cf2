"""A rate limit for the processes of one machine, in a SQLite file.

Each step is one transaction that begins by taking the right to write, so a process that
is killed in the middle has done nothing. Time is the machine's monotonic clock, which
all its processes share: setting the time of day changes no wait. Not for a file that
several machines see: SQLite's WAL does not work over a network.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
import weakref
from collections.abc import Iterator
from typing import Final

from ..core.clock import Clock
from ..core.database import connect, mark_of, transaction
from .limit_store import LimitStoreError
from .line import Cost, Limits, Line, Taken
from .shared import Shared

_MARK: Final = 0x53574C32
_TABLES: Final = (
    """CREATE TABLE lines (name TEXT PRIMARY KEY, life TEXT NOT NULL,
    seen REAL NOT NULL, clock REAL NOT NULL, last REAL NOT NULL,
    requests REAL NOT NULL, text REAL NOT NULL, serial INTEGER NOT NULL)
    WITHOUT ROWID""",
    """CREATE TABLE pauses (name TEXT NOT NULL, service TEXT NOT NULL,
    until REAL NOT NULL, PRIMARY KEY (name, service)) WITHOUT ROWID""",
)
_COLUMNS: Final = "life, seen, clock, last, requests, text, serial"
_SET: Final = f"REPLACE INTO lines (name, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ANOTHER_START_S: Final = 60.0
"""Further back than clocks of one machine differ: it was started anew."""


class FileStore(Shared):
    """Limits by name in the file ``path``; it is made 0600 where there is none.

    One connection a process: what threads would wait for in SQLite, asking again and
    again, they wait for at a lock. None is open across a fork: SQLite would take the
    parent's locks for the child's.

    :param busy_s: so long another process may hold the file.
    """

    def __init__(
        self, path: str, clock: Clock | None = None, *, busy_s: float = 2.0
    ) -> None:
        super().__init__(clock)
        self.path = os.path.abspath(path)
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._lives: dict[str, str] = {}
        self._busy_s = busy_s
        _open.add(self)

    def take(
        self, name: str, cost: Cost, limits: Limits, service: str, within: float
    ) -> Taken:
        with self._step() as db:
            now = self._clock.monotonic()
            line = self._wound(db, name, now, limits)
            pause = _pause_s(db, name, service, line.clock)
            taken = line.take(cost, limits, -1 if pause > 0 else within, now)
            if taken.mine:
                self._put(db, name, line)
                self._lives[name] = line.life
            return taken if pause <= 0 else Taken(max(pause, taken.wait_s), at=now)

    def stands(self, name: str, taken: Taken, service: str) -> bool:
        with self._step(reading=True) as db:
            line = _get(db, name)
            if line is None or line.life != taken.life:
                return False
            clock = line.clock + _passed(self._clock.monotonic(), line.seen)
            return _pause_s(db, name, service, clock) <= 0

    def give_back(self, name: str, taken: Taken) -> None:
        with self._step() as db:
            line = _get(db, name)
            if line is not None and line.give_back(taken):
                self._put(db, name, line)

    def correct(self, name: str, more: float, limits: Limits) -> None:
        with self._step() as db:
            line = self._wound(db, name, self._clock.monotonic(), limits)
            line.correct(more, limits)
            self._put(db, name, line)

    def pause(self, name: str, service: str, seconds: float) -> None:
        with self._step() as db:
            line = _get(db, name)
            if line is None:
                return  # nobody has asked; who does is told by the server
            clock = line.clock + _passed(self._clock.monotonic(), line.seen)
            if _pause_s(db, name, service, clock) < seconds:
                row = (name, service, clock + seconds)
                db.execute("REPLACE INTO pauses VALUES (?, ?, ?)", row)

    def close(self) -> None:
        with self._lock:
            db, self._db, self._file = self._db, None, None
            if db is not None:
                with contextlib.suppress(sqlite3.Error):
                    db.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()

    def _wound(
        self, db: sqlite3.Connection, name: str, now: float, limits: Limits
    ) -> Line:
        line, known = _get(db, name), self._lives.get(name)
        if line is None:
            line = Line(uuid.uuid4().hex, now)
            line.filled(limits) if known is None else line.emptied(limits)
        else:
            line.wind(now, _passed(now, line.seen))
            if known not in (None, line.life):
                line.emptied(limits)
        return line

    @staticmethod
    def _put(db: sqlite3.Connection, name: str, line: Line) -> None:
        db.execute(
            _SET,
            (
                *(name, line.life, line.seen, line.clock, line.last),
                *(line.requests, line.text, line.serial),
            ),
        )

    @contextlib.contextmanager
    def _step(self, *, reading: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else writes meanwhile."""
        with self._lock:
            try:
                db = self._opened()
                with contextlib.nullcontext() if reading else transaction(db):
                    yield db
            except (sqlite3.Error, OSError, ValueError) as error:
                self.close()
                raise LimitStoreError(
                    f"rate limit in {self.path}: {error}; make room, mend the rights, "
                    "or move the file away: a new one is made"
                ) from error

    def _opened(self) -> sqlite3.Connection:
        if self._db is not None and self._file == _identity(self.path):
            return self._db
        self.close()  # somebody has removed the file: others use a new one
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self._file = _identity(self.path)
        # What the last moments before a power cut have taken is earned again by then.
        self._db = db = connect(self.path, synchronous="NORMAL")
        db.execute(f"PRAGMA busy_timeout = {self._busy_s * 1000:.0f}")
        if mark_of(db) != _MARK:
            _made(db)
        return db


_open: weakref.WeakSet[FileStore] = weakref.WeakSet()
_forking: list[FileStore] = []


def _before_fork() -> None:
    for store in list(_open):
        store._lock.acquire()
        store.close()
        _forking.append(store)


def _after_fork() -> None:
    while _forking:
        _forking.pop()._lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork,
        after_in_child=_forking.clear,  # it has locks of its own
    )


def _made(db: sqlite3.Connection) -> None:
    """Make the tables; several processes may at once."""
    with transaction(db):
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            for table in _TABLES:
                db.execute(table)
            db.execute(f"PRAGMA application_id = {_MARK}")
    if mark_of(db) != _MARK:
        raise sqlite3.DatabaseError("it is the file of another program")
    with contextlib.suppress(sqlite3.OperationalError):  # another does
        db.execute("PRAGMA journal_mode = WAL")


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _get(db: sqlite3.Connection, name: str) -> Line | None:
    query = f"SELECT {_COLUMNS} FROM lines WHERE name = ?"
    row = db.execute(query, (name,)).fetchone()
    return None if row is None else Line(*row)


def _pause_s(db: sqlite3.Connection, name: str, service: str, clock: float) -> float:
    query = "SELECT until FROM pauses WHERE name = ? AND service = ?"
    row = db.execute(query, (name, service)).fetchone()
    return 0.0 if row is None else float(row[0]) - clock


def _passed(now: float, seen: float) -> float:
    """Seconds since ``seen``, at least; after a new start the clock begins at 0."""
    passed = now - seen
    return now if passed < -_ANOTHER_START_S else max(passed, 0.0)
