"""Giving up in tasks: tokens that are awaited, and iterators that end by one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, TypeVar

from ..core.cancelling import CancelHandle, CancellableStream, CancelReason, CancelToken
from .bridge import settled, spawn
from .crew import InTasks, drawn
from .opening import Opening
from .twin import Iteration, plain

T = TypeVar("T")


class AsyncCancelToken(CancelToken):
    """A :class:`~specwire.CancelToken` that is waited for in a task.

    Any token may travel with a task's calls; functions of ``on_cancel`` may be
    ``async def`` here.
    """

    async def wait(self) -> CancelReason:  # type: ignore[override]
        """Wait until it is cancelled, and say why."""
        return await spawn(super().wait)

    async def wait_with_timeout(self, timeout: float) -> bool:  # type: ignore[override]
        """Wait at most ``timeout`` seconds; whether it was cancelled."""
        return await spawn(super().wait_with_timeout, timeout)

    def on_cancel(self, callback: Callable[[CancelReason], Any]) -> AsyncCancelToken:
        """Call ``callback(reason)`` when it is cancelled, at once if it is already."""
        loop = asyncio._get_running_loop()

        def told(reason: CancelReason) -> None:
            value = callback(reason)
            if loop is not None and inspect.isawaitable(value):
                InTasks(loop).begin(settled, "specwire-cancel", value)

        super().on_cancel(told)
        return self


def create_cancel_pair(
    timeout: float | None = None,
) -> tuple[CancelHandle, AsyncCancelToken]:
    """A token, and the handle to cancel it with."""
    token = AsyncCancelToken(timeout)
    return CancelHandle(token), token


class AsyncCancellableStream(Iteration[T]):
    """Items of ``stream``; it ends quietly once ``token`` is cancelled.

    :param on_cancel: called once when the cancellation ends it; an ``async def`` will
        do.
    :ivar started: there was an item.
    :ivar finished: there will be none any more.
    """

    started: bool
    finished: bool

    def __init__(
        self,
        stream: AsyncIterable[T] | Iterable[T],
        token: Any,
        on_cancel: Callable[[], Any] | None = None,
    ) -> None:
        items: Any = plain(stream)
        if hasattr(items, "__aiter__"):
            items = drawn(items)
        super().__init__(CancellableStream(items, plain(token), on_cancel))

    async def close(self) -> None:
        """Stop, and close what is iterated if it can be closed."""
        await self.aclose()


def with_cancellation(
    stream: AsyncIterable[T] | Iterable[T],
    token: Any,
    on_cancel: Callable[[], Any] | None = None,
) -> Opening[AsyncCancellableStream[T]]:
    """``stream`` as one that ends once ``token`` is cancelled."""

    async def begin() -> AsyncCancellableStream[T]:
        return AsyncCancellableStream(stream, token, on_cancel)

    return Opening(begin)
