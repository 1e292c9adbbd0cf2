"""``Threads``: an executor whose threads no exit waits for.

Those of ``concurrent.futures`` are waited for when the interpreter ends, so a second
Ctrl-C would hang until the last call gives up; these are left behind.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Threads(Executor):
    """``workers`` threads that take work from one queue."""

    def __init__(self, workers: int, name: str) -> None:
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._work = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, daemon=True, name=f"{name}-{n}")
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        run = contextvars.copy_context().run
        self._work.put((future, partial(run, fn, *args, **kwargs)))
        return future

    def _run(self) -> None:
        while (taken := self._work.get()) is not None:
            future, call = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del taken, future, call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            self._take_back()
        for _ in self._threads:
            self._work.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _take_back(self) -> None:
        try:
            while True:
                taken = self._work.get_nowait()
                if taken is not None:
                    taken[0].cancel()
        except Empty:
            pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)
