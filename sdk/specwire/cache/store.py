"""``Store``: where entries are, by key. What a cache asks of a place, and no more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from ..core.clock import Clock
from ..core.shared import Shared
from .entries import Entry

_VECTOR: Final = "vector:"


class Store(Shared):
    """A place for entries, shared by threads; the base of places of your own.

    One that cannot do what it is asked says "nothing there", never an error.

    :ivar evicted: how many entries had to go for others.
    :ivar errors: how often the place did not do, or held what is no entry.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.evicted = 0
        self.errors = 0

    @property
    def salt(self) -> bytes:
        """What keys are mixed with, so that they say nothing outside this place."""
        return b""

    def get(self, key: str) -> Entry | None:
        """What is there under ``key``; used last, from now on."""
        raise NotImplementedError

    def put(self, key: str, entry: Entry) -> bool:
        """Put ``entry`` there in place of any other; whether it is there now."""
        raise NotImplementedError

    def delete(self, key: str) -> bool:
        """Take it away; whether something was there."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take all away."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what is open; it opens again when it is used again."""

    def size(self) -> tuple[int, int]:
        """How many entries there are, and how many bytes they take."""
        raise NotImplementedError

    def get_many(self, keys: Sequence[str]) -> list[Entry | None]:
        """:meth:`get` of each."""
        return [self.get(key) for key in keys]

    def put_many(self, entries: Mapping[str, Entry]) -> int:
        """:meth:`put` of each; how many are there now."""
        return sum(self.put(key, entry) for key, entry in entries.items())

    # -- vectors, as embeddings have them --------------------------------------------

    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        """The packed vectors of ``keys``, in order; ``None`` where there is none."""
        now = self._clock.time()
        found = self.get_many([_VECTOR + key for key in keys])
        return [
            entry.value
            if entry is not None
            and isinstance(entry.value, bytes)
            and entry.is_fresh(now)
            else None
            for entry in found
        ]

    def put_vectors(
        self, vectors: Mapping[str, bytes], ttl: float | None = None
    ) -> None:
        """Keep packed vectors; :param ttl: so many seconds, or for ever."""
        now = self._clock.time()
        end = now + (math.inf if ttl is None else ttl)
        self.put_many(
            {_VECTOR + key: Entry(v, now, end, end) for key, v in vectors.items()}
        )
