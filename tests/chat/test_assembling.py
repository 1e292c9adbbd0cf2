"""Frames to events: tool calls out of pieces, counts, reasons, candidates, the end."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.chat.assembling import Assembler, ToolCallAccumulator
from specwire.chat.events import (
    ContentDelta,
    FinalCandidate,
    StreamEnd,
    StreamError,
    StreamingEvent,
    ThinkingDelta,
    ToolCallStarted,
)
from specwire.chat.response import ChatResponse

from .records import ours
from .streams import openai, piece
from .test_programs import JSON


def assembled(provider: str, *frames: Any) -> tuple[list[StreamingEvent], ChatResponse]:
    """The events of frames and of their end, and the answer."""
    assembler = Assembler(ours(provider))
    events = [event for frame in frames for event in assembler.feed(frame)]
    return [*events, *assembler.end()], assembler.response()


def called(*pieces: dict[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Kinds of the events of OpenAI's pieces, a frame each, and the calls."""
    frames = [openai(tool_calls=[one]) for one in pieces]
    events, response = assembled("openai", *frames, openai(finish="tool_calls"))
    kinds = [event.event_type for event in events if "Tool" in event.event_type]
    return kinds, [(c.id, c.name, c.arguments_raw) for c in response.tool_calls]


START, PIECE, END = "ToolCallStarted", "PartialToolCall", "ToolCallEnded"


# -- tool calls --------------------------------------------------------------------


def test_a_call_is_put_together_by_its_index() -> None:
    """Started once, before its first piece; ended once, when the answer ends."""
    kinds, calls = called(
        piece(0, "a", "f", ""),
        piece(0, None, None, '{"x"'),
        piece(0, None, None, ":1}"),
    )
    assert kinds == [START, PIECE, PIECE, END]
    assert calls == [("a", "f", '{"x":1}')]


def test_what_comes_again_with_each_piece_is_taken_once() -> None:
    """Id and name in every piece are the same call's, not more of them."""
    kinds, calls = called(*[piece(0, "a", "f", text) for text in ("{", "}", "")])
    assert kinds == [START, PIECE, PIECE, END]
    assert calls == [("a", "f", "{}")]


def test_a_call_ends_where_the_next_begins() -> None:
    """Providers do not say so; pieces of the older one are taken all the same."""
    kinds, calls = called(
        piece(0, "a", "f", "{"), piece(1, "b", "g", "{}"), piece(0, None, None, "}")
    )
    assert kinds == [START, PIECE, END, START, PIECE, PIECE, END]
    assert calls == [("a", "f", "{}"), ("b", "g", "{}")]


@pytest.mark.parametrize("index", [None, 0])
def test_calls_of_servers_that_do_not_count(index: int | None) -> None:
    """Without an index, or with the same for all, ids tell calls apart."""
    kinds, calls = called(
        piece(index, "a", "f", "{}"),
        piece(index, "b", "f", '{"n"'),
        piece(index, "b", None, ":"),
        piece(index, None, None, "2}"),
    )
    assert kinds == [START, PIECE, END, START, PIECE, PIECE, PIECE, END]
    assert calls == [("a", "f", "{}"), ("b", "f", '{"n":2}')]


def test_ids_that_change_under_one_index_are_one_call() -> None:
    """A new id without a name is some server's numbering of pieces."""
    _, calls = called(piece(0, "a", "f", "{"), piece(0, "b", None, "}"))
    assert calls == [("a", "f", "{}")]


def test_several_calls_in_one_frame() -> None:
    """None of them ends before the frame does."""
    frame = openai(tool_calls=[piece(0, "a", "f", "{"), piece(1, "b", "g", "{")])
    rest = openai(tool_calls=[piece(0, None, None, "}"), piece(1, None, None, "}")])
    events, response = assembled("openai", frame, rest, openai(finish="tool_calls"))
    assert [c.arguments_raw for c in response.tool_calls] == ["{}", "{}"]
    kinds = [event.event_type for event in events]
    assert kinds == [
        START,
        START,
        *[PIECE] * 4,
        END,
        END,
        "FinalCandidate",
        "StreamEnd",
    ]


def test_a_call_without_an_id_gets_one() -> None:
    """The same in all its events and in the answer."""
    frame = openai(tool_calls=[piece(0, None, "f", "{}")])
    events, response = assembled("openai", frame, openai(finish="tool_calls"))
    ids = {event.id for event in events if "Tool" in event.event_type}  # type: ignore[attr-defined]
    assert ids == {response.tool_calls[0].id}
    assert "" not in ids


def test_arguments_that_come_whole_are_one_piece() -> None:
    """An object is complete; two calls of one tool in one answer are two."""
    parts = [{"functionCall": {"name": "f", "args": {"n": n}}} for n in (1, 2)]
    frame = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    events, response = assembled("gemini", frame)
    pieces = [event.data for event in events if event.is_partial_tool_call]
    assert [one["is_complete"] for one in pieces] == [True, True]
    assert [call.arguments for call in response.tool_calls] == [{"n": 1}, {"n": 2}]


def test_broken_arguments_are_kept_as_text() -> None:
    """An answer that was cut short still is one, and says what is wrong with it."""
    _, response = assembled(
        "openai",
        openai(tool_calls=[piece(0, "a", "f", '{"n"')]),
        openai(finish="length"),
    )
    [call] = response.tool_calls
    assert (call.arguments, call.arguments_raw) == ({}, '{"n"')
    assert "not JSON" in str(call.error)
    assert response.finish_reason == "max_tokens"


def test_a_block_that_ends_is_a_call_only_if_one_began() -> None:
    """Anthropic ends every block; texts end no call."""
    text = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text"},
    }
    stop = {"type": "content_block_stop", "index": 0}
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    start = {"type": "content_block_start", "index": 1, "content_block": tool}
    events, response = assembled("anthropic", text, stop, start, {**stop, "index": 1})
    assert [event.event_type for event in events] == [START, END, "StreamEnd"]
    assert response.tool_calls[0].arguments == {}


def test_the_accumulator_alone() -> None:
    """Pieces in, calls out, in OpenAI's shape as well."""
    calls = ToolCallAccumulator()
    for text in ('{"a"', ":", "1}"):
        calls.add(piece(3, "x", "f", text))
    assert calls.calls()[0].arguments == {"a": 1}
    assert calls.assembled() == [
        {
            "index": 3,
            "id": "x",
            "type": "function",
            "function": {"name": "f", "arguments": '{"a":1}'},
        }
    ]


# -- text and thoughts -------------------------------------------------------------


def test_empty_pieces_are_none() -> None:
    """What adds nothing is no event."""
    events, _ = assembled("openai", openai(""), openai("a"), openai(""), openai("b"))
    assert events[:2] == [ContentDelta("a", 0), ContentDelta("b", 1)]
    assert len(events) == 3


def test_content_may_be_a_list_of_parts() -> None:
    """Mistral's thoughts are parts of the content, and texts are parts of them."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    frame = openai()
    frame["choices"][0]["delta"]["content"] = [thought, {"type": "text", "text": "a"}]
    events, response = assembled("mistral", frame, openai("b", "stop"))
    assert events[:3] == [
        ThinkingDelta("hm"),
        ContentDelta("a", 0),
        ContentDelta("b", 1),
    ]
    assert (response.thinking, response.content) == ("hm", "ab")


def test_signed_thoughts_go_back_as_they_came() -> None:
    """Each block has its own signature; hidden ones are kept."""

    def delta(**members: Any) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": 0, "delta": members}

    hidden = {"type": "redacted_thinking", "data": "x"}
    _, response = assembled(
        "anthropic",
        delta(type="thinking_delta", thinking="a"),
        delta(type="thinking_delta", thinking="b"),
        delta(type="signature_delta", signature="S"),
        {"type": "content_block_start", "index": 1, "content_block": hidden},
        delta(type="thinking_delta", thinking="c"),
        delta(type="signature_delta", signature="T"),
        delta(type="text_delta", text="done"),
    )
    blocks = [
        {"type": "thinking", "thinking": "ab", "signature": "S"},
        hidden,
        {"type": "thinking", "thinking": "c", "signature": "T"},
    ]
    assert response.candidates[0].thinking_blocks == blocks
    assert response.thinking == "abc"
    message = response.to_message().to_dict()
    assert message["content"] == [*blocks, {"type": "text", "text": "done"}]


# -- counts, reasons, candidates ---------------------------------------------------


def test_counts_come_in_parts() -> None:
    """Later ones win, one by one; the total is made where the provider has none."""
    start = {"usage": {"input_tokens": 9, "output_tokens": 1}, "model": "m", "id": "i"}
    events, response = assembled(
        "anthropic",
        {"type": "message_start", "message": start},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5}},
    )
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
    assert response.usage == usage
    assert response.usage.raw == {"input_tokens": 9, "output_tokens": 5}
    assert (response.model, response.id) == ("m", "i")
    assert [event.event_type for event in events] == [
        "Metadata",
        "Metadata",
        "StreamEnd",
    ]
    end = events[-1]
    assert isinstance(end, StreamEnd)
    assert end.usage == usage


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("STOP", "end_turn"),
        ("pause_turn", "pause_turn"),
        ("whatever", "other"),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_reasons_have_one_name_each(raw: Any, normal: str | None) -> None:
    """Those that nobody knows are ``other``; the provider's own word is kept."""
    events, response = assembled("openai", openai("a", raw))
    assert response.finish_reason == normal
    known = raw if normal is not None else None
    assert response.raw_finish_reason == known
    finals = [event for event in events if event.is_final_candidate]
    assert finals == ([FinalCandidate(0, normal, raw)] if normal else [])
    assert isinstance(events[-1], StreamEnd)
    assert (events[-1].finish_reason, events[-1].raw_reason) == (normal, known)


def test_candidates_stay_apart() -> None:
    """Each has its text, its calls and its end; the stream has one."""
    events, response = assembled(
        "openai",
        openai("a", index=1),
        openai("b", index=0),
        openai(tool_calls=[piece(0, "x", "f", "{}")], index=1),
        openai(finish="tool_calls", index=1),
        openai("c", "stop", index=0),
    )
    assert [(c.content, c.finish_reason) for c in response.candidates] == [
        ("bc", "end_turn"),
        ("a", "tool_use"),
    ]
    assert [e.candidate_index for e in events if e.is_final_candidate] == [1, 0]
    assert [e.candidate_index for e in events if isinstance(e, ToolCallStarted)] == [1]
    assert sum(event.is_stream_end for event in events) == 1


def test_it_is_complete_when_every_candidate_is() -> None:
    """One that goes on keeps the stream open."""
    assembler = Assembler(ours("gemini"))
    for index in (0, 1):
        content = {"parts": [{"text": "a"}]}
        assembler.feed({"candidates": [{"index": index, "content": content}]})
    for index, expected in ((0, False), (1, True)):
        assembler.feed({"candidates": [{"index": index, "finishReason": "STOP"}]})
        assert assembler.complete is expected


def test_an_error_passes_the_frame_selector() -> None:
    """A manifest that selects the frames it knows does not hide an error."""
    record = copy.deepcopy(dict(ours("anthropic").data))
    record["stream"]["select"] = ["in", [0, "type"], ["content_block_delta"]]
    assembler = Assembler(type(ours("anthropic"))(record))
    error = {"type": "overloaded_error", "message": "m"}
    assert assembler.feed({"type": "message_delta", "usage": {"input_tokens": 1}}) == []
    assert assembler.feed({"type": "error", "error": error}) == [StreamError(error)]
    assert assembler.end() == []


def test_a_reason_that_stands_in_a_rule_yields_to_the_wire() -> None:
    """A literal says why only where nobody else does."""
    record = copy.deepcopy(dict(ours("anthropic").data))
    end = {
        "emit": "StreamEnd",
        "when": ["==", [0, "type"], "message_stop"],
        "each": [],
        "fields": {"finish_reason": [["=", "end_turn"]]},
        "candidate": None,
    }
    record["stream"]["rules"] = [*record["stream"]["rules"], end]
    manifest = type(ours("anthropic"))(record)
    stop = {"type": "message_stop"}
    for reason, expected in (("tool_use", "tool_use"), (None, "end_turn")):
        assembler = Assembler(manifest)
        assembler.feed({"type": "message_delta", "delta": {"stop_reason": reason}})
        assembler.feed(stop)
        [*_, last] = assembler.end()
        assert isinstance(last, StreamEnd)
        assert (last.finish_reason, assembler.ended) == (expected, True)


# -- any frame ---------------------------------------------------------------------

FRAMES: list[Any] = [
    openai("a", "stop", tool_calls=[piece(0, "a", "f", "{")]),
    {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "input_json_delta", "partial_json": "{"},
    },
    {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": {}},
    },
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"input_tokens": 1},
    },
    {
        "candidates": [
            {
                "content": {"parts": [{"text": "a"}, {"functionCall": {"name": "f"}}]},
                "index": 0,
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 1},
    },
    {
        "type": "tool-call-start",
        "index": 0,
        "delta": {
            "message": {"tool_calls": {"id": "a", "function": {"name": "f"}}},
            "usage": {"tokens": {"input_tokens": 1}},
        },
    },
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    return [path, *(p for key, one in inner for p in _places(one, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A frame with anything at all in one place of it."""
    holder = [copy.deepcopy(draw(st.sampled_from(FRAMES)))]
    path = draw(st.sampled_from(_places(holder)[1:]))
    place: Any = holder
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = draw(JSON)
    return holder[0]


@given(
    st.sampled_from(["openai", "anthropic", "gemini", "cohere"]),
    st.lists(spoiled() | JSON, max_size=5),
)
def test_no_frame_can_break_it(provider: str, frames: list[Any]) -> None:
    """Whatever JSON comes, there are events and an answer, and both can be shown."""
    events, response = assembled(provider, *frames)
    assert all(isinstance(event, StreamingEvent) for event in events)
    assert isinstance(response.content, str)
    json.dumps([event.data for event in events if not event.is_stream_error])
    assert repr(response) and repr(events)
