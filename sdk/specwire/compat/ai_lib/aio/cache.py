"""``ai_lib_python.cache``: kept answers, asked for in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_cache import (
    CacheManager,
    get_cache_manager,
    set_cache_manager,
)
from ....aio.faces.ai_lib_cache_backends import DiskCache, MemoryCache, NullCache
from ..cache import CacheBackend, CacheConfig, CacheKey, CacheKeyGenerator, CacheStats

__all__ = [
    "CacheBackend",
    "CacheConfig",
    "CacheKey",
    "CacheKeyGenerator",
    "CacheManager",
    "CacheStats",
    "DiskCache",
    "MemoryCache",
    "NullCache",
    "get_cache_manager",
    "set_cache_manager",
]
