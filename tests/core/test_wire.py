"""The values at the seam, and what may stand in a URL and a header."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from specwire.core.wire import (
    Headers,
    Reply,
    Request,
    checked_base_url,
    checked_headers,
    origin,
    path_segment,
    query_string,
    with_query,
)
from specwire.errors import RequestValidationError
from tests.core.conftest import Play
from tests.core.sample import KEY, NOTE, client
from tests.scripted import reply


def test_headers_are_read_in_any_case() -> None:
    """As RFC 9110 has it; a repeated one is joined with a comma."""
    headers = Headers.of([("X-A", "1"), ("x-b", "2"), ("x-a", "3")])
    assert headers["x-A"] == "1, 3"
    assert "X-B" in headers
    assert 3 not in headers
    assert len(headers) == 2
    assert headers.get("x-c") is None
    assert pickle.loads(pickle.dumps(headers))["X-B"] == "2"


def test_a_reply_knows_its_id_and_type() -> None:
    """Either name of the id; the media type without parameters."""
    headers = Headers.of([("X-Request-Id", "r"), ("Content-Type", "Text/HTML; a=b")])
    assert Reply(200, headers).request_id == "r"
    assert Reply(200, headers).content_type == "text/html"
    assert Reply(204).content_type == ""
    assert repr(Reply(204)).startswith("Reply(status_code=204, request_id=None")


def test_a_request_shows_no_query() -> None:
    """A credential may stand there."""
    request = Request("GET", "http://h/p?key=sk-1", {"a": "sk-2"})
    assert repr(request) == "Request(GET http://h/p)"


@pytest.mark.parametrize("value", ["", " ", "\t", None])
def test_an_empty_path_parameter_is_refused(value: Any) -> None:
    """It would ask for the list, or for something else."""
    with client() as made, pytest.raises(RequestValidationError, match="is empty"):
        made.notes.run(value)


@pytest.mark.parametrize("value", [".", "..", "%2e", "%2E%2e", ".%2E"])
def test_a_dotted_path_parameter_is_refused(value: str) -> None:
    """Servers and proxies would resolve it to another path."""
    with (
        client() as made,
        pytest.raises(RequestValidationError, match="change the path"),
    ):
        made.notes.run(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("..\\x", "..%5Cx"),
        ("a?b#c", "a%3Fb%23c"),
        ("a;b", "a%3Bb"),
        ("a\r\nb", "a%0D%0Ab"),
        ("é", "%C3%A9"),
        ("...", "..."),
        (7, "7"),
        (False, "false"),
    ],
)
def test_a_path_parameter_stays_one_segment(value: Any, text: str) -> None:
    """Everything that has a meaning in a URL is escaped."""
    assert path_segment("op", "id", value) == text


def test_a_path_parameter_arrives_as_it_was_escaped(play: Play) -> None:
    """No layer below decodes it or tidies it up."""
    made, server = play(reply(200, {}))
    made.notes.run("../a b")
    assert server.received[0].target == "/v1/notes/..%2Fa%20b/run"


BAD_VALUES = ["a\nb", "a\rb", "a\r\nX-Evil: 1", "a\0b", "\u2028", "a\n"]


@pytest.mark.parametrize("value", BAD_VALUES, ids=repr)
def test_a_header_value_that_would_add_a_line_is_refused(value: str) -> None:
    """Nothing is sent, and the value is not quoted."""
    with client() as made, pytest.raises(RequestValidationError) as caught:
        made.notes.create(extra_headers={"X-A": f"secret{value}"})
    assert "header 'X-A'" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", BAD_VALUES, ids=repr)
def test_the_same_rule_holds_for_every_way_in(value: str) -> None:
    """Header arguments, the idempotency key, and the client's own headers."""
    with client() as made:
        for options in ({"betas": f"b{value}b"}, {"idempotency_key": value}):
            with pytest.raises(RequestValidationError):
                made.notes.create(**options)
    with pytest.raises(RequestValidationError):
        client(default_headers={"X-A": value})


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\n", "a\r\nb", "é", "a\0", 3])
def test_a_headers_name_is_a_token(name: Any) -> None:
    """A name of another kind is refused and not shown: it may be a key."""
    with pytest.raises(RequestValidationError, match="a header's name"):
        checked_headers("op", {name: "1"})


def test_header_values_are_made_text() -> None:
    """A number is written as one."""
    assert checked_headers("op", {"X-N": 3}) == {"X-N": "3"}


def test_a_header_in_another_case_replaces(play: Play) -> None:
    """It never stands twice; None takes one away."""
    made, server = play(
        reply(200, NOTE), reply(200, NOTE), default_headers={"X-VERSION": "2"}
    )
    made.notes.create()
    made.notes.create(extra_headers={"x-version": "3", "X-Betas": None})
    first, second = (r.head.lower() for r in server.received)
    assert first.count(b"x-version: 2") == first.count(b"x-version") == 1
    assert second.count(b"x-version: 3") == second.count(b"x-version") == 1
    assert b"x-betas" not in second


def test_a_constant_header_and_an_argument_are_joined(play: Play) -> None:
    """Betas add up; none stands twice."""
    made, server = play(reply(200, NOTE))
    made.notes.create(betas=["one", "base"])
    assert server.received[0].headers["x-betas"] == "one,base"


def test_a_query_is_form_encoded() -> None:
    """None is left out, booleans are lower case."""
    pairs = [("a", "x y"), ("b", None), ("c", True), ("d", 1)]
    assert query_string(pairs) == "a=x+y&c=true&d=1"


def test_a_query_is_added_to_what_is_there() -> None:
    """A slash at the URL's end is part of its path."""
    assert with_query("http://h/a/", "k=1") == "http://h/a/?k=1"
    assert with_query("http://h/a?b=c/", "k=1") == "http://h/a?b=c/&k=1"
    assert with_query("http://h/a", "") == "http://h/a"


def test_extra_query_wins_over_arguments(play: Play) -> None:
    """A name given twice is sent once."""
    made, server = play(reply(200, {"data": []}))
    made.notes.list(limit=3, extra_query={"limit": 5, "new": ["a", "b"]})
    assert server.received[0].target == "/v1/notes?limit=5&new=a&new=b"


def test_extra_body_is_merged(play: Play) -> None:
    """Members of the caller's own come on top."""
    made, server = play(reply(200, NOTE))
    made.notes.create(text="a", extra_body={"text": "b", "new": [1]})
    assert server.received[0].json() == {"model": "m", "text": "b", "new": [1]}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Host.example/a", ("https", "host.example", 443)),
        ("http://h:8080", ("http", "h", 8080)),
        ("http://h", ("http", "h", 80)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: Any) -> None:
    """The usual port is filled in, the host is lower case."""
    assert origin(url) == expected


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://user:pw@host", "user information"),
        ("ftp://host", "got ftp"),
        ("host/path", "got no scheme"),
        ("http://", "expected http"),
        ("http://host:x", "is not a URL"),
        ("http://[::1", "is not a URL"),
        ("http://host?a=b", "may not hold"),
        ("http://host/a b", "may not hold"),
        ("http://host/\r\na", "may not hold"),
        ("http://host?", "may not hold"),
        ("http://host/#", "may not hold"),
        ("http://host\\@other", "user information"),
        ("http://host\\other", "in one way"),
        ("http://other[::1]", "not a URL|in one way"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused(url: str, problem: str) -> None:
    """When the client is made, and without showing a password."""
    with pytest.raises(ValueError, match=problem) as caught:
        client(url)
    assert "pw" not in str(caught.value)


def test_a_base_url_may_carry_a_path(play: Play) -> None:
    """A slash at its end makes no second one."""
    assert checked_base_url("s", "https://h/api/") == "https://h/api"
    with pytest.raises(TypeError, match="expected str, got int"):
        checked_base_url("s", 3)  # type: ignore[arg-type]


def test_a_call_sends_what_the_record_says(play: Play) -> None:
    """Method, path, headers and compact JSON; the key in its own header."""
    made, server = play(reply(200, NOTE))
    made.notes.create(text="é")
    (request,) = server.received
    assert (request.method, request.target) == ("POST", "/v1/notes")
    assert request.body == '{"model":"m","text":"é"}'.encode()
    headers = request.headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert headers["x-version"] == "1"
    assert headers["x-api-key"] == KEY
    assert headers["user-agent"].startswith("specwire/")
    assert "cookie" not in headers
    assert "authorization" not in headers
