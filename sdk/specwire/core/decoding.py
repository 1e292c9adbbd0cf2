"""Content codings (RFC 9110 section 8.4): bounded steps, and a checked end.

A gzip body that stops early still decompresses to something that may parse; here its
end and checksum are required, so that what is cut never looks complete.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

ACCEPT_ENCODING: Final = "gzip, deflate"
_STEP: Final = 1 << 20
_GZIP: Final = 31
_CODINGS: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})


class DecodingError(ValueError):
    """The body is not what its Content-Encoding says."""


class Identity:
    """No coding: bytes pass through."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        """Nothing can be missing."""


class Inflate:
    """gzip (several members, as RFC 1952 allows) or deflate, at most 1 MiB a step."""

    def __init__(self, make: Callable[[], zlib._Decompress]) -> None:
        self._make = make
        self._z = make()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        full = False
        while data or full:
            self._begun = True
            try:
                out = self._z.decompress(data, _STEP)
            except zlib.error as error:
                raise DecodingError(
                    f"the compressed body is damaged: {error}"
                ) from None
            if out:
                yield out
            # zlib may hold more than it was let write, with all input taken.
            full = len(out) == _STEP and not self._z.eof
            data = self._z.unconsumed_tail
            if self._z.eof:
                data = self._z.unused_data
                if data:
                    self._z = self._make()

    def end(self) -> None:
        """:raises DecodingError: when the compressed body stopped before its end."""
        if self._begun and not self._z.eof:
            raise DecodingError("the compressed body ends early")


class _Deflate(Inflate):
    """deflate: the standard means zlib's wrapper, some servers send it bare."""

    def __init__(self) -> None:
        super().__init__(zlib.decompressobj)

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._begun and data and data[0] & 0x0F != 8:
            self._z = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().feed(data)


def decoder(content_encoding: str | None) -> Identity | Inflate:
    """The decoder for a Content-Encoding header.

    :raises DecodingError: for a coding that was not asked for.
    """
    name = (content_encoding or "identity").strip().lower()
    if name in ("identity", ""):
        return Identity()
    if name in ("gzip", "x-gzip"):
        return Inflate(lambda: zlib.decompressobj(_GZIP))
    if name == "deflate":
        return _Deflate()
    # Only what is a coding is quoted: a header may repeat the key.
    named = name if name in _CODINGS else "not one that is known"
    raise DecodingError(
        f"Content-Encoding is {named}; asked for was {ACCEPT_ENCODING!r}"
    )
