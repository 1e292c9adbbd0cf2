"""``via="batches"``: the same run through the Message Batches API, at half the price.

The input is written down first, then sent in batches as large as the API takes them,
waited for, and collected by ``custom_id`` into the same journal. A batch is written
down before it is sent, and its identifier as soon as it is known: a run that died goes
on with the batches that it had. Items that expired, and those whose failure may pass,
go into another batch when the others are done.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from ..core.codec import dump
from ..core.crew import here
from ..core.errors import APIStatusError, RequestTooLargeError, SpecwireError
from .errors import InputChangedError
from .journal import SENT, SUCCEEDED, WAITING, Journal
from .results import ItemResult, result_of
from .work import Outcome, json_of

if TYPE_CHECKING:
    from ..models import MessageBatch
    from .running import Plan
    from .stored import Stored

MOST_ITEMS: Final = 100_000
MOST_BYTES: Final = 250_000_000
"""The API takes 256 MB, and counts what stands around the requests."""
_AT_ONCE: Final = 20
_CHUNK: Final = 500
_LOOKS: Final = 3
_SLACK_S: Final = 120.0
_PASSING: Final = frozenset({"api_error", "overloaded_error", "rate_limit_error"})


@define
class Batch:
    """One batch: ours, and the server's name for it once it has one."""

    number: int
    key: str
    made_at: float
    server_id: str | None = None


class ProviderRun:
    """A run under way; :meth:`results` drives it."""

    def __init__(
        self,
        plan: Plan,
        client: Any,
        stored: Stored,
        told: Callable[[str, int], object],
    ) -> None:
        self._plan = plan
        self._client = client
        self._stored = stored
        self._told = told
        self._journal = Journal(stored.path, plan.mark)
        self._most_items, self._most_bytes = MOST_ITEMS, MOST_BYTES
        self._stopping = False
        self._last_round = False

    def stop(self, now: bool = False) -> None:
        """Send no more batches. Those at the server go on; a next run collects them."""
        self._stopping = True

    def results(self) -> Iterator[ItemResult]:
        """The results as batches end and are collected."""
        try:
            self._journal.open()
            with self._journal.transaction():
                if self._plan.retry_failed and self._plan.items is None:
                    self._journal.reopen()
            for result in self._all():
                self._plan.told(result)
                yield result
        finally:
            self._journal.close()

    def _all(self) -> Iterator[ItemResult]:
        yield from self._read()
        for number in range(1, self._plan.rounds + 1):
            self._last_round = number == self._plan.rounds
            under_way = deque(self._unfinished())
            if not under_way and not self._any_waiting():
                return
            if number == 1:
                with self._journal.transaction():  # what was sent one by one before
                    self._journal.execute(
                        f"UPDATE items SET state = {WAITING} "
                        f"WHERE state < {SUCCEEDED} AND batch IS NULL"
                    )
            yield from self._round(under_way)
            if self._stopping:
                return

    # -- the input ---------------------------------------------------------------------

    def _read(self) -> Iterator[ItemResult]:
        plan = self._plan
        if plan.items is None:
            if plan.recorded:
                yield from self._stored.results()
            return
        while chunk := list(itertools.islice(plan.items, _CHUNK)):
            found = []
            with self._journal.transaction():
                for row in self._journal.admit(chunk, None, plan.retry_failed):
                    if isinstance(row, InputChangedError):
                        raise row
                    if row.state >= SUCCEEDED and plan.recorded:
                        found.append(self._stored.result_of(self._journal, row))
            yield from found
        with self._journal.transaction():
            self._journal.note("complete", 1)

    # -- batches -----------------------------------------------------------------------

    def _unfinished(self) -> list[Batch]:
        found = self._journal.execute(
            "SELECT number, key, made_at, server_id FROM batches WHERE collected = 0 "
            "ORDER BY number"
        )
        return [Batch(*row) for row in found]

    def _any_waiting(self) -> bool:
        sql = f"SELECT 1 FROM items WHERE state < {SUCCEEDED} LIMIT 1"
        return self._journal.execute(sql).fetchone() is not None

    def _round(self, under_way: deque[Batch]) -> Iterator[ItemResult]:
        """All that waits now, once; batches from an earlier run first."""
        for batch in under_way:
            if batch.server_id is None:
                found = self._found(batch)
                self._sent(batch) if found is None else self._named(batch, found)
        limit = self._journal.execute("SELECT MAX(id) FROM items").fetchone()[0] or 0
        after = 0
        while not self._stopping:
            while len(under_way) < _AT_ONCE and (formed := self._formed(after, limit)):
                batch, last = formed
                if self._sent(batch):
                    under_way.append(batch)
                    after = last
            if not under_way:
                return
            batch = under_way.popleft()
            self._client.batches.wait(batch.server_id, timeout=None)
            yield from self._collected(batch)

    def _formed(self, after: int, limit: int) -> tuple[Batch, int] | None:
        """A batch of what waits behind item ``after``, written down, and its last."""
        numbers: list[int] = []
        size = 0
        rows = self._journal.execute(
            "SELECT items.id, LENGTH(CAST(body AS BLOB)) FROM items JOIN requests ON "
            f"requests.id = items.id WHERE state < {SUCCEEDED} AND batch IS NULL AND "
            "items.id > ? AND items.id <= ? ORDER BY items.id LIMIT ?",
            (after, limit, self._most_items),
        )
        for number, length in rows:
            size += length + 100
            if numbers and size > self._most_bytes:
                break
            numbers.append(number)
        rows.close()
        if not numbers:
            return None
        clock = self._plan.clock
        with self._journal.transaction():
            key = f"specwire-{secrets.token_hex(12)}"
            made = self._journal.execute(
                "INSERT INTO batches (key, made_at) VALUES (?, ?)", (key, clock.time())
            )
            batch = Batch(int(made.lastrowid or 0), key, clock.time())
            self._journal.execute(
                f"UPDATE items SET state = {SENT}, batch = ? WHERE batch IS NULL AND "
                f"state < {SUCCEEDED} AND id >= ? AND id <= ?",
                (batch.number, numbers[0], numbers[-1]),
            )
        return batch, numbers[-1]

    def _sent(self, batch: Batch) -> bool:
        """Send it; false where it is too large, and smaller ones have to be made."""
        try:
            made = self._client.batches.create(
                requests=self._requests(batch), idempotency_key=batch.key
            )
        except SpecwireError as error:
            if not isinstance(error, APIStatusError) and error.started:
                raise  # it may be there: the next run looks for it
            count = self._undone(batch)
            if isinstance(error, RequestTooLargeError) and count > 1:
                self._most_items = count // 2
                return False
            raise
        self._named(batch, made.id)
        return True

    def _requests(self, batch: Batch) -> Iterator[Any]:
        rows = self._journal.execute(
            "SELECT items.id, body FROM items JOIN requests ON requests.id = items.id "
            "WHERE batch = ? ORDER BY items.id",
            (batch.number,),
        )
        for number, body in rows:
            custom_id = f"specwire-{self._journal.mark}-{number}"
            yield {"custom_id": custom_id, "params": json.loads(body)}

    def _undone(self, batch: Batch) -> int:
        with self._journal.transaction():
            self._journal.execute(
                "DELETE FROM batches WHERE number = ?", (batch.number,)
            )
            return self._journal.execute(
                f"UPDATE items SET state = {WAITING}, batch = NULL WHERE batch = ?",
                (batch.number,),
            ).rowcount

    def _named(self, batch: Batch, server_id: str) -> None:
        batch.server_id = server_id
        with self._journal.transaction():
            self._journal.execute(
                "UPDATE batches SET server_id = ? WHERE number = ?",
                (server_id, batch.number),
            )
        here().settled(self._told(server_id, self._size_of(batch)))

    def _size_of(self, batch: Batch) -> int:
        sql = "SELECT COUNT(*) FROM items WHERE batch = ?"
        (size,) = self._journal.execute(sql, (batch.number,)).fetchone()
        return int(size)

    def _found(self, batch: Batch) -> str | None:
        """The batch at the server that an earlier run sent without hearing its name:
        as large, made at that time, and not another of ours."""
        size = self._size_of(batch)
        ours = {one.server_id for one in self._unfinished()}
        for other in self._client.batches.list(limit=100):
            made_at = other.created_at.timestamp()
            if made_at < batch.made_at - _SLACK_S:
                return None
            if _size(other) == size and other.id not in ours:
                return str(other.id)
        return None

    # -- results -----------------------------------------------------------------------

    def _collected(self, batch: Batch) -> Iterator[ItemResult]:
        problems: list[SpecwireError] = []
        for _ in range(_LOOKS):
            problems.clear()
            rows = self._client.batches.results(batch.server_id)
            readable = rows.readable(problems)
            while chunk := list(itertools.islice(readable, _CHUNK)):
                yield from self._kept(batch, chunk)
            if not problems:
                break
        else:
            raise problems[0]
        with self._journal.transaction():
            self._journal.execute(
                "UPDATE batches SET collected = 1 WHERE number = ?", (batch.number,)
            )
            self._journal.execute(
                f"UPDATE items SET state = {WAITING}, batch = NULL WHERE batch = ? "
                f"AND state < {SUCCEEDED}",
                (batch.number,),
            )

    def _kept(self, batch: Batch, rows: list[Any]) -> list[ItemResult]:
        made: list[ItemResult] = []
        with self._journal.transaction():
            for row in rows:
                _, mark, number = f"{row.custom_id}--".split("-")[:3]
                found = self._journal.execute(
                    "SELECT custom_id, position FROM items WHERE id = ? AND batch = ?",
                    (number, batch.number),
                ).fetchone()
                if mark != self._journal.mark or found is None:
                    continue  # another run's: its batch was taken for ours
                outcome = _outcome(row.result)
                if outcome.again and not self._last_round:
                    continue
                if self._journal.finish({int(number): outcome}):
                    made.append(result_of(found[0], found[1], outcome))
        return made


def _size(batch: MessageBatch) -> int:
    counts = batch.request_counts
    ended = counts.succeeded + counts.errored + counts.canceled + counts.expired
    return ended + counts.processing


def _outcome(result: Any) -> Outcome:
    if result.type == "succeeded":
        return Outcome(True, json_of(dump(result.message)), 1)
    if result.type != "errored":
        said = f"the batch ended before it was processed ({result.type})"
        facts = {"type": result.type, "message": said, "retryable": True}
        return Outcome(False, json_of(facts), 1, again=True)
    body = dump(result.error)
    error = body.get("error") or {}
    kind = error.get("type")
    facts = {
        "type": "errored",
        "message": error.get("message", ""),
        "error_type": kind,
        "retryable": kind in _PASSING,
        "request_id": body.get("request_id"),
    }
    return Outcome(False, json_of(facts), 1, again=kind in _PASSING)
