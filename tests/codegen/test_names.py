"""Names: how they are made, and that a collision renames and never drops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.problems import Problems
from specwire_codegen.scopes import Scope, Wish
from specwire_codegen.words import module, own_words, pascal, snake

from .building import built, document, reads, replies


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("createdAt", "created_at"),
        ("URLPath", "url_path"),
        ("userIDs", "user_ids"),
        ("+1", "plus_1"),
        ("-1", "minus_1"),
        ("amount[gte]", "amount_gte"),
        ("DateCreated<", "date_created_lt"),
        ("DateCreated>", "date_created_gt"),
        ("@type", "at_type"),
        ("1_click", "n1_click"),
        ("class", "class_"),
        ("self", "self_"),
        ("__init__", "init"),
        ("_id", "id"),
        ("", "field"),
        ("\U0001f389", "field"),
        ("m\u200bx", "mx"),
        ("\uff21\uff22", "ab"),
        ("数据", "数据"),
    ],
)
def test_snake(wire: str, name: str) -> None:
    """A wire name becomes a lower-case identifier that never begins with ``_``."""
    assert snake(wire, "field") == name
    assert name.isidentifier()


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("api_key", "ApiKey"),
        ("APIError", "APIError"),
        ("USER_STATUS", "UserStatus"),
        ("None", "None_"),
        ("2fa", "Model2fa"),
        ("\U0001f389", "Model"),
    ],
)
def test_pascal(wire: str, name: str) -> None:
    """A schema's name becomes a class name; acronyms keep their case."""
    assert pascal(wire, "Model") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("Café", "cafe"), ("con", "resource_con"), ("数据", "resource"), ("../x", "x")],
)
def test_module_names_are_plain(text: str, name: str) -> None:
    """A module's name is ASCII, no device of any system, and no path."""
    assert module(text, "resource") == name


def test_framework_suffix_is_dropped() -> None:
    """Path and method that a framework appends to an operationId say nothing new."""
    assert own_words("list_pets_v1_pets_get", "/v1/pets", "get") == ["list", "pets"]


def test_exact_spelling_keeps_the_name() -> None:
    """Of two that want one name, the one that is spelled like it gets it."""
    scope = Scope(Problems())
    wishes = [
        Wish("a", ("foo_bar", "foo_bar_field"), "at", "fooBar"),
        Wish("b", ("foo_bar", "foo_bar_field"), "at", "foo_bar"),
    ]
    assert scope.settle(wishes) == {"a": "foo_bar_field", "b": "foo_bar"}


def test_look_alikes_collide() -> None:
    """A Cyrillic letter does not make a second name that looks the same."""
    scope = Scope(Problems())
    names = scope.settle([Wish(1, ("pace",), "at"), Wish(2, ("p\u0430ce",), "at")])
    assert names == {1: "pace", 2: "p\u0430ce_2"}


def test_collisions_are_reported_as_notes(tmp_path: Path) -> None:
    """Who was renamed can be read in the notes; nothing is dropped."""
    data = reads(
        Foo={
            "type": "object",
            "properties": {"a-b": {}, "aB": {}, "a_b": {}, "a.b": {}},
        }
    )
    output, problems = built(data, tmp_path)
    text = output.files["models/foo.py"]
    for name in ("a_b", "a_b_field", "a_b_field_2", "a_b_field_3"):
        assert f"    {name}: _t.Any = None" in text
    assert [p.severity for p in problems].count("note") >= 3


def test_schemas_with_one_name_both_stay(tmp_path: Path) -> None:
    """``foo_bar`` and ``FooBar`` are two classes."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    output, _ = built(reads(foo_bar=schema, FooBar=schema), tmp_path)
    names = json.loads(output.names)["models"]
    assert sorted(names.values()) == ["FooBar", "FooBarModel"]
    assert names["api.json#/components/schemas/FooBar"] == "FooBar"


def test_argument_names_are_told_apart_by_place(tmp_path: Path) -> None:
    """A body's member that is called like a path parameter is renamed, not lost."""
    data = document(
        {
            "/things/{id}": {
                "put": {
                    "operationId": "putThing",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {}},
                        {"name": "id", "in": "query", "schema": {}},
                        {"name": "timeout", "in": "query", "schema": {}},
                    ],
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "id": {"type": "string"},
                                        "self": {},
                                    },
                                }
                            }
                        }
                    },
                    "responses": replies(True),
                }
            }
        }
    )
    output, _ = built(data, tmp_path)
    text = output.files["resources/things.py"]
    assert '"/things/{id}"' in text
    assert 'query={"id_query": "id", "timeout_": "timeout"}' in text
    assert 'body={"id_body": "id", "self_": "self"}' in text


def test_lock_keeps_old_names(tmp_path: Path) -> None:
    """A new schema cannot take the name that an old one has."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    first, _ = built(reads(foo_bar=schema), tmp_path)
    folder = tmp_path / "out" / "shop"
    folder.mkdir(parents=True)
    (folder / "names.lock").write_text(first.names)
    second, _ = built(reads(foo_bar=schema, FooBar=schema), tmp_path)
    names = json.loads(second.names)["models"]
    assert names["api.json#/components/schemas/foo_bar"] == "FooBar"
    assert names["api.json#/components/schemas/FooBar"] == "FooBarModel"


def test_query_twins_become_a_child_resource(tmp_path: Path) -> None:
    """``/files?beta=true`` is ``beta.files``, and the query is sent with every call."""
    operation = {"responses": replies(True)}
    data = document(
        {"/files": {"get": operation}, "/files?beta=true": {"get": operation}}
    )
    output, _ = built(data, tmp_path)
    assert 'const_query={"beta": "true"}' in output.files["resources/beta_files.py"]
    assert "const_query" not in output.files["resources/files.py"]


def test_methods_without_operation_id(tmp_path: Path) -> None:
    """Verb and shape of the path name a method that has no operationId."""
    operation = {"responses": replies(True)}
    item = {"name": "id", "in": "path", "required": True, "schema": {}}
    one = {**operation, "parameters": [item]}
    data = document(
        {
            "/v1/pets": {"get": operation, "post": operation},
            "/v1/pets/{id}": {"get": one, "put": one, "patch": one, "delete": one},
            "/v1/pets/{id}/feed": {"post": one},
            "/v1/pets/{id}/toys": {"get": one},
        }
    )
    output, _ = built(data, tmp_path)
    names = sorted(json.loads(output.names)["operations"].values())
    assert names == [
        f"pets.{name}"
        for name in (
            [
                "create",
                "delete",
                "feed",
                "get",
                "list",
                "replace",
                "toys.list",
                "update",
            ]
        )
    ]


def test_a_stated_name_wins_over_the_lock(tmp_path: Path) -> None:
    """What ``x-specwire-name`` says now counts, whatever an earlier run wrote."""
    param: dict[str, Any] = {"name": "x-id", "in": "header", "schema": {}}
    data = document({"/a": {"get": {"operationId": "getA", "parameters": [param]}}})
    first, _ = built(data, tmp_path)
    folder = tmp_path / "out" / "shop"
    folder.mkdir(parents=True)
    (folder / "names.lock").write_text(first.names)
    param["x-specwire-name"] = "own_id"
    second, _ = built(data, tmp_path)
    assert '"header x-id": "x_id"' in first.names
    assert '"header x-id": "own_id"' in second.names
