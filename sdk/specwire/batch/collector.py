"""``BatchCollector`` and ``BatchExecutor``: some calls at once, and no journal.

Both spellings of programs written for ai-lib-python work: a collector of requests that
an executor takes, and an operation with a list of items; a collector may have an
executor of its own and run what has come together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any

from attrs import field, frozen

from ..core.clock import Bell
from ..core.crew import here
from ..core.errors import APITimeoutError, CancelledError


@frozen
class BatchConfig:
    """When a collector with an executor runs what it has.

    :ivar max_batch_size: as soon as there are so many.
    :ivar max_wait_ms: at the latest so long after the first.
    """

    max_batch_size: int = 10
    max_wait_ms: float = 100.0


@frozen
class BatchOutcome:
    """What a list of items came to, in its order.

    :ivar results: a result each; ``None`` where there is an error.
    :ivar errors: an error each; ``None`` where there is a result.
    """

    results: list[Any] = field(factory=list)
    errors: list[BaseException | None] = field(factory=list)
    total_time_ms: float = 0.0

    @property
    def successful_count(self) -> int:
        """How many items have a result."""
        return sum(error is None for error in self.errors)

    @property
    def failed_count(self) -> int:
        """How many items have an error."""
        return len(self.errors) - self.successful_count

    @property
    def all_successful(self) -> bool:
        """Whether no item has an error."""
        return not self.failed_count

    def get_successful_results(self) -> list[Any]:
        """The results of those that succeeded, in order."""
        both = zip(self.results, self.errors, strict=True)
        return [result for result, error in both if error is None]

    def get_errors(self) -> list[tuple[int, BaseException]]:
        """Where there was an error, and which."""
        return [(n, e) for n, e in enumerate(self.errors) if e is not None]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


class BatchExecutor:
    """Runs items at the same time, a few at once.

    >>> BatchExecutor(str.upper, concurrency=2).execute(["a", "b"]).results
    ['A', 'B']

    :param operation: called with each item; without one, an item runs itself: it is a
        request of chat (``client.chat().user("…")``), or a function.
    :param concurrency: how many at once.
    :param timeout: seconds for all of it; what has not ended then is a time-out.
    :param fail_fast: raise the first error, and begin no more.
    """

    def __init__(
        self,
        operation: Callable[[Any], Any] | None = None,
        max_concurrent: int | None = None,
        fail_fast: bool = False,
        *,
        concurrency: int | None = None,
        timeout: float | None = None,
    ) -> None:
        self._operation = operation
        self.concurrency = concurrency or max_concurrent or 10
        self._fail_fast = fail_fast
        self._timeout = timeout

    def execute(
        self,
        items: Iterable[Any],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> BatchOutcome:
        """What each item came to.

        :param items: a list, or a :class:`BatchCollector`, which is empty after it.
        :param on_progress: told how many are done, and of how many.
        """
        began = time.monotonic()
        if isinstance(items, BatchCollector):
            items = items.drain()
        given = list(items)
        if not given:
            return BatchOutcome()
        crew = here().crew(min(self.concurrency, len(given)), "specwire-batch")
        try:
            futures = [crew.submit(self._one, item) for item in given]
            self._watch(futures, on_progress)
            results, errors = _outcomes(futures, self._timeout)
        finally:
            crew.shutdown(wait=False)
        return BatchOutcome(results, errors, (time.monotonic() - began) * 1e3)

    def execute_with_progress(
        self, items: Iterable[Any], on_progress: Callable[[int, int], object]
    ) -> BatchOutcome:
        """As :meth:`execute`."""
        return self.execute(items, on_progress)

    def _one(self, item: Any) -> Any:
        if self._operation is None:
            return here().settled(_itself(item))
        return here().called(self._operation, item)

    def _watch(
        self,
        futures: list[Future[Any]],
        on_progress: Callable[[int, int], object] | None,
    ) -> None:
        try:
            ended = here().as_done(futures, self._timeout)
            for done, future in enumerate(ended, 1):
                if on_progress is not None:
                    here().settled(on_progress(done, len(futures)))
                error = future.exception()
                if error is not None and self._fail_fast:
                    raise error
        finally:
            for future in futures:
                future.cancel()


def _outcomes(
    futures: list[Future[Any]], timeout: float | None
) -> tuple[list[Any], list[BaseException | None]]:
    results: list[Any] = []
    errors: list[BaseException | None] = []
    for future in futures:
        result: Any = None
        error: BaseException | None
        if future.cancelled() or not future.done():
            error = APITimeoutError(
                f"batch: not done after {timeout:g} s; give it more, or more at once"
            )
        else:
            error = future.exception()
            result = None if error is not None else future.result()
        results.append(result)
        errors.append(error)
    return results, errors


def _itself(item: Any) -> Any:
    run = getattr(item, "execute", item)
    if not callable(run):
        raise TypeError(
            "BatchExecutor: expected requests of chat or functions, got "
            f"{type(item).__name__}; name an operation: BatchExecutor(operation)"
        )
    return run()


class BatchCollector:
    """Requests that come one after the other, to be run together.

    >>> collector = BatchCollector()
    >>> collector.add("a")
    >>> BatchExecutor(str.upper).execute(collector).results
    ['A']

    With an executor it runs them itself, when there are enough or the first has waited
    long enough, and :meth:`add` gives what its item came to.

    :param config: how many are enough, and how long is long enough.
    """

    def __init__(
        self,
        config: BatchConfig | None = None,
        executor: Callable[[list[Any]], Any] | BatchExecutor | None = None,
    ) -> None:
        self._config = config or BatchConfig()
        self._executor = executor
        self._lock = threading.Lock()
        self._items: list[tuple[Any, Future[Any]]] = []
        self._timer: Bell | None = None

    def add(self, item: Any) -> Any:
        """Take ``item`` in. With an executor: wait for what it came to."""
        future: Future[Any] = Future()
        with self._lock:
            self._items.append((item, future))
            full = len(self._items) >= self._config.max_batch_size
            if self._executor is not None and not full and self._timer is None:
                self._timer = Bell()
                here().begin(self._flush_late, "specwire-batch-timer", self._timer)
        if self._executor is None:
            return None
        if full:
            self.flush()
        return here().all([future])[0]

    def _flush_late(self, over: Bell) -> None:
        if not here().until(over, self._config.max_wait_ms / 1e3):
            self.flush()

    def add_all(self, items: Iterable[Any]) -> None:
        """Take in several, for an executor that takes the collector."""
        with self._lock:
            self._items += [(item, Future()) for item in items]

    def flush(self) -> None:
        """Run what is there, where there is an executor."""
        taken = self._taken()
        if self._executor is None or not taken:
            return
        try:
            for (_, future), (result, error) in zip(
                taken, self._run([item for item, _ in taken]), strict=True
            ):
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
        except BaseException as error:
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)

    def _run(self, items: list[Any]) -> list[tuple[Any, BaseException | None]]:
        if isinstance(self._executor, BatchExecutor):
            outcome = self._executor.execute(items)
            return list(zip(outcome.results, outcome.errors, strict=True))
        assert self._executor is not None
        results = here().settled(self._executor(items))
        return [(result, None) for result in results]

    def drain(self) -> list[Any]:
        """All that was taken in; the collector is empty then."""
        return [item for item, _ in self._taken()]

    def stop(self) -> None:
        """Give up what has not been run."""
        for _, future in self._taken():
            future.set_exception(CancelledError("BatchCollector: stopped"))

    def _taken(self) -> list[tuple[Any, Future[Any]]]:
        with self._lock:
            # Whoever waits for one that is begun can take it back no more.
            taken = [t for t in self._items if t[1].set_running_or_notify_cancel()]
            self._items = []
            if self._timer is not None:
                self._timer.set()
                self._timer = None
            return taken

    def __len__(self) -> int:
        """How many items wait to be executed."""
        return len(self._items)

    pending_count = property(__len__)
