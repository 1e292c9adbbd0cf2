"""Pages of a list; all kinds are one class here, which knows how to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.lazily import lazily
from ...core.paging import Page as SyncPage

if TYPE_CHECKING:
    from ...aio.paging import AsyncPage as AsyncPage

    AsyncTokenPage = AsyncPageCursor = AsyncBidirectionalPageCursor = AsyncPage

SyncTokenPage = SyncPageCursor = SyncBidirectionalPageCursor = SyncPage
_ASYNC = ".compat.anthropic.asynchronous:AsyncPage"

__all__ = [
    "AsyncBidirectionalPageCursor",
    "AsyncPage",
    "AsyncPageCursor",
    "AsyncTokenPage",
    "SyncBidirectionalPageCursor",
    "SyncPage",
    "SyncPageCursor",
    "SyncTokenPage",
]
__getattr__, __dir__ = lazily(
    __name__, {name: _ASYNC for name in __all__ if name.startswith("Async")}
)
