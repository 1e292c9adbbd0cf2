"""One deadline for the whole call, whatever the server does."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from specwire import Hook, Timeout
from specwire.errors import APITimeoutError, SpecwireError
from specwire.testing import FakeClock
from tests.core.conftest import Play
from tests.core.sample import NOTE, client
from tests.scripted import Received, Step, reply

pytestmark = pytest.mark.timed

LIMIT = 0.25
SLACK = 0.25
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set when the test is over, so that no server goes on."""
    event = threading.Event()
    yield event
    event.set()


def dripping(over: threading.Event, first: bytes, drip: bytes) -> Step:
    """Send ``first``, then ``drip`` again and again."""

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(first)
        while not over.wait(0.05):
            conn.sendall(drip)

    return step


CASES: dict[str, tuple[bytes, bytes]] = {
    "silence": (b"", b""),
    "status line": (b"H", b"T"),
    "headers": (HEAD, b"X"),
    "interim replies": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "until close": (HEAD + b"\r\n", b" "),
}


def timed(call: Callable[[], Any]) -> tuple[float, SpecwireError]:
    began = time.monotonic()
    with pytest.raises(SpecwireError) as caught:
        call()
    return time.monotonic() - began, caught.value


@pytest.mark.parametrize("name", CASES)
def test_a_call_ends_at_its_deadline(
    play: Play, over: threading.Event, name: str
) -> None:
    """However slowly the server drips, and without another attempt."""
    made, server = play(*[dripping(over, *CASES[name])] * 3, timeout=LIMIT)
    took, error = timed(made.notes.public)
    assert isinstance(error, APITimeoutError)
    assert LIMIT - 0.05 <= took <= LIMIT + SLACK
    assert error.attempts == len(server.received) == 1


@pytest.mark.parametrize("drip", [b": ping\n\n", b"data: ", b""], ids=repr)
def test_a_stream_ends_at_its_deadline(
    play: Play, over: threading.Event, drip: bytes
) -> None:
    """Pings do not keep it alive."""
    made, _ = play(dripping(over, EVENTS + b"\r\n", drip), timeout=LIMIT)
    took, error = timed(lambda: list(made.notes.create(stream=True)))
    assert isinstance(error, APITimeoutError)
    assert took <= LIMIT + SLACK


def test_a_download_ends_at_its_deadline(play: Play, over: threading.Event) -> None:
    """Reading the body belongs to the call."""
    step = dripping(over, HEAD + b"Content-Length: 99999\r\n\r\n", b"x")
    made, _ = play(step, timeout=LIMIT)
    took, error = timed(lambda: made.notes.raw().read())
    assert isinstance(error, APITimeoutError)
    assert took <= LIMIT + SLACK


def test_an_error_body_ends_at_the_deadline(play: Play, over: threading.Event) -> None:
    """The status is known by then, and is what the caller gets."""
    head = b"HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\n"
    made, _ = play(dripping(over, head, b"x"), timeout=LIMIT)
    took, error = timed(made.notes.public)
    assert isinstance(error, SpecwireError)
    assert took <= LIMIT + SLACK


def test_an_upload_nobody_reads_ends_at_its_deadline(over: threading.Event) -> None:
    """The server accepts and then leaves the bytes where they are."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, client(url, timeout=LIMIT) as made:
        took, error = timed(lambda: made.notes.upload(bytes(50_000_000)))
    assert isinstance(error, APITimeoutError)
    assert took <= LIMIT + SLACK


def test_attempts_share_one_deadline(play: Play, over: threading.Event) -> None:
    """The second attempt has what the first one left."""

    def late(conn: socket.socket, request: Received) -> None:
        over.wait(0.15)
        conn.sendall(reply(503, headers={"Retry-After": "0.05"}))

    steps = [late, dripping(over, *CASES["body"])]
    made, server = play(*steps, timeout=0.8)
    took, error = timed(made.notes.public)
    assert isinstance(error, APITimeoutError)
    assert took <= 0.8 + SLACK
    assert error.attempts == len(server.received) == 2


def test_a_connection_nobody_accepts_ends_in_time(over: threading.Event) -> None:
    """A full backlog leaves the handshake hanging; connect is what limits it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    waiting = []
    for _ in range(3):
        other = socket.socket()
        other.setblocking(False)
        other.connect_ex(("127.0.0.1", port))
        waiting.append(other)
    made = client(
        f"http://127.0.0.1:{port}", timeout=Timeout(connect=0.2), max_retries=0
    )
    with listener, made:
        took, error = timed(made.notes.public)
    for other in waiting:
        other.close()
    assert isinstance(error, APITimeoutError)
    assert not error.started
    assert took <= 0.2 + SLACK


def test_a_silence_has_a_limit_of_its_own(play: Play, over: threading.Event) -> None:
    """read is the longest silence; it is tried again, as the server may be stuck."""
    silent = dripping(over, b"", b"")
    made, server = play(silent, reply(200, {}), timeout=Timeout(total=5, read=0.1))
    assert made.notes.public() == {}
    assert len(server.received) == 2


def test_a_deadline_leaves_the_next_call_alone(
    play: Play, over: threading.Event
) -> None:
    """The cut connection is not used again."""
    made, _ = play(dripping(over, *CASES["body"]), reply(200, {}), timeout=LIMIT)
    timed(made.notes.public)
    assert made.notes.public() == {}


def test_a_finished_call_is_forgotten(play: Play) -> None:
    """Its connection is not cut when its deadline passes later."""
    made, server = play(reply(200, {}), reply(200, {}), timeout=0.1)
    made.notes.public()
    time.sleep(0.15)
    made.notes.public(timeout=5)
    assert server.connections == 1
    assert not made._engine._busy


@pytest.mark.parametrize("limit", [1e7, 1e12, 1e300])
def test_a_very_long_limit_is_a_limit(play: Play, limit: float) -> None:
    """No number of seconds is too many for the system's own types."""
    made, _ = play(reply(200, {}), timeout=limit)
    assert made.notes.public() == {}


def test_no_limit_is_none(play: Play) -> None:
    """None waits as long as it takes."""
    made, _ = play(reply(200, {}), timeout=None)
    assert made.notes.public() == {}


def test_hooks_take_of_the_calls_time(play: Play, clock: FakeClock) -> None:
    """Where they used it up, nothing is sent."""

    class Slow(Hook):
        def before_attempt(self, call: Any) -> None:
            clock.now += 11

    made, server = play(_clock=clock, timeout=10, hooks=[Slow()])
    with pytest.raises(APITimeoutError, match="time limit of 10"):
        made.notes.public()
    assert server.received == []


def test_a_write_that_stalls_ends_at_its_limit(over: threading.Event) -> None:
    """``write`` bounds a stall while a request is sent, whatever the others are."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        limits = Timeout(connect=20, read=20, write=LIMIT)
        with client(url, timeout=limits, max_retries=0) as made:
            took, error = timed(lambda: made.notes.create(text="x" * (64 << 20)))
    assert isinstance(error, APITimeoutError)
    assert LIMIT - SLACK < took < 10  # and not 20, as the others say


def test_a_far_limit_is_set_once_on_a_connection(play: Play) -> None:
    """Setting a time-out is a system call, in which another thread takes over."""
    made, _ = play(*[reply(body=json.dumps(NOTE).encode())] * 2)
    made.notes.create()
    (busy,) = made._engine._connect()._session.get_adapter("http://x")._pools.values()
    sock = busy.pool.queue[-1].sock
    before = sock.gettimeout()
    calls = []

    def watch(frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call" and arg.__name__ == "settimeout":
            calls.append(arg)

    sys.setprofile(watch)
    try:
        made.notes.create()
    finally:
        sys.setprofile(None)
    assert (calls, sock.gettimeout()) == ([], before)
