"""One dialect: 3.0, 3.1 and Swagger 2.0 all end in the same shape."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from specwire_codegen.check import check
from specwire_codegen.dialect import normalise, normalise_part
from specwire_codegen.problems import Problems


def normal(data: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The document after check and normalise, and the codes of all problems."""
    problems = Problems()
    clean = check(data, problems, file="a")
    out = normalise(clean, problems, file="a")
    return out, [problem.code for problem in problems]


S, N = {"type": "string"}, {"type": "null"}
REF = {"$ref": "#/components/schemas/X"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({**S, "nullable": True}, {"type": ["string", "null"]}),
        ({**S, "x-nullable": True}, {"type": ["string", "null"]}),
        ({**S, "nullable": False}, S),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        (
            {**S, "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"enum": ["a", None], "nullable": True}, {"enum": ["a", None]}),
        ({"nullable": True}, {}),
        ({**REF, "nullable": True}, {"anyOf": [REF, N]}),
        (
            {"allOf": [REF], "nullable": True, "description": "d"},
            {"description": "d", "anyOf": [REF, N]},
        ),
        (
            {"allOf": [REF, S], "nullable": True},
            {"anyOf": [{"allOf": [REF, S]}, N]},
        ),
        ({"oneOf": [REF, S], "nullable": True}, {"oneOf": [REF, S, N]}),
        ({"anyOf": [REF, N], "nullable": True}, {"anyOf": [REF, N]}),
        (
            {"type": "object", "oneOf": [REF], "nullable": True},
            {"type": ["object", "null"], "oneOf": [REF, N]},
        ),
        (
            {"properties": {"a": S}, "nullable": True},
            {"type": ["object", "null"], "properties": {"a": S}},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": True}, {}),
        ({"exclusiveMaximum": 5}, {"exclusiveMaximum": 5}),
        ({**S, "example": "a"}, {**S, "examples": ["a"]}),
        ({"example": "a", "examples": ["b"]}, {"examples": ["b"]}),
        (
            {"items": [S, N], "additionalItems": False},
            {"prefixItems": [S, N], "items": False},
        ),
        (
            {**S, "contentEncoding": "base64"},
            {**S, "contentEncoding": "base64", "format": "byte"},
        ),
        (
            {**S, "contentMediaType": "application/octet-stream"},
            {
                **S,
                "contentMediaType": "application/octet-stream",
                "format": "binary",
            },
        ),
        ({"default": {"nullable": True}}, {"default": {"nullable": True}}),
        (
            {"properties": {"nullable": {**S, "nullable": True}, "example": S}},
            {"properties": {"nullable": {"type": ["string", "null"]}, "example": S}},
        ),
    ],
)
def test_schemas(before: Any, after: Any) -> None:
    """Each old spelling has one new one, and doing it twice changes nothing."""
    schema = deepcopy(before)
    normalise_part(schema, "schema", "a#")
    assert after == schema
    normalise_part(schema, "schema", "a#")
    assert after == schema


def test_every_schema_of_a_document_is_reached() -> None:
    """Parameters, bodies, replies, headers, callbacks and nested schemas."""
    old = {**S, "nullable": True}
    media = {"a/b": {"schema": old}}
    get = {
        "parameters": [{"name": "q", "in": "query", "schema": old}],
        "requestBody": {"content": media},
        "responses": {"200": {"headers": {"x-h": {"schema": old}}, "content": media}},
        "callbacks": {"c": {"{$url}": {"post": {"requestBody": {"content": media}}}}},
    }
    schemas = {"A": {"properties": {"p": {"items": {"allOf": [{"not": old}]}}}}}
    data = {
        "openapi": "3.0.3",
        "paths": {"/x": {"get": get}},
        "webhooks": {"w": {"post": {"requestBody": {"content": media}}}},
        "components": {"schemas": schemas},
    }
    text = repr(normal(data)[0])
    assert ("nullable" in text, 7) == (False, text.count("['string', 'null']"))


# -- Swagger 2.0 ---------------------------------------------------------------------


def swagger(operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A 2.0 document with one operation."""
    return {"swagger": "2.0", "paths": {"/x": {"post": operation}}, **more}


def converted(operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    """That operation in the shape of 3.1; nothing may be reported."""
    out, said = normal(swagger(operation, **more))
    assert said == []
    found = out["paths"]["/x"]["post"]
    assert isinstance(found, dict)
    return found


def test_the_version_becomes_3_1() -> None:
    """After normalising there is one dialect."""
    assert normal(swagger({}))[0]["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("more", "urls"),
    [
        (
            {"host": "h", "basePath": "/v1", "schemes": ["http", "https"]},
            ["https://h/v1", "http://h/v1"],
        ),
        ({"host": "h"}, ["https://h"]),
        ({"basePath": "v1"}, ["/v1"]),
        ({"basePath": "/"}, []),
        ({"host": "h", "schemes": ["ws"]}, []),
    ],
)
def test_host_and_base_path_become_servers(more: Any, urls: list[str]) -> None:
    """https comes first; what requests cannot speak is left out."""
    out, _ = normal({**swagger({}), **more})
    assert urls == [server["url"] for server in out["servers"]]


def test_a_body_becomes_a_request_body() -> None:
    """With the media types that are consumed, JSON by default."""
    body = {"name": "b", "in": "body", "required": True, "schema": S}
    expected = {"required": True, "content": {"application/json": {"schema": S}}}
    assert expected == converted({"parameters": [body]})["requestBody"]
    out = converted({"parameters": [body], "consumes": ["text/plain"]})
    assert list(out["requestBody"]["content"]) == ["text/plain"]


def test_a_shared_body_is_referred_to() -> None:
    """A body under ``parameters`` moves to ``requestBodies`` and keeps its name."""
    shared = {"B": {"name": "b", "in": "body", "schema": S}}
    data = swagger({"parameters": [{"$ref": "#/parameters/B"}]}, parameters=shared)
    out, _ = normal(data)
    assert (out["paths"]["/x"]["post"]["requestBody"]) == {
        "$ref": "#/components/requestBodies/B"
    }
    assert list(out["components"]["requestBodies"]) == ["B"]
    assert "parameters" not in out["components"]


def test_form_fields_become_one_schema() -> None:
    """Url-encoded by default, multipart as soon as there is a file."""
    one = {"name": "a", "in": "formData", "type": "integer", "required": True}
    body = converted({"parameters": [one]})["requestBody"]
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
    }
    media = "application/x-www-form-urlencoded"
    assert {"required": True, "content": {media: {"schema": schema}}} == body
    file = {"name": "f", "in": "formData", "type": "file"}
    body = converted({"parameters": [one, file]})["requestBody"]
    assert list(body["content"]) == ["multipart/form-data"]
    made = body["content"]["multipart/form-data"]["schema"]["properties"]["f"]
    assert made == {"type": "string", "format": "binary"}


def test_a_body_of_the_path_goes_to_its_operations() -> None:
    """What 2.0 lets a path declare, 3.1 lets only an operation declare."""
    shared = [
        {"name": "b", "in": "body", "schema": S},
        {"name": "q", "in": "query", "type": "string"},
    ]
    data = {"swagger": "2.0", "paths": {"/x": {"parameters": shared, "put": {}}}}
    item = normal(data)[0]["paths"]["/x"]
    assert [one["name"] for one in item["parameters"]] == ["q"]
    assert "requestBody" in item["put"]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (None, {"style": "form", "explode": False}),
        ("csv", {"style": "form", "explode": False}),
        ("multi", {"style": "form", "explode": True}),
        ("ssv", {"style": "spaceDelimited", "explode": False}),
        ("pipes", {"style": "pipeDelimited", "explode": False}),
    ],
)
def test_collection_formats_become_styles(how: str | None, expected: Any) -> None:
    """Lists in a query are sent as 2.0 would have sent them."""
    listed = {"name": "q", "in": "query", "type": "array", "items": S}
    if how:
        listed["collectionFormat"] = how
    (out,) = converted({"parameters": [listed]})["parameters"]
    schema = {"type": "array", "items": S}
    assert {"name": "q", "in": "query", "schema": schema, **expected} == out


def test_tabs_between_items_cannot_be_said() -> None:
    """The one collection format without a counterpart is reported."""
    listed = {"name": "q", "in": "query", "type": "array", "collectionFormat": "tsv"}
    assert normal(swagger({"parameters": [listed]}))[1] == ["D011"]


def test_replies_have_media_types() -> None:
    """``schema`` moves below each type that is produced; a file is bytes."""
    get = {
        "produces": ["application/json", "text/csv"],
        "responses": {
            "200": {
                "description": "d",
                "schema": S,
                "headers": {"h": {"type": "integer"}},
            },
            "204": {"description": "n"},
        },
    }
    out = converted(get)["responses"]
    assert out["204"] == {"description": "n"}
    assert out["200"]["content"] == {
        "application/json": {"schema": S},
        "text/csv": {"schema": S},
    }
    assert out["200"]["headers"]["h"] == {"schema": {"type": "integer"}}
    file = converted({"responses": {"200": {"schema": {"type": "file"}}}})["responses"]
    assert file["200"]["content"] == {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }


def test_references_follow_what_moved() -> None:
    """Schemas, parameters, replies and discriminators point to their new homes."""
    data = swagger(
        {
            "parameters": [{"$ref": "#/parameters/P"}],
            "responses": {
                "200": {"schema": {"$ref": "#/definitions/A"}},
                "404": {"$ref": "#/responses/R"},
            },
        },
        definitions={
            "A": {"discriminator": "k", "properties": {"k": S}},
            "B": {"allOf": [{"$ref": "#/definitions/A"}]},
        },
        parameters={"P": {"name": "p", "in": "query", "type": "string"}},
        responses={"R": {"description": "r", "schema": {"$ref": "#/definitions/B"}}},
    )
    out, said = normal(data)
    assert said == []
    text = repr(out)
    assert "#/definitions" not in text
    assert "#/parameters" not in text
    assert "#/responses" not in text
    assert out["components"]["schemas"]["A"]["discriminator"] == {"propertyName": "k"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "basic"}, {"type": "http", "scheme": "basic"}),
        (
            {"type": "apiKey", "name": "k", "in": "query"},
            {"type": "apiKey", "name": "k", "in": "query"},
        ),
        (
            {
                "type": "oauth2",
                "flow": "application",
                "tokenUrl": "t",
                "scopes": {"a": "b"},
            },
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "t", "scopes": {"a": "b"}}},
            },
        ),
    ],
)
def test_security_definitions(old: Any, new: Any) -> None:
    """Schemes have the names of 3.1."""
    out, _ = normal(swagger({}, securityDefinitions={"s": old}))
    assert {"s": new} == out["components"]["securitySchemes"]


WRONG: list[Any] = [None, True, 0, "x", [], {}, [None], {"x": None}, [[]], [{}]]
FULL = swagger(
    {
        "consumes": ["a/b"],
        "produces": ["a/b"],
        "parameters": [
            {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}},
            {"name": "f", "in": "formData", "type": "array", "items": S},
            {"$ref": "#/parameters/P"},
        ],
        "responses": {
            "200": {"schema": S, "headers": {"h": S}},
            "400": {"$ref": "#/r"},
        },
    },
    host="h",
    basePath="/b",
    schemes=["https"],
    definitions={"A": {"discriminator": "k", "properties": {"k": S}}},
    parameters={"P": {"name": "p", "in": "query", "type": "string"}},
    responses={"R": {"schema": S}},
    securityDefinitions={"o": {"type": "oauth2", "flow": "x", "scopes": {"a": "b"}}},
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key of a value."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    below = [value[key] for key in keys if isinstance(value[key], (dict, list))]
    return [(value, key) for key in keys] + [p for one in below for p in places(one)]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_anything_anywhere_is_survived(wrong: Any) -> None:
    """After the check the conversion meets nothing it cannot handle."""
    full = deepcopy(FULL)
    for container, key in places(full):
        if container is full and key in ("swagger", "paths"):
            continue
        kept, container[key] = container[key], wrong
        normal(full)
        container[key] = kept
