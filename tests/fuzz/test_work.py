"""Work is bounded: counted in calls, which unlike time are the same on each machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from specwire.core.decoding import decoder
from specwire.core.framing import Dechunker
from specwire.core.jsonl import JSONLParser
from specwire.core.sse import SSEParser

from .targets import check_of

DOCUMENTS = sorted((Path(__file__).parent / "corpus/documents").iterdir())
MOST_CALLS = 3_000_000


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions ``work`` calls, those in C among them."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def fed(make: Callable[[], Any], body: bytes) -> Callable[[], None]:
    """Feeds ``body`` byte by byte."""

    def work() -> None:
        parser = make()
        for at in range(len(body)):
            list(parser.feed(body[at : at + 1]))

    return work


@pytest.mark.parametrize(
    ("make", "piece"),
    [
        (SSEParser, b"data: x\n"),
        (SSEParser, b"event: a\r\ndata: b\r\n\r\n"),
        (SSEParser, b":\r"),
        (SSEParser, b"x"),
        (JSONLParser, b'{"a": 1}\n'),
        (JSONLParser, b"\n \r\n"),
        (JSONLParser, b"x"),
        (Dechunker, b"1;x\r\na\r\n"),
        (Dechunker, b"0" * 10 + b"1\nx\n"),
        (
            lambda: decoder("gzip"),
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
        ),
    ],
)
def test_twice_the_input_is_twice_the_work(
    make: Callable[[], Any], piece: bytes
) -> None:
    """Of a parser that gets its input byte by byte."""
    once, twice = (calls_of(fed(make, piece * n)) for n in (100, 200))
    assert twice <= 2.1 * once


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_small_document_is_little_work(path: Path) -> None:
    """Whatever its parts refer to."""
    data = path.read_bytes()
    assert calls_of(lambda: check_of("documents")(data)) < MOST_CALLS
