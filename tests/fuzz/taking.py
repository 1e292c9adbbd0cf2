"""Choices out of bytes, so that a fuzzer that knows only bytes can make any input."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Taking:
    """Reads bytes from the front; once they have run out, each choice is the first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def number(self, below: int) -> int:
        """A number from 0 up to ``below``, which is at most 65,536."""
        size = 1 if below <= 256 else 2
        return int.from_bytes(self.bytes(size), "big") % below

    def one(self, of: Sequence[T]) -> T:
        return of[self.number(len(of))]

    def bytes(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def text(self) -> str:
        """At most 255 bytes of text; what is no UTF-8 in them becomes surrogates."""
        return as_text(self.bytes(self.number(256)))

    def rest(self) -> bytes:
        return self.bytes(len(self._data))


def as_text(data: bytes) -> str:
    """Any bytes as text, with lone surrogates for what is no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def cuts(data: bytes, seed: int) -> Iterator[list[bytes]]:
    """``data`` in one piece, in single bytes, in random pieces; all pairs if short."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    chance = random.Random(seed)
    places = sorted(chance.randrange(len(data) + 1) for _ in range(4))
    edges = [0, *places, len(data)]
    yield [data[a:b] for a, b in itertools.pairwise(edges)]
    for at in range(len(data) + 1 if len(data) <= 32 else 0):
        yield [data[:at], data[at:]]
