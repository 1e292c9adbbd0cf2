"""Generated methods send the bodies that their document describes."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from specwire import errors
from tests.scripted import reply

from .building import document
from .calling import called

DONE = {"204": {"description": ""}}


def takes(content: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A document with one operation, ``things.make``, that takes ``content``."""
    operation = {
        "operationId": "makeThings",
        "requestBody": {"content": content, **body},
        "responses": DONE,
    }
    return document({"/things": {"post": operation}})


def json_of(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"application/json": {"schema": schema}}


NAMED = json_of(
    {"name": {"type": "string"}, "kind": {"const": "x"}, "note": {"type": "string"}},
    "name",
    "kind",
)


def test_an_optional_body_is_left_out_where_nothing_is_given(tmp_path: Path) -> None:
    """Not an empty object: no body, and no Content-Type."""
    done = reply(204)
    with called(takes(NAMED), tmp_path, done, done, done) as (client, server):
        client.things.make()
        client.things.make(name="n")
        client.things.make(extra_body={"name": "e"})
    nothing, some, extra = server.received
    assert nothing.body == b""
    assert "content-type" not in nothing.headers
    assert some.json() == {"name": "n", "kind": "x"}
    assert extra.json() == {"name": "e", "kind": "x"}


def test_half_an_optional_body_is_refused(tmp_path: Path) -> None:
    """The error names what is missing, before anything is sent."""
    with called(takes(NAMED), tmp_path) as (client, server):
        with pytest.raises(errors.RequestValidationError) as caught:
            client.things.make(note="n")
    assert "with note needs name as well" in str(caught.value)
    assert caught.value.pointer == "/name"
    assert server.received == []


def test_a_required_body_without_members_is_an_object(tmp_path: Path) -> None:
    """A body that must be there is there, empty if need be."""
    data = takes(json_of({"note": {"type": "string"}}), required=True)
    with called(data, tmp_path, reply(204)) as (client, server):
        client.things.make()
    assert server.received[0].json() == {}


TEXT, LIST = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
BOTH = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
FILE = {"type": "string", "format": "binary"}


def form_of(media: str, properties: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {media: {"schema": schema, "encoding": encoding}}


def test_a_form_is_written_as_its_encoding_says(tmp_path: Path) -> None:
    """Styles of members; without one a list repeats and an object is JSON."""
    content = form_of(
        "application/x-www-form-urlencoded",
        {"l": LIST, "m": LIST, "o": BOTH, "p": BOTH, "q": BOTH, "j": LIST},
        m={"explode": False},
        o={"style": "deepObject", "explode": True},
        p={"style": "form"},
        j={"contentType": "application/json"},
    )
    with called(takes(content, required=True), tmp_path, reply(204)) as (
        client,
        server,
    ):
        both, pair = {"a": "x y", "b": "2"}, ["1", "2"]
        client.things.make(l=pair, m=pair, o=both, p=both, q={"a": "1"}, j=pair)
    assert unquote_plus(server.received[0].body.decode()) == (
        'l=1&l=2&m=1,2&o[a]=x y&o[b]=2&a=x y&b=2&q={"a":"1"}&j=["1","2"]'
    )


def test_parts_have_the_types_that_the_document_says(tmp_path: Path) -> None:
    """Files may be several; objects are JSON parts; what the caller says wins."""
    content = form_of(
        "multipart/form-data",
        {
            "files": {"type": "array", "items": FILE},
            "meta": BOTH,
            "note": TEXT,
            "raw": {"type": "string", "contentMediaType": "image/png"},
            "tags": LIST,
        },
        files={"contentType": "image/png, image/jpeg"},
        note={"contentType": "text/markdown"},
    )
    with called(takes(content, required=True), tmp_path, reply(204)) as (
        client,
        server,
    ):
        client.things.make(
            files=[b"1", ("a.gif", b"2", "image/gif"), ("b", b"3")],
            meta={"a": "x"},
            note="# n",
            raw=b"r",
            tags=["s", "t"],
        )
    (request,) = server.received
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message: Any = message_from_bytes(head + request.body, policy=HTTP)
    parts = [
        (
            part.get_param("name", header="content-disposition"),
            part["content-type"] and part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]
    assert parts == [
        ("tags", None, b"s"),
        ("tags", None, b"t"),
        ("files", "image/png", b"1"),
        ("files", "image/gif", b"2"),
        ("files", "image/png", b"3"),
        ("meta", "application/json", b'{"a":"x"}'),
        ("note", "text/markdown", b"# n"),
        ("raw", "application/octet-stream", b"r"),
    ]


def test_each_kind_of_body_has_a_method(tmp_path: Path) -> None:
    """The first is the usual one; the others are typed and sent as what they are."""
    content = {
        **json_of({"url": TEXT}, "url"),
        **form_of("multipart/form-data", {"file": FILE}),
        "text/plain": {"schema": TEXT},
    }
    done = reply(204)
    data = takes(content, required=True)
    with called(data, tmp_path, done, done, done) as (client, server):
        client.things.make(url="u")
        client.things.make_multipart(file=b"f")
        client.things.make_text(body="t")
    kinds = [r.headers["content-type"].partition(";")[0] for r in server.received]
    assert kinds == ["application/json", "multipart/form-data", "text/plain"]


def test_a_deprecated_operation_warns(tmp_path: Path) -> None:
    """At the caller's line; the docstring and type checkers say it too."""
    old = {"operationId": "getOld", "deprecated": True, "responses": DONE}
    with called(document({"/old": {"get": old}}), tmp_path, reply(204)) as (client, _):
        with pytest.warns(DeprecationWarning, match="the API calls this") as caught:
            client.old.get()
    assert caught[0].filename == __file__
    assert client.old.get.__doc__.startswith("Deprecated. GET /old")
