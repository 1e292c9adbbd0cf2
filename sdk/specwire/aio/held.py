"""What a lease ends in a task: the attempt to get something, and then that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from ..core.lease import Lease
from .bridge import soon, tell

R = TypeVar("R")
_PARTS: Final = 10


class Held:
    """What works for a lease in a task, and is ended by it from any thread.

    :ivar lease: the call that it works for.
    :ivar read_s: how long one read may take.
    """

    __slots__ = ("_loop", "lease", "read_s")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.lease: Lease | None = None
        self.read_s: float | None = None

    def settimeout(self, seconds: float) -> None:
        self.read_s = seconds

    def shut_down(self) -> None:
        tell(self._loop, self._cut, self.lease)

    def _cut(self, lease: Lease | None) -> None:
        if lease is not None and self.lease is lease:
            self.drop()

    def drop(self) -> None:
        """End it; who waits on it wakes."""
        raise NotImplementedError


class Hold(Held, Generic[R]):
    """An attempt on its way, and what came of it.

    :param give_up: closes that, in the loop.
    """

    def __init__(
        self, asking: Coroutine[Any, Any, R], give_up: Callable[[R], object]
    ) -> None:
        super().__init__()
        self._give_up = give_up
        self._task = self._loop.create_task(asking)
        self.got: R | None = None

    async def reply(self, seconds: float | None = None) -> R:
        """What comes of it, so long at most.

        :raises OSError: where it was given up.
        :raises asyncio.TimeoutError: where nothing does.
        """
        try:
            await _in_time(self._task, seconds)
        except BaseException:
            self._task.add_done_callback(self._unwanted)
            self._task.cancel()
            raise
        if self._task.cancelled():
            raise OSError("given up")
        self.got = self._task.result()
        return self.got

    def drop(self) -> None:
        self._task.cancel()
        self._leave()

    def leave(self) -> None:
        """Close what came of it, from any thread."""
        soon(self._loop, self._leave)

    def _leave(self) -> None:
        if self.got is not None:
            self._give_up(self.got)

    def _unwanted(self, task: asyncio.Task[R]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._give_up(task.result())


async def _in_time(task: asyncio.Task[Any], seconds: float | None) -> None:
    """Wait for ``task``, so long at most.

    In parts: a loop that thousands of tasks keep busy comes late to what is there
    already, and however late it is, that is one part.
    """
    part = None if seconds is None else seconds / _PARTS
    for _ in range(_PARTS):
        done, _ = await asyncio.wait({task}, timeout=part)
        if done:
            return
    raise asyncio.TimeoutError
