"""Streamed messages, replayed from bytes; cases in ``wire/message_streams.json``."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from specwire import dump, errors, load, models
from specwire.mixins.messages import MessageStream

from .streams import message_stream, pieces, wire

TABLE = Path(__file__).parents[1] / "wire" / "message_streams.json"
CASES: dict[str, Any] = {
    case["name"]: case for case in json.loads(TABLE.read_text("utf-8"))["cases"]
}
RAW = {"message_start", "message_delta", "message_stop"}
TEXT = CASES["text in pieces, with a ping"]


def seen(stream: MessageStream) -> tuple[list[str], list[str], Any]:
    """Kinds of the raw events, kinds of the derived ones, and the message."""
    kinds = [str(event.type) for event in stream]
    sent = [kind for kind in kinds if "_" in kind and kind != "input_json"]
    derived = [kind for kind in kinds if kind not in sent]
    return sent, derived, dump(stream.current_message_snapshot)


@pytest.mark.parametrize("name", CASES)
def test_the_streamed_message_equals_the_whole_one(name: str) -> None:
    """Events in, the message that would have come unstreamed out."""
    stream = message_stream([wire(CASES[name]["events"])])
    message = stream.get_final_message()
    assert dump(message) == CASES[name]["message"]
    assert message == load(models.Message, CASES[name]["message"])


@pytest.mark.parametrize("name", CASES)
def test_each_delta_is_followed_by_what_it_means(name: str) -> None:
    """Raw events come as they were sent, pings left out; derived ones behind deltas."""
    case = CASES[name]
    kinds = [str(e.type) for e in message_stream([wire(case["events"])])]
    derived = iter(case["derived"])
    expected = []
    for event in case["events"]:
        if event["type"] == "ping":
            continue
        expected.append(event["type"])
        known = event.get("delta", {}).get("type") not in (None, "ray_delta")
        if event["type"] == "content_block_delta" and known:
            expected.append(next(derived))
    assert kinds == expected
    assert list(derived) == []


@pytest.mark.parametrize("name", CASES)
def test_where_the_bytes_are_cut_changes_nothing(name: str) -> None:
    """In chunks of 1, 7 and 4,096 bytes: the same events and the same message."""
    body = wire(CASES[name]["events"])
    whole = seen(message_stream([body]))
    for size in (1, 7, 4096):
        assert seen(message_stream(pieces(body, size))) == whole, size


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_long_stream_in_chunks_of_any_size(size: int) -> None:
    """All cases' blocks in one message, each four times: as if it came whole."""
    start, *_ = TEXT["events"]
    events, content = [start], []
    for case in [*CASES.values()] * 4:
        blocks = [e for e in case["events"] if e["type"].startswith("content_block")]
        events += [{**e, "index": e["index"] + len(content)} for e in blocks]
        content += case["message"]["content"]
    body = wire([*events, *TEXT["events"][-2:]])
    message = message_stream(pieces(body, size)).get_final_message()
    assert dump(message) == {**TEXT["message"], "content": content}


@pytest.mark.parametrize("name", CASES)
def test_a_short_stream_may_be_cut_anywhere(name: str) -> None:
    """Every split of the bytes into two: the same message."""
    body = wire(CASES[name]["events"])
    for at in range(len(body) + 1):
        stream = message_stream([body[:at], body[at:]])
        assert dump(stream.get_final_message()) == CASES[name]["message"], at


def test_a_stream_that_ends_anywhere_keeps_what_arrived() -> None:
    """Every early end: StreamError, and what had come is readable in both places."""
    body = wire(TEXT["events"])
    text = TEXT["message"]["content"][0]["text"]
    # Where the last event's blank line is all that lacks, it never came either.
    for at in range(len(body)):
        stream = message_stream([body[:at]])
        with pytest.raises(errors.StreamError) as caught:
            stream.get_final_message()
        if at < body.index(b"\n\n") + 2:
            assert caught.value.message_object is None
            continue
        snapshot = stream.current_message_snapshot
        assert caught.value.message_object == snapshot
        assert all(text.startswith(b.text) for b in snapshot.content)  # type: ignore[union-attr]


def test_blocks_and_the_message_are_on_their_ends() -> None:
    """``content_block_stop`` has the block, ``message_stop`` the message."""
    case = CASES["thinking, its signature, and text"]
    stream = message_stream([wire(case["events"])])
    blocks = []
    message = None
    for event in stream:
        if event.type == "content_block_stop":
            blocks.append(event.content_block)
        elif event.type == "message_stop":
            message = event.message
    assert message is not None
    assert blocks == message.content
    assert [type(block) for block in blocks] == [models.ThinkingBlock, models.TextBlock]
    assert dump(message) == case["message"]


def test_snapshots_are_what_there_was_of_the_block() -> None:
    """Each derived event knows its block up to itself, also when it is asked later."""
    events = list(message_stream([wire(CASES["a tool's input"]["events"])]))
    inputs = [e for e in events if e.type == "input_json"]
    assert [deepcopy(e.snapshot) for e in inputs] == [
        {},
        {},
        {"city": "São", "n": [1]},
        {"city": "São", "n": [12, True]},
    ]
    assert inputs[1].snapshot == {}
    texts = [e for e in message_stream([wire(TEXT["events"])]) if e.type == "text"]
    assert [(e.text, e.snapshot) for e in texts] == [
        ("Hé", "Hé"),
        ("", "Hé"),
        ("llo \U0001f600", "Héllo \U0001f600"),
    ]


def test_citations_so_far() -> None:
    """A citation event has the citation and those before it."""
    case = CASES["citations, a known one and an unknown one"]
    events = [e for e in message_stream([wire(case["events"])]) if e.type == "citation"]
    assert isinstance(events[0].citation, models.CitationCharLocation)
    assert [len(e.snapshot) for e in events] == [1, 2]


def test_strings_of_a_tool_input_are_shown_with_fine_grained_streaming() -> None:
    """The beta that streams them shows their beginnings; without it they wait."""
    case = CASES["a tool's input cut by max_tokens is what is certain"]
    beta = {"Anthropic-Beta": "x, fine-grained-tool-streaming-2025-05-14"}
    stream = message_stream([wire(case["events"])], extra_headers=beta)
    message: Any = stream.get_final_message()
    assert message.content[0].input == {"a": 1, "b": "hel"}


def test_text_stream_and_iteration_share_one_iterator() -> None:
    """What one has read the other does not see again."""
    stream = message_stream([wire(TEXT["events"])])
    assert next(stream.text_stream) == "Hé"
    assert [next(stream).type for _ in range(2)] == ["text", "content_block_delta"]
    assert list(stream.text_stream) == ["llo \U0001f600"]
    assert list(stream) == []
    assert stream.get_final_text() == "Héllo \U0001f600"


def broken_tool(text: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = json.loads(
        json.dumps(CASES["a tool without input"]["events"])
    )
    events[2]["delta"]["partial_json"] = text
    return events


def test_a_tool_input_that_is_no_json_is_an_error_with_its_text() -> None:
    """At the block's end, naming the tool; the rest of the stream can be read."""
    stream = message_stream([wire(broken_tool('{"a": nope}'))])
    with pytest.raises(errors.DecodeError, match="tool 'f'") as caught:
        list(stream)
    assert caught.value.body == '{"a": nope}'
    assert caught.value.pointer == "/content/0/input"
    assert [event.type for event in stream] == ["message_delta", "message_stop"]


def test_the_final_message_of_a_broken_tool_input_is_on_the_error() -> None:
    """Nothing of the message is lost, its end included."""
    stream = message_stream([wire(broken_tool("]"))])
    with pytest.raises(errors.DecodeError, match="not a JSON object") as caught:
        stream.get_final_message()
    assert caught.value.message_object.stop_reason == "tool_use"
    assert caught.value.message_object.content[0].input == {}


def test_an_error_event_holds_the_message_so_far() -> None:
    """``overloaded_error`` in the middle: OverloadedError, and what had come."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    stream = message_stream([wire([*TEXT["events"][:4], error])])
    with pytest.raises(errors.OverloadedError, match="busy") as caught:
        list(stream)
    assert caught.value.in_stream
    assert caught.value.message_object.content[0].text == "Hé"
    assert stream.current_message_snapshot == caught.value.message_object


def test_a_cut_holds_the_message_so_far() -> None:
    """A connection that breaks is a StreamError, also through ``text_stream``."""
    broke = errors.APIConnectionError("the connection broke off")
    stream = message_stream([wire(TEXT["events"][:4])], error=broke)
    with pytest.raises(errors.StreamError) as caught:
        list(stream.text_stream)
    assert caught.value.message_object.content[0].text == "Hé"
    assert caught.value.events_received == 3


@pytest.mark.parametrize(
    "event",
    [
        {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta"}},
        {"type": "content_block_stop", "index": 7},
        {"type": "content_block_start", "index": None, "content_block": {"type": "x"}},
        {"type": "content_block_delta"},
    ],
    ids=["delta", "stop", "no index", "nothing"],
)
def test_events_about_no_block_are_decode_errors(event: dict[str, Any]) -> None:
    """They are named; iterating goes on behind them."""
    events = TEXT["events"]
    stream = message_stream([wire([*events[:4], event, *events[4:]])])
    with pytest.raises(errors.DecodeError) as caught:
        list(stream)
    assert caught.value.message_object is not None
    stream.until_done()
    assert stream.current_message_snapshot.stop_reason == "end_turn"


def test_a_message_of_many_pieces_takes_linear_time() -> None:
    """Iterating 3,000 deltas of a 60 kB tool input, each snapshot asked for."""
    assert work_of(3000) < 2.3 * work_of(1500)


def work_of(deltas: int) -> int:
    """How many characters the parser is fed, and calls are made, for that many."""
    import sys

    rows = ", ".join(f'"row {n:04} of it"' for n in range(deltas))
    text = '{"rows": [' + rows + "]}"
    size = -(-len(text) // deltas)
    start, block, delta, *rest = CASES["a tool without input"]["events"]
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    deltas_ = [
        {**delta, "delta": {"type": "input_json_delta", "partial_json": part}}
        for part in parts
    ]
    stream = message_stream([wire([start, block, *deltas_, *rest])])
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        for event in stream:
            if event.type == "input_json":
                assert isinstance(event.snapshot, dict)
    finally:
        sys.setprofile(None)
    assert len(stream.get_final_message().content[0].input["rows"]) == deltas  # type: ignore[union-attr]
    return calls
