"""Chunked bodies: where they end, however they arrive, and what is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.core.framing import Dechunker, FramingError

PARTS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
ENDS = st.sampled_from([b"\r\n", b"\n"])


def chunked(parts: list[bytes], end: bytes = b"\r\n", trailers: bytes = b"") -> bytes:
    """``parts`` as chunks, with the last one."""
    body = b"".join(b"%x%b%b%b" % (len(part), end, part, end) for part in parts)
    return body + b"0" + end + trailers + end


def taken_off(body: bytes, cuts: list[int]) -> tuple[bytes, Dechunker]:
    """What comes of ``body``, cut at ``cuts``."""
    dechunker = Dechunker()
    edges = [0, *sorted(cuts), len(body)]
    pieces = [body[a:b] for a, b in itertools.pairwise(edges)]
    return b"".join(dechunker.feed(piece) for piece in pieces if piece), dechunker


@given(PARTS, ENDS, st.data())
def test_the_data_is_what_was_put_in(
    parts: list[bytes], end: bytes, data: st.DataObject
) -> None:
    """Wherever the body is cut, with either line end."""
    body = chunked(parts, end)
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8))
    got, dechunker = taken_off(body, cuts)
    assert (got, dechunker.finished, dechunker.rest) == (b"".join(parts), True, b"")


def test_every_split_point_gives_the_same() -> None:
    """Two pieces, cut at each place, with an extension and a trailer."""
    body = b"4;a=b\r\nwire\r\n0A \r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
    for at in range(len(body) + 1):
        got, dechunker = taken_off(body, [at])
        assert (got, dechunker.finished) == (b"wire0123456789", True)


def test_what_arrived_is_given_out_at_once() -> None:
    """Half a chunk does not wait for its other half."""
    dechunker = Dechunker()
    assert dechunker.feed(b"8\r\nhalf") == b"half"
    assert dechunker.feed(b" and\r\n0\r\n") == b" and"
    assert not dechunker.finished
    assert dechunker.feed(b"\r\n") == b""
    assert dechunker.finished


def test_what_follows_the_end_is_kept_apart() -> None:
    """It may be an answer that nobody asked for."""
    _, dechunker = taken_off(chunked([b"x"]) + b"HTTP/1.1 200 OK\r\n", [])
    assert dechunker.rest == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n",
        b"0x1\r\na\r\n",
        b"1_0\r\n",
        b"\r\n",
        b"1" * 17 + b"\r\n",
        b"2\r\nabc\r\n",
        b"2\r\nab c\r\n",
        b"1" * 70_000,
        b"0\r\n" + b"a: b\r\n" * 200,
    ],
)
def test_another_frame_is_refused(body: bytes) -> None:
    """Numbers that Python would read and HTTP does not know are none."""
    with pytest.raises(FramingError):
        taken_off(body, [])[1].check()


def test_what_came_before_a_broken_frame_is_given_out() -> None:
    """It arrived in order; the next thing that is asked for is the error."""
    dechunker = Dechunker()
    assert dechunker.feed(b"3\r\nabc\r\nzz\r\n") == b"abc"
    with pytest.raises(FramingError):
        dechunker.check()


def test_a_cut_body_is_not_finished() -> None:
    """Whatever is missing, the body does not look complete."""
    body = chunked([b"abc", b"de"], trailers=b"A: b\r\n")
    for end in range(len(body)):
        assert not taken_off(body[:end], [])[1].finished
