"""A SQLite file that threads, forks and processes share: how it is opened and written.

The file is WAL and the owner's alone; a connection belongs to one thread of one process
and waits for others that write. What is in the file is its owner's business: errors are
SQLite's own, to be said in the owner's words.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

BUSY_S: Final = 30.0


class _Closing(sqlite3.Connection):
    """Closes itself in silence with the thread that had it."""

    pid = 0

    def __del__(self) -> None:
        if self.pid == os.getpid():
            self.close()


def connect(
    path: str, *, mode: str = "rw", synchronous: str = "FULL", busy_s: float = BUSY_S
) -> sqlite3.Connection:
    """A connection without transactions of its own.

    :param mode: ``rw`` or ``ro``; neither makes a file. ``immutable`` reads one that
        nobody writes, from a place where nothing can be written.
    :param busy_s: so long others that write are waited for.
    :raises sqlite3.Error: where there is no such file.
    """
    query = "immutable=1" if mode == "immutable" else f"mode={mode}"
    uri = f"{Path(path).absolute().as_uri()}?{query}"
    db = sqlite3.connect(
        uri,
        uri=True,
        timeout=busy_s,
        isolation_level=None,
        check_same_thread=False,  # a collection in another one may close it
        factory=_Closing,
    )
    db.pid = os.getpid()
    try:
        if mode == "rw":
            db.execute(f"PRAGMA synchronous = {synchronous}")
    except BaseException:
        db.close()
        raise
    return db


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and no other writer meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def mark_of(db: sqlite3.Connection) -> int:
    """The number by which a program knows its own file; 0 in a new one."""
    return int(db.execute("PRAGMA application_id").fetchone()[0])


class _Kept(NamedTuple):
    """A connection, and what it is to."""

    db: sqlite3.Connection
    pid: int
    file: os.stat_result

    def is_for(self, path: str) -> bool:
        """Whether this process made it, to the file that is at ``path`` now."""
        if self.pid != os.getpid():
            return False
        try:
            return os.path.samestat(self.file, os.stat(path))
        except OSError:
            return False


class Connections:
    """One connection a thread, to a file that is made where there is none.

    :param mark: what tells the program's files from others.
    :param tables: the statements that make them.
    :param synchronous: ``NORMAL`` outlives any death of a program, ``FULL`` a power
        cut too.
    """

    def __init__(
        self,
        path: str,
        *,
        mark: int,
        tables: tuple[str, ...],
        synchronous: str,
        busy_s: float = BUSY_S,
    ) -> None:
        self.path = path
        self._mark = mark
        self._tables = tables
        self._synchronous = synchronous
        self._busy_s = busy_s
        self._local = threading.local()

    def get(self) -> sqlite3.Connection:
        """This thread's; a fork's child does not touch its parent's.

        :raises sqlite3.Error: where the file does not do.
        :raises OSError: where it cannot be made.
        """
        found: _Kept | None = getattr(self._local, "db", None)
        if found is not None and found.is_for(self.path):
            return found.db
        if found is not None and found.pid != os.getpid():
            # Closing it would give up the parent's locks.
            self._local.parents = (found, getattr(self._local, "parents", None))
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            known = os.fstat(fd)
        finally:
            os.close(fd)
        db = connect(self.path, synchronous=self._synchronous, busy_s=self._busy_s)
        try:
            self._see_to(db)
        except BaseException:
            db.close()
            raise
        self._local.db = _Kept(db, os.getpid(), known)
        return db

    def _see_to(self, db: sqlite3.Connection) -> None:
        """That it is ours and has its tables; several may make them at once."""
        if not mark_of(db):
            with transaction(db):
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in self._tables:
                        db.execute(statement)
                    db.execute(f"PRAGMA application_id = {self._mark}")
        if mark_of(db) != self._mark:
            raise sqlite3.DatabaseError("it is the file of another program")
        with contextlib.suppress(sqlite3.OperationalError):  # the next one will
            db.execute("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Close this thread's; others close with their threads."""
        found: _Kept | None = getattr(self._local, "db", None)
        if found is not None and found.pid == os.getpid():
            self._local.db = None
            found.db.close()
