"""One attempt at a ledger: what it reserved, what it heard, what it came to."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import APIStatusError
from . import settling
from .counts import Counts, Meter, at_most
from .ledger import Entry, Sums, UsageLedger

if TYPE_CHECKING:
    from .prices import Price, Prices
    from .subject import Request

BATCH_HOLD_S: Final = 48 * 3600.0
"""A batch runs for a day at most; its results are read later."""
_BYTES_A_TOKEN: Final = 3
"""Of text whose tokens nobody has counted."""
_AT_ONCE: Final = 500


class Place:
    """A reservation, and what is to be put in its stead.

    :ivar made: how many requests the call had made before the attempt.
    """

    def __init__(
        self,
        ledger: UsageLedger,
        asked: Sequence[tuple[Request, Price | None]],
        *,
        attempt: int,
        made: int,
        at: float,
        batch: bool,
        longest: int,
    ) -> None:
        self.ledger = ledger
        self.asked = asked
        self.attempt = attempt
        self.made = made
        self.at = at
        self.batch = batch
        self.longest = longest
        self.id = uuid.uuid4().hex
        self.key = self.run = ""
        self.meter = Meter()
        self.waits_since: float | None = None
        self.heard_by: object = None  # of several budgets, one counts
        self.reserved = False
        self._pid = os.getpid()

    @property
    def open(self) -> bool:
        """Whether it is still to be settled, by this process."""
        return self.reserved and self._pid == os.getpid()

    def worst(self) -> Sums:
        """What it may come to."""
        nano = tokens = 0
        for request, price in self.asked:
            output = self._output(request, price)
            tokens += request.input + output
            if price is not None:
                nano += price.worst(
                    request.input, output, caches=request.caches, batch=self.batch
                )
        return Sums(nano, tokens)

    def _output(self, request: Request, price: Price | None) -> int:
        if request.output is not None:
            return request.output
        return (price and price.max_output) or self.longest

    def release(self) -> None:
        """It cost nothing."""
        self._settled(())

    def leave(self) -> None:
        """Nobody saw how it ended: what it reserved stays until it lapses."""
        self.reserved = False

    def answered(self, size: int) -> None:
        """The whole reply was heard; ``size`` is its bytes, where it told no usage."""
        counts = self.meter.counts()
        if counts is None:
            self._charge(self._guess(size), told=False)
        else:
            self._charge(counts, told=True)

    def ended(self, outcome: BaseException | None) -> None:
        """A stream is over: read to its end, or cut somewhere."""
        counts, said = self.meter.counts(), self.meter.said
        if outcome is None and counts is not None:
            self._charge(counts, told=True)
        elif counts is None and not said and isinstance(outcome, APIStatusError):
            self.release()  # refused, in the stream
        elif counts is None and not said and outcome is None:
            self._charge(self._guess(None), told=False)  # nobody could hear it
        else:
            guess = self._guess(said)
            self._charge(at_most(counts or guess, guess.output), told=False)

    def begun_again(self) -> None:
        """Of a stream whose first event was an error that another attempt may mend."""
        if self.open:
            heard = self.meter.counts() is not None or self.meter.said
            self.ended(GeneratorExit()) if heard else self.release()

    def _guess(self, said: int | None) -> Counts:
        """The request, and an answer of so many bytes; ``None`` the longest."""
        request, price = self.asked[0]
        most = self._output(request, price)
        if said is not None:
            most = min(most, -(-said // _BYTES_A_TOKEN))
        return Counts(fresh=request.input // _BYTES_A_TOKEN, output=most)

    def _charge(self, counts: Counts, *, told: bool) -> None:
        request, price = self.asked[0]
        entry = Entry(
            self.at,
            request.provider,
            request.model,
            counts,
            None if price is None else price.cost(counts),
            self.key,
            self.run,
            told,
        )
        self._settled((entry,))

    def _settled(self, entries: Sequence[Entry]) -> None:
        if self.open:
            self.reserved = False
            settling.settle(self.ledger, self.id, entries)

    def became(self, batch_id: str, now: float) -> None:
        """The batch exists now: its results will tell what it came to."""
        self.reserved = False
        with settling.alone():
            self.ledger.rename(self.id, batch_name(batch_id), now + BATCH_HOLD_S)


class Rows:
    """The results of a batch as they are read: each costs once, however often read."""

    def __init__(
        self, ledger: UsageLedger, prices: Prices, service: str, batch_id: str
    ) -> None:
        self.ledger = ledger
        self.name = batch_name(batch_id)
        self._prices = prices
        self._service = service
        self._entries: list[Entry] = []
        self._whose: tuple[float, str, str] = (0.0, "", "")

    def begin(self, usual: tuple[float, str, str]) -> None:
        """Find whose the batch is; ``usual`` where nobody remembers."""
        with settling.alone(), self.ledger.writing() as db:
            found = self.ledger.reservation(db, self.name)
            self._whose = usual if found is None else (found[0], found[1], found[2])

    def add(self, row: Any) -> None:
        result = getattr(row, "result", None)
        message = getattr(result, "message", None)
        meter = Meter()
        meter.add(message)
        counts, model = meter.counts(), str(getattr(message, "model", ""))
        if counts is None:
            return  # it failed, and costs nothing
        price = self._prices.of(self._service, model)
        nano = None if price is None else price.cost(counts, batch=True)
        at, key, run = self._whose
        ref = f"{self.name}/{row.custom_id}"
        self._entries.append(
            Entry(at, self._service, model, counts, nano, key, run, True, ref)
        )
        if len(self._entries) >= _AT_ONCE:
            self._write("")

    def ended(self, outcome: BaseException | None) -> None:
        """All rows are read, or some are still to come."""
        self._write(self.name if outcome is None else "")

    def _write(self, done: str) -> None:
        entries, self._entries = self._entries, []
        if entries or done:
            settling.settle(self.ledger, done, entries)


def batch_name(batch_id: str) -> str:
    return f"batch:{batch_id}"
