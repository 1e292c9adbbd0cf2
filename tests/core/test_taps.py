"""What hooks are told of a whole call, and what they have on a stream's way."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import Answer, Hook
from specwire.core.hooks import Tap
from specwire.core.wire import Headers, Reply
from specwire.errors import (
    DecodeError,
    GuardrailError,
    InternalServerError,
    StreamError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import NOTE
from tests.scripted import chunked, reply

STALE = json.dumps({**NOTE, "id": "old"}).encode()


def event(kind: str, text: str = "") -> bytes:
    return f'data: {{"type":"{kind}","text":"{text}"}}\n\n'.encode()


class Done(Hook):
    """Writes down how calls ended; answers failures with what it was given."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heard: list[Any] = []

    def on_done(self, call: Any, outcome: Any) -> Answer | None:
        went_well = isinstance(outcome, Reply)
        self.heard.append(outcome.status_code if went_well else type(outcome))
        return Answer(Reply(200, body=self.answers.pop())) if self.answers else None

    def on_end(self, call: Any, outcome: Any) -> None:
        self.heard.append(outcome if outcome is None else type(outcome))


class Tapped(Hook, Tap):
    """Holds every text back until another event comes, and keeps all chunks."""

    def __init__(self, mark: str = "", refuse: str = "\0") -> None:
        self.mark = mark
        self.refuse = refuse
        self.asked = 0
        self.ended: list[Any] = []

    def tap(self, call: Any) -> Tap:
        self.asked += 1
        self.held: list[Any] = []
        self.chunks: list[bytes] = []
        return self

    def chunk(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def items(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            if getattr(item, "type", "") == "text":
                if self.refuse in item.text:
                    raise GuardrailError("not this")
                self.held.append(item)
            else:
                yield from self.rest()
                yield item

    def rest(self) -> Iterator[Any]:
        held, self.held = self.held, []
        for item in held:
            item.text += self.mark
            yield item

    def on_end(self, call: Any, outcome: Any) -> None:
        self.ended.append(outcome if outcome is None else type(outcome))


# -- the end of a call -------------------------------------------------------------


def test_a_call_is_done_once(play: Play, clock: FakeClock) -> None:
    """Whatever its attempts came to before."""
    hook = Done()
    made, _ = play(reply(503), reply(200, NOTE), hooks=[hook], _clock=clock)
    made.notes.create()
    assert hook.heard == [200]


def test_a_failed_call_is_done_with_its_error(play: Play, clock: FakeClock) -> None:
    """After the last attempt, not before."""
    hook = Done()
    made, _ = play(reply(503), reply(500), hooks=[hook], _clock=clock, max_retries=1)
    with pytest.raises(InternalServerError):
        made.notes.create()
    assert hook.heard == [InternalServerError]


def test_a_reply_that_cannot_be_read_is_a_failed_call(play: Play) -> None:
    """Who keeps replies does not keep it."""
    hook = Done()
    made, _ = play(reply(200, b"{"), hooks=[hook])
    with pytest.raises(DecodeError):
        made.notes.create()
    assert hook.heard == [DecodeError]


def test_an_answer_takes_the_place_of_a_failure(play: Play) -> None:
    """A stale reply is better than none; who is asked later hears of it."""
    outer, inner = Done(), Done(STALE)
    made, _ = play(reply(500), hooks=[outer, inner], max_retries=0)
    assert made.notes.create().id == "old"
    assert (outer.heard, inner.heard) == ([200], [InternalServerError])


def test_an_answer_to_what_went_well_is_not_taken(play: Play) -> None:
    """The server's reply stands."""
    made, _ = play(reply(200, NOTE), hooks=[Done(STALE)])
    assert made.notes.create().id == "n1"


def test_an_interrupt_is_not_answered(play: Play) -> None:
    """KeyboardInterrupt ends the call."""

    class Interrupting(Hook):
        def before_attempt(self, call: Any) -> None:
            raise KeyboardInterrupt

    hook = Done(STALE)
    made, _ = play(hooks=[hook, Interrupting()])
    with pytest.raises(KeyboardInterrupt):
        made.notes.create()
    assert hook.heard == [KeyboardInterrupt]


def test_a_stream_is_done_when_it_is_open_and_ends_later(play: Play) -> None:
    """First the call, then the stream."""
    hook = Done()
    made, _ = play(chunked(event("stop")), hooks=[hook])
    stream = made.notes.create(stream=True)
    assert hook.heard == [200]
    list(stream)
    assert hook.heard == [200, None]


def test_what_fails_at_the_end_of_a_call_is_logged(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """The result is there already; nobody loses it."""

    class Failing(Hook):
        def on_done(self, call: Any, outcome: Any) -> Answer | None:
            raise ZeroDivisionError

    made, _ = play(reply(200, NOTE), hooks=[Failing()])
    with caplog.at_level(logging.WARNING, logger="specwire"):
        assert made.notes.create().id == "n1"
    assert [r.getMessage() for r in caplog.records] == [
        "hook Failing failed: ZeroDivisionError"
    ]


# -- on a stream's way -------------------------------------------------------------


def test_chunks_are_the_body_decoded(play: Play) -> None:
    """Put together they are what the server meant."""
    body = event("text", "a") + event("stop")
    hook = Tapped()
    wire = chunked(gzip.compress(body), headers="Content-Encoding: gzip\r\n")
    made, _ = play(wire, hooks=[hook])
    list(made.notes.create(stream=True))
    assert b"".join(hook.chunks) == body


def test_items_may_be_held_back_and_changed(play: Play) -> None:
    """Their order stays."""
    hook = Tapped("!")
    made, _ = play(
        chunked(event("text", "a"), event("text", "b"), event("stop")), hooks=[hook]
    )
    stream = made.notes.create(stream=True)
    assert [(p.type, p.text) for p in stream] == [
        ("text", "a!"),
        ("text", "b!"),
        ("stop", ""),
    ]
    assert hook.ended == [None]


def test_the_first_hook_has_the_last_word(play: Play) -> None:
    """As with everything that comes back."""
    made, _ = play(
        chunked(event("text"), event("stop")), hooks=[Tapped("1"), Tapped("2")]
    )
    assert [p.text for p in made.notes.create(stream=True)] == ["21", ""]


def test_what_is_held_back_at_a_break_comes_before_the_error(play: Play) -> None:
    """Text that was let through so far is not lost."""
    made, _ = play(hang_up(chunked(event("text", "a"), end=False)), hooks=[Tapped("!")])
    stream = made.notes.create(stream=True)
    assert next(stream).text == "a!"
    with pytest.raises(StreamError):
        next(stream)


def test_a_tap_that_refuses_ends_the_stream(play: Play) -> None:
    """Nothing after it is handed out, and the connection is given up."""
    hook = Tapped(refuse="bad")
    made, _ = play(
        chunked(event("text", "bad"), event("text", "more"), event("stop")),
        hooks=[hook],
    )
    stream = made.notes.create(stream=True)
    with pytest.raises(GuardrailError, match="not this"):
        next(stream)
    assert list(stream) == []
    assert (hook.ended, made._engine.under_way) == ([GuardrailError], 0)


def test_a_guardrails_error_as_an_item_ends_the_stream(play: Play) -> None:
    """What was let through before it is handed out first."""

    class Blocking(Tapped):
        def items(self, items: Iterator[Any]) -> Iterator[Any]:
            for item in items:
                yield item
                yield GuardrailError("enough")

    hook = Blocking()
    made, _ = play(chunked(event("text", "a"), event("stop")), hooks=[hook])
    stream = made.notes.create(stream=True)
    assert next(stream).text == "a"
    with pytest.raises(GuardrailError):
        next(stream)
    assert list(stream) == []
    assert hook.ended == [GuardrailError]


def test_a_stream_that_begins_again_has_new_taps(play: Play, clock: FakeClock) -> None:
    """What the first attempt brought is not theirs."""
    error = b'data: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
    hook = Tapped("!")
    made, _ = play(
        chunked(error),
        chunked(event("text", "a"), event("stop")),
        hooks=[hook],
        _clock=clock,
    )
    assert [p.text for p in made.notes.create(stream=True)] == ["a!", ""]
    assert hook.asked == 2
    assert b"error" not in b"".join(hook.chunks)


def test_an_observers_tap_sees_chunks_and_breaks_nothing(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by what it raises nor by what it would make of items."""

    class Watching(Tapped):
        observer = True

        def chunk(self, chunk: bytes) -> None:
            raise ZeroDivisionError

        def items(self, items: Iterator[Any]) -> Iterator[Any]:
            raise ZeroDivisionError

    made, _ = play(chunked(event("stop")), hooks=[Watching()])
    with caplog.at_level(logging.WARNING, logger="specwire"):
        assert len(list(made.notes.create(stream=True))) == 1
    assert caplog.records


def test_a_replayed_stream_is_tapped_too(play: Play) -> None:
    """It goes the same way."""
    headers = Headers.of([("content-type", "text/event-stream")])

    class Playing(Hook):
        def before_attempt(self, call: Any) -> Answer:
            return Answer(Reply(200, headers, event("text", "a") + event("stop")))

    made, _ = play(hooks=[Tapped("!"), Playing()])
    assert [p.text for p in made.notes.create(stream=True)] == ["a!", ""]


def test_a_download_shows_its_chunks(play: Play) -> None:
    """Its body is the taps' as well."""
    hook = Tapped()
    made, _ = play(reply(200, b"abc", content_type="application/x-data"), hooks=[hook])
    assert made.notes.raw().read() == b"abc"
    assert b"".join(hook.chunks) == b"abc"
