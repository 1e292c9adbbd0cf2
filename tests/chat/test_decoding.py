"""Bytes of a streamed answer to its events: framings, ends, and ways to break."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire.chat.frames import BadFrame, Marks, frames
from specwire.errors import (
    APIStatusError,
    DecodeError,
    OverloadedError,
    RateLimitError,
    StreamError,
)

from .records import ours
from .streams import decoded, openai, sse, text_of

HELLO = [openai("Hel"), openai("lo"), openai(finish="stop")]
GEMINI = [
    {"candidates": [{"content": {"parts": [{"text": "Hel"}]}, "index": 0}]},
    {
        "candidates": [
            {"content": {"parts": [{"text": "lo"}]}, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2},
    },
]
CLAUDE = [
    {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Hello"},
    },
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
]


def ends(events: list[Any]) -> str | None:
    """The reason of the one end, which is the last event."""
    assert [e.is_stream_end for e in events] == [False] * (len(events) - 1) + [True]
    return events[-1].finish_reason  # type: ignore[no-any-return]


# -- how frames are framed ---------------------------------------------------------


BODIES = {
    "events": sse(*HELLO, "[DONE]"),
    "no blanks": sse(*HELLO, "[DONE]").replace(b"data: ", b"data:"),
    "carriage returns": sse(*HELLO, "[DONE]").replace(b"\n", b"\r\n"),
    "mark and comments": b"\xef\xbb\xbf: hi\n\n" + sse(*HELLO, "[DONE]"),
    "many lines": b"".join(
        b"".join(
            b"data: %s\n" % line
            for line in json.dumps(one, indent=1).encode().split(b"\n")
        )
        + b"\n"
        for one in HELLO
    )
    + sse("[DONE]"),
    "no blank lines": sse(*HELLO, "[DONE]").replace(b"\n\n", b"\n"),
    "unended": sse(*HELLO, "[DONE]").rstrip(),
    "empty events": b"data:\n\n" + sse(*HELLO, "null", "[DONE]"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("size", [1, 1 << 20], ids=["bytes", "whole"])
def test_events_are_read_however_they_are_written(name: str, size: int) -> None:
    """What servers do to server-sent events leaves the answer as it is."""
    body = BODIES[name]
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    events = decoded(ours("openai"), chunks)
    assert ends(events) == "end_turn"
    assert text_of(events) == "Hello"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(GEMINI).encode(),
        json.dumps(GEMINI, indent=2).encode(),
        b"[" + b"\n,\r\n".join(json.dumps(one).encode() for one in GEMINI) + b"\n]\n",
        b"".join(json.dumps(one).encode() + b"\n" for one in GEMINI),
        sse(*GEMINI),
    ],
    ids=["array", "indented array", "google's array", "lines", "events"],
)
def test_the_first_bytes_say_how_frames_are_framed(body: bytes) -> None:
    """A JSON array, JSON lines and events: the manifest need not know; any split."""
    for at in range(1, len(body)):
        events = decoded(ours("gemini"), [body[:at], body[at:]])
        assert text_of(events) == "Hello", at
        assert ends(events) == "end_turn", at


def test_a_text_with_brackets_is_no_end_of_an_element() -> None:
    """Quotes, braces and backslashes in texts do not count."""
    text = 'a "quoted\\" ] } , { [ \\\\'
    body = json.dumps([{"n": text}, {"n": [1, {"m": 2}]}]).encode()
    reader = frames()
    found = [one for byte in body for one in reader.feed(bytes([byte]))]
    assert found == [{"n": text}, {"n": [1, {"m": 2}]}]
    assert (list(reader.end()), reader.cut) == ([], None)


DOCUMENT = {
    "id": "c",
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello"},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_becomes_its_events(indent: int | None) -> None:
    """A server that ignores ``stream`` has answered all the same."""
    body = json.dumps(DOCUMENT, indent=indent).encode()
    for at in range(1, len(body)):
        events = decoded(ours("openai"), [body[:at], body[at:]])
        kinds = [event.event_type for event in events]
        assert kinds == [
            "PartialContentDelta",
            "FinalCandidate",
            "Metadata",
            "StreamEnd",
        ]
        assert text_of(events) == "Hello"
        assert events[-1].usage.total_tokens == 3


def test_a_cut_document_is_an_error() -> None:
    """Half an answer is none."""
    body = json.dumps(DOCUMENT, indent=2).encode()
    for at in range(1, len(body)):
        *events, error = decoded(ours("openai"), body[:at])
        assert (events, type(error)) == ([], StreamError), at


# -- how it ends -------------------------------------------------------------------


def test_what_follows_the_end_is_not_read() -> None:
    """After its mark a stream is over."""
    events = decoded(ours("openai"), sse(*HELLO, "[DONE]", openai("more")))
    assert text_of(events) == "Hello"
    assert ends(events) == "end_turn"


def test_counts_behind_the_reason_are_read() -> None:
    """OpenAI's usage comes after the finish reason; the end comes after both."""
    usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
    events = decoded(ours("openai"), sse(*HELLO, usage, "[DONE]"))
    kinds = [event.event_type for event in events]
    assert kinds[-3:] == ["FinalCandidate", "Metadata", "StreamEnd"]
    assert events[-1].usage == {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
    }


def test_another_dialects_end_mark_ends_nothing() -> None:
    """Anthropic's streams end with an event; ``[DONE]`` says nothing in them."""
    body = sse(*CLAUDE[:-1], "[DONE]")
    assert type(decoded(ours("anthropic"), body)[-1]) is StreamError
    assert ends(decoded(ours("anthropic"), body + sse(CLAUDE[-1]))) == "end_turn"


def test_an_event_may_name_the_frame() -> None:
    """Where the data has no type, the event's name is one."""
    named = [{k: v for k, v in one.items() if k != "type"} for one in CLAUDE]
    body = b"".join(
        b"event: %s\n%s" % (str(one["type"]).encode(), sse(bare))
        for one, bare in zip(CLAUDE, named, strict=True)
    )
    events = decoded(ours("anthropic"), body)
    assert text_of(events) == "Hello"
    assert ends(events) == "end_turn"


# -- how it breaks -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "body", "words"),
    [
        ("openai", b"", "held no event"),
        ("openai", b": ping\n\n", "held no event"),
        ("openai", sse(*HELLO), r"before its end mark (\[DONE\])"),
        ("openai", sse(*HELLO) + b"data: {", "in the middle of an event"),
        ("anthropic", sse(*CLAUDE[:-1]), "before the event that marks its end"),
        ("gemini", sse(GEMINI[0]), "before it said why"),
        ("gemini", json.dumps(GEMINI).encode()[:-1], "in the middle of a JSON array"),
    ],
)
def test_a_stream_that_breaks_off_says_how(
    provider: str, body: bytes, words: str
) -> None:
    """No end is an error that tells what was missing; what came stays."""
    *events, error = decoded(ours(provider), body)
    assert type(error) is StreamError
    assert words.replace("\\", "") in error.message
    assert not any(event.is_stream_end for event in events)


def test_what_is_no_json_is_an_error_in_its_place() -> None:
    """The iteration can go on: later events are not lost."""
    body = sse(HELLO[0], "{oops", "[1]", HELLO[1], HELLO[2], "[DONE]")
    items = decoded(ours("openai"), body)
    assert [type(item) for item in items if isinstance(item, DecodeError)] == [
        DecodeError,
        DecodeError,
    ]
    assert [getattr(item, "text", "!") for item in items[:4]] == ["Hel", "!", "!", "lo"]
    assert items[-1].is_stream_end


@pytest.mark.parametrize("text", ["NaN", '{"a": NaN}', '{"a": 1e999}', "[" * 9999])
def test_json_is_strict(text: str) -> None:
    """What JSON cannot say, and what is nested without end, is no frame."""
    [found] = frames().feed(sse(text))
    assert type(found) is BadFrame


def test_a_lone_surrogate_and_a_cut_character_do_no_harm() -> None:
    """Bytes that are no UTF-8 are replaced, escapes are kept."""
    body = b'data: {"choices":[{"delta":{"content":"\xff\\ud800"}}]}\n\n'
    events = decoded(ours("openai"), body + sse(openai(finish="stop"), "[DONE]"))
    assert text_of(events) == "\ufffd\ud800"


@pytest.mark.parametrize(
    ("provider", "frame", "kind", "code"),
    [
        (
            "anthropic",
            {"type": "error", "error": {"type": "overloaded_error"}},
            0,
            "E3002",
        ),
        (
            "openai",
            {"error": {"message": "m", "code": "rate_limit_exceeded"}},
            1,
            "E2001",
        ),
        ("openai", {"error": "broken"}, 2, None),
        (
            "gemini",
            {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}},
            1,
            "E2001",
        ),
        ("gemini", [{"error": {"status": "RESOURCE_EXHAUSTED"}}], 1, "E2001"),
    ],
)
def test_an_error_inside_a_stream_is_raised_as_what_it_is(
    provider: str, frame: Any, kind: int, code: str | None
) -> None:
    """Its class and code are those of the status it stands for; the stream is over."""
    *events, error = decoded(ours(provider), sse(frame, *HELLO, *CLAUDE, *GEMINI))
    expected = (OverloadedError, RateLimitError, APIStatusError)[kind]
    assert isinstance(error, expected)
    assert error.in_stream
    assert events == []
    if code is not None:
        assert error.standard_code == code


def test_an_event_too_large_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held for one frame is bounded, in each framing."""
    from specwire.chat import frames as module

    monkeypatch.setattr(module, "MAX_EVENT_BYTES", 50)
    for body in (b"[" + b" " * 60, b'{"a":\n' + b" " * 60):
        [found] = frames().feed(body)
        assert found.fatal
        assert "50 bytes" in found.problem


# -- settings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "text", "done"),
    [
        (None, "[DONE]", True),
        ({"format": "sse", "done_signal": "[END]"}, "[END]", True),
        ({"format": "sse", "done_signal": '{"end": 1}'}, '{"end": 1}', True),
        ({"format": "sse"}, " [DONE] ", True),
        ({"done": [], "end": ["exists", [0, "x"]]}, "[DONE]", False),
    ],
)
def test_done_signals(settings: Any, text: str, done: bool) -> None:
    """The manifest's, and the usual one unless a frame marks the end."""
    reader = frames(settings)
    assert [*reader.feed(sse({"a": 1}, text))] == [{"a": 1}]
    assert reader.done is done


def test_marks_are_shared_by_streams() -> None:
    """A reader holds its own state only."""
    marks = Marks(["[DONE]"])
    one, other = (type(frames())(marks) for _ in range(2))
    assert (list(one.feed(sse("[DONE]"))), one.done, other.done) == ([], True, False)
