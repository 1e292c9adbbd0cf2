"""How many tokens the results of a journal add up to, looked at again and again.

Results come out of order, but for a few: what lies before the first open item does not
change any more in this turn, and is read once.
"""

from __future__ import annotations

import json
import sqlite3

from ..budgets.counts import counted
from .journal import SUCCEEDED, reading


class Tokens:
    """The tokens of one journal's results; each look reads little more than is new."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._turn: object = None
        self._last = 0
        self._sums = (0, 0)

    def look(self) -> tuple[int, int]:
        """Tokens of the requests, and of the answers; results without usage have none.

        :raises JournalError: the journal cannot be read.
        """
        with reading(self._path) as db:
            self._begin_anew(db)
            (first_open,) = db.execute(
                f"SELECT MIN(id) FROM items WHERE state < {SUCCEEDED}"
            ).fetchone()
            given, output = self._sums
            rows = db.execute(
                "SELECT id, body FROM results WHERE id > ? ORDER BY id", (self._last,)
            )
            for number, body in rows:
                more = _tokens(body)
                given, output = given + more[0], output + more[1]
                if first_open is None or number < first_open:
                    self._last, self._sums = number, (given, output)
        return given, output

    def _begin_anew(self, db: sqlite3.Connection) -> None:
        """A new turn may have taken failures back; it may be another journal, too."""
        turn = db.execute(
            "SELECT value FROM facts WHERE name IN ('mark', 'turn') ORDER BY name"
        ).fetchall()
        if turn != self._turn:
            self._turn, self._last, self._sums = turn, 0, (0, 0)


def _tokens(body: str) -> tuple[int, int]:
    result = json.loads(body)
    usage = result.get("usage") if isinstance(result, dict) else None
    counts = counted(usage) if isinstance(usage, dict) else None
    return (0, 0) if counts is None else (counts.total - counts.output, counts.output)
