"""The file of usage: what calls have cost, and what those under way may cost.

A reservation and the sum it is checked against are one transaction, so no two threads,
processes or forks pass a limit together. A reservation whose process died lapses. What
a call costs, and how much is too much, is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from attrs import frozen

from ..core.database import Connections, connect, mark_of, transaction
from .counts import Counts
from .errors import UsageFileError

VARIABLE: Final = "SPECWIRE_LEDGER"
_MARK: Final = 0x53574231
_DEAREST: Final = 10**15  # a million USD for one answer
_TABLES: Final = (
    """
    CREATE TABLE usage (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL,
        provider TEXT NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL,
        run TEXT NOT NULL, fresh INTEGER NOT NULL, read INTEGER NOT NULL,
        written INTEGER NOT NULL, written_1h INTEGER NOT NULL, output INTEGER NOT NULL,
        nano INTEGER, told INTEGER NOT NULL, ref TEXT UNIQUE
    )
    """,
    "CREATE INDEX usage_at ON usage (at)",
    """
    CREATE TABLE reserved (
        id TEXT PRIMARY KEY, at REAL NOT NULL, expires REAL NOT NULL,
        key TEXT NOT NULL, run TEXT NOT NULL, nano INTEGER NOT NULL,
        tokens INTEGER NOT NULL
    )
    """,
)


@frozen
class Entry:
    """What one answer cost.

    :ivar at: when it was asked for, seconds since the epoch.
    :ivar key: whose it is, as the budget was told.
    :ivar nano: nano-USD; ``None`` where the price is not known.
    :ivar told: the provider told the counts; else they are by what had arrived.
    :ivar ref: what makes it count once, for what may be read again.
    """

    at: float
    provider: str
    model: str
    counts: Counts
    nano: int | None
    key: str = ""
    run: str = ""
    told: bool = True
    ref: str | None = None


class Sums(NamedTuple):
    """Nano-USD and tokens."""

    nano: int = 0
    tokens: int = 0


class Scope(NamedTuple):
    """Which entries a sum is of; empty text is all of them."""

    since: float = 0.0
    key: str = ""
    run: str = ""

    @property
    def where(self) -> str:
        return "at >= :since AND :key IN ('', key) AND :run IN ('', run)"


class Running:
    """The sum of a scope, which reads only what is new since it was last asked."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._last = 0
        self._sums = Sums()

    def read(self, db: sqlite3.Connection) -> Sums:
        last = db.execute("SELECT COALESCE(MAX(id), 0) FROM usage").fetchone()[0]
        if last == self._last:
            return self._sums
        if last < self._last:  # the file is another one now
            self._last, self._sums = 0, Sums()
        row = db.execute(
            "SELECT COALESCE(SUM(nano), 0), "
            "COALESCE(SUM(fresh + read + written + output), 0) "
            f"FROM usage WHERE id > :last AND {self.scope.where}",
            {**self.scope._asdict(), "last": self._last},
        ).fetchone()
        self._last = last
        self._sums = Sums(self._sums.nano + row[0], self._sums.tokens + row[1])
        return self._sums


class UsageLedger:
    """Entries in a file that several processes may use at once.

    :param path: on a disk of this machine; it is made on first use, with the rights
        0600. By default what ``SPECWIRE_LEDGER`` names, else ``usage.db`` in the user's
        folder for state.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._usual = path is None
        self.path = default_path() if path is None else os.fspath(path)
        self._files = self._opened()

    def _opened(self) -> Connections:
        return Connections(self.path, mark=_MARK, tables=_TABLES, synchronous="NORMAL")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction.

        :raises UsageFileError: where the file does not do.
        """
        try:
            if self._usual:
                os.makedirs(os.path.dirname(self.path), 0o700, exist_ok=True)
            db = self._files.get()
            with transaction(db):
                yield db
        except (sqlite3.Error, OSError, ValueError) as error:
            self._files.close()
            raise _unusable(self.path, error) from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that changes nothing, to a file that may not be written."""
        if not os.path.exists(self.path):
            raise UsageFileError(
                f"usage {self.path}: there is no such file; a call with a Budget makes "
                f"it. Is another one meant ({VARIABLE})?"
            )
        db = None
        try:
            db = _seen(self.path)
            yield db
        except (sqlite3.Error, OSError, ValueError) as error:
            raise _unusable(self.path, error) from error
        finally:
            if db is not None:
                db.close()

    # -- reservations ----------------------------------------------------------------

    def add(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Write down an entry; one whose ``ref`` is known is there already."""
        counts = entry.counts
        nano = None if entry.nano is None else min(entry.nano, _DEAREST)
        names = [plain(name) for name in (entry.provider, entry.model)]
        db.execute(
            "INSERT OR IGNORE INTO usage (at, provider, model, key, run, fresh, read, "
            "written, written_1h, output, nano, told, ref) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry.at, *names, entry.key, entry.run),
                *(counts.fresh, counts.read, counts.written, counts.written_1h),
                *(counts.output, nano, entry.told, entry.ref and plain(entry.ref)),
            ),
        )

    def reserved(self, db: sqlite3.Connection, scope: Scope, *, but: str = "") -> Sums:
        """What calls under way may cost."""
        row = db.execute(
            "SELECT COALESCE(SUM(nano), 0), COALESCE(SUM(tokens), 0) FROM reserved "
            f"WHERE id <> :but AND {scope.where}",
            {**scope._asdict(), "but": but},
        ).fetchone()
        return Sums(*row)

    def lapse(self, db: sqlite3.Connection, now: float) -> None:
        """Forget reservations of which nobody will say any more what they came to."""
        db.execute("DELETE FROM reserved WHERE expires <= ?", (now,))

    def reserve(
        self,
        db: sqlite3.Connection,
        id: str,
        times: tuple[float, float],
        sums: Sums,
        whose: tuple[str, str],
    ) -> None:
        """Write down what a call may cost, inside the caller's transaction.

        :param times: when it was asked, and when it lapses; seconds since the epoch.
        :param sums: at the worst, nano-USD and tokens.
        :param whose: the key and the run.
        """
        db.execute(
            "REPLACE INTO reserved (id, at, expires, nano, tokens, key, run) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (id, *times, *(min(each, _DEAREST) for each in sums), *whose),
        )

    def settle(self, id: str, entries: Iterable[Entry] = ()) -> None:
        """Put what it came to in the place of a reservation, in one step."""
        with self.writing() as db:
            db.execute("DELETE FROM reserved WHERE id = ?", (id,))
            for entry in entries:
                self.add(db, entry)

    def rename(self, id: str, new: str, expires: float) -> None:
        """Keep a reservation under another name, and longer."""
        with self.writing() as db:
            db.execute(
                "UPDATE OR REPLACE reserved SET id = ?, expires = ? WHERE id = ?",
                (new, expires, id),
            )

    def reservation(self, db: sqlite3.Connection, id: str) -> tuple[Any, ...] | None:
        """``(at, key, run)`` of a reservation that is there."""
        found: tuple[Any, ...] | None = db.execute(
            "SELECT at, key, run FROM reserved WHERE id = ?", (id,)
        ).fetchone()
        return found

    # -- reading ---------------------------------------------------------------------

    def sums(self, scope: Scope, now: float) -> tuple[Sums, Sums]:
        """What was spent in ``scope``, and what calls under way may cost."""
        if not os.path.exists(self.path):
            return Sums(), Sums()
        with self._reading() as db:
            spent = Running(scope).read(db)
            row = db.execute(
                "SELECT COALESCE(SUM(nano), 0), COALESCE(SUM(tokens), 0) "
                f"FROM reserved WHERE expires > :now AND {scope.where}",
                {**scope._asdict(), "now": now},
            ).fetchone()
            return spent, Sums(*row)

    def each(self, since: float = 0.0, until: float | None = None) -> Iterator[Entry]:
        """The entries from ``since`` up to before ``until``, oldest first."""
        with self._reading() as db:
            for row in db.execute(
                "SELECT at, provider, model, fresh, read, written, written_1h, output, "
                "nano, key, run, told, ref FROM usage WHERE at >= ? AND at < ? "
                "ORDER BY at, id",
                (since, float("inf") if until is None else until),
            ):
                counts = Counts(*row[3:8])
                nano, key, run, told, ref = row[8:]
                at, provider, model = row[:3]
                yield Entry(
                    at, provider, model, counts, nano, key, run, bool(told), ref
                )

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return UsageLedger, (self.path,)

    def __repr__(self) -> str:
        return f"UsageLedger({self.path!r})"


def _seen(path: str) -> sqlite3.Connection:
    """A connection to read with, also where nothing can be written beside the file."""
    for mode in ("ro", "immutable"):
        db = connect(path, mode=mode)
        try:
            if mark_of(db) != _MARK:
                raise sqlite3.DatabaseError("it is the file of another program")
            return db
        except sqlite3.OperationalError:
            db.close()
            if mode == "immutable":
                raise
        except BaseException:
            db.close()
            raise
    raise AssertionError("both modes give a connection or an error")


def plain(text: str) -> str:
    """``text`` as UTF-8 can have it: a server may send half a character."""
    return text.encode("utf-8", "replace").decode()


def default_path() -> str:
    """Where usage is written down unless a path is given."""
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        return named
    state = os.environ.get("XDG_STATE_HOME", "").strip() or os.path.join(
        os.path.expanduser("~"), ".local", "state"
    )
    return os.path.join(state, "specwire", "usage.db")


def _unusable(path: str, error: Exception) -> UsageFileError:
    return UsageFileError(
        f"usage {path}: {error}. Calls with a budget are not sent without it: make "
        "room, mend the rights or the path, or move the file away"
    )
