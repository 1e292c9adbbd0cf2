"""``AsyncPage``: lists in pages, and ``AsyncPages``, one that is on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Generator
from typing import Any, Generic, TypeVar

from ..core.paging import Page
from .twin import Iteration, Twin

T = TypeVar("T")


class AsyncPage(Twin[Page[Any]], Generic[T]):
    """One page of a list; ``async for`` goes on to the following ones.

    ``data`` holds this page's items; see :class:`~specwire.core.paging.Page`.
    """

    data: list[T]
    raw: dict[str, Any]

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.iter_pages():
            for item in page.data:
                yield item

    def __len__(self) -> int:
        return len(self._of)

    def __bool__(self) -> bool:
        return True

    def iter_pages(self) -> AsyncIterator[AsyncPage[T]]:
        """This page and the following ones."""
        return Iteration(self._of.iter_pages())  # type: ignore[arg-type]

    def has_next_page(self) -> bool:
        """Whether there is more to ask for."""
        return self._of.has_next_page()

    def next_page_info(self) -> dict[str, Any] | None:
        """The arguments that lead to the next page; ``None`` on the last one."""
        return self._of.next_page_info()

    async def get_next_page(self) -> AsyncPage[T]:
        """Ask for the next page.

        :raises ValueError: on the last page.
        """
        return await self._run(self._of.get_next_page)


class AsyncPages(Generic[T]):
    """A list that was asked for: ``await`` its first page, or iterate over it all."""

    def __init__(self, first: Awaitable[AsyncPage[T]]) -> None:
        self._first = first

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._first.__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._first:
            yield item
