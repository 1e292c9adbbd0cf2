"""``Opening``: a stream that was asked for, or a place; it begins when it is used.

>>> async for event in client.chat().user("Hello").stream(): ...  # doctest: +SKIP
>>> async with client.chat().user("Hello").stream() as stream: ...  # doctest: +SKIP
>>> stream = await client.chat().user("Hello").stream()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")
F_co = TypeVar("F_co", covariant=True)


class Opening(Generic[F_co]):
    """Await it, iterate over it, or enter it; the call is made then, and once.

    What it came to is its own from then on: ``opening.response`` is the stream's.
    """

    def __init__(self, begin: Callable[[], Awaitable[F_co]]) -> None:
        self._begin = begin
        self._opened: Any = None
        self._items: Any = None

    async def _open(self) -> F_co:
        if self._opened is None:
            self._opened = await self._begin()
        return self._opened  # type: ignore[no-any-return]

    def __await__(self) -> Generator[Any, Any, F_co]:
        return self._open().__await__()

    def __aiter__(self: Opening[AsyncIterable[T]]) -> AsyncIterator[T]:
        return self

    def __anext__(self: Opening[AsyncIterable[T]]) -> Awaitable[T]:
        if self._items is None:
            return self._first()
        return self._items.__anext__()  # type: ignore[no-any-return]

    async def _first(self: Opening[AsyncIterable[T]]) -> T:
        self._items = aiter(await self._open())
        return await self._items.__anext__()  # type: ignore[no-any-return]

    async def __aenter__(self) -> F_co:
        return await (await self._open()).__aenter__()  # type: ignore

    async def __aexit__(self, *error: object) -> None:
        await self._opened.__aexit__(*error)

    async def aclose(self) -> None:
        """Stop; what was not begun never is."""
        opened = self._opened
        if opened is None:
            self._begin = _closed
        else:
            await opened.aclose()

    async def close(self) -> None:
        """As :meth:`aclose`."""
        await self.aclose()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        if self._opened is None:
            raise AttributeError(f"{name!r} is there once this was awaited or iterated")
        return getattr(self._opened, name)

    def __repr__(self) -> str:
        return f"<Opening of {self._opened or 'what was not used yet'}>"


async def _closed() -> Any:
    raise RuntimeError("this was closed before it was used")
