"""``ai_lib_python.batch``: requests that are run together, in tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ....aio.faces import batch_collector as _faces
from ....aio.faces.batch_collector import AsyncBatchExecutor as BatchExecutor
from ....aio.twin import Twin, plain
from ....batch import collector as _sync
from ..batch import BatchConfig, BatchResult

__all__ = ["BatchCollector", "BatchConfig", "BatchExecutor", "BatchResult"]


class BatchCollector(_faces.AsyncBatchCollector):
    """Requests that come one after the other; see
    :class:`specwire.batch.BatchCollector`.

    ``add`` takes its item in at once: what it gives is awaited for what the item came
    to, where there is an executor, and need not be where there is none.
    """

    def __init__(
        self,
        config: BatchConfig | None = None,
        executor: Callable[[list[Any]], Any] | BatchExecutor | None = None,
    ) -> None:
        made = self._built(_sync.BatchCollector, config, executor)
        Twin.__init__(self, made)

    def add(self, item: Any) -> Awaitable[Any]:  # type: ignore[override]
        """Take ``item`` in."""
        if self._of._executor is not None:
            return asyncio.ensure_future(self._run(self._of.add, item))
        self._of.add(plain(item))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def set_executor(self, executor: Callable[[list[Any]], Any]) -> None:
        """What runs the items from now on."""
        self._of._executor = plain(executor)

    async def stop(self) -> None:  # type: ignore[override]
        """Run what is there, or give it up where there is no executor."""
        await self.flush()
        self._of.stop()
