"""``BatchRunner``: many calls, each done once, whatever dies in between."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from ..core.clock import Bell, Clock
from ..ledger.errors import LedgerFileError
from ..ledger.lock import held
from .dispatch import Dispatch
from .errors import InputChangedError, JournalBusyError, JournalError
from .items import KINDS, Item, Requests, read_items
from .journal import WAITING, Journal, lock_of
from .progress import Bar, Meter, Progress
from .rates import budget_of, dollars, limiter_of
from .results import ItemResult, Status
from .running import Plan, Run
from .settings import Settings
from .stored import Stored

if TYPE_CHECKING:
    from ..core.client import BaseClient

_ADDED_AT_A_TIME = 1_000


class BatchRunner:
    """Runs any number of requests through a client, with a journal.

    >>> runner = BatchRunner(client, journal="run.db")  # doctest: +SKIP
    >>> for result in runner.run(requests):  # doctest: +SKIP
    ...     print(result.custom_id, result.text)

    Started again on the same journal it goes on: what has a result is not sent again,
    and what was under way is sent with the key it was sent with before. Memory does not
    grow with the number of items.

    :param client: a :class:`~specwire.Client`, an ``AiClient``, or :class:`Settings`;
        without one, a client of the environment.
    :param journal: the file; made with the rights 0600 on first use, on a disk of this
        machine.
    :param kind: what all requests are: ``messages``, ``chat`` or ``workflow``; by
        default each says it by its members.
    :param defaults: members that every request has unless it has its own, such as
        ``{"model": …, "max_tokens": …}``.
    :param executor: where calls are made: any ``concurrent.futures.Executor``, or a
        function that makes one; threads of its own by default. In other processes and
        machines the keys are those of their environment.
    :param max_in_flight: calls under way at most; 16 threads by default.
    :param rate_limit: requests a second, ``"3000/min"``, or a rate limiter.
    :param budget: dollars at most, or a budget; what would cross it is not sent.
    :param rounds: how often a call is made for an item whose failure may pass, each
        time when the others are done, beside the client's own retries.
    :param via: ``"batches"`` sends messages through the Message Batches API.
    :param on_batch: told the identifier of each batch, and how many items it has, as
        soon as the server has named it.
    :param on_progress: told how far it is, some times a second.
    :param progress: draw a bar on standard error, where that is a terminal.
    """

    def __init__(
        self,
        client: BaseClient | Settings | None = None,
        *,
        journal: str | os.PathLike[str],
        kind: str | None = None,
        defaults: Mapping[str, Any] | None = None,
        executor: Executor | Callable[[], Executor] | None = None,
        max_in_flight: int | None = None,
        rate_limit: Any = None,
        budget: Any = None,
        rounds: int = 3,
        via: Literal["calls", "batches"] = "calls",
        on_batch: Callable[[str, int], object] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        progress: bool = False,
        _clock: Clock | None = None,
    ) -> None:
        if kind is not None and kind not in KINDS:
            raise ValueError(f"kind: expected one of {KINDS}, got {kind!r}")
        if via not in ("calls", "batches"):
            raise ValueError(f"via: expected 'calls' or 'batches', got {via!r}")
        _at_least_one("rounds", rounds)
        _at_least_one("max_in_flight", max_in_flight or 1)
        self._client = Settings() if client is None else client
        self._stored = Stored(os.fsdecode(journal))
        self._kind = "messages" if via == "batches" else kind
        self._defaults = dict(defaults or {})
        model = getattr(client, "model_id", None)
        if model is not None:  # an AiClient is of one model
            self._kind = "chat"
            self._defaults["model"] = model
        self._executor = executor
        self._max_in_flight = max_in_flight
        self._clock = _clock or Clock()
        self._limiter = limiter_of(rate_limit, _clock)
        self._budget = _checked(budget)
        self._rounds = rounds
        self._via = via
        self._on_batch = on_batch or _nothing
        self._on_progress = on_progress
        self._bar = progress
        self._run: Any = None
        self._stop_asked = Bell()

    def __repr__(self) -> str:
        return f"BatchRunner(journal={self._stored.path!r})"

    # -- running -----------------------------------------------------------------------

    def run(
        self,
        requests: Requests | None = None,
        *,
        retry_failed: bool = False,
        recorded: bool = True,
    ) -> Iterator[ItemResult]:
        """One result for each request, as they finish, in any order.

        Each is in the journal before it is given. Items that failed are results too.
        An exception of the input, and of whatever ends a run (a wrong key, a budget, a
        full disk), is raised once the calls under way have ended; nothing is lost by
        it. Leaving the loop, and Ctrl-C, let the calls under way end and keep their
        results; a second Ctrl-C gives them up, to be sent again by the next run.

        :param requests: the input, read as it is needed; the same again to go on.
            Without it, all that the journal knows is run.
        :param retry_failed: do again what failed in earlier runs.
        :param recorded: give results of earlier runs as well (``result.recorded``), so
            that there is one for each request.
        :raises JournalBusyError: while another runner has the journal.
        :raises InputChangedError: where an item is not what the journal has.
        :raises ItemError: where the input holds what is no request.
        """
        meter = Meter(self._on_progress, self._clock, _length(requests))
        with self._locked(), Bar(self._bar) as bar:
            run, done = self._made(
                requests, retry_failed, recorded, meter.watching(bar)
            )
            self._run = run
            if self._stop_asked.is_set():
                run.stop()
            try:
                yield from run.results()
            finally:
                self._run = None
                self._stop_asked.clear()
                done()

    def execute(
        self, requests: Requests | None = None, *, retry_failed: bool = False
    ) -> Status:
        """Run all and keep the results in the journal only; how it ended."""
        for _ in self.run(requests, retry_failed=retry_failed, recorded=False):
            pass
        return self.status()

    def retry_failed(self) -> Iterator[ItemResult]:
        """Run what failed once more, and what is open; without the input."""
        return self.run(retry_failed=True, recorded=False)

    def stop(self, *, now: bool = False) -> None:
        """Begin no more; the run ends when the calls under way have. From any thread,
        and from a signal handler.

        :param now: give up the calls under way too; the next run sends them again.
        """
        self._stop_asked.set()
        run = self._run
        if run is not None:
            run.stop(now)

    def add(self, requests: Requests) -> int:
        """Write requests down without sending them; how many were read. ``run()``
        without an input does them."""
        journal, count = Journal(self._stored.path, secrets.token_hex(4)), 0
        items = read_items(requests, self._kind, self._defaults)
        with self._locked():
            try:
                journal.open()
                more = 1
                while more:
                    with journal.transaction():
                        more = _admit_some(journal, items)
                    count += more
                with journal.transaction():
                    journal.note("complete", 1)
            finally:
                journal.close()
        return count

    def _made(
        self,
        requests: Requests | None,
        retry_failed: bool,
        recorded: bool,
        told: Callable[[ItemResult], object],
    ) -> tuple[Any, Callable[[], object]]:
        items = None
        mark = self._stored.mark() or secrets.token_hex(4)
        budget = budget_of(self._budget, mark)
        if requests is not None:
            items = read_items(requests, self._kind, self._defaults)
        plan = Plan(
            items,
            None,
            self._rounds,
            retry_failed,
            recorded,
            self._clock,
            None,
            told,
            mark,
        )
        if self._via == "batches":
            from .provider_batches import ProviderRun

            client, close = self._own_client(budget)
            return ProviderRun(plan, client, self._stored, self._on_batch), close
        hooks = [hook for hook in (self._limiter, budget) if hook is not None]
        client, close = self._own_client(*hooks)
        dispatch = Dispatch(self._executor, client, self._max_in_flight)
        if not dispatch.inside:
            plan = evolve(plan, settings=self._settings(budget), pace=self._pace())
        return Run(plan, dispatch, self._stored), close

    def _own_client(self, *hooks: Any) -> tuple[Any, Callable[[], object]]:
        """A client with ``hooks``, and what ends it; a given one stays open."""
        hooks = tuple(hook for hook in hooks if hook is not None)
        if isinstance(self._client, Settings):
            client: Any = self._client.client(*hooks)
            return client, client.close
        if not hooks:
            return self._client, _nothing
        ours = [*hooks, *self._client._hooks]
        return self._client.with_options(hooks=ours), _nothing

    def _settings(self, budget: Any) -> Settings:
        client = self._client
        if not isinstance(client, Settings):
            if not hasattr(client, "_contracts"):
                raise TypeError(
                    f"executor: work in other processes needs a Client or Settings, "
                    f"not {type(client).__name__}"
                )
            client = Settings.of(client)  # type: ignore[arg-type]
        if budget is not None:
            client = evolve(client, hooks=(budget, *client.hooks))
        return client

    def _pace(self) -> Callable[[], float] | None:
        """Where calls are made elsewhere, items begin at the rate."""
        limiter = self._limiter
        if limiter is None:
            return None

        def wait() -> float:
            return 0.0 if limiter.try_acquire() else max(limiter.get_wait_time(), 0.001)

        return wait

    # -- looking -----------------------------------------------------------------------

    def status(self) -> Status:
        """How far it is, also while another process runs it."""
        return self._stored.status()

    def results(self) -> Iterator[ItemResult]:
        """The results that the journal has, in the order of the input."""
        return self._stored.results()

    def result(self, custom_id: str) -> ItemResult | None:
        """What came of one item; ``None`` before it is done."""
        return self._stored.result(custom_id)

    def export_jsonl(self, path: Any, *, failed: bool = True) -> int:
        """Write the results as JSON Lines, in the order of the input; how many.

        :param path: a file, written beside and then put in place; or a text stream.
        :param failed: write the failed ones too.
        """
        from .export import export_jsonl

        return export_jsonl(self._chosen(failed), path)

    def export_parquet(self, path: Any, *, failed: bool = True) -> int:
        """Write the results as Parquet, in row groups; how many. Needs the extra
        ``parquet``."""
        from .export import export_parquet

        return export_parquet(self._chosen(failed), path)

    def _chosen(self, failed: bool) -> Iterator[ItemResult]:
        return (each for each in self._stored.results() if failed or each.success)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        path = self._stored.path

        def busy() -> None:
            raise JournalBusyError(
                f"journal {path}: another runner is at work on it; wait for it, or "
                "take another journal"
            )

        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(held(lock_of(path), busy))
            except LedgerFileError as error:
                raise JournalError(f"journal {path}: {error}") from error
            yield


def _admit_some(journal: Journal, items: Iterator[Item]) -> int:
    some = list(itertools.islice(items, _ADDED_AT_A_TIME))
    for row in journal.admit(some, WAITING, False):
        if isinstance(row, InputChangedError):
            raise row
    return len(some)


def _checked(budget: Any) -> Any:
    if budget is not None and not hasattr(budget, "before_attempt"):
        dollars(budget)
    return budget


def _at_least_one(name: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}: expected 1 or more, got {value!r}")


def _length(requests: Any) -> int | None:
    return len(requests) if hasattr(requests, "__len__") else None


def _nothing(*_: object) -> None:
    pass
