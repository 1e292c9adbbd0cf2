"""Bodies that stay on the wire: event streams, JSON lines, downloads."""

from __future__ import annotations

import gc
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from specwire import UNSET, Timeout
from specwire.core import lease
from specwire.core.results import Arrived
from specwire.core.wire import Headers, Reply
from specwire.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    CancelledError,
    DecodeError,
    InternalServerError,
    OverloadedError,
    StreamError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import CREATE, EVENTS, KEY, Piece, Row, client, pack
from tests.scripted import Received, Step, chunked, reply

OK = reply(200, {"ok": True})
A, B = (b'data: {"type":"text","text":"%s"}\n\n' % text for text in (b"a", b"b"))
STOP = b'data: {"type":"stop"}\n\n'
KIND = b"Content-Type: text/event-stream\r\n"


def texts(items: Any) -> list[Any]:
    return [item.text or item.type for item in items]


def broken(items: Iterator[Any]) -> tuple[list[Any], Exception]:
    """What came, and the error that ended it."""
    came: list[Any] = []
    with pytest.raises(Exception) as caught:
        for item in items:
            came.append(item)
    return texts(came), caught.value


def framed(framing: str, *pieces: bytes) -> list[bytes]:
    """The head and the pieces as they go over the wire."""
    head = b"HTTP/1.1 200 OK\r\n" + KIND
    if framing == "chunked":
        sized = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
        return [head + b"Transfer-Encoding: chunked\r\n\r\n", *sized, b"0\r\n\r\n"]
    if framing == "length":
        size = sum(map(len, pieces))
        return [head + b"Content-Length: %d\r\n\r\n" % size, *pieces]
    if framing == "gzip":
        packer = zlib.compressobj(wbits=31)
        packed = [
            packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces
        ]
        return [head + b"Content-Encoding: gzip\r\n\r\n", *packed, packer.flush()]
    return [head + b"\r\n", *pieces]


@pytest.mark.parametrize("framing", ["chunked", "length", "close", "gzip"])
def test_an_event_is_there_when_it_arrives(play: Play, framing: str) -> None:
    """In every framing: the server waits until the client has had each event."""
    had = threading.Semaphore(1)

    def step(conn: socket.socket, request: Received) -> None:
        for piece in framed(framing, A, B, STOP):
            assert had.acquire(timeout=5)
            conn.sendall(piece)
            if piece[:4] == b"HTTP" or piece == b"0\r\n\r\n":
                had.release()

    made, _ = play(step)
    came = []
    for item in made.notes.create(stream=True):
        came.append(item)
        had.release()
    assert texts(came) == ["a", "b", "stop"]


def test_a_streams_items_are_typed_and_counted(play: Play) -> None:
    """It knows its reply, and how much was received."""
    made, server = play(chunked(A, STOP, headers="request-id: r1\r\n"))
    stream = made.notes.create(stream=True)
    assert list(stream) == [Piece(type="text", text="a"), Piece(type="stop")]
    assert (stream.events_received, stream._request_id) == (2, "r1")
    assert server.received[0].headers["accept"] == "text/event-stream"
    assert repr(stream) == "<Stream of notes.create, 2 received>"
    assert list(stream) == []


@pytest.mark.parametrize(
    "wire",
    [
        chunked(A, B),
        chunked(A, B, end=False),
        b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + A + B,
        b"HTTP/1.1 200 OK\r\n" + KIND + b"Content-Length: 999\r\n\r\n" + A + B,
        chunked(A + B + STOP[:10]),
        chunked(A, B, b"data: {"),
    ],
    ids=["clean", "cut chunks", "closed", "cut length", "cut mark", "cut event"],
)
def test_a_stream_without_its_end_mark_is_an_error(play: Play, wire: bytes) -> None:
    """Everything that came is handed out first; it is not tried again."""
    made, server = play(hang_up(wire), OK)
    came, error = broken(made.notes.create(stream=True))
    assert came == ["a", "b"]
    assert type(error) is StreamError
    assert (error.events_received, error.retryable, error.attempts) == (2, False, 1)
    assert len(server.received) == 1


def test_a_cut_gzip_stream_is_an_error(play: Play) -> None:
    """Its last bytes are its checksum."""
    pieces = framed("gzip", A, STOP)
    made, _ = play(hang_up(*pieces[:2]))
    came, error = broken(made.notes.create(stream=True))
    assert came == ["a"]
    assert isinstance(error, (StreamError, DecodeError))


def test_a_stream_that_holds_nothing_is_an_error(play: Play) -> None:
    """An empty 200 is no stream."""
    made, _ = play(chunked())
    with pytest.raises(StreamError, match="held no event"):
        list(made.notes.create(stream=True))


@pytest.mark.parametrize(
    "wire",
    [
        reply(200, {"type": "message"}),
        reply(200, b"<html>", content_type="text/html"),
        reply(200, b"data: x\n\n", content_type="text/plain"),
    ],
    ids=["json", "html", "text"],
)
def test_another_body_where_a_stream_was_asked_is_an_error(
    play: Play, wire: bytes
) -> None:
    """It is not an empty stream, and the error shows what came."""
    made, _ = play(wire)
    with pytest.raises(DecodeError, match="is not an event stream") as caught:
        made.notes.create(stream=True)
    assert "starts b'" in str(caught.value)


def test_an_error_status_is_raised_where_the_stream_is_asked(
    play: Play, clock: FakeClock
) -> None:
    """And tried again like any other."""
    made, _ = play(reply(529), chunked(STOP), _clock=clock)
    stream = made.notes.create(stream=True)
    assert stream._reply.attempts == 2
    stream.close()


ERROR = b'{"type":"error","error":{"type":"%s","message":"busy"}}'


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        (b"overloaded_error", OverloadedError),
        (b"invalid_request_error", APIStatusError),
        (b"something_new", InternalServerError),
    ],
)
def test_an_error_event_is_the_error_of_its_type(
    play: Play, kind: bytes, cls: type[Exception]
) -> None:
    """As if it had been a status; what came before is handed out."""
    made, _ = play(chunked(A, b"event: error\ndata: " + ERROR % kind + b"\n\n", B))
    came, error = broken(made.notes.create(stream=True))
    assert came == ["a"]
    assert isinstance(error, cls)
    assert isinstance(error, APIStatusError)
    assert error.in_stream
    assert "inside the stream" in str(error)
    assert error.attempts == 1


@pytest.mark.parametrize(
    "data",
    [
        b"overloaded",
        b"[1]",
        b"null",
        b'{"error": "no"}',
        b'{"error": {"type": ["x"]}}',
        b'{"type": "error", "error": {"type": 7, "message": {}}}',
    ],
)
def test_an_error_event_of_any_shape_is_an_error_of_the_server(
    play: Play, data: bytes
) -> None:
    """Also where its data is not JSON."""
    made, _ = play(chunked(b"event: error\ndata: " + data + b"\n\n"), max_retries=0)
    with pytest.raises(InternalServerError) as caught:
        list(made.notes.create(stream=True))
    assert caught.value.in_stream


@pytest.mark.parametrize(
    "data",
    [
        b"{cut",
        b"[" * 100_000,
        b"9" * 10_000,
        b"NaN",
        b'{"type": 3}',
        b'{"type": ["text"]}',
        b'{"type": {}}',
        b"[]",
        b'{"text": "no type"}',
    ],
    ids=lambda data: repr(data[:20]),
)
def test_an_odd_event_is_an_error_in_its_place(play: Play, data: bytes) -> None:
    """The stream can be read on behind it."""
    made, _ = play(chunked(A, b"data: " + data + b"\n\n", B + STOP))
    stream = made.notes.create(stream=True)
    assert next(stream).text == "a"
    with pytest.raises(DecodeError, match=r"notes\.create: an event is"):
        next(stream)
    assert texts(stream) == ["b", "stop"]


def test_pings_comments_and_what_follows_the_end_are_not_handed_out(
    play: Play,
) -> None:
    """Only the stream's items are."""
    skipped = (
        b": hello\n\nevent: ping\ndata: not json\n\n" + b'data: {"type":"ping"}\n\n'
    )
    made, _ = play(chunked(skipped, A, STOP + B))
    assert texts(made.notes.create(stream=True)) == ["a", "stop"]


def test_a_kind_may_stand_in_the_events_name(play: Play) -> None:
    """Where the data does not say it."""
    made, _ = play(chunked(b"event: stop\ndata: {}\n\n"))
    assert texts(made.notes.create(stream=True)) == ["stop"]


# -- connections -------------------------------------------------------------------


def test_a_stream_read_to_its_end_leaves_its_connection(play: Play) -> None:
    """Also where the caller stops at the end mark."""
    made, server = play(chunked(A, STOP), chunked(STOP), OK)
    list(made.notes.create(stream=True))
    list(made.notes.create(stream=True))
    made.notes.public()
    assert server.connections == 1
    assert not made._engine._busy


@pytest.mark.parametrize("how", ["drop", "break", "close", "with", "cycle"])
def test_a_stream_that_is_not_read_gives_its_connection_up(
    play: Play, how: str
) -> None:
    """Nothing is held, and the next call is answered right."""
    made, server = play(chunked(A, B, STOP), OK)
    stream = made.notes.create(stream=True)
    if how == "break":
        for _ in stream:
            break
    elif how == "close":
        stream.close()
    elif how == "with":
        with stream:
            next(stream)
    elif how == "cycle":
        stream.itself = stream
    del stream
    if how == "cycle":
        gc.collect()
    assert not made._engine._busy
    assert made.notes.public() == {"ok": True}
    assert server.connections == 2


def test_a_closed_stream_holds_nothing_more(play: Play) -> None:
    """Closing twice is fine."""
    made, _ = play(chunked(A, B, STOP))
    stream = made.notes.create(stream=True)
    next(stream)
    stream.close()
    stream.close()
    assert [item for item in stream if item is None] == []


def test_a_server_that_lingers_behind_the_end_is_not_waited_for(play: Play) -> None:
    """The end mark is the end; the connection is given up instead."""
    done = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + A + STOP)
        done.wait(5)

    made, _ = play(step)
    assert texts(made.notes.create(stream=True)) == ["a", "stop"]
    assert not made._engine._busy
    done.set()


def test_silence_inside_a_stream_is_a_timeout(play: Play) -> None:
    """It says how many events had come."""
    done = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + A)
        done.wait(5)

    made, _ = play(step, timeout=0.2)
    came, error = broken(made.notes.create(stream=True))
    done.set()
    assert came == ["a"]
    assert isinstance(error, APITimeoutError)
    assert not error.retryable


def test_the_key_that_a_stream_repeats_is_blotted_out(play: Play) -> None:
    """In error events and in events that are none."""
    odd = b"data: {" + KEY.encode() + b"\n\n"
    data = json.dumps({"error": {"message": KEY, "type": "api_error"}}).encode()
    failed = chunked(odd, b"event: error\ndata: " + data + b"\n\n")
    made, _ = play(failed, max_retries=0)
    stream = made.notes.create(stream=True)
    for _ in range(2):
        with pytest.raises((DecodeError, InternalServerError)) as caught:
            next(stream)
        assert KEY not in str(caught.value)
        assert KEY not in repr(vars(caught.value))


# -- an error as the first event ---------------------------------------------------


def failing(kind: bytes, *before: bytes) -> bytes:
    return chunked(*before, b"event: error\ndata: " + ERROR % kind + b"\n\n")


PING = b'data: {"type":"ping"}\n\n'


def test_an_error_as_the_first_event_is_tried_again(
    play: Play, clock: FakeClock
) -> None:
    """As the status of its class would be; pings and comments are no event."""
    made, server = play(
        failing(b"overloaded_error"),
        reply(529, b""),
        failing(b"rate_limit_error", b": hi\n\n", PING),
        chunked(A, STOP, headers="request-id: r4\r\n"),
        max_retries=3,
        _clock=clock,
    )
    stream = made.notes.create(stream=True)
    assert texts(stream) == ["a", "stop"]
    assert clock.slept == [0.5, 1.0, 2.0]
    assert len(server.received) == 4
    assert (stream._request_id, stream._reply.attempts) == ("r4", 4)
    keys = {request.headers["idempotency-key"] for request in server.received}
    assert len(keys) == 1
    assert not made._engine._busy


@pytest.mark.parametrize(
    "came",
    [
        chunked(end=False),
        chunked(b": hi\n\n", PING, end=False),
        chunked(A[:9], end=False),
    ],
    ids=["nothing", "no event", "half of one"],
)
def test_a_connection_that_breaks_before_the_first_event_is_tried_again(
    play: Play, clock: FakeClock, came: bytes
) -> None:
    """As one that breaks before the headers: nothing has reached the caller."""
    made, server = play(hang_up(came), chunked(A, STOP), _clock=clock)
    stream = made.notes.create(stream=True)
    assert texts(stream) == ["a", "stop"]
    assert (len(server.received), stream._reply.attempts) == (2, 2)
    assert not made._engine._busy


def test_a_connection_that_keeps_breaking_is_the_streams_error(
    play: Play, clock: FakeClock
) -> None:
    """After the last attempt, as often as calls are tried."""
    made, server = play(*[hang_up(chunked(end=False))] * 4, max_retries=2, _clock=clock)
    came, error = broken(made.notes.create(stream=True))
    assert came == []
    assert type(error) is StreamError
    assert (error.attempts, error.retryable, len(server.received)) == (3, True, 3)


def test_work_that_may_have_begun_is_not_begun_again_by_its_stream(
    play: Play, clock: FakeClock
) -> None:
    """An operation that may not run twice is left as it broke."""
    made, server = play(hang_up(chunked(end=False)), chunked(A, STOP), _clock=clock)
    operation = attrs.evolve(CREATE, retry="unstarted")
    args = {"stream": True, "text": "a", "model": "m", "betas": UNSET}
    stream = made.notes._call(operation, args, *pack({}))
    came, error = broken(stream)
    assert (came, type(error), len(server.received)) == ([], StreamError, 1)


def test_a_stream_that_ends_in_order_before_its_first_event_is_not_tried_again(
    play: Play, clock: FakeClock
) -> None:
    """The server has said that this is all; so with a silence that was too long."""
    made, server = play(chunked(), chunked(A, STOP), _clock=clock)
    came, error = broken(made.notes.create(stream=True))
    assert (came, type(error), len(server.received)) == ([], StreamError, 1)


def test_retries_before_and_inside_the_stream_are_counted_together(
    play: Play, clock: FakeClock
) -> None:
    """``max_retries`` is the call's; the last error is raised, with all attempts."""
    script = [reply(500, b""), failing(b"api_error"), failing(b"overloaded_error")]
    made, server = play(*script, chunked(A, STOP), max_retries=2, _clock=clock)
    stream = made.notes.create(stream=True)
    came, error = broken(stream)
    assert came == []
    assert isinstance(error, OverloadedError)
    assert (error.attempts, len(server.received)) == (3, 3)
    assert list(stream) == []


@pytest.mark.parametrize(
    ("script", "settings"),
    [
        (failing(b"overloaded_error", A), {}),
        (failing(b"overloaded_error"), {"max_retries": 0}),
        (failing(b"invalid_request_error"), {}),
        (failing(b"overloaded_error"), {"timeout": 0.4}),
    ],
    ids=["not the first", "no retries", "not retryable", "no time"],
)
def test_other_errors_in_a_stream_are_not_tried_again(
    play: Play, clock: FakeClock, script: bytes, settings: dict[str, Any]
) -> None:
    """Nothing is repeated once an event reached the caller, or where it cannot help."""
    made, server = play(script, chunked(A, STOP), _clock=clock, **settings)
    _, error = broken(made.notes.create(stream=True))
    assert isinstance(error, (APIStatusError, APITimeoutError))
    assert len(server.received) == 1


def test_another_failure_of_the_next_attempt_is_raised(
    play: Play, clock: FakeClock
) -> None:
    """A page of JSON instead of events is no error event."""
    made, _ = play(failing(b"overloaded_error"), OK, _clock=clock)
    with pytest.raises(DecodeError, match="not an event stream"):
        next(made.notes.create(stream=True))


# -- silence -----------------------------------------------------------------------


class Ticking(FakeClock):
    """Each look at it takes ten seconds."""

    def monotonic(self) -> float:
        self.now += 10.0
        return self.now


class Arriving:
    """A body of ``chunks``, as the transport hands it out."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.hurried: list[float] = []

    def chunks(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def hurry(self, seconds: float) -> None:
        self.hurried.append(seconds)

    def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


def quiet(*chunks: bytes, read: float | None) -> tuple[Any, Arriving]:
    """A stream of ``chunks``, ten seconds apart, and its body."""
    made = client(_clock=Ticking())
    limits: Any = (Timeout(read=read), 0, None)
    args = {"model": "m", "text": "hi", "stream": True, "betas": UNSET}
    call = made.notes._prepare(CREATE, args, limits, (None, None, None))
    body = Arriving(*chunks)
    opened: Any = body
    arrived = Arrived(made._engine, call, (), Reply(200), opened)
    return EVENTS.value(arrived), body


def test_what_follows_an_interrupted_read_is_no_end() -> None:
    """Who reads on after Ctrl-C is told, for lines and files have no end mark."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    class Body(lease.Arriving):
        def _under_way(self) -> bool:
            return False

        def leave(self) -> None:
            pass

    terms = lease.Terms(lease.Lease(), "a call", "http://a", None, None)
    body = Body(200, Headers({}), pieces(), terms)
    chunks = body.chunks()
    assert next(chunks) == b"half"
    with pytest.raises(KeyboardInterrupt):
        next(chunks)
    with pytest.raises(CancelledError):
        next(chunks)


@pytest.mark.parametrize("sign", [PING, b": hello\n\n", b": hi\n", b"event: x\n\n"])
def test_signs_of_life_do_not_keep_a_stream_alive(sign: bytes) -> None:
    """``Timeout.read`` counts items: pings and comments are silence."""
    stream, body = quiet(A, *[sign] * 1_000, STOP, read=60)
    came, error = broken(stream)
    assert came == ["a"]
    assert isinstance(error, APITimeoutError)
    assert "60 s (timeout.read)" in str(error)
    assert (error.events_received, error.retryable) == (1, False)  # type: ignore[attr-defined]
    # Each read is given what is left, so that silence behind a ping ends in time.
    assert body.hurried == [50.0, 40.0, 30.0, 20.0, 10.0]


def test_an_item_ends_the_silence() -> None:
    """Reads may take as long as before."""
    stream, body = quiet(PING, PING, A, PING, STOP, read=60)
    assert texts(stream) == ["a", "stop"]
    assert body.hurried == [50.0, 40.0, 60, 50.0, 60]


def test_without_a_limit_silence_may_last() -> None:
    """``read=None`` is no limit; the call's deadline is another matter."""
    stream, body = quiet(*[PING] * 1_000, A, STOP, read=None)
    assert texts(stream) == ["a", "stop"]
    assert body.hurried == []


def test_a_large_item_that_grows_is_no_silence() -> None:
    """A kilobyte more of it starts the count anew; a few bytes do not."""
    grown = [b'data: {"type":"text","text":"', *[b"x" * 2_000] * 50, b'"}\n\n']
    stream, _ = quiet(*grown, STOP, read=60)
    assert [len(item.text or "") for item in stream] == [100_000, 0]
    stream, _ = quiet(grown[0], *[b"x"] * 50, grown[-1], STOP, read=60)
    assert isinstance(broken(stream)[1], APITimeoutError)


# -- JSON lines --------------------------------------------------------------------


GZIP = {"Content-Encoding": "gzip"}


def lines(body: bytes, **headers: str) -> bytes:
    return reply(200, body, headers, content_type="application/x-jsonl")


def test_lines_are_rows(play: Play) -> None:
    """The last one needs no line end; U+2028 is none."""
    made, _ = play(lines('{"n":1,"t":"\u2028"}\n\r\n{"n":2}\r\n{"n":3}'.encode()))
    rows = list(made.notes.rows())
    assert [row.n for row in rows] == [1, 2, 3]
    assert isinstance(rows[0], Row)
    assert rows[0].t == "\u2028"


def test_a_broken_line_is_an_error_in_its_place(play: Play) -> None:
    """The rows before and after it are handed out."""
    made, _ = play(lines(b'{"n":1}\n{cut\n{"n":"x"}\n{"n":4}\n'))
    stream = made.notes.rows()
    assert next(stream).n == 1
    with pytest.raises(DecodeError, match="line 2 is not JSON"):
        next(stream)
    with pytest.raises(DecodeError, match="line 3 is odd: at /n"):
        next(stream)
    assert [row.n for row in stream] == [4]


@pytest.mark.parametrize(
    "step",
    [
        hang_up(lines(b'{"n":1}\n{"n":2')),
        hang_up(lines(b'{"n":1}\n{"n":2}\n').replace(b": 16", b": 24")),
        hang_up(
            lines(gzip.compress(b'{"n":1}\n')[:-4], **{"Content-Encoding": "gzip"})
        ),
    ],
    ids=["cut line", "cut length", "cut gzip"],
)
def test_lines_that_stop_early_are_an_error(play: Play, step: Step) -> None:
    """Also where the cut is at a line's end; the good rows come first."""
    made, _ = play(step)
    stream = made.notes.rows()
    assert next(stream).n == 1
    with pytest.raises((StreamError, DecodeError)):
        list(stream)


def test_no_lines_at_all_are_no_error(play: Play) -> None:
    """A batch may have no results."""
    made, _ = play(lines(b""))
    assert list(made.notes.rows()) == []


def test_a_page_of_html_is_not_lines(play: Play) -> None:
    """It is the login of somebody's proxy."""
    made, _ = play(reply(200, b"<html>", content_type="text/html"))
    with pytest.raises(DecodeError, match="is not JSON lines"):
        made.notes.rows()


# -- downloads ---------------------------------------------------------------------


def binary(body: bytes) -> bytes:
    return reply(200, body, {"request-id": "r5"}, content_type="application/x-data")


def test_a_download_is_read_in_any_way(play: Play, tmp_path: Path) -> None:
    """Whole, in pieces, as text, into a file."""
    body = bytes(range(256)) * 1_000
    made, server = play(*[binary(body)] * 4, binary(b"text"))
    assert made.notes.raw().read() == body
    sizes = [len(piece) for piece in made.notes.raw().iter_bytes(100_000)]
    assert sizes == [100_000, 100_000, 56_000]
    assert b"".join(made.notes.raw()) == body
    target = tmp_path / "a.bin"
    assert made.notes.raw().write_to_file(target) == len(body)
    assert target.read_bytes() == body
    download = made.notes.raw()
    assert download.text() == "text"
    assert download._request_id == "r5"
    assert server.connections == 1


def test_a_download_that_breaks_off_leaves_no_file(play: Play, tmp_path: Path) -> None:
    """Neither a new one nor a damaged old one."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    made, _ = play(hang_up(binary(bytes(1_000))[:-10]))
    with pytest.raises(APIConnectionError) as caught:
        made.notes.raw().write_to_file(target)
    assert (caught.value.request_id, caught.value.attempts) == ("r5", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert target.read_bytes() == b"old"


def test_a_download_that_is_not_read_gives_its_connection_up(play: Play) -> None:
    """Dropped, closed, or left by with."""
    made, _ = play(*[binary(bytes(500_000))] * 3)
    made.notes.raw().close()
    with made.notes.raw():
        pass
    made.notes.raw()
    assert not made._engine._busy


def test_a_closed_download_says_so(play: Play) -> None:
    """It is not an empty file."""
    made, _ = play(binary(bytes(500_000)))
    download = made.notes.raw()
    download.close()
    with pytest.raises(CancelledError):
        download.read()
