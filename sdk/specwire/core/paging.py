"""Lists in pages: iterate over a page for all items of this page and the following."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import DecodeError
from .types import Replied

if TYPE_CHECKING:
    from .results import Arrived, Pages

T = TypeVar("T")


class Page(Replied, Generic[T]):
    """One page of a list.

    ``data`` holds this page's items. Iterating over the page goes on to the following
    pages, each asked for when the one before it is used up. Other members of the reply
    (``has_more``, ``last_id``) read as attributes; ``raw`` is the reply's JSON.
    """

    def __init__(
        self, arrived: Arrived, spec: Pages, raw: dict[str, Any], items: list[T]
    ) -> None:
        self._reply = arrived.reply
        self._engine = arrived.engine
        self._call = arrived.call
        self._hooks = arrived.hooks
        self._spec = spec
        self.raw = raw
        self.data = items

    def __getattr__(self, name: str) -> Any:
        raw = self.__dict__.get("raw", {})
        if name in raw and name[:2] != "__":
            return raw[name]
        raise AttributeError(f"'Page' object has no attribute {name!r}")

    def __iter__(self) -> Iterator[T]:
        for page in self.iter_pages():
            yield from page.data

    def __len__(self) -> int:
        """How many items this page holds."""
        return len(self.data)

    def __bool__(self) -> bool:
        return True

    def iter_pages(self) -> Iterator[Page[T]]:
        """This page and the following ones."""
        page = self
        while True:
            yield page
            if not page.has_next_page():
                return
            page = page.get_next_page()

    def has_next_page(self) -> bool:
        """Whether there is more to ask for.

        Where a cursor alone says so, a page in the middle may be empty.
        """
        cursor_alone = self._spec.more is None
        return (cursor_alone or bool(self.data)) and self.next_page_info() is not None

    def next_page_info(self) -> dict[str, Any] | None:
        """The arguments that lead to the next page; ``None`` on the last one."""
        spec = self._spec
        if spec.more is not None and not self.raw.get(spec.more):
            return None
        given = [arg for arg in spec.cursors if self._call.args.get(arg)]
        for argument in given or spec.cursors:
            cursor = self.raw.get(spec.cursors[argument])
            if cursor:
                return {argument: cursor}
        return None

    def get_next_page(self) -> Page[T]:
        """Ask for the next page.

        :raises ValueError: on the last page.
        :raises DecodeError: where the server leads back to the page just read.
        """
        info = self.next_page_info()
        if info is None:
            raise ValueError(f"{self._call.name}: there is no next page")
        (argument, cursor), *_ = info.items()
        if self._call.args.get(argument) == cursor:
            raise DecodeError(
                f"{self._call.name}: the next page is this one again "
                f"({argument} {str(cursor)[:80]!r}); the server leads in a circle",
                body=self.raw,
            )
        page: Page[T] = self._engine.send(self._call.following(info), self._hooks)
        return page

    def __repr__(self) -> str:
        return f"<Page of {self._call.name}, {len(self.data)} items>"
