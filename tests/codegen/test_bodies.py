"""Generated methods send the bodies that their document describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
