"""Reading a journal: what is open, what came of the rest, how much there is.

Each look reads a hundred rows or so and closes the file again, so that memory stays the
same however long the journal is, and nobody is held up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from .journal import AGAIN, FAILED, SENT, SUCCEEDED, WAITING, Journal, Row, reading
from .results import ItemResult, Status, result_of
from .work import Outcome

_CHUNK: Final = 200
_RESULT: Final = (
    "SELECT {order}, items.id, custom_id, position, state, results.body, attempts, "
    "elapsed_s FROM items JOIN results ON results.id = items.id"
)


class Stored:
    """A journal, for those who read."""

    def __init__(self, path: str) -> None:
        self.path = path

    # -- what is open ------------------------------------------------------------------

    def open(self) -> Iterator[Row]:
        """Items without a result, in the order they came."""
        return self._rows("state < 3")

    def again(self) -> Iterator[Row]:
        """Items of this turn that may do better in another round."""
        return self._rows(f"state = {AGAIN}")

    def any_again(self) -> bool:
        with reading(self.path) as db:
            sql = f"SELECT 1 FROM items WHERE state = {AGAIN} AND state < 3 LIMIT 1"
            return db.execute(sql).fetchone() is not None

    def _rows(self, where: str) -> Iterator[Row]:
        last = 0
        while True:
            with reading(self.path) as db:
                rows = db.execute(
                    "SELECT items.id, custom_id, position, kind, key, state, body FROM "
                    "items JOIN requests ON requests.id = items.id WHERE state < 3 AND "
                    f"{where} AND items.id > ? ORDER BY items.id LIMIT {_CHUNK}",
                    (last,),
                ).fetchall()
            if not rows:
                return
            for row in rows:
                yield Row(*row)
            last = rows[-1][0]

    # -- what is done ------------------------------------------------------------------

    def results(self) -> Iterator[ItemResult]:
        """All results, in the order of the input."""
        at, last = -1, 0
        sql = (
            f"{_RESULT.format(order='position')} WHERE (position, items.id) > (?, ?) "
            f"AND state >= 3 ORDER BY position, items.id LIMIT {_CHUNK}"
        )
        while True:
            with reading(self.path) as db:
                rows = db.execute(sql, (at, last)).fetchall()
            if not rows:
                return
            for row in rows:
                yield _result(row)
            at, last = rows[-1][0], rows[-1][1]

    def result(self, custom_id: str) -> ItemResult | None:
        """What came of one item, if anything has yet."""
        with reading(self.path) as db:
            row = db.execute(
                f"{_RESULT.format(order='0')} WHERE custom_id = ?", (custom_id,)
            ).fetchone()
        return None if row is None else _result(row)

    @staticmethod
    def result_of(journal: Journal, row: Row) -> ItemResult:
        """The result of an item, read by the one who writes."""
        found = journal.execute(
            f"{_RESULT.format(order='0')} WHERE items.id = ?", (row.number,)
        )
        return _result(found.fetchone())

    def mark(self) -> str | None:
        """The name of the run; ``None`` before there is a journal."""
        if not os.path.exists(self.path) or not os.path.getsize(self.path):
            return None
        with reading(self.path) as db:
            sql = "SELECT value FROM facts WHERE name = 'mark'"
            row = db.execute(sql).fetchone()
        return None if row is None else str(row[0])

    def status(self) -> Status:
        with reading(self.path) as db:
            counts = dict(
                db.execute("SELECT state, COUNT(*) FROM items GROUP BY state")
            )
            complete = db.execute("SELECT 1 FROM facts WHERE name = 'complete'")
            return Status(
                counts.get(SUCCEEDED, 0),
                counts.get(FAILED, 0),
                counts.get(SENT, 0) + counts.get(AGAIN, 0),
                counts.get(WAITING, 0),
                complete.fetchone() is not None,
            )


def _result(row: tuple[Any, ...]) -> ItemResult:
    _, _, custom_id, position, state, body, attempts, elapsed_s = row
    outcome = Outcome(state == SUCCEEDED, body, attempts, elapsed_s)
    return result_of(custom_id, position, outcome, recorded=True)
