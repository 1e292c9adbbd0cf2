"""Pages of a list; all kinds are one class here, which knows how to go on."""

from __future__ import annotations

from ...core.paging import Page as SyncPage
from .asynchronous import AsyncPage as AsyncPage

SyncTokenPage = SyncPageCursor = SyncBidirectionalPageCursor = SyncPage
AsyncTokenPage = AsyncPageCursor = AsyncBidirectionalPageCursor = AsyncPage

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
