"""``MemoryCache``: entries of this process; what was not used longest goes first."""

from __future__ import annotations

import os
from collections import OrderedDict

from ..core.clock import Clock
from ..core.shared import at_least
from .entries import Entry
from .store import Store


class MemoryCache(Store):
    """Entries in memory; they end with the process.

    :param max_entries: so many at most.
    :param max_bytes: so many bytes at most, roughly; a larger entry is not kept.
    """

    def __init__(
        self,
        max_entries: int = 1000,
        *,
        max_bytes: int = 64 << 20,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.max_entries = at_least("max_entries", max_entries, 1)
        self.max_bytes = at_least("max_bytes", max_bytes, 1)
        self._entries: OrderedDict[str, tuple[Entry, int]] = OrderedDict()
        self._bytes = 0
        self._salt = os.urandom(16)

    @property
    def salt(self) -> bytes:
        return self._salt

    def get(self, key: str) -> Entry | None:
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            if self._clock.time() >= found[0].until:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: str, entry: Entry) -> bool:
        size = entry.size + len(key)
        with self._lock:
            self._drop(key)
            if size > self.max_bytes or self._clock.time() >= entry.until:
                return False
            self._entries[key] = entry, size
            self._bytes += size
            self._make_room()
        return True

    def _make_room(self) -> None:
        while len(self._entries) > self.max_entries or self._bytes > self.max_bytes:
            self._drop(next(iter(self._entries)))
            self.evicted += 1

    def _drop(self, key: str) -> bool:
        gone = self._entries.pop(key, None)
        if gone is not None:
            self._bytes -= gone[1]
        return gone is not None

    def delete(self, key: str) -> bool:
        with self._lock:
            return self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def size(self) -> tuple[int, int]:
        with self._lock:
            return len(self._entries), self._bytes

    def __reduce__(self) -> tuple[object, ...]:
        """With its settings alone: a copy in another process begins anew."""
        return _made, (self.max_entries, self.max_bytes)

    def __repr__(self) -> str:
        entries, size = self.size()
        return f"<MemoryCache of {entries} entries, {size} bytes>"


def _made(max_entries: int, max_bytes: int) -> MemoryCache:
    return MemoryCache(max_entries, max_bytes=max_bytes)
