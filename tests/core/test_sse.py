"""The event stream parser: our cases, every split of them, and plain properties."""

from __future__ import annotations

import base64
import json
import pickle
import random
import re
import time
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.core.sse import EventTooLarge, ServerSentEvent, SSEParser, parse

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests/wire/sse.json"
SHARED = ROOT.parent / "shared/sse/cases.json"

Outcome = tuple[list[tuple[Any, ...]], str, "int | None", bool]
plain = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def own_cases() -> Iterator[tuple[str, bytes, Outcome]]:
    for case in json.loads(OWN.read_text("utf-8"))["cases"]:
        data = bytes.fromhex(case["hex"]) if "hex" in case else case["input"].encode()
        events = [tuple(event) for event in case["events"]]
        yield case["name"], data, (events, *case["end"])


def shared_cases() -> Iterator[tuple[str, bytes, Outcome]]:
    if not SHARED.exists():
        return
    for case in json.loads(SHARED.read_text("utf-8"))["cases"]:
        events = [
            (event["event"], event["data"], event["id"], event["retry"])
            for event in case["events"]
        ]
        end = case["final_id"], case["final_retry"], case["incomplete_tail"]
        yield case["name"], base64.b64decode(case["bytes_b64"]), (events, *end)


CASES = [
    pytest.param(data, outcome, id=f"{origin}: {name}")
    for origin, cases in (("own", own_cases()), ("shared", shared_cases()))
    for name, data, outcome in cases
]


def values(events: Iterable[ServerSentEvent]) -> list[tuple[Any, ...]]:
    return [(event.event, event.data, event.id, event.retry) for event in events]


def outcome_of(chunks: Iterable[bytes]) -> Outcome:
    parser = SSEParser()
    events = values(parse(chunks, parser=parser))
    return events, parser.last_event_id, parser.retry, parser.incomplete_tail


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = [0, *places, len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def chunkings(data: bytes) -> Iterator[list[bytes]]:
    """Every way of cutting that a case has to survive."""
    size = len(data)
    yield [data]
    yield cut(data, range(1, size))
    yield from (cut(data, [place]) for place in range(1, size))
    if size <= 48:
        yield from (cut(data, places) for places in combinations(range(1, size), 2))
    noise = random.Random(size)
    for _ in range(200):
        places = sorted(noise.choices(range(size + 1), k=noise.randint(1, 12)))
        yield cut(data, places)


def with_empty_chunks(chunks: list[bytes]) -> list[bytes]:
    return [b"", *(piece for chunk in chunks for piece in (chunk, b""))]


def reference(data: bytes) -> Outcome:
    """The standard's algorithm over the whole text, written for reading only."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, rest = re.split("\r\n|\r|\n", text)
    events: list[tuple[Any, ...]] = []
    kind, content, new_id, last_id, retry, block_retry = "", "", None, "", None, None
    for line in lines:
        if line == "":
            last_id = last_id if new_id is None else new_id
            if content != "":
                events.append((kind or "message", content[:-1], last_id, block_retry))
            kind, content, new_id, block_retry = "", "", None, None
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            content += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            new_id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            retry = block_retry = int(value)
    tail = bool(rest or content or kind or new_id is not None)
    return events, last_id, retry, tail


def test_the_shared_cases_are_there() -> None:
    """The cases shared by all parsers run where the file is at hand."""
    if not SHARED.exists():
        pytest.skip(f"no shared cases at {SHARED}")
    assert len(list(shared_cases())) > 100


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_a_stream_means_the_same_however_it_is_cut(
    data: bytes, expected: Outcome
) -> None:
    """Events, last id, retry and tail do not depend on the chunks."""
    for chunks in chunkings(data):
        assert expected == outcome_of(chunks), chunks
    for chunks in (cut(data, range(1, len(data))), [data]):
        assert expected == outcome_of(with_empty_chunks(chunks)), chunks
    noise = random.Random(1)
    for _ in range(50):
        places = sorted(noise.choices(range(len(data) + 1), k=5))
        assert expected == outcome_of(with_empty_chunks(cut(data, places)))


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_an_event_is_out_with_the_byte_that_ends_it(
    data: bytes, expected: Outcome
) -> None:
    """After each byte, all events that byte could complete have been returned."""
    parser = SSEParser()
    seen: list[tuple[Any, ...]] = []
    for index in range(len(data)):
        seen += values(parser.feed(data[index : index + 1]))
        assert reference(data[: index + 1])[0] == seen
    assert expected[0] == seen


def test_parse_gives_events_before_asking_for_the_next_chunk() -> None:
    """A live stream is not held back by one chunk."""
    asked: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"data: %d\n\n" % number

    for number, event in enumerate(parse(chunks())):
        assert (str(number), list(range(number + 1))) == (event.data, asked)


SOUP = st.lists(
    st.sampled_from(
        [
            *(b"\n", b"\n", b"\n\n", b"\r", b"\r\n", b"data: x", b"data:", b"data"),
            *(b"event: e", b"event:", b"id: 1", b"id", b"id: \0", b"retry: 5", b": c"),
            *(b"retry: x", b"unknown", b" ", b":", b"\xef\xbb\xbf", b"\xff", b"\xe2"),
            *("é€🙂".encode(), b"event: e\ndata: x\n\n", b"data: x\n\n", b"y: z"),
        ]
    ),
    max_size=30,
).map(b"".join)


@plain
@given(SOUP)
def test_the_parser_agrees_with_the_standards_text(data: bytes) -> None:
    """On any soup of lines the parser and the plain algorithm see the same."""
    assert reference(data) == outcome_of([data])


@plain
@given(st.one_of(SOUP, st.binary(max_size=200)), st.lists(st.integers(0, 400)))
def test_any_chunks_equal_the_whole(data: bytes, places: list[int]) -> None:
    """Cutting any bytes anywhere changes nothing."""
    inside = sorted(place for place in places if place <= len(data))
    assert outcome_of([data]) == outcome_of(cut(data, inside))


def test_a_stream_continues_from_an_earlier_id() -> None:
    """The id a reconnection starts from is in force until the stream sets one."""
    parser = SSEParser(last_event_id="41")
    events = parser.feed(b"data: a\n\nid: 42\ndata: b\n\n")
    assert [event.id for event in events] == ["41", "42"]


def test_a_retry_too_long_to_be_a_number_is_ignored() -> None:
    """Five thousand digits are no reconnection time, and no exception either."""
    outcome = outcome_of([b"retry: " + b"9" * 5000 + b"\ndata: x\n\n"])
    assert outcome == ([("message", "x", "", None)], "", None, False)


LARGE = [
    pytest.param(b"data: " + b"x" * 30 + b"\n\n", id="one line"),
    pytest.param(b"data: x\n" * 5 + b"\n", id="many lines"),
    pytest.param(b": " + b"x" * 31 + b"\n", id="a comment"),
    pytest.param(b"x" * 33, id="a line that never ends"),
]


@pytest.mark.parametrize("large", LARGE)
def test_an_event_over_the_bound_is_refused_at_every_split(large: bytes) -> None:
    """The events before it come out, then the error, however the bytes are cut."""
    data = b"data: a\n\ndata: b\n\n" + large
    for chunks in chunkings(data):
        seen: list[str] = []
        with pytest.raises(EventTooLarge, match="at most 32 bytes"):
            for event in parse(chunks, parser=SSEParser(max_event_bytes=32)):
                seen.append(event.data)
        assert seen == ["a", "b"], chunks


def test_the_bound_is_for_one_event_not_for_the_stream() -> None:
    """Any number of events and comments under the bound passes."""
    data = b"data: 20 bytes or less\n\n: keep-alive\n" * 100
    for size in (1, 7, len(data)):
        chunks = cut(data, range(size, len(data), size))
        parser = SSEParser(max_event_bytes=32)
        assert len(list(parse(chunks, parser=parser))) == 100


def test_a_refused_stream_stays_refused() -> None:
    """Going on after the error would give out half an event."""
    parser = SSEParser(max_event_bytes=4)
    with pytest.raises(EventTooLarge):
        parser.feed(b"data: 12345\n\n")
    with pytest.raises(EventTooLarge):
        parser.feed(b"data: 1\n\n")
    with pytest.raises(EventTooLarge):
        parser.close()


def test_the_error_survives_pickling() -> None:
    """A process pool hands the error on with its facts."""
    error = pickle.loads(pickle.dumps(EventTooLarge(8)))
    assert (8, str(EventTooLarge(8))) == (error.max_event_bytes, str(error))


def test_events_compare_by_their_fields() -> None:
    """Equal fields are equal events; another type is not."""
    event = ServerSentEvent("e", "d", "i", 1)
    assert event == ServerSentEvent(event="e", data="d", id="i", retry=1)
    assert len({event, ServerSentEvent("e", "d", "i", 1)}) == 1
    assert event != ServerSentEvent("e", "d", "i", 2)
    assert event != ("e", "d", "i", 1)
    assert repr(event) == "ServerSentEvent(event='e', data='d', id='i', retry=1)"


TYPED = b'event: delta\ndata: {"type":"delta","index":0,"text":"Hello"}\n\n'
SIZES = [
    pytest.param(b"data: " + b"x" * (10 << 20) + b"\n\n", 1, 0.5, id="10 MiB event"),
    pytest.param(b": c\n" * 1_000_000 + b"data\n\n", 1, 1.0, id="1M comments"),
    pytest.param(b"data: x\n" * 200_000 + b"\n", 1, 0.5, id="200k data lines"),
    pytest.param(TYPED * 100_000, 100_000, 0.6, id="100k events"),
]


@pytest.mark.parametrize(("data", "count", "limit_s"), SIZES)
def test_time_is_linear_in_1_kib_chunks(
    data: bytes, count: int, limit_s: float
) -> None:
    """The inputs on which other parsers take half a minute stay well under 1 s."""
    chunks = cut(data, range(1024, len(data), 1024))
    started = time.process_time()
    events = sum(1 for _ in parse(chunks))
    assert (count, True) == (events, time.process_time() - started <= limit_s)
