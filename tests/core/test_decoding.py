"""Content codings: bounded steps and a checked end."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest

from specwire.core.decoding import DecodingError, Identity, decoder
from specwire.errors import DecodeError
from tests.core.conftest import Play
from tests.core.sample import NOTE
from tests.scripted import reply

TEXT = random.Random(1).randbytes(3_000) * 3
RAW = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": gzip.compress(TEXT, mtime=0),
    "x-gzip": gzip.compress(TEXT, mtime=0),
    "deflate": zlib.compress(TEXT),
    "Deflate ": RAW.compress(TEXT) + RAW.flush(),
    "GZIP": gzip.compress(TEXT[:4_000], mtime=0) + gzip.compress(TEXT[4_000:], mtime=0),
    "identity": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_coding_is_undone_however_it_arrives(name: str, step: int) -> None:
    """Also bare deflate, several gzip members, and byte by byte."""
    decode, data, out = decoder(name), CODED[name], b""
    for at in range(0, len(data), step):
        out += b"".join(decode.feed(data[at : at + step]))
    decode.end()
    assert out == TEXT


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_compressed_body_that_ends_early_is_refused(name: str) -> None:
    """What is cut never looks complete, wherever the cut is."""
    data = CODED[name]
    for size in range(1, len(data), 97):
        decode = decoder(name)
        list(decode.feed(data[:size]))
        with pytest.raises(DecodingError, match="ends early"):
            decode.end()


def test_an_empty_body_is_complete() -> None:
    """A 204 may carry the header and no bytes."""
    decoder("gzip").end()


@pytest.mark.parametrize("place", [5_000, -8, -2])
def test_a_damaged_gzip_body_is_refused(place: int) -> None:
    """In its middle, in its checksum and in its length."""
    data = bytearray(CODED["gzip"])
    data[place % len(data) if place < 0 else place % (len(data) - 20) + 10] ^= 0xFF
    decode = decoder("gzip")
    with pytest.raises(DecodingError):
        list(decode.feed(bytes(data)))
        decode.end()


def test_what_follows_the_end_is_refused() -> None:
    """Bytes that are no further member are damage."""
    with pytest.raises(DecodingError, match="damaged"):
        list(decoder("gzip").feed(CODED["gzip"] + b"garbage"))


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_a_coding_that_was_not_asked_for_is_refused(name: str) -> None:
    """The message says what came and what was asked for."""
    with pytest.raises(DecodingError, match="asked for was 'gzip, deflate'"):
        decoder(name)


def test_no_header_is_no_coding() -> None:
    """Bytes pass through."""
    decode = decoder(None)
    assert isinstance(decode, Identity)
    assert list(decode.feed(b"a")) == [b"a"]


@pytest.mark.parametrize("extra", [0, 1, 200])
def test_a_step_is_bounded(extra: int) -> None:
    """Whatever a byte expands to, at most 1 MiB is handed out at once."""
    size = (1 << 20) * 3 + extra
    for wbits in (31, 15, -15):
        packer = zlib.compressobj(wbits=wbits)
        packed = packer.compress(b"a" * size) + packer.flush()
        decode = decoder("gzip" if wbits == 31 else "deflate")
        pieces = list(decode.feed(packed))
        decode.end()
        assert sum(map(len, pieces)) == size
        assert max(map(len, pieces)) <= 1 << 20


@pytest.mark.soak
def test_a_bomb_is_refused_in_bounded_memory(play: Play) -> None:
    """Half a gigabyte in half a megabyte costs the limit, not its size."""
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(512))
    bomb += packer.flush()
    wire = reply(200, bomb, {"Content-Encoding": "gzip"})
    client, _ = play(wire, max_retries=0)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="larger than"):
            client.notes.public()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 << 20


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b'{"a": 1}')[:-9],
        gzip.compress(b'{"a": 1}')[:-8] + bytes(8),
        b'{"a": 1}',
    ],
    ids=["cut", "checksum", "not gzip"],
)
def test_a_damaged_compressed_reply_is_a_decode_error(play: Play, body: bytes) -> None:
    """Even where what came would parse; it shows status and request id."""
    headers = {"Content-Encoding": "gzip", "request-id": "r1"}
    client, server = play(reply(200, body, headers))
    with pytest.raises(DecodeError, match="compressed body") as caught:
        client.notes.public()
    assert caught.value.status_code == 200
    assert caught.value.request_id == "r1"
    assert caught.value.content_type == "application/json"
    assert len(server.received) == 1


def test_a_compressed_reply_is_read(play: Play) -> None:
    """gzip and deflate are asked for and understood."""
    import json

    body = gzip.compress(json.dumps(NOTE).encode())
    client, server = play(reply(200, body, {"Content-Encoding": "gzip"}))
    assert client.notes.create().id == "n1"
    assert server.received[0].headers["accept-encoding"] == "gzip, deflate"
