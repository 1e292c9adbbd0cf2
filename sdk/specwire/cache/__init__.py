"""Answers that are kept: a call that was answered before is not sent again.

>>> from specwire.cache import Cache, DiskCache
>>> client = Client(hooks=[Cache(DiskCache("answers.db"))])  # doctest: +SKIP

What is kept, for how long, and how a caller sees it: ``docs/cache.md``. The names load
when they are first used (PEP 562).
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .disk import DiskCache as DiskCache
    from .entries import Entry as Entry
    from .entries import Kept as Kept
    from .hook import Cache as Cache
    from .marks import bypass as bypass
    from .marks import from_cache as from_cache
    from .marks import refresh as refresh
    from .memory import MemoryCache as MemoryCache
    from .stats import CacheStats as CacheStats
    from .store import Store as Store

_HOMES = {
    "Cache": ".cache.hook",
    "CacheStats": ".cache.stats",
    "DiskCache": ".cache.disk",
    "Entry": ".cache.entries",
    "Kept": ".cache.entries",
    "MemoryCache": ".cache.memory",
    "Store": ".cache.store",
    "bypass": ".cache.marks",
    "from_cache": ".cache.marks",
    "refresh": ".cache.marks",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazily(__name__, _HOMES)
