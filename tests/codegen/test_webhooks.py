"""Webhooks: bodies that the API sends by itself get their types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire import errors

from .building import document
from .calling import built, called


def hook(schema: dict[str, Any]) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}


def event(kind: str, **properties: Any) -> dict[str, Any]:
    members = {"kind": {"const": kind}, **properties}
    return {"type": "object", "required": ["kind"], "properties": members}


TEXT, WHEN = {"type": "string"}, {"type": "string", "format": "date-time"}
SCHEMAS = {"Made": event("made", name=TEXT), "Gone": event("gone", at=WHEN)}
TOLD = {
    "thing.made": hook({"$ref": "#/components/schemas/Made"}),
    "thing.gone": hook({"$ref": "#/components/schemas/Gone"}),
}
ALIKE = {
    "one": hook({"type": "object", "properties": {"a": TEXT}}),
    "two": hook({"type": "object", "properties": {"b": TEXT}}),
}


@pytest.mark.parametrize("key", ["webhooks", "x-webhooks"])
def test_a_body_says_which_webhook_it_is(key: str, tmp_path: Path) -> None:
    """A constant that differs picks the type; one nobody knows is kept."""
    data = document(schemas=SCHEMAS, **{key: TOLD})
    with called(data, tmp_path) as (client, _):
        made = client.webhooks.unwrap(b'{"kind": "made", "name": "n"}')
        gone = client.webhooks.unwrap('{"kind": "gone"}')
        new = client.webhooks.unwrap('{"kind": "new"}')
    assert [type(x).__name__ for x in (made, gone, new)] == ["Made", "Gone", "Unknown"]
    assert made.name == "n"


def test_a_name_picks_the_webhook(tmp_path: Path) -> None:
    """Bodies that do not differ need a name, and the error lists them."""
    with called(document(webhooks=ALIKE), tmp_path) as (client, _):
        assert client.webhooks.unwrap('{"b": "x"}', "two").b == "x"
        for name in (None, "three"):
            with pytest.raises(ValueError, match="name one of: one, two"):
                client.webhooks.unwrap("{}", name)


@pytest.mark.parametrize("payload", [b"{", b"\xff", "[]", '{"kind": 5, "name": 5}'])
def test_a_payload_of_another_shape_is_a_decode_error(
    payload: Any, tmp_path: Path
) -> None:
    """Whatever came, one kind of exception says that it is not the webhook's."""
    with called(document(schemas=SCHEMAS, webhooks=TOLD), tmp_path) as (client, _):
        with pytest.raises(errors.DecodeError, match="the payload"):
            client.webhooks.unwrap(payload, "thing.made")


def test_a_document_of_webhooks_alone_is_usable(tmp_path: Path) -> None:
    """No paths: the models and unwrap are there, and the README lists the names."""
    data = document(schemas=SCHEMAS, webhooks=TOLD)
    del data["paths"], data["servers"]
    output = built(data, tmp_path)
    assert "- `thing.made`" in output.files["README.md"]
    with called(data, tmp_path) as (client, _):
        assert client.package.models.Made(name="n").kind == "made"
        assert client.webhooks.unwrap('{"kind": "gone"}').kind == "gone"


def test_components_alone_are_usable(tmp_path: Path) -> None:
    """A document that only describes data gives its models."""
    data = document(schemas=SCHEMAS)
    del data["paths"], data["servers"]
    with called(data, tmp_path) as (client, _):
        assert client.package.models.Gone().kind == "gone"


def test_a_resource_of_that_name_takes_unwrap_up(tmp_path: Path) -> None:
    """An API that manages webhooks has both under one name, and loses no method."""
    answer = {"200": {"description": ""}}
    paths = {
        "/webhooks": {"get": {"responses": answer}},
        "/webhooks/unwrap": {"post": {"operationId": "unwrap", "responses": answer}},
    }
    with called(document(paths, SCHEMAS, webhooks=TOLD), tmp_path) as (client, _):
        assert client.webhooks.unwrap(json.dumps({"kind": "made"})).kind == "made"
        others = [name for name in dir(client.webhooks) if name[0] != "_"]
    assert len(others) == 3
    assert "list" in others
