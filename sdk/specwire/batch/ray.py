"""``RayExecutor``: Ray as a ``concurrent.futures.Executor`` (extra ``ray``).

>>> from specwire.batch.ray import RayExecutor  # doctest: +SKIP
>>> BatchRunner(Settings(), journal="run.db", executor=RayExecutor())  # doctest: +SKIP

Each job is a task of Ray, which does it again on another machine where a worker is
lost. Ray has to be told where its cluster is (``ray.init``) before.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from typing import Any, TypeVar

from ..core.extras import needed

T = TypeVar("T")


class RayExecutor(Executor):
    """Jobs as tasks.

    :param options: of each task, as ``ray.remote`` has them: ``num_cpus=0.1``,
        ``max_retries=3``, ``resources=…``.
    :raises ImportError: without ray.
    """

    def __init__(self, **options: Any) -> None:
        with needed("ray", "RayExecutor"):
            ray: Any = import_module("ray")
        if not ray.is_initialized():
            ray.init()
        # A call waits for its server most of the time.
        settings = {"num_cpus": 0.05, "max_retries": 3, **options}
        self._task = ray.remote(**settings)(_call)
        self._cancel = ray.cancel
        self._open: dict[Future[Any], Any] = {}
        self._ended = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        if self._ended:
            raise RuntimeError("RayExecutor: it was shut down; make another")
        reference = self._task.remote(fn, args, kwargs)
        future: Future[T] = reference.future()
        self._open[future] = reference
        future.add_done_callback(lambda done: self._open.pop(done, None))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._ended = True
        for future, reference in list(self._open.items()):
            if cancel_futures:
                self._cancel(reference)
            elif wait:
                future.exception()


def _call(fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    return fn(*args, **kwargs)
