"""``AsyncCancellableStream``: any async iterator, until its token is cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, Generic, TypeVar

from ..core.cancelling import CancellableStream
from .crew import _drawn as drawn
from .faces.cancelling import AsyncCancelToken as AsyncCancelToken
from .opening import Opening
from .twin import Managed, plain

T = TypeVar("T")


class AsyncCancellableStream(Managed[CancellableStream[Any]], Generic[T]):
    """Items of ``stream``; it ends quietly once ``token`` is cancelled.

    :param on_cancel: called once when the cancellation ends it; an ``async def`` will
        do.
    """

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

    @property
    def started(self) -> bool:
        """Whether there was an item."""
        return self._of.started

    @property
    def finished(self) -> bool:
        """Whether there will be none any more."""
        return self._of.finished

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        return await self._next()

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
