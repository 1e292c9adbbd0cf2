"""One run: from the input through journal and executor to the results.

The caller reads the input and hands results out; the writer's thread commits, then
hands jobs to the executor; workers, threads or tasks, call. Only the caller counts what
is under way, so nothing here needs a lock. What happens elsewhere arrives as an event
in one queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import Empty
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from ..core.clock import Bell, Clock
from ..core.crew import here
from .dispatch import Dispatch
from .errors import InputChangedError
from .items import Item
from .journal import AGAIN, SENT, SUCCEEDED, WAITING, Journal, Row
from .results import ItemResult, result_of
from .settings import Settings
from .work import Job, Outcome, json_of, told
from .writer import After, Write, Writer

if TYPE_CHECKING:
    from .stored import Stored

Begun: TypeAlias = "tuple[Write, Any] | ItemResult"
"""What to write before an item can be sent, or what an earlier run made of it."""
_MOST_LOSSES: Final = 5
"""How many workers an item may take with it before it is to blame."""


@frozen
class Event:
    """What became of one item that was under way, or of the whole run.

    :ivar job: to be done once more, its worker is gone.
    :ivar broken: the journal failed; what is under way cannot be kept.
    """

    result: ItemResult | None = None
    job: Job | None = None
    error: BaseException | None = None
    counts: bool = True
    broken: bool = False


@frozen
class Plan:
    """What a run is made of.

    :ivar items: the input; ``None`` runs what the journal has.
    :ivar mark: names the run, the same when it goes on.
    :ivar pace: seconds to wait before another item may begin.
    """

    items: Iterator[Item] | None
    settings: Settings | None
    rounds: int
    retry_failed: bool
    recorded: bool
    clock: Clock
    pace: Callable[[], float] | None
    told: Callable[[ItemResult], object]
    mark: str


class Run:
    """A run under way; :meth:`results` drives it."""

    def __init__(self, plan: Plan, dispatch: Dispatch, stored: Stored) -> None:
        self._plan = plan
        self._dispatch = dispatch
        self._stored = stored
        self._events = here().queue()
        self._writer = Writer(Journal(stored.path, plan.mark), self._failed)
        self._stopping = self._given_up = False
        self._error: BaseException | None = None
        self._under_way = 0
        self._round = 1
        self._losses: Counter[int] = Counter()

    def stop(self, now: bool = False) -> None:
        """Begin no more; may be called by any thread, and by a signal handler."""
        self._stopping = True
        self._given_up = self._given_up or now
        self._events.put(Event(counts=False))

    def results(self) -> Iterator[ItemResult]:
        """The results as they become durable.

        :raises BaseException: what the input raised, and what ended the run, once all
            that was under way has ended.
        """
        self._writer.start()
        try:
            try:
                yield from self._rounds()
            except KeyboardInterrupt:
                if not self._stopping:  # else it is the second
                    self._wind_up()
                raise
            except GeneratorExit:
                self._wind_up()
                raise
            if self._error is not None:
                raise self._error
        finally:
            given_up = self._under_way > 0
            self._dispatch.close(wait=not given_up)
            self._writer.close(5.0 if given_up else None)

    def _rounds(self) -> Iterator[ItemResult]:
        plan = self._plan
        yield from self._each(self._first())
        while not self._over and self._round < plan.rounds:
            if not self._stored.any_again():
                return
            self._round += 1
            if plan.clock.sleep(min(2.0 ** (self._round - 1), 60.0), _NEVER):
                return
            yield from self._each(self._once_more(self._stored.again()))

    def _first(self) -> Iterator[Begun]:
        if self._plan.items is not None:
            for item in self._plan.items:
                yield self._admit, item
            self._writer.put(_note_complete)  # not reached where the input raises
            return
        if self._plan.retry_failed:
            self._reopen()
        if self._plan.recorded:
            yield from self._stored.results()
        yield from self._once_more(self._stored.open())

    def _each(self, source: Iterator[Begun]) -> Iterator[ItemResult]:
        """Everything of ``source``, a window of it at a time."""
        more = True
        while (more and not self._over) or self._under_way:
            if self._given_up:
                return
            wait: float | None = None
            if more and not self._over and self._under_way < self._dispatch.most:
                wait = self._plan.pace() if self._plan.pace else 0.0
                if not wait:
                    begun = self._next(source)
                    if begun is None:
                        more = False
                    elif isinstance(begun, ItemResult):
                        yield begun
                    else:
                        self._under_way += 1
                        self._writer.put(*begun)
                    wait = 0.0
            for result in self._happened(wait):
                self._plan.told(result)
                yield result

    @property
    def _over(self) -> bool:
        """Nothing more is begun; what is wrong with the input lets the rest end."""
        return self._stopping or self._error is not None

    def _next(self, source: Iterator[Begun]) -> Begun | None:
        try:
            return next(source, None)
        except Exception as error:
            self._error = error
            return None

    def _happened(self, wait: float | None) -> Iterator[ItemResult]:
        """What has happened; waits for it, for ``wait`` seconds at most."""
        try:
            if wait is None or wait > 0:
                event = self._events.get(timeout=wait)
            else:
                event = self._events.get_nowait()
            while True:
                result = self._handled(event)
                if result is not None:
                    yield result
                event = self._events.get_nowait()
        except Empty:
            pass

    def _handled(self, event: Event) -> ItemResult | None:
        if event.broken:
            self._end(event.error)
            assert event.error is not None
            raise event.error
        if event.job is not None and not self._stopping:
            self._submit(event.job)
            return None
        self._under_way -= event.counts
        if isinstance(event.error, InputChangedError):
            self._error = self._error or event.error
        elif event.error is not None:
            self._end(event.error)
        elif self._stopping:
            self._dispatch.cancel()
        return event.result

    def _end(self, error: BaseException | None) -> None:
        self._error = self._error or error
        self._stopping = True
        self._dispatch.cancel()

    def _wind_up(self) -> None:
        """Let the calls under way end, and keep what they bring."""
        self._stopping = True
        self._dispatch.cancel()
        while self._under_way and not self._given_up:
            self._handled(self._events.get())

    # -- in the writer's thread --------------------------------------------------------

    def _reopen(self) -> None:
        """Take back what failed, and wait until that is committed."""
        through = Bell()

        def reopen(journal: Journal, _: list[None]) -> list[After]:
            journal.reopen()
            return [through.set]

        self._writer.put(reopen)
        while not here().until(through, 0.05):
            for _ in self._happened(0.0):
                pass

    def _admit(self, journal: Journal, items: list[Item]) -> Iterator[After]:
        for row in journal.admit(items, SENT, self._plan.retry_failed):
            if isinstance(row, InputChangedError):
                yield partial(self._events.put, Event(error=row))
            elif row.state < SUCCEEDED:
                yield partial(self._submit, self._job(row))
            else:
                found = None
                if self._plan.recorded:
                    found = self._stored.result_of(journal, row)
                yield partial(self._events.put, Event(result=found))

    def _once_more(self, rows: Iterator[Row]) -> Iterator[Begun]:
        return ((self._send_again, row) for row in rows)

    def _send_again(self, journal: Journal, rows: list[Row]) -> Iterator[After]:
        journal.move((row.number for row in rows), SENT)
        for row in rows:
            yield partial(self._submit, self._job(row))

    def _job(self, row: Row) -> Job:
        return Job(
            *(row.number, row.custom_id, row.position, row.kind, row.body, row.key),
            self._plan.settings,
        )

    def _submit(self, job: Job) -> None:
        if self._stopping:
            self._put_back(job, None)
            return
        try:
            self._dispatch.submit(job, self._done)
        except Exception as error:  # an executor that is no more
            self._put_back(job, error)

    # -- in a worker's thread ----------------------------------------------------------

    def _done(self, job: Job, future: Future[Outcome]) -> None:
        if future.cancelled():
            if self._stopping:
                self._put_back(job, None)
            else:
                self._lost(job, RuntimeError("the executor dropped the job"))
            return
        error = future.exception()
        if error is not None:
            self._lost(job, error)
            return
        outcome = future.result()
        if outcome.stops is not None:
            self._put_back(job, outcome.stops)
        elif outcome.again and self._round < self._plan.rounds:
            self._writer.put(self._later, job)
        else:
            self._writer.put(self._finish, (job, outcome))

    def _lost(self, job: Job, error: BaseException) -> None:
        self._losses[job.number] += 1
        if self._losses[job.number] <= _MOST_LOSSES:
            self._events.put(Event(job=job))
            return
        outcome = Outcome(False, json_of(told(error)))
        self._writer.put(self._finish, (job, outcome))

    def _put_back(self, job: Job, error: BaseException | None) -> None:
        """It was not sent, or refused before it began."""
        self._writer.put(self._wait, (job, error))

    def _wait(
        self, journal: Journal, jobs: list[tuple[Job, BaseException | None]]
    ) -> Iterator[After]:
        journal.move((job.number for job, _ in jobs), WAITING)
        for _, error in jobs:
            yield partial(self._events.put, Event(error=error))

    def _later(self, journal: Journal, jobs: list[Job]) -> Iterator[After]:
        journal.move((job.number for job in jobs), AGAIN)
        for _ in jobs:
            yield partial(self._events.put, Event())

    def _finish(
        self, journal: Journal, done: list[tuple[Job, Outcome]]
    ) -> Iterator[After]:
        kept = journal.finish({job.number: made for job, made in reversed(done)})
        for job, outcome in done:
            result = None
            if job.number in kept:
                kept.discard(job.number)
                result = result_of(job.custom_id, job.position, outcome)
            yield partial(self._events.put, Event(result=result))

    def _failed(self, error: BaseException) -> None:
        self._events.put(Event(error=error, counts=False, broken=True))


_NEVER: Final = Bell()


def _note_complete(journal: Journal, _: list[None]) -> tuple[()]:
    journal.note("complete", 1)
    return ()
