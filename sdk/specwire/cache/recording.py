"""A stream on its way to the caller, written down to be given again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.errors import SpecwireError
from ..core.hooks import Tap


class Recording(Tap):
    """The bytes of one stream, up to ``most`` of them.

    :ivar good: they are all here, and the caller was told of no error.
    """

    __slots__ = ("_chunks", "_most", "_size", "good")

    def __init__(self, most: int) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._most = most
        self.good = True

    def chunk(self, chunk: bytes) -> None:
        if not self.good:
            return
        self._size += len(chunk)
        if self._size > self._most:
            self.spoil()
        else:
            self._chunks.append(bytes(chunk))

    def items(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            if isinstance(item, SpecwireError):
                self.spoil()
            yield item

    def spoil(self) -> None:
        """It is not to be kept."""
        self.good = False
        self._chunks.clear()

    def content(self) -> bytes:
        return b"".join(self._chunks)
