"""A cancelled token ends what its calls have under way, at once and from any thread."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from specwire.core.cancelling import (
    CancellableStream,
    CancelReason,
    CancelToken,
    create_cancel_pair,
    with_cancellation,
)
from specwire.core.hooks import Hook
from specwire.core.lease import Pause
from specwire.core.wire import Call
from specwire.errors import CancelledError
from tests.core.conftest import Play
from tests.core.sample import client
from tests.core.test_lifecycle import OK, PIECE, outcome, silent
from tests.scripted import chunked, reply


class With(Hook):
    """Lets a token travel with each call of a client."""

    def __init__(self, token: CancelToken) -> None:
        self.token = token

    def before_attempt(self, call: Call) -> None:
        call.cancel = self.token


# -- calls -------------------------------------------------------------------------


def test_cancelling_ends_a_call_that_waits_for_its_reply(play: Play) -> None:
    """Its caller gets a CancelledError that says why; the client goes on working."""
    came, over, token = threading.Event(), threading.Event(), CancelToken()
    made, _ = play(silent(came, over), OK, hooks=[With(token)])
    thread, results = outcome(made.notes.public)
    assert came.wait(5)
    assert token.cancel(CancelReason.RESOURCE_LIMIT)
    thread.join(1)
    over.set()
    error = results[0]
    assert type(error) is CancelledError
    assert (error.reason, error.standard_code) == ("resource_limit", "E4002")
    assert "cancelled (resource_limit)" in str(error)
    assert made.with_options(hooks=[]).notes.public()["ok"]


def test_cancelling_ends_a_stream(play: Play) -> None:
    """What had come was handed out; the iteration does not look complete."""
    came, over, token = threading.Event(), threading.Event(), CancelToken()
    head = chunked(PIECE, end=False)
    made, _ = play(silent(came, over, head), hooks=[With(token)])
    stream = made.notes.create(stream=True)
    assert next(stream).text == "a"
    thread, results = outcome(lambda: list(stream))
    token.cancel()
    thread.join(1)
    over.set()
    assert type(results[0]) is CancelledError
    assert results[0].reason is CancelReason.USER_REQUEST


def test_cancelling_ends_a_wait_between_attempts(play: Play) -> None:
    """A server's Retry-After of a minute is not waited for."""
    token = CancelToken()
    wait = reply(503, {}, {"Retry-After": "60"})
    made, server = play(wait, OK, hooks=[With(token)], max_retries=1)
    thread, results = outcome(made.notes.public)
    while not token._held:  # the connection, or the wait: both end
        pass
    token.cancel()
    thread.join(1)
    assert type(results[0]) is CancelledError
    assert len(server.received) <= 1


def test_cancelling_ends_a_connection_that_is_being_made() -> None:
    """A server that does not answer the first packet is not waited for."""
    token = CancelToken()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        # The queue of a listener that accepts nothing is full after one or two.
        place = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(place)
        with client(f"http://127.0.0.1:{place[1]}", hooks=[With(token)]) as made:
            thread, results = outcome(made.notes.public)
            while not token._held:
                pass
            token.cancel()
            thread.join(1)
        for sock in waiting:
            sock.close()
    assert type(results[0]) is CancelledError


def test_nothing_is_sent_for_a_token_that_is_cancelled(play: Play) -> None:
    """The call fails before its first attempt."""
    token = CancelToken()
    token.cancel("shutdown")
    made, server = play(OK, hooks=[With(token)])
    with pytest.raises(CancelledError, match=r"public: the call was .*shutdown"):
        made.notes.public()
    assert server.connections == 0


def test_a_token_forgets_what_is_over(play: Play) -> None:
    """It holds nothing of a call that has ended, or of a stream that was read."""
    token = CancelToken()
    stream = chunked(PIECE, b'data: {"type":"stop"}\n\n')
    made, _ = play(OK, stream, hooks=[With(token)])
    made.notes.public()
    list(made.notes.create(stream=True))
    assert token._held == set()


# -- the token ---------------------------------------------------------------------


class Thing:
    """What a call has under way."""

    deadline = None

    def __init__(self) -> None:
        self.ended: list[str] = []

    def end(self, why: str) -> None:
        self.ended.append(why)


def test_the_first_cancellation_counts() -> None:
    """Later ones change nothing and say so."""
    token = CancelToken()
    assert token.cancel(CancelReason.ERROR, cause="disk") is True
    assert token.cancel() is False
    assert (token.is_cancelled, token.reason) == (True, "error")
    assert (token.state.cancelled, token.state.metadata) == (True, {"cause": "disk"})
    assert token.wait() is CancelReason.ERROR


def test_what_is_held_ends_once() -> None:
    """What is given back does not end; what comes too late ends at once."""
    token, held, given_back, late = CancelToken(), Thing(), Thing(), Thing()
    token.hold(held)
    token.hold(given_back)
    token.release(given_back)
    token.cancel()
    token.hold(late)
    assert [held.ended, given_back.ended, late.ended] == [
        ["user_request"],
        [],
        ["user_request"],
    ]


def test_a_token_with_a_time_out_cancels_itself() -> None:
    """The watchdog ends what it holds, with the reason ``timeout``."""
    token, pause = CancelToken(timeout=0.01), Pause()
    token.hold(pause)
    assert pause.ended.wait(5)
    assert token.wait() is CancelReason.TIMEOUT
    assert not token.cancel()


def test_a_time_out_in_a_forked_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the watchdog did not come along, asking is enough."""
    token = CancelToken(timeout=1000)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert not token.is_cancelled
    token.deadline = 0.0
    assert token.is_cancelled
    assert token.reason == "timeout"


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_time_out_is_some_time(timeout: float) -> None:
    """Zero and less are refused: that would be a token cancelled from the start."""
    with pytest.raises(ValueError, match="more than 0"):
        CancelToken(timeout)


def test_callbacks_are_told() -> None:
    """In order, with the reason; late ones at once; one that fails stops no other."""
    told: list[Any] = []

    def fails(reason: CancelReason) -> None:
        raise RuntimeError

    token = CancelToken()
    assert token.on_cancel(fails).on_cancel(told.append) is token
    token.cancel("timeout")
    token.on_cancel(lambda reason: told.append((reason, "late")))
    assert told == ["timeout", ("timeout", "late")]


def test_callbacks_of_a_time_out_do_not_keep_the_watchdog() -> None:
    """They run beside it: one that waits for another token's time-out comes through."""
    told = threading.Event()
    other = CancelToken(timeout=0.02)
    token = CancelToken(timeout=0.01)
    token.on_cancel(lambda _: told.set() if other.wait_with_timeout(5) else None)
    assert told.wait(5)


def test_resetting() -> None:
    """A token can be used again; its time-out begins anew."""
    token = CancelToken(timeout=1000)
    token.cancel()
    token.reset()
    assert (token.is_cancelled, token.reason) == (False, None)
    assert token.deadline is not None
    assert token.cancel("timeout")
    token.reset()


def test_raise_if_cancelled() -> None:
    """Nothing as long as it is not; then the error of calls."""
    token = CancelToken()
    token.raise_if_cancelled()
    token.cancel("error")
    with pytest.raises(CancelledError, match="cancelled \\(error\\)") as caught:
        token.raise_if_cancelled()
    assert caught.value.reason == "error"


def test_a_handle_cancels_its_token() -> None:
    """The pair: one side cancels, the other travels."""
    handle, token = create_cancel_pair()
    assert (handle.is_cancelled, handle.reason) == (False, None)
    assert handle.cancel("shutdown")
    assert token.is_cancelled
    assert handle.reason == "shutdown"


def test_many_threads_cancel_once() -> None:
    """One of them was first; the callbacks ran once."""
    token, told = CancelToken(), []  # type: ignore[var-annotated]
    token.on_cancel(told.append)
    begin = threading.Barrier(8)
    firsts: list[bool] = []

    def cancel() -> None:
        begin.wait()
        firsts.append(token.cancel())

    threads = [threading.Thread(target=cancel) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (firsts.count(True), told) == (1, ["user_request"])


# -- any iterator --------------------------------------------------------------------


class Source:
    """An iterator that can be closed."""

    def __init__(self) -> None:
        self.items = iter("abc")
        self.closed = False

    def __iter__(self) -> Source:
        return self

    def __next__(self) -> str:
        return next(self.items)

    def close(self) -> None:
        self.closed = True


def _read(make: Callable[..., CancellableStream[str]]) -> tuple[list[str], list[str]]:
    token, told, got = CancelToken(), [], []  # type: ignore[var-annotated]
    for item in make(Source(), token, lambda: told.append("cancelled")):
        got.append(item)
        if item == "b":
            token.cancel()
    return got, told


@pytest.mark.parametrize("make", [CancellableStream, with_cancellation])
def test_a_cancelled_iterator_ends_quietly(make: Any) -> None:
    """What came before was handed out, and the callback is told once."""
    assert _read(make) == (["a", "b"], ["cancelled"])


def test_an_iterator_that_is_not_cancelled() -> None:
    """It ends where its items end; ``with`` closes it."""
    source = Source()
    with CancellableStream(source, CancelToken()) as stream:
        assert not stream.started
        assert list(stream) == ["a", "b", "c"]
        assert stream.started
        assert stream.finished
    assert source.closed
