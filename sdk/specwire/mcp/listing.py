"""Lists in pages, and what is remembered of them until the server says it changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from ..core.crew import here
from ..core.errors import DecodeError
from .messages import Message
from .values import objects

MOST_PAGES: Final = 1_000
MOST_ITEMS: Final = 100_000


def all_pages(
    ask: Callable[[str, Message | None], Message], method: str, items: str
) -> list[dict[str, Any]]:
    """The items of all pages of ``method``.

    :raises DecodeError: where the pages have no end.
    """
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    params: Message | None = None
    for _ in range(MOST_PAGES):
        page = ask(method, params)
        found += objects(page.get(items), method, items)
        cursor = page.get("nextCursor")
        if not cursor:
            return found
        if not isinstance(cursor, str) or cursor in seen or len(found) > MOST_ITEMS:
            break
        seen.add(cursor)
        params = {"cursor": cursor}
    raise DecodeError(
        f"mcp {method}: expected an end of its pages; got {len(seen)} cursors and "
        f"{len(found)} items, and one that was there before or is no text"
    )


class Remembered:
    """Lists that were got, by kind (``tools``); a list that changed is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[str, list[Any]] = {}
        self._times: dict[str, int] = {}
        self.on_change: Callable[[str], Any] | None = None

    def get(
        self, kind: str, ask: Callable[[], list[Any]], *, keeps: Callable[[], bool]
    ) -> list[Any]:
        """The list of ``kind``: asked for where it may have changed.

        :param keeps: whether a change of it would have been heard of.
        """
        with self._lock:
            known, times = self._lists.get(kind), self._times.get(kind, 0)
        if known is None or not keeps():
            known = ask()
            with self._lock:
                # What changed while it was asked for is not remembered.
                if self._times.get(kind, 0) == times:
                    self._lists[kind] = known
        return list(known)

    def known(self, kind: str) -> list[Any]:
        """What is remembered, without asking."""
        with self._lock:
            return list(self._lists.get(kind, ()))

    def changed(self, kind: str) -> None:
        with self._lock:
            self._times[kind] = self._times.get(kind, 0) + 1
            self._lists.pop(kind, None)
        if self.on_change is not None:
            here().called(self.on_change, kind)

    def clear(self) -> None:
        """Forget all: another session begins."""
        with self._lock:
            self._lists.clear()
