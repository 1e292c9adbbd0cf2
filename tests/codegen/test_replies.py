"""Generated methods read the replies that their document describes, and others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire import errors
from tests.scripted import Step, reply

from .building import document
from .calling import called

TEXT = {"type": "string"}
ONE = {"type": "object", "required": ["a"], "properties": {"a": TEXT}}
TWO = {"type": "object", "required": ["b"], "properties": {"b": TEXT}}


def says(schema: Any, media: str = "application/json") -> dict[str, Any]:
    return {"description": "", "content": {media: {"schema": schema}}}


EMPTY = {"description": ""}


def answers(responses: dict[str, Any], method: str = "get") -> dict[str, Any]:
    operation = {"operationId": "findIt", "responses": responses}
    return document({"/things": {method: operation}})


@pytest.mark.parametrize(
    ("responses", "came", "expected"),
    [
        ({"200": says(ONE), "202": says(TWO)}, reply(202, {"b": "x"}), ("b", "x")),
        ({"200": says(ONE), "202": says(TWO)}, reply(200, {"a": "x"}), ("a", "x")),
        ({"200": says(ONE), "204": EMPTY}, reply(204), None),
        ({"2XX": says(ONE)}, reply(207, {"a": "x"}), ("a", "x")),
        ({"201": says(TWO), "2xx": says(ONE)}, reply(200, {"a": "x"}), ("a", "x")),
        ({"default": says(ONE)}, reply(200, {"a": "x"}), ("a", "x")),
        ({"404": EMPTY, "default": says(ONE)}, reply(200, {"a": "x"}), ("a", "x")),
        ({"200": says(ONE)}, reply(201, {"a": "x"}), ("a", "x")),
        ({"204": EMPTY}, reply(200, {"a": "x"}), None),
        ({"200": says(ONE)}, reply(200, {"a": "x"}, content_type="text/x"), ("a", "x")),
    ],
)
def test_the_status_decides(
    responses: dict[str, Any], came: Step, expected: Any, tmp_path: Path
) -> None:
    """The declared one, its range, else the first; nothing where nothing is said."""
    with called(answers(responses), tmp_path, came) as (client, _):
        result = client.things.find_it()
    if expected is None:
        assert result is None
    else:
        assert getattr(result, expected[0]) == expected[1]


def enveloped(inner: Any, word: Any = "data") -> dict[str, Any]:
    """A document whose only operation says in which member its value is."""
    schema = {"type": "object", "properties": {"data": inner, "note": TEXT}}
    found = answers({"200": says(schema)})
    found["paths"]["/things"]["get"]["x-specwire-value"] = word
    return found


def test_an_envelope_is_opened(tmp_path: Path) -> None:
    """The member that the overlay names is the result, and knows its reply."""
    came = reply(200, {"data": {"a": "x"}, "note": "n"})
    with called(enveloped(ONE), tmp_path, came) as (client, _):
        result = client.things.find_it()
    assert result.a == "x"
    assert result._reply.status_code == 200


def test_an_envelope_may_hold_null(tmp_path: Path) -> None:
    """A member that may be null gives ``None``."""
    inner = {"anyOf": [ONE, {"type": "null"}]}
    with called(enveloped(inner), tmp_path, reply(200, {"data": None})) as (client, _):
        assert client.things.find_it() is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"note": "n"}, "/data"), ({"data": {"a": 1}}, "/data/a"), ([], "")],
)
def test_an_envelope_of_another_shape(body: Any, pointer: str, tmp_path: Path) -> None:
    """The error points into the whole reply, whatever is wrong with it."""
    with called(enveloped(ONE), tmp_path, reply(200, body)) as (client, _):
        with pytest.raises(errors.DecodeError) as caught:
            client.things.find_it()
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(("inner", "name"), [({"a": "x"}, "a"), ({"b": "x"}, "b")])
def test_a_choice_of_envelopes_is_opened(inner: Any, name: str, tmp_path: Path) -> None:
    """Where each alternative has the member, the value is one of theirs."""
    each = [{"type": "object", "properties": {"data": kind}} for kind in (ONE, TWO)]
    found = answers({"200": says({"anyOf": each})})
    found["x-specwire-value"] = "data"
    with called(found, tmp_path, reply(200, {"data": inner})) as (client, _):
        assert getattr(client.things.find_it(), name) == "x"


def test_words_of_all_operations_open_what_they_fit(tmp_path: Path) -> None:
    """Lists whose cursor can be asked for are pages; what has no member is whole."""
    items = {"type": "array", "items": ONE}
    props = {"data": items, "next": {"type": ["string", "null"]}}
    page = {"200": says({"type": "object", "properties": props})}
    cursor = {"name": "cursor", "in": "query", "schema": TEXT}
    paths = {
        "/pages": {
            "get": {"operationId": "p", "parameters": [cursor], "responses": page}
        },
        "/lists": {"get": {"operationId": "l", "responses": page}},
        "/ones": {"get": {"operationId": "o", "responses": {"200": says(ONE)}}},
    }
    found = document(paths)
    found["x-specwire-value"] = "data"
    found["x-specwire-paging"] = {"items": "data", "cursors": {"cursor": "next"}}
    first, last = (
        {"data": [{"a": a}], "next": n} for a, n in (("x", "2"), ("y", None))
    )
    # Where the cursor alone leads on, a page in the middle may be empty.
    empty = {"data": [], "next": "3"}
    script = [reply(200, each) for each in (first, empty, last, last, {"a": "z"})]
    with called(found, tmp_path, *script) as (client, server):
        assert [each.a for each in client.pages.p()] == ["x", "y"]
        assert [each.a for each in client.lists.l()] == ["y"]
        assert client.ones.o().a == "z"
    asked = [one.target.rpartition("/")[2] for one in server.received[:3]]
    assert asked == ["pages", "pages?cursor=2", "pages?cursor=3"]


def test_a_member_that_is_not_there_opens_nothing(tmp_path: Path) -> None:
    """Where the reply has no such member, all of it is the result."""
    came = reply(200, {"data": {"a": "x"}, "note": "n"})
    with called(enveloped(ONE, "other"), tmp_path, came) as (client, _):
        assert client.things.find_it().note == "n"


def test_a_default_reply_of_another_type_is_an_error_s(tmp_path: Path) -> None:
    """Beside a success, ``default`` describes failures; text is shown as it is."""
    responses = {"200": says(ONE), "default": says(TEXT, "text/plain")}
    came = reply(400, "odd", content_type="text/plain")
    with called(answers(responses), tmp_path, came) as (client, _):
        with pytest.raises(errors.BadRequestError, match="odd"):
            client.things.find_it()


@pytest.mark.parametrize("method", ["head", "options", "trace"])
def test_rare_methods_are_sent(method: str, tmp_path: Path) -> None:
    """A reply to HEAD has no body, whatever the document says of one."""
    responses = {"200": says(ONE) if method == "head" else EMPTY}
    with called(answers(responses, method), tmp_path, reply(200)) as (client, server):
        assert client.things.find_it() is None
    assert server.received[0].method == method.upper()


def test_another_media_type_comes_if_it_is_asked_for(tmp_path: Path) -> None:
    """JSON is the usual one; Accept gets text and downloads, typed as such."""
    content = {
        "application/json": {"schema": ONE},
        "text/csv": {"schema": TEXT},
        "application/pdf": {},
    }
    script = [
        reply(200, {"a": "x"}),
        reply(200, "a,b", content_type="text/csv"),
        reply(200, b"%PDF", content_type="application/pdf"),
    ]
    data = answers({"200": {"description": "", "content": content}})
    with called(data, tmp_path, *script) as (client, server):
        assert client.things.find_it().a == "x"
        text = client.things.find_it(extra_headers={"Accept": "text/csv"})
        assert text == "a,b"
        pdf = client.things.find_it(extra_headers={"accept": "application/pdf"})
        assert pdf.read() == b"%PDF"
    accepted = [request.headers["accept"] for request in server.received]
    assert accepted == ["application/json", "text/csv", "application/pdf"]
