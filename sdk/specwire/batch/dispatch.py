"""Handing jobs to an executor, and to a new one where that one broke.

A process that dies takes a whole ``ProcessPoolExecutor`` with it: every job that was in
it comes back without a result, and is done again by a pool made like the broken one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial
from typing import Any, Final

from ..core.crew import here
from .work import Job, Outcome, perform, work

_MANY: Final = 256


class Dispatch:
    """Where the work is done; ``executor`` is one, or a function that makes one.

    :ivar inside: the work is done in this process, with one client.
    :ivar most: how many jobs to give it at a time, by its size.
    """

    def __init__(
        self,
        executor: Executor | Callable[[], Executor] | None,
        client: Any,
        max_in_flight: int | None,
    ) -> None:
        self._lock = threading.Lock()
        self._client = client
        self._own = not isinstance(executor, Executor)
        threads = max_in_flight or 16
        self._make: Callable[[], Executor] | None
        if executor is None:
            self._make = partial(here().crew, threads, "specwire-batch")
            self._executor: Executor = self._make()
        elif isinstance(executor, Executor):
            self._make, self._executor = _like(executor), executor
        else:
            self._make = executor
            self._executor = executor()
        others = isinstance(self._executor, ThreadPoolExecutor)
        if others and here().awaits:
            raise TypeError(
                "executor: the calls of an async client are made in its loop; leave it "
                "out, or take one of other processes"
            )
        self.inside = executor is None or others
        self.most = _window(self._executor, max_in_flight)
        if executor is None:
            # Many more than work at a time, so that none of them waits for a commit:
            # beside busy threads one takes some milliseconds.
            self.most = 8 * threads + 32
        self._futures: dict[int, Future[Outcome]] = {}

    def submit(self, job: Job, done: Callable[[Job, Future[Outcome]], object]) -> None:
        """Have ``job`` done; ``done`` is called in some thread, with what came of it.

        :raises BrokenExecutor: where the executor broke and no other can be made.
        """
        call = partial(perform, self._client) if self.inside else work
        with self._lock:
            try:
                future = self._executor.submit(call, job)
            except BrokenExecutor:
                if self._make is None:
                    raise
                self._renew(self._make)
                future = self._executor.submit(call, job)
            self._futures[job.number] = future
        future.add_done_callback(partial(self._ended, job, done))

    def _renew(self, make: Callable[[], Executor]) -> None:
        if self._own:
            self._executor.shutdown(wait=False)
        self._executor, self._own = make(), True

    def _ended(
        self,
        job: Job,
        done: Callable[[Job, Future[Outcome]], object],
        future: Future[Outcome],
    ) -> None:
        self._futures.pop(job.number, None)
        done(job, future)

    def cancel(self) -> None:
        """Take back what no worker has begun."""
        for future in list(self._futures.values()):
            future.cancel()

    def close(self, wait: bool) -> None:
        if self._own:
            self._executor.shutdown(wait=wait, cancel_futures=True)


def _window(executor: Executor, wanted: int | None) -> int:
    if wanted:
        return wanted
    size = getattr(executor, "_max_workers", None)
    return 4 * size if isinstance(size, int) else _MANY


def _like(executor: Executor) -> Callable[[], Executor] | None:
    """How to make another one like ``executor``."""
    if not isinstance(executor, ProcessPoolExecutor):
        return None
    names = ("max_workers", "mp_context", "initializer", "initargs")
    settings = {name: getattr(executor, f"_{name}") for name in names}
    return partial(ProcessPoolExecutor, **settings)
