"""The JSON lines parser: line ends, numbers, cuts and bounds."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.core.jsonl import JSONLParser, LineTooLarge, parse

plain = settings(max_examples=300, deadline=None, derandomize=True, database=None)

CASES = [
    pytest.param(b"", [], False, id="nothing"),
    pytest.param(b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}'], False, id="two"),
    pytest.param(b'{"a":1}\n{"b":2}', [b'{"a":1}', b'{"b":2}'], True, id="no last LF"),
    pytest.param(b"1\r\n2\r\n3", [b"1", b"2", b"3"], True, id="CRLF"),
    pytest.param(b"1\r", [b"1"], True, id="CR at the end"),
    pytest.param(b"1\r\r\n2\r3\n", [b"1\r", b"2\r3"], False, id="one CR is dropped"),
    pytest.param(b"\n\r\n \t\n1\n\n\n2\n\n", [b"1", b"2"], False, id="blank lines"),
    pytest.param(b"1\n \r", [b"1"], False, id="blank tail"),
    pytest.param(
        '"a\u2028b\u2029c\u0085d\x0b\x0c"\n1\n'.encode(),
        ['"a\u2028b\u2029c\u0085d\x0b\x0c"'.encode(), b"1"],
        False,
        id="other separators are content",
    ),
    pytest.param(b'"\xff\xe2"\n1\n', [b'"\xff\xe2"', b"1"], False, id="not UTF-8"),
]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = [0, *places, len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def chunkings(data: bytes) -> Iterator[list[bytes]]:
    size = len(data)
    yield [data]
    yield [b"", data, b""]
    yield cut(data, range(1, size))
    yield [p for chunk in cut(data, range(1, size)) for p in (b"", chunk)]
    yield from (cut(data, [place]) for place in range(1, size))
    yield from (cut(data, places) for places in combinations(range(1, size), 2))


@pytest.mark.parametrize(("data", "expected", "unterminated"), CASES)
def test_lines_are_the_same_however_they_are_cut(
    data: bytes, expected: list[bytes], unterminated: bool
) -> None:
    """Neither the lines nor the state of the last one depend on the chunks."""
    for chunks in chunkings(data):
        parser = JSONLParser()
        lines = list(parse(chunks, parser=parser))
        assert (expected, unterminated) == (lines, parser.unterminated), chunks


@plain
@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"x", b" ", b"\xe2\x80\xa8"])),
    st.lists(st.integers(0, 100)),
)
def test_any_chunks_equal_a_plain_split(soup: list[bytes], places: list[int]) -> None:
    """Only LF ends a line; numbers count the blank lines that are skipped."""
    data = b"".join(soup)
    expected = []
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if line.strip():
            expected.append((number, line))
    parser = JSONLParser()
    chunks = cut(data, sorted(place for place in places if place <= len(data)))
    lines = parse(chunks, parser=parser)
    assert expected == [(parser.line_number, line) for line in lines]


def test_feed_returns_lines_and_counts_blank_ones() -> None:
    """The number names the line in the body, as an editor would."""
    parser = JSONLParser()
    assert parser.feed(b"1\n\n2\n3") == [b"1", b"2"]
    assert parser.line_number == 3
    assert parser.feed_numbered(b"\n\n4\n") == [(4, b"3"), (6, b"4")]


def test_close_returns_the_line_without_a_line_feed_once() -> None:
    """The caller decides whether it is whole JSON or a cut."""
    parser = JSONLParser()
    assert parser.feed(b'{"a":') == []
    assert (
        parser.close(),
        parser.line_number,
        parser.unterminated,
    ) == (b'{"a":', 1, True)
    assert None is parser.close()


def test_parse_gives_lines_before_asking_for_the_next_chunk() -> None:
    """A live body is not held back by one chunk."""
    asked: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"%d\n" % number

    for number, line in enumerate(parse(chunks())):
        assert (b"%d" % number, list(range(number + 1))) == (line, asked)


@pytest.mark.parametrize("long", [b"123456789\n", b"123456789", b"12345678\r\n"])
def test_a_line_over_the_bound_is_refused_at_every_split(long: bytes) -> None:
    """The lines before it come out, then an error that names its number."""
    for chunks in chunkings(b"12345678\n\n1\n" + long):
        seen: list[bytes] = []
        with pytest.raises(LineTooLarge, match="line 4: expected at most 8") as caught:
            for line in parse(chunks, parser=JSONLParser(max_line_bytes=8)):
                seen.append(line)
        assert (seen, caught.value.line_number) == ([b"12345678", b"1"], 4)


def test_a_refused_body_stays_refused() -> None:
    """Going on after the error would give out half a line."""
    parser = JSONLParser(max_line_bytes=2)
    with pytest.raises(LineTooLarge):
        parser.feed(b"123")
    with pytest.raises(LineTooLarge):
        parser.feed(b"\n1\n")
    with pytest.raises(LineTooLarge):
        parser.close()


def test_the_error_survives_pickling() -> None:
    """A process pool hands the error on with its facts."""
    error = pickle.loads(pickle.dumps(LineTooLarge(17, 8)))
    assert (17, str(LineTooLarge(17, 8))) == (error.line_number, str(error))


@pytest.mark.parametrize(
    ("data", "count"),
    [
        pytest.param(b"x" * (20 << 20), 1, id="a 20 MiB line"),
        pytest.param(b"{}\n" * 300_000, 300_000, id="300k lines"),
    ],
)
def test_time_is_linear_in_1_kib_chunks(data: bytes, count: int) -> None:
    """A long line is joined once, not once for each chunk."""
    chunks = cut(data, range(1024, len(data), 1024))
    started = time.process_time()
    lines = sum(1 for _ in parse(chunks))
    assert (count, True) == (lines, time.process_time() - started <= 1.0)
