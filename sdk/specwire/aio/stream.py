"""``AsyncStream``: the items of a stream as they arrive, in a task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from ..core.errors import SpecwireError
from ..core.stream import NOTHING, Stream
from .bridge import spawn
from .twin import Managed, face

T = TypeVar("T")


class AsyncStream(Managed[Stream[Any]], Generic[T]):
    """Items as they arrive; iterate once, close or use ``async with`` to stop early.

    :ivar events_received: how many items were handed out.

    Raises what :class:`~specwire.core.stream.Stream` does.
    """

    events_received: int

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        stream = self._of
        if stream._taps:  # what they do may wait
            return await self._next()
        item: Any = next(stream._ready, NOTHING)  # what is here is not waited for
        if item is NOTHING or isinstance(item, SpecwireError):
            item = await spawn(stream._item, item)
            if item is NOTHING:
                raise StopAsyncIteration
        return face(stream._handed(item))

    async def close(self) -> None:
        """Stop; the connection is given up unless the stream was read to its end."""
        await self.aclose()
