"""AWS's event streams: frames at every split, damage, kinds that are not known."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

pytest.importorskip("botocore", reason="the extra 'bedrock' is not installed")

from specwire.compat.anthropic.aws_frames import Frames

from .aws import chunk, exception, frame
from .sample import EVENTS

ALL = b"".join([chunk(event) for event in EVENTS[:2]]) + exception("aException", "no")
TEXT = (
    b'event: message\ndata: {"a": 1}\n\n'
    b'event: error\ndata: {"type": "error", "error": {"type": "api_error", '
    b'"code": "aException", "message": "no"}}\n\n'
)


def read(*pieces: bytes) -> tuple[bytes, str | None, int]:
    """The text, what is wrong, and how many bytes wait."""
    frames = Frames()
    text = b"".join(frames.feed(piece) for piece in pieces)
    return text, frames.problem, frames.held_bytes


def test_frames_become_events() -> None:
    """The API's, and failures of Bedrock as events of the kind ``error``."""
    body = chunk({"a": 1}) + exception("aException", "no")
    assert read(body) == (TEXT, None, 0)


def test_frames_may_be_split_anywhere() -> None:
    """Two pieces give what one gives."""
    for at in range(len(ALL) + 1):
        assert read(ALL[:at], ALL[at:]) == read(ALL), at


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
def test_long_streams_in_pieces_of_any_size(size: int) -> None:
    """Many frames, and one that is larger than a piece."""
    body = b"".join(chunk({"n": n}) for n in range(200)) + chunk({"x": "y" * 20_000})
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    assert read(*pieces) == read(body)
    assert read(body)[0].count(b"event: ") == 201


def test_any_changed_byte_is_noticed() -> None:
    """By either checksum; what came before is kept, what follows is not read."""
    for at in range(len(chunk({"a": 1}))):
        bad = bytearray(chunk({"a": 1}))
        bad[at] ^= 0x10
        text, problem, _ = read(chunk({"b": 2}) + bytes(bad) + chunk({"c": 3}))
        assert text == b'event: message\ndata: {"b": 2}\n\n', at
        assert problem is not None, at


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({":message-type": "event", ":event-type": "initial-response"}, b"{}"),
        ({":message-type": "metadata"}, b""),
    ],
)
def test_kinds_that_are_not_known_are_passed_over(
    headers: dict[str, str], payload: bytes
) -> None:
    """A later version of the protocol may have more of them."""
    assert read(frame(headers, payload)) == (b"", None, 0)


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"bytes": "%"}', b'{"x":\n1}'])
def test_an_odd_payload_is_left_to_the_reader(payload: bytes) -> None:
    """It is an event that is none; the stream says so in its place."""
    text, problem, _ = read(frame({":event-type": "chunk"}, payload) + chunk({"a": 1}))
    assert text.endswith(b'event: message\ndata: {"a": 1}\n\n')
    assert text.startswith(b"event: message\ndata: ")
    assert problem is None


def test_an_error_frame_is_an_error() -> None:
    """The other form of a failure: code and message are headers."""
    headers = {":message-type": "error", ":error-code": "X", ":error-message": "why"}
    assert b'"code": "X", "message": "why"' in read(frame(headers, b""))[0]


@pytest.mark.parametrize("total", [0, 12, 15, 17])
def test_a_frame_shorter_than_itself_ends_the_reading(total: int) -> None:
    """With checksums that fit, which only malice has; it is no endless loop."""
    prelude = struct.pack("!II", total, 4)
    prelude += struct.pack("!I", zlib.crc32(prelude))
    body: Any = prelude + struct.pack("!I", zlib.crc32(prelude)) * 8
    assert read(body)[1] is not None


def test_an_empty_frame_says_nothing() -> None:
    """Sixteen bytes, no headers, no payload."""
    text, problem, held = read(frame({}, b""))
    assert (text, problem, held) == (b"event: message\ndata: \n\n", None, 0)
