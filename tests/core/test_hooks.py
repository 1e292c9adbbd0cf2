"""Hooks: order, what they may say, and what they are told."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from specwire import Answer, Hook, Wait
from specwire.core.wire import Headers, Reply
from specwire.errors import (
    APIConnectionError,
    APITimeoutError,
    GuardrailError,
    InternalServerError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play
from tests.core.sample import NOTE, client
from tests.scripted import chunked, reply


class Diary(Hook):
    """Writes down what it is told; says what it was given to say."""

    def __init__(self, name: str, diary: list[Any], *says: Any) -> None:
        self.name = name
        self.diary = diary
        self.says = list(says)

    def before_attempt(self, call: Any) -> Any:
        self.diary.append((self.name, "before", call.attempt))
        said = self.says.pop(0) if self.says else None
        if isinstance(said, BaseException):
            raise said
        return said

    def after_attempt(self, call: Any, outcome: Any) -> None:
        what = getattr(outcome, "status_code", type(outcome).__name__)
        self.diary.append((self.name, "after", what))

    def on_event(self, call: Any, event: Any) -> None:
        self.diary.append((self.name, "event", event.type))


class Broken(Hook):
    """Fails wherever it is asked."""

    def before_attempt(self, call: Any) -> Any:
        raise ZeroDivisionError("before")

    def after_attempt(self, call: Any, outcome: Any) -> None:
        raise ZeroDivisionError("after")

    def on_event(self, call: Any, event: Any) -> None:
        raise ZeroDivisionError("event")


class BrokenObserver(Broken):
    observer = True


class AfterBroken(Hook):
    def after_attempt(self, call: Any, outcome: Any) -> None:
        raise GuardrailError("no")


def test_before_in_order_and_after_in_reverse(play: Play) -> None:
    """Hooks nest around the attempt."""
    diary: list[Any] = []
    made, _ = play(reply(200, NOTE), hooks=[Diary("a", diary), Diary("b", diary)])
    made.notes.create()
    assert diary == [
        ("a", "before", 1),
        ("b", "before", 1),
        ("b", "after", 200),
        ("a", "after", 200),
    ]


def test_hooks_see_every_attempt(play: Play, clock: FakeClock) -> None:
    """The outcome of a failed attempt is its error, of the last one the reply."""
    diary: list[Any] = []
    made, _ = play(
        reply(503), reply(200, NOTE), hooks=[Diary("a", diary)], _clock=clock
    )
    made.notes.create()
    assert diary == [
        ("a", "before", 1),
        ("a", "after", 503),
        ("a", "before", 2),
        ("a", "after", 200),
    ]


def test_an_error_that_hooks_see_knows_its_attempts() -> None:
    """Facts are on the error before the hooks are told."""
    seen: list[Any] = []

    class Seeing(Hook):
        def after_attempt(self, call: Any, outcome: Any) -> None:
            seen.append((type(outcome), outcome.attempts, call.attempts_made))

    made = client(hooks=[Seeing()], max_retries=0)
    with made, pytest.raises(APIConnectionError):
        made.notes.create()
    assert seen == [(APIConnectionError, 1, 1)]


def test_wait_is_waited_for_and_asked_again(play: Play, clock: FakeClock) -> None:
    """A hook decides, the loop sleeps."""
    diary: list[Any] = []
    hook = Diary("a", diary, Wait(2.0), Wait(0.5), None)
    made, server = play(reply(200, NOTE), hooks=[hook], _clock=clock)
    made.notes.create()
    assert clock.slept == [2.0, 0.5]
    assert [entry[1] for entry in diary] == ["before"] * 3 + ["after"]
    assert len(server.received) == 1


def test_a_wait_past_the_deadline_is_refused_at_once(clock: FakeClock) -> None:
    """Nothing is slept through; the error says how long was wished."""
    made = client(hooks=[Diary("a", [], Wait(30.0))], timeout=10, _clock=clock)
    with made, pytest.raises(APITimeoutError, match="longer than the call may") as e:
        made.notes.create()
    assert (clock.slept, e.value.retry_after_s, e.value.attempts) == ([], 30.0, 0)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_wait_is_not_negative(seconds: float) -> None:
    """Also not-a-number is refused where it is said."""
    with pytest.raises(ValueError, match="0 seconds or more"):
        Wait(seconds)


def test_an_answer_is_the_reply_and_nothing_is_sent(play: Play) -> None:
    """Hooks after the answering one are not asked, and not told."""
    diary: list[Any] = []
    body = b'{"id":"n2","content":[],"usage":{"input_tokens":0}}'
    made, server = play(
        hooks=[
            Diary("a", diary),
            Diary("b", diary, Answer(Reply(200, body=body))),
            Diary("c", diary),
        ]
    )
    assert made.notes.create().id == "n2"
    assert server.received == []
    assert diary == [
        ("a", "before", 1),
        ("b", "before", 1),
        ("b", "after", 200),
        ("a", "after", 200),
    ]


def test_an_answered_error_is_raised_and_retried(play: Play, clock: FakeClock) -> None:
    """An answer counts like a reply of the server."""
    hook = Diary("a", [], Answer(Reply(503)))
    made, server = play(reply(200, NOTE), hooks=[hook], _clock=clock)
    assert made.notes.create().id == "n1"
    assert len(server.received) == 1


def test_an_answered_stream_is_read_from_its_body(play: Play) -> None:
    """A cache may play a recorded stream."""
    headers = Headers.of([("content-type", "text/event-stream")])
    body = b'data: {"type":"text","text":"a"}\n\ndata: {"type":"stop"}\n\n'
    made, _ = play(hooks=[Diary("a", [], Answer(Reply(200, headers, body)))])
    assert [p.type for p in made.notes.create(stream=True)] == ["text", "stop"]


def test_a_hook_may_refuse_the_attempt(play: Play) -> None:
    """Its exception is the caller's; hooks asked before it are told, it is not."""
    diary: list[Any] = []
    made, server = play(
        hooks=[
            Diary("a", diary),
            Diary("b", diary, GuardrailError("no")),
            Diary("c", diary),
        ]
    )
    with pytest.raises(GuardrailError, match="no"):
        made.notes.create()
    assert server.received == []
    assert diary == [
        ("a", "before", 1),
        ("b", "before", 1),
        ("a", "after", "GuardrailError"),
    ]


def test_a_hook_may_change_the_request(play: Play) -> None:
    """Headers added there are sent."""

    class Adding(Hook):
        def before_attempt(self, call: Any) -> None:
            call.request.headers["X-Trace"] = "t1"

    made, server = play(reply(200, NOTE), hooks=[Adding()])
    made.notes.create()
    assert server.received[0].headers["x-trace"] == "t1"


def test_a_hook_does_not_see_the_key(play: Play) -> None:
    """The key is put on after the hooks were asked."""
    seen: list[dict[str, str]] = []

    class Looking(Hook):
        def before_attempt(self, call: Any) -> None:
            seen.append(call.request.headers)

    made, _ = play(reply(200, NOTE), hooks=[Looking()])
    made.notes.create()
    assert "x-api-key" not in {name.lower() for name in seen[0]}


def test_an_observers_failure_is_logged_and_dropped(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """Telemetry never breaks a call; the log names the hook, not the details."""
    events = chunked(b'data: {"type":"stop"}\n\n')
    made, _ = play(events, hooks=[BrokenObserver()])
    with caplog.at_level(logging.WARNING, logger="specwire"):
        assert len(list(made.notes.create(stream=True))) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "hook BrokenObserver failed: ZeroDivisionError"
    ] * 3


def test_another_hooks_failure_is_the_callers(play: Play) -> None:
    """A guardrail that breaks does not let the call through."""
    made, server = play(hooks=[Broken()])
    with pytest.raises(ZeroDivisionError, match="before"):
        made.notes.create()
    assert server.received == []


def test_a_failing_after_hook_does_not_silence_the_others(play: Play) -> None:
    """All are told, then its exception is raised."""
    diary: list[Any] = []
    made, _ = play(reply(200, NOTE), hooks=[Diary("a", diary), AfterBroken()])
    with pytest.raises(GuardrailError):
        made.notes.create()
    assert diary[-1] == ("a", "after", 200)


def test_a_stream_that_an_after_hook_refuses_is_closed(play: Play) -> None:
    """Nobody holds its connection any more."""
    made, _ = play(chunked(b"data: {}\n\n", end=False), hooks=[AfterBroken()])
    with pytest.raises(GuardrailError):
        made.notes.create(stream=True)
    assert not made._engine._busy


def test_events_of_a_stream_are_shown_to_hooks(play: Play) -> None:
    """In reverse order like everything that comes back."""
    diary: list[Any] = []
    made, _ = play(
        chunked(b'data: {"type":"text"}\n\n', b'data: {"type":"stop"}\n\n'),
        hooks=[Diary("a", diary), Diary("b", diary)],
    )
    list(made.notes.create(stream=True))
    assert [entry for entry in diary if entry[1] == "event"] == [
        ("b", "event", "text"),
        ("a", "event", "text"),
        ("b", "event", "stop"),
        ("a", "event", "stop"),
    ]


def test_an_interrupt_is_told_to_hooks_and_passes(play: Play) -> None:
    """KeyboardInterrupt is nobody's error, but permits are given back."""
    diary: list[Any] = []
    made, _ = play(
        hooks=[Diary("a", diary), Diary("b", diary, KeyboardInterrupt())], max_retries=5
    )
    with pytest.raises(KeyboardInterrupt):
        made.notes.create()
    assert diary[-1] == ("a", "after", "KeyboardInterrupt")


def test_a_hook_that_is_none_is_refused() -> None:
    """Where the client is made, not at the first call."""
    with pytest.raises(TypeError, match="expected Hook, got function"):
        client(hooks=[lambda call: None])


def test_hooks_of_a_call_without_retries_see_one_attempt(play: Play) -> None:
    """max_retries=0 is one attempt."""
    diary: list[Any] = []
    made, _ = play(reply(500), hooks=[Diary("a", diary)], max_retries=0)
    with pytest.raises(InternalServerError):
        made.notes.create()
    assert diary == [("a", "before", 1), ("a", "after", 500)]


class Told(Hook):
    """Writes down everything that is not an attempt's beginning or outcome."""

    def __init__(self, *says: Any) -> None:
        self.says = list(says)
        self.heard: list[Any] = []

    def before_attempt(self, call: Any) -> Any:
        return self.says.pop(0) if self.says else None

    def after_attempt(self, call: Any, outcome: Any) -> None:
        self.heard.append("open" if call.open else "after")

    def given_up(self, call: Any) -> None:
        self.heard.append("given up")

    def on_close(self, call: Any) -> None:
        self.heard.append("close")

    def on_end(self, call: Any, outcome: Any) -> None:
        self.heard.append(outcome if outcome is None else type(outcome))


def test_a_wait_that_is_not_waited_for_is_told(play: Play, clock: FakeClock) -> None:
    """Of a hook that said Wait the attempt's end is not; what it took is given back."""
    hook = Told(Wait(99.0))
    made, _ = play(reply(200, NOTE), hooks=[hook], _clock=clock)
    with pytest.raises(APITimeoutError):
        made.notes.create(timeout=5)
    assert hook.heard == ["given up"]


def test_a_wait_may_end_with_an_event(play: Play, clock: FakeClock) -> None:
    """It is not refused for being long: it is waited for to the call's limit."""
    bell = threading.Event()
    hook = Told(Wait(99.0, bell))
    made, _ = play(reply(200, NOTE), reply(200, NOTE), hooks=[hook], _clock=clock)
    bell.set()
    made.notes.create()
    hook.says = [Wait(99.0, threading.Event())]
    with pytest.raises(APITimeoutError):
        made.notes.create(timeout=5)
    assert clock.slept == [99.0, 5.0]


def test_each_attempt_has_one_close(play: Play, clock: FakeClock) -> None:
    """At once, or when a body on the wire is read, closed or dropped."""
    hook = Told()
    piece = b'data: {"type": "piece"}\n\n'
    made, _ = play(
        *(reply(503), reply(200, NOTE), chunked(piece), reply(200, "abc")),
        hooks=[hook],
        _clock=clock,
    )
    made.notes.create()
    assert hook.heard == ["after", "close"] * 2
    hook.heard.clear()
    stream = made.notes.create(stream=True)
    next(stream)
    assert hook.heard == ["open"]
    stream.close()
    assert hook.heard == ["open", "close", GeneratorExit]
    hook.heard.clear()
    body = made.notes.raw()
    assert hook.heard == ["open"]
    assert body.read() == b"abc"
    assert sorted(map(str, hook.heard)) == ["None", "close", "open"]


def test_a_download_that_is_left_has_ended(play: Play) -> None:
    """As a stream has: once, with GeneratorExit."""
    hook = Told()
    made, _ = play(reply(200, "abc"), hooks=[hook])
    with made.notes.raw():
        pass
    assert hook.heard == ["open", "close", GeneratorExit]
