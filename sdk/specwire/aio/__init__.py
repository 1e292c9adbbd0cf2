"""Async: the same clients, resources and helpers for tasks (extra ``async``).

>>> from specwire.aio import AsyncClient
>>> async def main():  # doctest: +SKIP
...     async with AsyncClient() as client:
...         return await client.messages.create(
...             model="claude-sonnet-4-5", max_tokens=100,
...             messages=[{"role": "user", "content": "Hello"}],
...         )
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .base import AsyncBaseClient as AsyncBaseClient
    from .bridge import spawn as spawn
    from .bridge import wait as wait
    from .client import AsyncClient as AsyncClient
    from .download import AsyncDownload as AsyncDownload
    from .paging import AsyncPage as AsyncPage
    from .paging import AsyncPages as AsyncPages
    from .stream import AsyncStream as AsyncStream
    from .twin import Twin as Twin

_HOMES = {
    "AsyncBaseClient": ".aio.base",
    "AsyncClient": ".aio.client",
    "AsyncDownload": ".aio.download",
    "AsyncPage": ".aio.paging",
    "AsyncPages": ".aio.paging",
    "AsyncStream": ".aio.stream",
    "Twin": ".aio.twin",
    "spawn": ".aio.bridge",
    "wait": ".aio.bridge",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazily(__name__, _HOMES)
