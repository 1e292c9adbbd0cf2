"""HTTP/1.1 as it stands on the wire, byte by byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from specwire.sandbox import Sandbox, wire
from specwire.sandbox.app import App

from .conftest import Caller, message

BODY = json.dumps(message()).encode()


class Line:
    """A raw connection to the sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self.key = box.api_keys["anthropic"]
        self.sock = socket.create_connection(("127.0.0.1", box.port), timeout=5)

    def head(self, start: str, *headers: str) -> bytes:
        """A request's head with the key and further headers."""
        lines = [start, "Host: x", f"x-api-key: {self.key}", *headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer of known length: status, headers, body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.sock.recv(1)
        lines = data.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in lines[1:-2])
        }
        body = b""
        size = int(headers.get("content-length", 0))
        while len(body) < size:
            body += self.sock.recv(size - len(body))
        return int(lines[0].split()[1]), headers, body

    def rest(self) -> bytes:
        """All that still comes until the server closes."""
        data = b""
        while piece := self.sock.recv(65536):
            data += piece
        return data


@pytest.fixture
def line(box: Sandbox) -> Iterator[Line]:
    opened = Line(box)
    yield opened
    opened.sock.close()


def test_a_connection_is_kept_alive(line: Line) -> None:
    """Several requests travel over one connection."""
    for _ in range(3):
        line.send(line.head("GET /v1/models HTTP/1.1"))
        assert line.answer()[0] == 200


def test_requests_may_be_pipelined(line: Line) -> None:
    """Requests sent together are answered in order."""
    one = line.head("GET /v1/models HTTP/1.1")
    two = line.head("GET /v1/files HTTP/1.1")
    line.send(one + b"\r\n" + two)
    assert b"claude" in line.answer()[2]
    assert line.answer()[2].startswith(b'{"data":[]')


def test_a_request_may_come_byte_by_byte(line: Line) -> None:
    """Where the bytes are split makes no difference."""
    head = line.head("POST /v1/messages HTTP/1.1", f"Content-Length: {len(BODY)}")
    for byte in head + BODY:
        line.send(bytes([byte]))
    assert line.answer()[0] == 200


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_chunked_body_is_read(line: Line, size: int) -> None:
    """Chunks of any size, an extension and a trailer."""
    chunks = [BODY[at : at + size] for at in range(0, len(BODY), size)]
    framed = b"".join(b"%X;ext=1\r\n%b\r\n" % (len(c), c) for c in chunks)
    line.send(line.head("POST /v1/messages HTTP/1.1", "Transfer-Encoding: chunked"))
    line.send(framed + b"0\r\nTrailer: x\r\n\r\n")
    assert line.answer()[0] == 200
    line.send(line.head("GET /v1/models HTTP/1.1"))
    assert line.answer()[0] == 200


def test_a_body_is_asked_for(line: Line) -> None:
    """Expect: 100-continue is answered before the body is sent."""
    length = f"Content-Length: {len(BODY)}"
    line.send(line.head("POST /v1/messages HTTP/1.1", length, "Expect: 100-continue"))
    assert line.answer()[0] == 100
    line.send(BODY)
    assert line.answer()[0] == 200


@pytest.mark.parametrize("asks", [True, False])
def test_a_body_over_the_limit_is_refused_early(line: Line, asks: bool) -> None:
    """Above 32 MiB the answer comes before the body, and without a 100."""
    expect = ["Expect: 100-continue"] if asks else []
    length = f"Content-Length: {(32 << 20) + 1}"
    line.send(line.head("POST /v1/messages HTTP/1.1", length, *expect))
    status, headers, body = line.answer()
    assert (status, headers["connection"]) == (413, "close")
    assert json.loads(body)["error"]["type"] == "request_too_large"


def test_a_chunked_body_over_the_limit_is_refused(
    box: Sandbox, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body of unknown length is refused where it passes the limit."""
    monkeypatch.setattr(App, "body_limit", lambda self, head: 100)
    line.send(line.head("POST /v1/messages HTTP/1.1", "Transfer-Encoding: chunked"))
    line.send(b"60\r\n" + b"x" * 96 + b"\r\n60\r\n" + b"x" * 96 + b"\r\n")
    assert line.answer()[0] == 413
    assert box.requests[-1].status == 413


def test_a_sender_that_does_not_look_gets_the_refusal(call: Caller) -> None:
    """Who sends a body over the limit to its end reads the 413 all the same."""
    answer = call("POST", "/v1/messages", data=b"x" * ((32 << 20) + 1))
    assert answer.status_code == 413


def test_an_http_1_0_client_gets_a_stream_to_the_end(line: Line) -> None:
    """For HTTP/1.0 a stream is not chunked and ends with the connection."""
    body = json.dumps(message(stream=True)).encode()
    line.send(line.head("POST /v1/messages HTTP/1.0", f"Content-Length: {len(body)}"))
    line.send(body)
    data = line.rest()
    assert b"transfer-encoding" not in data
    assert data.endswith(b'data: {"type":"message_stop"}\n\n')


@pytest.mark.parametrize(
    ("version", "option", "kept"),
    [
        ("1.1", "close", False),
        ("1.1", "Keep-Alive", True),
        ("1.0", "", False),
        ("1.0", "keep-alive", True),
    ],
)
def test_the_connection_header_is_kept(
    line: Line, version: str, option: str, kept: bool
) -> None:
    """Who wants the connection closed gets it closed, and is told."""
    extra = [f"Connection: {option}"] if option else []
    line.send(line.head(f"GET /v1/models HTTP/{version}", *extra))
    assert ("connection" not in line.answer()[1]) is kept
    if not kept:
        assert line.rest() == b""


def test_head_has_no_body(line: Line) -> None:
    """An answer to HEAD ends with its headers."""
    line.send(line.head("HEAD /v1/models HTTP/1.1"))
    line.send(line.head("GET /v1/models HTTP/1.1", "Connection: close"))
    data = line.rest()
    assert data.startswith(b"HTTP/1.1 405 ")
    assert data.count(b"HTTP/1.1 ") == 2
    assert b"\r\n\r\nHTTP/1.1 200" in data


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nbad line\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000, 431),
    ],
)
def test_what_is_not_http_is_refused(line: Line, data: bytes, status: int) -> None:
    """Malformed requests are answered once, then the connection closes."""
    line.send(data)
    line.sock.shutdown(socket.SHUT_WR)
    assert line.answer()[0] == status
    assert line.rest() == b""


def test_an_absolute_target_is_accepted(line: Line) -> None:
    """A request as a proxy sends it, with the whole URL, is understood."""
    line.send(line.head("GET http://api.example/v1/models?limit=1 HTTP/1.1"))
    assert line.answer()[2].count(b'"type":"model"') == 1


def test_answers_carry_a_date(line: Line) -> None:
    """The date is in the form that RFC 9110 asks for."""
    line.send(line.head("GET /v1/models HTTP/1.1"))
    date = line.answer()[1]["date"]
    assert date.endswith(" GMT") and len(date) == 29
    assert wire._http_date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_a_peer_that_leaves_ends_nothing_else(box: Sandbox, line: Line) -> None:
    """A connection that breaks in the middle of a body leaves the server well."""
    line.send(line.head("POST /v1/messages HTTP/1.1", "Content-Length: 100") + b"x")
    line.sock.close()
    other = Line(box)
    other.send(other.head("GET /v1/models HTTP/1.1"))
    assert other.answer()[0] == 200
    other.sock.close()


def test_query_and_headers_are_received(box: Sandbox, line: Line) -> None:
    """What was received can be looked at: repeated names, any case, when."""
    line.send(line.head("GET /v1/models?limit=2&x=1&x=%C3%A9 HTTP/1.1", "X-Some: 1"))
    line.answer()
    received = box.requests[0]
    assert received.query == {"limit": "2", "x": "é"}
    assert received.query_pairs == (("limit", "2"), ("x", "1"), ("x", "é"))
    assert received.headers["x-SOME"] == "1"
    assert received.at_s >= 0
