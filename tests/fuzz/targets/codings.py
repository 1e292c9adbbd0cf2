"""Compressed bodies: the data or DecodingError, in bounded steps, however cut."""

from __future__ import annotations

import gzip
import zlib

from specwire.core.decoding import DecodingError, decoder

from ..taking import Taking, cuts

_STEP = 1 << 20


def check(data: bytes) -> None:
    """One byte for the coding, two for the cuts, one for how the body is made of it."""
    take = Taking(data)
    coding = take.one(("gzip", "deflate", "GZip ", "x-gzip", "br", ""))
    seed, made = take.number(65_536), take.number(5)
    body = _body(made, take)
    try:
        decoder(coding)
    except DecodingError:
        assert coding == "br"
        return
    first = None
    for pieces in cuts(body, seed):
        got, whole = decoded(coding, pieces)
        first = first or (got, whole)
        assert whole == first[1], pieces
        if whole:
            assert got == first[0]
        else:
            assert got.startswith(first[0]) or first[0].startswith(got)
    if first and first[1] and "gzip" in coding.lower() and body:
        assert gzip.decompress(body) == first[0]


def _body(made: int, take: Taking) -> bytes:
    if made == 0:
        return take.rest()
    if made == 4:
        return zlib.compress(b"0" * 64 * take.number(65_536))[: 1 + take.number(1000)]
    flip, by, rest = take.number(256), take.number(256), take.rest()
    body = gzip.compress(rest, mtime=0) if made == 1 else zlib.compress(rest)
    body = body[2:-4] if made == 3 else body
    at = flip % max(len(body), 1)
    return body[:at] + bytes(each ^ by for each in body[at : at + 1]) + body[at + 1 :]


def decoded(coding: str, pieces: list[bytes]) -> tuple[bytes, bool]:
    """The data that came out, and whether it is whole."""
    decode = decoder(coding)
    out: list[bytes] = []
    try:
        for piece in pieces:
            for step in decode.feed(piece):
                assert len(step) <= max(_STEP, len(piece))
                out.append(step)
        decode.end()
    except DecodingError:
        return b"".join(out), False
    return b"".join(out), True
