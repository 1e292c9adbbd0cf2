"""The tree of errors, and what error bodies of many shapes become."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from specwire import errors
from specwire.core.errors import (
    APIStatusError,
    SpecwireError,
    shortened,
    status_class,
    status_error,
    status_of_type,
)
from tests.core.conftest import Play, hang_up
from tests.scripted import reply


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (402, "APIStatusError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (413, "RequestTooLargeError"),
        (418, "APIStatusError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "InternalServerError"),
        (529, "OverloadedError"),
        (599, "InternalServerError"),
        (600, "InternalServerError"),
    ],
)
def test_each_status_has_its_class(status: int, name: str) -> None:
    """From 500 on it is the server's failure, whatever the number."""
    assert status_class(status).__name__ == name


def test_the_tree_is_as_drawn() -> None:
    """One base; a time-out is a connection error, overloaded a server error."""
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)
    assert issubclass(errors.StreamError, errors.APIConnectionError)
    assert issubclass(errors.OverloadedError, errors.InternalServerError)
    assert issubclass(errors.RateLimitError, errors.APIStatusError)
    assert issubclass(errors.RequestValidationError, ValueError)
    assert all(
        issubclass(getattr(errors, name), errors.SpecwireError)
        for name in dir(errors)
        if name.endswith("Error")
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [("overloaded_error", 529), ("rate_limit_error", 429), ("new_error", 500)],
)
def test_an_error_type_stands_for_a_status(kind: str, status: int) -> None:
    """Inside a stream there is no status line; the type says which it would be."""
    assert status_of_type(kind) == status


@pytest.mark.parametrize("kind", [None, 3, ["overloaded_error"], {}])
def test_a_type_that_is_no_text_is_a_server_error(kind: Any) -> None:
    """An odd body inside an error event never raises another error."""
    assert status_of_type(kind) == 500


@pytest.mark.parametrize(
    ("body", "message", "kind", "code"),
    [
        ({"error": {"message": "no", "type": "t", "code": "c"}}, "no", "t", "c"),
        ({"type": "error", "error": {"type": "t", "message": "no"}}, "no", "t", None),
        ({"message": "no", "code": "C1"}, "no", None, "C1"),
        ({"error": "no"}, "no", None, None),
        ({"detail": "no"}, "no", None, None),
        ({"detail": [{"msg": "no"}]}, "{'detail': [{'msg': 'no'}]}", None, None),
        ({"error": {"message": 3, "code": 7}}, "{'error'", None, None),
        ({"error": None}, "{'error': None}", None, None),
        ({}, "{}", None, None),
        ([1], "[1]", None, None),
        ([{"error": {"message": "no", "code": "c"}}], "no", None, "c"),
        (None, "None", None, None),
        (7, "7", None, None),
        ("", "no body", None, None),
        ("<html>\n<p>oh", "<html> <p>oh", None, None),
    ],
    ids=str,
)
def test_a_body_of_any_shape_is_described(
    body: Any, message: str, kind: str | None, code: str | None
) -> None:
    """Message, type and code are found where services put them."""
    error = status_error("op", 400, body, retryable=False)
    assert message in str(error)
    assert (error.type, error.code, error.body) == (kind, code, body)


ODD_BODIES = {
    "list": b"[1, 2]",
    "null": b"null",
    "number": b"12345",
    "string": b'"no"',
    "html": b"<html><body>Bad Gateway</body></html>",
    "empty": b"",
    "blank": b" \r\n",
    "invalid utf-8": b'{"error": "\xff\xfe"}',
    "cut json": b'{"error": {"mess',
    "deep": b"[" * 100_000,
    "almost too deep": b"[" * 900 + b"]" * 900,
    "many digits": b"9" * 10_000,
    "nul": b"\x00\x01",
    "error is a list": b'{"error": [1]}',
    "message is an object": b'{"error": {"message": {"a": 1}, "type": ["x"]}}',
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
def test_an_odd_error_body_never_hides_the_status(play: Play, body: bytes) -> None:
    """The class and the status are right whatever the body is."""
    client, _ = play(reply(404, body, {"request-id": "req_1"}))
    with pytest.raises(errors.NotFoundError, match="status 404") as caught:
        client.notes.public()
    assert caught.value.status_code == 404
    assert caught.value.request_id == "req_1"
    assert caught.value.attempts == 1


@pytest.mark.parametrize("name", ["list", "null", "html", "empty", "invalid utf-8"])
def test_an_error_with_an_odd_body_pickles(play: Play, name: str) -> None:
    """Its body comes back as it was."""
    client, _ = play(reply(404, ODD_BODIES[name]))
    with pytest.raises(errors.NotFoundError) as caught:
        client.notes.public()
    assert pickle.loads(pickle.dumps(caught.value)).body == caught.value.body


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 400 Bad\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 400 Bad\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["cut", "cut chunk", "bad chunk", "not gzip", "unknown coding"],
)
def test_a_damaged_error_body_never_hides_the_status(play: Play, wire: bytes) -> None:
    """A refusal stays one, and is not tried again because its text was cut."""
    client, server = play(hang_up(wire))
    with pytest.raises(errors.BadRequestError):
        client.notes.public()
    assert len(server.received) == 1


def test_a_large_error_body_is_cut(play: Play) -> None:
    """Only its first part is kept, so memory stays bounded."""
    client, _ = play(reply(400, b"x" * 3_000_000, content_type="text/plain"))
    with pytest.raises(errors.BadRequestError) as caught:
        client.notes.public()
    assert 1_000_000 <= len(caught.value.body) <= 1_200_000
    assert len(str(caught.value)) < 1_000


def test_every_error_pickles_with_its_facts() -> None:
    """Process pools hand errors over by pickling."""
    for name in dir(errors):
        cls = getattr(errors, name)
        if isinstance(cls, type) and issubclass(cls, SpecwireError):
            error = cls("where: what", request_id="r1", retry_after_s=2.0)
            back = pickle.loads(pickle.dumps(error))
            assert type(back) is cls
            assert str(back) == "where: what"
            assert (back.request_id, back.retry_after_s) == ("r1", 2.0)


def test_an_error_knows_its_standard_code() -> None:
    """The codes are AI-Protocol's; a status may have one of its own."""
    assert SpecwireError().standard_code == "E9999"
    assert status_error("op", 429, None, retryable=True).standard_code == "E2001"
    assert status_error("op", 504, None, retryable=True).standard_code == "E3003"


def test_text_is_shortened_to_one_line() -> None:
    """Blanks are joined, the rest is cut with a mark."""
    assert shortened("a\n  b") == "a b"
    assert shortened("x" * 30, 10) == "xxxxxxxxx…"


def test_a_status_error_shows_operation_status_and_request(play: Play) -> None:
    """The message has what support will ask for."""
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "m"}}
    client, _ = play(reply(400, body, {"request-id": "req_7", "x-a": "1"}))
    with pytest.raises(APIStatusError) as caught:
        client.notes.create()
    expected = "notes.create: status 400 invalid_request_error: m; request req_7"
    assert str(caught.value) == expected
    assert caught.value.headers["X-A"] == "1"
    assert caught.value.in_stream is False
