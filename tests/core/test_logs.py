"""The log: what stands in it, what never does, and who hears it."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import LogHook
from specwire.core.logs import hooks_from_env
from specwire.errors import APIConnectionError, InternalServerError
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import KEY, NOTE, client
from tests.scripted import chunked, reply

A = b'data: {"type":"text","text":"secret body"}\n\n'
STOP = b'data: {"type":"stop"}\n\n'
LOGGER = logging.getLogger("specwire")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The lines of the log, at every level."""
    caplog.set_level(logging.DEBUG, "specwire")

    class Lines(list[str]):
        def __iter__(self) -> Iterator[str]:
            return (r.getMessage() for r in caplog.records if r.name == "specwire")

    yield Lines()


@contextlib.contextmanager
def bare() -> Iterator[None]:
    """The logger as it is in a program that has set up no logging."""
    root = logging.getLogger()
    kept = root.handlers[:], LOGGER.handlers[:], LOGGER.level
    root.handlers[:], LOGGER.handlers[:] = [], []
    LOGGER.setLevel(logging.NOTSET)
    try:
        yield
    finally:
        root.handlers[:], LOGGER.handlers[:] = kept[0], kept[1]
        LOGGER.setLevel(kept[2])


def test_an_attempt_is_a_line(play: Play, lines: list[str], clock: FakeClock) -> None:
    """Method, URL without values, status or error, number, seconds, request id."""
    made, server = play(
        reply(500, b"", {"request-id": "req_1"}),
        reply(200, NOTE, {"request-id": "req_2"}),
        hooks=[LogHook()],
        _clock=clock,
    )
    made.notes.create(extra_query={"a": "value", "b": 2})
    first, second = lines
    url = f"POST {server.url}/v1/notes?a&b: "
    assert first.startswith(f"notes.create: attempt 1: {url}InternalServerError 500 in")
    assert first.endswith(" s, request req_1")
    assert second.startswith(f"notes.create: attempt 2: {url}200 in 0.")
    assert second.endswith(" s, request req_2")


def test_an_attempt_without_a_reply_names_the_error(
    play: Play, lines: list[str]
) -> None:
    """Its class; there is no status and no request id."""
    made, _ = play(hang_up(), hooks=[LogHook()], max_retries=0)
    with pytest.raises(APIConnectionError):
        made.notes.create()
    (line,) = lines
    assert "APIConnectionError no status in" in line
    assert line.endswith("request None")


def test_debug_has_the_headers(play: Play, lines: list[str]) -> None:
    """Those that are known to be harmless with their values, all others by name."""
    made, _ = play(
        reply(200, NOTE, {"request-id": "req_1", "Set-Cookie": f"k={KEY}"}),
        hooks=[LogHook("debug")],
    )
    made.notes.create(extra_headers={"X-Mine": "mine", "Accept": "text/plain"})
    sent, _, came = lines
    assert "'X-Mine': '***'" in sent and "'Accept': 'text/plain'" in sent
    assert "'request-id': 'req_1'" in came and "'set-cookie': '***'" in came


def test_nothing_secret_is_logged(
    play: Play, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key, no header or query value that may be one, no proxy's, no body."""
    secret = "s3cr3t-value"
    monkeypatch.setenv("NOTES_HEADERS", f"X-Gate: {secret}-env")
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{secret}@127.0.0.1:9")
    made, _ = play(
        reply(400, {"error": f"{KEY} {secret}"}, {"www-authenticate": KEY}),
        chunked(A, STOP),
        default_headers={"X-Api-Token": secret},
        hooks=[LogHook("debug")],
        max_retries=0,
    )
    more: Any = {
        "extra_headers": {"Authorization": f"Bearer {secret}", "Cookie": secret},
        "extra_query": {"token": secret},
        "extra_body": {"text": secret},
    }
    with pytest.raises(Exception, match="400"):
        made.notes.create(**more)
    list(made.notes.create(stream=True, **more))
    text = "\n".join(lines)
    assert text.count("notes.create: attempt 1: POST") == 4
    for hidden in (KEY, secret, "secret body"):
        assert hidden not in text


@pytest.mark.parametrize(
    ("wire", "read", "said"),
    [
        (chunked(A, STOP), 9, "read to its end after 2 items"),
        (chunked(A, STOP), 2, "read to its end after 2 items"),
        (chunked(A, STOP), 1, "closed early after 1 items"),
        (chunked(A, STOP), 0, "closed early after 0 items"),
        (hang_up(chunked(A, end=False)), 9, "ended by StreamError after 1 items"),
        (chunked(), 9, "ended by StreamError after 0 items"),
    ],
)
def test_a_stream_has_a_line_at_its_end(
    play: Play, lines: list[str], wire: Any, read: int, said: str
) -> None:
    """Once, however it ends, and however often it is closed."""
    made, _ = play(wire, hooks=[LogHook()])
    with made.notes.create(stream=True) as stream:
        try:
            for _ in range(read):
                next(stream, None)
        except APIConnectionError:
            pass
    stream.close()
    begun, ended = lines
    assert ": 200 in " in begun
    assert f"the stream was {said} and 0." in ended


def test_a_stream_that_begins_again_ends_once(
    play: Play, lines: list[str], clock: FakeClock
) -> None:
    """Two attempts, one end; also where the second fails as the first did."""
    error = (
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
    )
    made, _ = play(
        *(chunked(error), chunked(A, STOP)),
        *(chunked(error), chunked(error)),
        hooks=[LogHook()],
        max_retries=1,
        _clock=clock,
    )
    assert len(list(made.notes.create(stream=True))) == 2
    with pytest.raises(InternalServerError):
        next(made.notes.create(stream=True))
    kinds = [line.split(": ")[1].split(" after ")[0] for line in lines]
    tried = ["attempt 1", "attempt 2"]
    ends = ["the stream was read to its end", "the stream was ended by OverloadedError"]
    assert kinds == [*tried, ends[0], *tried, ends[1]]


def test_an_observer_that_fails_at_the_end_is_dropped(
    play: Play, lines: list[str]
) -> None:
    """The caller reads its stream all the same."""

    class Failing(LogHook):
        def on_end(self, call: Any, outcome: Any) -> None:
            raise RuntimeError("no")

    made, _ = play(chunked(A, STOP), hooks=[Failing()])
    assert len(list(made.notes.create(stream=True))) == 2
    assert list(lines)[-1] == "hook Failing failed: RuntimeError"


def test_another_level_is_refused() -> None:
    """So that a slip is found where it was made."""
    with pytest.raises(ValueError, match="expected 'info' or 'debug', got 'warn'"):
        LogHook("warn")


@pytest.mark.parametrize("value", ["", " ", "off", "1"])
def test_a_variable_that_says_nothing_gives_no_hook(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves logging as it was."""
    monkeypatch.setenv("NOTES_LOG", value)
    with bare():
        assert hooks_from_env("NOTES_LOG") == ()
        assert not LOGGER.handlers
        assert LOGGER.level == logging.NOTSET


def test_a_variable_turns_the_log_on(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard error, each line once, for however many clients."""
    monkeypatch.setenv("NOTES_LOG", " Info ")
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    with bare():
        hooks = [hooks_from_env("NOTES_LOG") for _ in range(2)]
        made, _ = play(reply(200, NOTE), hooks=hooks[1])
        made.notes.create()
        assert len(LOGGER.handlers) == 1
        assert LOGGER.level == logging.INFO
    assert shown.getvalue().count("notes.create: attempt 1: POST") == 1


def test_a_programs_own_handlers_are_enough(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they were there before or came later, nothing is written twice."""
    monkeypatch.setenv("NOTES_LOG", "debug")
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    with bare():
        hooks = hooks_from_env("NOTES_LOG")
        own = logging.StreamHandler(mine := io.StringIO())
        logging.getLogger().addHandler(own)
        made, _ = play(reply(200, NOTE), hooks=hooks)
        made.notes.create()
        LOGGER.handlers.clear()
        hooks_from_env("NOTES_LOG")
        assert not LOGGER.handlers
    assert shown.getvalue() == ""
    assert mine.getvalue().count("attempt 1") == 2


def test_a_hook_may_serve_many_clients() -> None:
    """It keeps what it knows of a call with the call."""
    hook = LogHook()
    with client(hooks=[hook]) as one, client(hooks=[hook]) as two:
        assert one._hooks == two._hooks == (hook,)
