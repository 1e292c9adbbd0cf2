"""Lowering: every schema gives a type, and no operation is ever dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire_codegen import ir
from specwire_codegen.lower import split_path
from specwire_codegen.raw import Raw

from .building import document, lowered, model, only, reads, replies

AT = "api.json#/components/schemas/"
STRING, INTEGER = ir.Scalar("string"), ir.Scalar("integer")


def member(schema: Any, folder: Path, **schemas: Any) -> ir.Field:
    data = reads(Box={"type": "object", "properties": {"x": schema}}, **schemas)
    api, _ = lowered(data, folder)
    (field,) = model(api, "Box").fields
    return field


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, STRING),
        ({"type": "string", "format": "date-time"}, ir.Scalar("string", "date-time")),
        ({"type": "string", "format": "email"}, STRING),
        ({"type": "integer", "format": "int64"}, INTEGER),
        ({"type": ["string", "integer"]}, ir.Union((STRING, INTEGER))),
        ({"const": "a"}, ir.Const("a")),
        ({"enum": ["a"]}, ir.Const("a")),
        ({"enum": ["a", "b", "a"]}, ir.Literals(("a", "b"))),
        ({"enum": [1, 2]}, ir.Literals((1, 2), "integer")),
        ({"enum": [1, "a"]}, ir.Literals((1, "a"), "mixed")),
        ({"enum": ["a", 1.5]}, ir.Union((ir.Scalar("number"), ir.Const("a")))),
        ({"enum": [1.5, 2]}, ir.Scalar("number")),
        ({"enum": [True, False]}, ir.Scalar("boolean")),
        ({"enum": [], "type": "string"}, STRING),
        ({"type": "array", "items": {"type": "string"}}, ir.ListOf(STRING)),
        ({"type": "array"}, ir.ListOf(ir.Any())),
        ({"items": {"type": "string"}}, ir.ListOf(STRING)),
        (
            {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            ir.ListOf(ir.Union((STRING, INTEGER))),
        ),
        ({"prefixItems": [{"type": "string"}], "maxItems": 1}, ir.ListOf(STRING)),
        ({"prefixItems": [{"type": "string"}]}, ir.ListOf(ir.Any())),
        (
            {"type": "object", "unevaluatedProperties": {"type": "integer"}},
            ir.MapOf(INTEGER),
        ),
        ({"type": "object"}, ir.MapOf(ir.Any())),
        ({"type": "object", "additionalProperties": False}, ir.MapOf(ir.Any())),
        ({"additionalProperties": {"type": "integer"}}, ir.MapOf(INTEGER)),
        ({"patternProperties": {"^x": {"type": "integer"}}}, ir.MapOf(INTEGER)),
        ({"anyOf": [{"type": "string"}, {"type": "string"}]}, STRING),
        (
            {"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]},
            ir.Literals(("a", "b")),
        ),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, STRING),
        (
            {"allOf": [{"type": "string"}, {"enum": ["a", "b"]}]},
            ir.Literals(("a", "b")),
        ),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, ir.Any()),
        (True, ir.Any()),
        (False, ir.Any()),
        ({}, ir.Any()),
        ({"type": "string", "not": {"const": "x"}}, STRING),
    ],
)
def test_types(schema: Any, kind: ir.Type, tmp_path: Path) -> None:
    """A schema's type, read off its keywords."""
    assert member(schema, tmp_path).type == kind


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"enum": ["a", None]},
        {"oneOf": [{"$ref": "#/components/schemas/Word"}, {"type": "null"}]},
        {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}]},
    ],
)
def test_null_is_taken_out(schema: Any, tmp_path: Path) -> None:
    """However null is allowed, the member is nullable and its type is the rest."""
    field = member(schema, tmp_path, Word={"enum": ["a", "b"]})
    assert field.nullable
    assert "null" not in repr(field.type)


def test_unknown_type_is_any_with_a_warning(tmp_path: Path) -> None:
    """A type that JSON Schema does not have is Any, and said to be."""
    data = reads(Box={"type": "object", "properties": {"x": {"type": "blob"}}})
    api, problems = lowered(data, tmp_path)
    assert model(api, "Box").fields[0].type == ir.Any()
    assert any(p.severity == "warning" for p in problems)


def test_references_keep_their_identity(tmp_path: Path) -> None:
    """A reference is the pointer of what it refers to; cycles are nothing special."""
    data = reads(
        Node={
            "type": "object",
            "properties": {"next": {"$ref": "#/components/schemas/Node"}},
        }
    )
    api, _ = lowered(data, tmp_path)
    assert model(api, "Node").fields[0].type == ir.Ref(f"{AT}Node")


def test_named_scalars_are_written_in_place(tmp_path: Path) -> None:
    """A component that is a bare string is no declaration."""
    field = member({"$ref": "#/components/schemas/Id"}, tmp_path, Id={"type": "string"})
    assert field.type == STRING


def test_all_of_merges_members_and_required(tmp_path: Path) -> None:
    """Members and required of every part count, whichever part names them."""
    data = reads(
        Base={"type": "object", "properties": {"a": {}, "b": {"type": "string"}}},
        Whole={
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {"required": ["a"], "properties": {"c": {}, "b": {"const": "x"}}},
            ]
        },
    )
    api, _ = lowered(data, tmp_path)
    fields = model(api, "Whole").fields
    assert [(f.wire.wire, f.required) for f in fields] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]
    assert fields[1].type == ir.Const("x")


def test_all_of_one_reference_is_that_reference(tmp_path: Path) -> None:
    """A description beside ``allOf: [$ref]`` makes no second class."""
    field = member(
        {"allOf": [{"$ref": "#/components/schemas/Other"}], "description": "It."},
        tmp_path,
        Other={"type": "object", "properties": {"a": {}}},
    )
    assert field.type == ir.Ref(f"{AT}Other")
    assert field.doc == Raw("It.")


def test_object_with_alternatives_is_a_union_of_whole_objects(tmp_path: Path) -> None:
    """Members beside oneOf are members of every alternative."""
    data = reads(
        Shape={
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "oneOf": [
                {"properties": {"kind": {"const": "a"}, "r": {"type": "number"}}},
                {"properties": {"kind": {"const": "b"}, "w": {"type": "number"}}},
            ],
        }
    )
    api, _ = lowered(data, tmp_path)
    alias = api.decls[f"{AT}Shape"]
    assert isinstance(alias, ir.Alias)
    assert isinstance(alias.type, ir.Union)
    assert alias.type.tag is not None
    assert [value.wire for value, _ in alias.type.tag.table] == ["a", "b"]
    first = api.decls[alias.type.tag.table[0][1].to]
    assert isinstance(first, ir.Model)
    assert [f.wire.wire for f in first.fields] == ["name", "kind", "r"]


def _union(data: dict[str, Any], folder: Path) -> ir.Union:
    api, _ = lowered(data, folder)
    alias = api.decls[f"{AT}Pet"]
    assert isinstance(alias, ir.Alias)
    assert isinstance(alias.type, ir.Union)
    return alias.type


def _pets(kind: Any) -> dict[str, Any]:
    return {
        name: {"type": "object", "properties": {"kind": kind(name), "name": {}}}
        for name in ("Cat", "Dog")
    }


def _refs(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


def test_tag_by_discriminator_mapping(tmp_path: Path) -> None:
    """The mapping names the variants; one it leaves out goes by its schema's name."""
    pet = {
        "oneOf": _refs("Cat", "Dog"),
        "discriminator": {"propertyName": "kind", "mapping": {"meow": "Cat"}},
    }
    data = reads(Pet=pet, **_pets(lambda name: {"type": "string"}))
    assert _union(data, tmp_path).tag == ir.Tag(
        Raw("kind"),
        ((Raw("meow"), ir.Ref(f"{AT}Cat")), (Raw("Dog"), ir.Ref(f"{AT}Dog"))),
    )


def test_tag_by_constants(tmp_path: Path) -> None:
    """A constant that differs in every variant tells them apart."""
    pet = {"anyOf": _refs("Cat", "Dog")}
    data = reads(Pet=pet, **_pets(lambda name: {"enum": [name.lower()]}))
    tag = _union(data, tmp_path).tag
    assert tag is not None
    assert [value.wire for value, _ in tag.table] == ["cat", "dog"]


def test_no_tag_where_constants_are_equal(tmp_path: Path) -> None:
    """Variants with the same constant cannot be told apart by it."""
    data = reads(Pet={"oneOf": _refs("Cat", "Dog")}, **_pets(lambda _: {"const": "x"}))
    assert _union(data, tmp_path).tag is None


def test_read_only_follows_direction(tmp_path: Path) -> None:
    """readOnly is only received, writeOnly only sent."""
    assert member({"readOnly": True}, tmp_path).access == "read"
    assert member({"writeOnly": True}, tmp_path).access == "write"
    assert member({}, tmp_path).access == "both"


def test_path_parameters_are_merged(tmp_path: Path) -> None:
    """An operation's parameter replaces the path's of the same name and place."""
    data = document(
        {
            "/a/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {}},
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                ],
                "get": {
                    "parameters": [
                        {"name": "q", "in": "query", "schema": {"type": "integer"}}
                    ],
                    "responses": replies(True),
                },
            }
        }
    )
    api, _ = lowered(data, tmp_path)
    assert [(p.where, p.wire.wire, p.type) for p in only(api).params] == [
        ("path", "id", ir.Any()),
        ("query", "q", INTEGER),
    ]


def test_path_parameters_that_are_not_described(tmp_path: Path) -> None:
    """A place in the path without a parameter is a string, with a warning."""
    api, problems = lowered(
        document({"/a/{b}/{a}": {"get": {"responses": replies(True)}}}), tmp_path
    )
    assert [p.wire.wire for p in only(api).params] == ["b", "a"]
    assert len(problems) >= 2


def test_constant_query_and_fragment_are_identity() -> None:
    """What follows ``?`` is sent with every call, what follows ``#`` never."""
    assert split_path("/a?b=1&c=") == ("/a", [("b", "1"), ("c", "")])
    assert split_path("/a#stream") == ("/a", [])


def _bodies(content: dict[str, Any], folder: Path) -> list[str]:
    data = document(
        {"/a": {"post": {"requestBody": {"content": content}, "responses": {}}}}
    )
    operations = lowered(data, folder)[0].operations
    return [o.variant or o.body.kind for o in operations if o.body is not None]


OBJECT = {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}


@pytest.mark.parametrize(
    ("media", "kinds"),
    [
        (["application/xml", "application/json"], ["json"]),
        (["application/json", "application/vnd.x+json"], ["json"]),
        (
            ["multipart/form-data", "application/x-www-form-urlencoded"],
            ["multipart", "form"],
        ),
        (
            ["application/octet-stream", "multipart/form-data"],
            ["multipart", "bytes"],
        ),
        (["text/csv"], ["text"]),
        (["image/png"], ["bytes"]),
    ],
)
def test_request_media_types(
    media: list[str], kinds: list[str], tmp_path: Path
) -> None:
    """The first whose members can be arguments; each other kind is a method too."""
    assert _bodies(dict.fromkeys(media, OBJECT), tmp_path) == kinds


def test_objects_are_spread_and_others_are_not(tmp_path: Path) -> None:
    """An object's members become arguments; a list is one."""
    listed = {"schema": {"type": "array", "items": {"type": "string"}}}
    found = []
    for schema in (OBJECT, listed):
        content = {"application/json": schema}
        post = {"requestBody": {"content": content}, "responses": {}}
        found.append(only(lowered(document({"/a": {"post": post}}), tmp_path)[0]).body)
    spread, body = found
    assert spread is not None
    assert spread.fields is not None
    assert body is not None
    assert body.fields is None
    assert body.type == ir.ListOf(STRING)


def _result(responses: Any, folder: Path, **more: Any) -> ir.Result:
    data = document({"/a": {"post": {"responses": responses, **more}}})
    return only(lowered(data, folder)[0]).result


@pytest.mark.parametrize(
    ("responses", "result"),
    [
        (replies({"type": "string"}), ir.Json(STRING)),
        (replies({"type": "string"}, "application/problem+json"), ir.Json(STRING)),
        (replies({}, "text/event-stream"), ir.Events(ir.Any())),
        (replies({"type": "string"}, "text/event-stream"), ir.Events(ir.Any())),
        (replies({"type": "string"}, "application/x-ndjson"), ir.Lines(STRING)),
        (replies({}, "text/html"), ir.Text(Raw("text/html"))),
        (replies({}, "application/pdf"), ir.Bytes(Raw("application/pdf"))),
        (replies({"type": "string", "format": "binary"}, "*/*"), ir.Bytes(Raw("*/*"))),
        ({"204": {"description": ""}}, ir.Nothing()),
        ({"default": replies({"type": "string"})["200"]}, ir.Json(STRING)),
        ({"2XX": replies({"type": "string"})["200"]}, ir.Json(STRING)),
        ({}, ir.Nothing()),
        (
            {**replies({"type": "string"}), "204": {"description": ""}},
            ir.ByStatus((("200", ir.Json(STRING)), ("204", ir.Nothing()))),
        ),
    ],
)
def test_results(responses: Any, result: ir.Result, tmp_path: Path) -> None:
    """What a call gives back, by status and media type."""
    assert _result(responses, tmp_path) == result


def test_flag_chooses_between_json_and_events(tmp_path: Path) -> None:
    """A boolean ``stream`` in the request switches, where both are documented."""
    content = {
        "application/json": {"schema": {"type": "string"}},
        "text/event-stream": {"schema": {"type": "integer"}},
    }
    body = {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"stream": {"type": "boolean"}},
                }
            }
        }
    }
    responses = {"200": {"description": "", "content": content}}
    found = _result(responses, tmp_path, requestBody=body)
    assert found == ir.Either(Raw("stream"), ir.Json(STRING), ir.Events(INTEGER))
    events = (Raw("text/event-stream"), ir.Events(INTEGER))
    assert _result(responses, tmp_path) == ir.ByMedia(ir.Json(STRING), (events,))


def test_operations_survive_everything(tmp_path: Path) -> None:
    """Whatever is wrong with its parts, an operation is there."""
    broken = {
        "get": {},
        "put": {"parameters": [{"in": "query"}, 7], "responses": {"200": 7}},
        "post": {"requestBody": {"$ref": "#/nowhere"}, "responses": {}},
        "delete": {"responses": replies({"$ref": "#/components/schemas/None"})},
        "patch": {"operationId": "x", "responses": {"200": {"content": {"a/b": 1}}}},
    }
    api, _ = lowered(document({"/a": broken}), tmp_path)
    assert len(api.operations) == 5


def test_security_alternatives(tmp_path: Path) -> None:
    """An operation's security is kept where it differs from the document's."""
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "x-key"},
        "user": {"type": "http", "scheme": "bearer"},
    }
    data = document(
        {
            "/a": {
                "get": {"responses": {}},
                "put": {"responses": {}, "security": []},
                "post": {"responses": {}, "security": [{"key": [], "user": []}, {}]},
            }
        },
        security=[{"key": []}],
        components={"securitySchemes": schemes},
    )
    api, _ = lowered(data, tmp_path)
    assert [o.needs for o in api.operations] == [None, ((),), (("key", "user"), ())]
    assert api.services[0].needs == (("key",),)


def test_other_servers_are_another_service(tmp_path: Path) -> None:
    """An operation with a server of its own is sent there, not to the first one."""
    data = document(
        {
            "/a": {
                "get": {"responses": {}, "servers": [{"url": "https://b.example.com"}]}
            }
        }
    )
    api, _ = lowered(data, tmp_path)
    assert only(api).service == "shop_2"
    assert [s.base_url.wire for s in api.services] == [
        "https://api.example.com/v1",
        "https://b.example.com",
    ]


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("api.example.com/v1/", "https://api.example.com/v1"),
        ("//api.example.com", "https://api.example.com"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("/api/v1", "/api/v1"),
        ("../v2", ""),
        ("v2/things.json", ""),
        ("https://{tenant}.example.com", ""),
    ],
)
def test_server_urls_that_are_not_whole(url: str, read: str, tmp_path: Path) -> None:
    """A forgotten scheme is put there; a path stays one, the rest is no default."""
    data = document({"/a": {"get": {"responses": {}}}}, servers=[{"url": url}])
    api, problems = lowered(data, tmp_path)
    assert api.services[0].base_url == Raw(read)
    told = [each.code for each in problems if each.code.startswith("L30")]
    assert told == ["L304" if "://" in read else "L301" if "{" in url else "L302"]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "https://u:p@example.com", "https://a\r\nb", "https://["],
)
def test_odd_server_urls_are_refused(url: str, tmp_path: Path) -> None:
    """A server with credentials, another scheme or a line end is no default."""
    data = document({"/a": {"get": {"responses": {}}}}, servers=[{"url": url}])
    api, problems = lowered(data, tmp_path)
    assert api.services[0].base_url == Raw("")
    assert any(p.severity == "warning" for p in problems)


def test_a_named_object_that_may_be_null_is_a_class(tmp_path: Path) -> None:
    """Null is a matter of who refers to it; the class has the name."""
    pet = {"type": ["object", "null"], "properties": {"a": {"type": "string"}}}
    found = member({"$ref": "#/components/schemas/Pet"}, tmp_path, Pet=pet)
    assert (found.type, found.nullable) == (ir.Ref(f"{AT}Pet"), True)
    api, _ = lowered(reads(Pet=pet), tmp_path)
    assert model(api, "Pet").fields[0].type == STRING


def test_an_object_beside_other_kinds_has_a_class_of_its_own(tmp_path: Path) -> None:
    """The name stands for all the kinds, and is not its own member."""
    pet = {"type": ["object", "string"], "properties": {"a": {"type": "string"}}}
    api, _ = lowered(reads(Pet=pet), tmp_path)
    found = api.decls[f"{AT}Pet"]
    assert isinstance(found, ir.Alias)
    assert found.type == ir.Union((ir.Ref(f"{AT}Pet/object"), STRING))


def test_direction_goes_through_references(tmp_path: Path) -> None:
    """readOnly of a referred schema, and of any part of an allOf, is the member's."""
    schemas = {
        "Id": {"type": "string", "readOnly": True},
        "Base": {"type": "object", "properties": {"n": {"type": "string"}}},
        "Box": {
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {
                    "type": "object",
                    "properties": {
                        "a": {"$ref": "#/components/schemas/Id"},
                        "b": {"allOf": [{"$ref": "#/components/schemas/Id"}]},
                        "c": {
                            "$ref": "#/components/schemas/Id",
                            "readOnly": False,
                        },
                        "n": {"readOnly": True},
                    },
                },
            ]
        },
    }
    api, _ = lowered(reads(**schemas), tmp_path)
    fields = {f.wire.wire: f.access for f in model(api, "Box").fields}
    assert fields == {"a": "read", "b": "read", "c": "both", "n": "read"}


def test_conditional_members_are_members(tmp_path: Path) -> None:
    """What is there under a condition may be there."""
    number = {"properties": {"b": {"type": "integer"}}, "required": ["b"]}
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "if": {"properties": {"a": {"const": "x"}}},
        "then": number,
        "else": {"properties": {"c": {"type": "string"}}},
        "dependentSchemas": {"a": {"properties": {"d": {"type": "string"}}}},
    }
    api, _ = lowered(reads(Box=schema), tmp_path)
    found = {f.wire.wire: (f.type, f.required) for f in model(api, "Box").fields}
    assert found == {
        "a": (STRING, False),
        "b": (INTEGER, False),
        "c": (STRING, False),
        "d": (STRING, False),
    }
