"""The head of a reply: read as the standard library reads it, or by it."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specwire.core import session


class _Socket:
    """As much of a socket as a response wants."""

    def __init__(self, received: bytes) -> None:
        self.received = received

    def makefile(self, mode: str) -> Any:
        return io.BufferedReader(io.BytesIO(self.received))  # type: ignore[arg-type]


def begun(
    cls: type[http.client.HTTPResponse], received: bytes, method: str
) -> http.client.HTTPResponse | str:
    """A response that has read its head, or the name of the error."""
    response = cls(_Socket(received), method=method)  # type: ignore[arg-type]
    try:
        response.begin()
    except (http.client.HTTPException, ValueError) as error:
        return type(error).__name__
    return response


def facts(response: http.client.HTTPResponse) -> tuple[Any, ...]:
    """What the layers above ask of a head."""
    return (
        response.status,
        response.reason,
        response.version,
        bool(response.chunked),
        response.length,
        response.will_close,
        list(response.msg.raw_items()),
        response.msg.get_all("Set-Cookie"),
        response.msg.get("content-type"),
        response.getheader("date"),
    )


NAMES = st.sampled_from(
    [
        "Content-Length",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Content-Type",
        "Set-Cookie",
        "Date",
        "X-A",
        "x-a",
        "Bad Name",
        "",
        " folded",
        "From x",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        ["5", "0", "-1", "5, 5", "chunked", "gzip, chunked", "close", "keep-alive"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=12),
)
LINES = st.lists(
    st.tuples(NAMES, st.sampled_from([":", ": ", ":\t", "", " :"]), VALUES), max_size=6
)
STATUS = st.sampled_from(
    [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 304",
        "HTTP/1.1 200",
        "HTTP/1.0 200 OK",
        "HTTP/2 200 OK",
        "HTTP/1.1 99 Low",
        "HTTP/1.1 600 High",
        "HTTP/1.1 2000 Long",
        "HTTP/1.1 abc",
        "nonsense",
        "HTTP/1.1 503   Two  blanks ",
    ]
)


@settings(max_examples=400)
@given(STATUS, LINES, st.sampled_from(["\r\n", "\n"]), st.sampled_from(["GET", "HEAD"]))
@example("HTTP/1.1 200 OK", [("Content-Length", ": ", "5")], "\r\n", "GET")
@example("HTTP/1.1 200 OK", [("X-A", ":", " a b \t")], "\r\n", "GET")
@example("HTTP/1.1 200 OK", [("Content-Length", ":", "\n")], "\r\n", "GET")
@example("HTTP/1.1 200 OK", [("X-A", ":", "b\n\nc")], "\r\n", "GET")
@example("HTTP/1.1 200 OK", [("X-A", ":", "a\x0bb\x85c\xa0")], "\r\n", "GET")
def test_a_head_reads_as_the_standard_library_reads_it(
    status: str, lines: list[tuple[str, str, str]], end: str, method: str
) -> None:
    """Status, fields and framing are the same, and so is what is refused.

    Two lengths that differ are refused as well.
    """
    fields = "".join(f"{name}{colon}{value}{end}" for name, colon, value in lines)
    received = f"{status}{end}{fields}{end}".encode("latin-1") + b"hello world"
    ours = begun(session._Response, received, method)
    theirs = begun(http.client.HTTPResponse, received, method)
    if ours == "InvalidHeader":
        assert isinstance(theirs, http.client.HTTPResponse)
        said = theirs.msg.get_all("content-length") or []
        assert len({each.strip() for each in ",".join(said).split(",")}) > 1
    elif isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert facts(ours) == facts(theirs)
        assert ours.fp.read() == theirs.fp.read()  # type: ignore[attr-defined]


def test_the_usual_head_is_not_parsed_as_mail() -> None:
    """The quick way is taken, not only right."""
    received = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\nA: c\r\n\r\n{}"
    response = begun(session._Response, received, "GET")
    assert isinstance(response, http.client.HTTPResponse)
    assert isinstance(response.msg, session._Fields)
    assert response.msg.lower == {"content-length": "2", "a": "b, c"}
    assert response.msg.get_all("a") == ["b", "c"]


@pytest.mark.parametrize(
    "line",
    [b" folded: x\r\n", b"A b: c\r\n", b"A: b\x00\r\n", b"Content-Length: +5\r\n"],
)
def test_an_odd_head_is_the_standard_librarys(line: bytes) -> None:
    """Whatever is unusual is left to the code that knows it."""
    received = b"HTTP/1.1 200 OK\r\nX: y\r\n" + line + b"\r\n"
    ours = begun(session._Response, received, "GET")
    theirs = begun(http.client.HTTPResponse, received, "GET")
    assert isinstance(ours, http.client.HTTPResponse)
    assert isinstance(theirs, http.client.HTTPResponse)
    assert facts(ours) == facts(theirs)


@pytest.mark.parametrize("said", [b"5, 6", b"5\r\nContent-Length: 6"])
def test_two_lengths_that_differ_are_refused(said: bytes) -> None:
    """One of them would leave bytes that the next reply began with."""
    received = b"HTTP/1.1 200 OK\r\nContent-Length: " + said + b"\r\n\r\nhello"
    assert begun(session._Response, received, "GET") == "InvalidHeader"


@pytest.mark.parametrize("code", [b"100 Continue", b"103 Early Hints", b"199 x"])
def test_interim_replies_are_not_the_answer(code: bytes) -> None:
    """Any number of them may come before it."""
    interim = b"HTTP/1.1 " + code + b"\r\nLink: </a>\r\n\r\n"
    received = 3 * interim + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    response = begun(session._Response, received, "GET")
    assert isinstance(response, http.client.HTTPResponse)
    assert response.status == 200


@pytest.mark.parametrize("end", range(40))
def test_a_cut_head_is_no_reply(end: int) -> None:
    """The standard library takes the end of the input for the end of the head."""
    received = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[:end]
    if end < 38:
        assert begun(session._Response, received, "GET") == "RemoteDisconnected"
    else:
        assert not isinstance(begun(session._Response, received, "GET"), str)


def test_a_head_has_limits() -> None:
    """Neither a line nor the number of lines is without end."""
    long = b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n"
    many = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n"
    assert begun(session._Response, long, "GET") == "LineTooLong"
    assert begun(session._Response, many, "GET") == "HTTPException"
