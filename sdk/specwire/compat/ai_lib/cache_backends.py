"""Backends of ``ai_lib_python.cache``: values by key, in our stores or of one's own."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from ... import cache as _cache
from ...cache import entries as _entries
from ...core.crew import asked


class Kept(_cache.Store):
    """Entries in a backend, as its values."""

    def __init__(self, backend: CacheBackend) -> None:
        super().__init__()
        self._backend = backend

    def get(self, key: str) -> _cache.Entry | None:
        text = asked(self._backend.get, key)
        return _entries.read(text) if isinstance(text, str) else None

    def put(self, key: str, entry: _cache.Entry) -> bool:
        lasting = entry.until - entry.stored
        ttl = None if lasting == math.inf else lasting
        asked(self._backend.set, key, _entries.written(entry), ttl)
        return True

    def delete(self, key: str) -> bool:
        return bool(asked(self._backend.delete, key))

    def clear(self) -> None:
        asked(self._backend.clear)

    def close(self) -> None:
        asked(self._backend.close)

    def size(self) -> tuple[int, int]:
        return 0, 0


class CacheBackend:
    """Values by key; the base of backends of your own."""

    store: Any = None

    def get(self, key: str) -> Any | None:
        raise NotImplementedError

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        raise NotImplementedError

    def delete(self, key: str) -> bool:
        raise NotImplementedError

    def clear(self) -> None:
        raise NotImplementedError

    def exists(self, key: str) -> bool:
        return self.get(key) is not None

    def close(self) -> None:
        """Nothing is open."""


class _InStore(CacheBackend):
    """Values in one of our stores."""

    def __init__(self, store: _cache.Store, default_ttl: float | None) -> None:
        self.store = store
        self._ttl = default_ttl

    def get(self, key: str) -> Any | None:
        entry = self.store.get(f"value:{key}")
        return None if entry is None else entry.value

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep ``value``, which JSON knows, for ``ttl`` seconds."""
        now, ttl = self.store._clock.time(), self._ttl if ttl is None else ttl
        end = math.inf if ttl is None else now + ttl
        value = json.loads(json.dumps(value))
        self.store.put(f"value:{key}", _cache.Entry(value, now, end, end))

    def delete(self, key: str) -> bool:
        return bool(self.store.delete(f"value:{key}"))

    def clear(self) -> None:
        self.store.clear()

    def close(self) -> None:
        self.store.close()


class MemoryCache(_InStore):
    """Values in memory; what was not used longest goes first."""

    def __init__(self, max_size: int = 1000, default_ttl: float | None = None) -> None:
        super().__init__(_cache.MemoryCache(max_size), default_ttl)

    @property
    def size(self) -> int:
        return int(self.store.size()[0])


class DiskCache(_InStore):
    """Values in a file in the folder ``path``."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        default_ttl: float | None = None,
        max_size_bytes: int = 100 << 20,
    ) -> None:
        os.makedirs(path, mode=0o700, exist_ok=True)
        super().__init__(_cache.DiskCache(path, max_bytes=max_size_bytes), default_ttl)

    def cleanup_expired(self) -> int:
        return int(self.store.remove_expired())

    @property
    def cache_size_bytes(self) -> int:
        return int(self.store.size()[1])


class NullCache(CacheBackend):
    """Keeps nothing."""

    def get(self, key: str) -> None:
        return None

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Nothing is kept."""

    def delete(self, key: str) -> bool:
        return False

    def clear(self) -> None:
        """Nothing is there."""
