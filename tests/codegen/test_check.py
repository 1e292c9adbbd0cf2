"""The check: every slip in one run, and what is left has the shape the grammar says."""

from __future__ import annotations

from typing import Any

import pytest

from specwire_codegen.check import check
from specwire_codegen.grammar import LEAVES, THREE, TWO, Grammar
from specwire_codegen.problems import Problems, Unusable


def doc(**more: Any) -> dict[str, Any]:
    """A small document with these members."""
    return {"openapi": "3.1.0", "info": {"title": "T"}, "paths": {}, **more}


def checked(data: Any) -> tuple[Any, list[str]]:
    """The clean copy and the problems as ``code pointer``."""
    problems = Problems()
    out = check(data, problems, file="a")
    return out, [f"{p.code} {p.at.removeprefix('a#')}" for p in problems]


def operation(**more: Any) -> dict[str, Any]:
    """A document with one operation."""
    return doc(paths={"/x": {"get": more}})


def schema(value: Any) -> tuple[Any, list[str]]:
    """One component schema after the check, and what was said below it."""
    out, said = checked(doc(components={"schemas": {"S": value}}))
    return out["components"]["schemas"]["S"], [
        line.replace("/components/schemas/S", "") for line in said
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "expected an object with 'openapi' or 'swagger', got a list"),
        (None, "got nothing"),
        ("text", "got text"),
        ({}, "no 'openapi' or 'swagger' version"),
        ({"paths": {}}, "add 'openapi: 3.1.0'"),
        ({"openApi": "3.0.0"}, "'openApi' must be written"),
        ({"swaggerVersion": "1.2"}, "Swagger 1.x must be converted"),
        ({"asyncapi": "2.0.0"}, "AsyncAPI"),
        ({"openapi": "4.0.0"}, "version '4.0.0' cannot be read"),
        ({"swagger": "1.2"}, "known are swagger: '2.0'"),
        ({"openapi": {"a": 1}}, "cannot be read"),
        ({"openapi": "3.1.0"}, "describes nothing"),
        ({"openapi": "3.1.0", "paths": {}, "components": {}}, "describes nothing"),
        ({"openapi": "3.1.0", "paths": []}, "describes nothing"),
    ],
)
def test_what_describes_nothing_is_unusable(data: Any, said: str) -> None:
    """There is one exception, and it says what to do."""
    with pytest.raises(Unusable, match=said.replace(".", r"\.")):
        check(data, Problems(), file="a")


@pytest.mark.parametrize(
    "version", [3.0, "3.0.3", "3.1.0", "3.1.1", 3.1, "3.2.0", "3.0.0-rc2", " 3.1.0"]
)
def test_versions_that_are_read(version: Any) -> None:
    """Unquoted and half-written versions are understood without a word."""
    _, said = checked({**operation(), "openapi": version})
    assert said == []


def test_swagger_2_unquoted() -> None:
    """``swagger: 2.0`` is a number in YAML."""
    assert checked({"swagger": 2.0, "paths": {"/x": {"get": {}}}})[1] == []


def test_a_later_minor_version_is_a_warning() -> None:
    """Tomorrow's documents are mostly today's."""
    data = {**operation(), "openapi": "3.7.0"}
    assert checked(data)[1] == ["D002 /openapi"]


def test_missing_parts_that_nobody_needs() -> None:
    """No info, no paths, no responses: nothing to complain about."""
    data = {"openapi": "3.1.0", "webhooks": {"w": {"post": {}}}}
    out, said = checked(data)
    assert (out["info"], out["paths"], said) == ({}, {}, [])


def test_the_input_is_not_changed() -> None:
    """The check returns a copy of everything it may mend."""
    data = doc(paths={"x": {"get": {"parameters": "oops"}}})
    before = repr(data)
    checked(data)
    assert before == repr(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (operation(parameters={"a": 1}), "D004 /paths/~1x/get/parameters"),
        (operation(parameters=["a"]), "D004 /paths/~1x/get/parameters/0"),
        (operation(responses=[]), "D004 /paths/~1x/get/responses"),
        (operation(responses={"200": "ok"}), "D004 /paths/~1x/get/responses/200"),
        (operation(requestBody=[]), "D004 /paths/~1x/get/requestBody"),
        (operation(security={"a": []}), "D004 /paths/~1x/get/security"),
        (operation(tags="a"), "D005 /paths/~1x/get/tags"),
        (operation(summary=["a"]), "D005 /paths/~1x/get/summary"),
        (operation(deprecated="true"), "D005 /paths/~1x/get/deprecated"),
        (operation(reponses={}), "D005 /paths/~1x/get/reponses"),
        (operation(requestBody={"$ref": 1}), "D004 /paths/~1x/get/requestBody/$ref"),
        (doc(paths={"/x": {"get": {}}, "/y": []}), "D004 /paths/~1y"),
        (doc(paths={"/x": {"get": []}}), "D004 /paths/~1x/get"),
        (doc(paths={"/x": {"GET": {}}}), "D005 /paths/~1x/GET"),
        (doc(paths={"/x": None}), "D005 /paths/~1x"),
        ({**operation(), "servers": {"url": "x"}}, "D004 /servers"),
        ({**operation(), "components": []}, "D004 /components"),
        ({**operation(), "info": "T"}, "D004 /info"),
    ],
)
def test_a_wrong_shape_is_reported_and_left_out(data: Any, expected: str) -> None:
    """One bad part costs that part and one line, never the document."""
    assert [expected] == checked(data)[1]


@pytest.mark.parametrize(
    ("value", "clean", "said"),
    [
        ("string", {}, ["D004 "]),
        (None, {}, ["D005 "]),
        (True, True, []),
        (False, False, []),
        ({"items": False}, {"items": False}, []),
        ({"type": None}, {"type": "null"}, []),
        ({"type": ["string", None]}, {"type": ["string", "null"]}, []),
        ({"type": "String"}, {"type": "string"}, ["D005 /type"]),
        ({"type": "int"}, {"type": "integer"}, ["D005 /type"]),
        ({"type": "date"}, {"type": "string"}, ["D005 /type"]),
        ({"type": "any"}, {}, []),
        ({"type": "Pet"}, {}, ["D005 /type"]),
        ({"type": {}}, {}, ["D005 /type"]),
        ({"type": ["string", "Pet"]}, {}, ["D005 /type/1"]),
        ({"type": []}, {}, []),
        ({"enum": []}, {}, ["D005 /enum"]),
        ({"enum": "a"}, {"enum": ["a"]}, ["D005 /enum"]),
        ({"enum": None}, {}, ["D005 /enum"]),
        ({"required": True}, {}, ["D005 /required"]),
        ({"required": "a"}, {"required": ["a"]}, ["D005 /required"]),
        ({"description": 5}, {"description": "5"}, []),
        ({"properties": {"a": "x"}}, {"properties": {"a": {}}}, ["D004 /properties/a"]),
        (
            {"properties": {"a": None}},
            {"properties": {"a": {}}},
            ["D005 /properties/a"],
        ),
        ({"properties": []}, {}, ["D004 /properties"]),
        ({"oneOf": [1, {}]}, {"oneOf": [{}, {}]}, ["D004 /oneOf/0"]),
        ({"oneOf": {"a": {}}}, {}, ["D004 /oneOf"]),
        ({"nullable": "yes"}, {}, ["D005 /nullable"]),
        ({"discriminator": "k"}, {"discriminator": {"propertyName": "k"}}, []),
        ({"$ref": ["x"]}, {}, ["D004 /$ref"]),
        ({"default": {"type": 5}}, {"default": {"type": 5}}, []),
        ({"properties": {"$ref": {}}}, {"properties": {"$ref": {}}}, []),
        ({"properties": {"type": {}}}, {"properties": {"type": {}}}, []),
    ],
)
def test_schemas_are_mended_never_lost(value: Any, clean: Any, said: list[str]) -> None:
    """What cannot be understood allows anything; members keep their names."""
    assert (clean, said) == schema(value)


def test_a_path_without_a_slash_gets_one() -> None:
    """The path is used all the same."""
    out, said = checked(doc(paths={"x": {"get": {}}}))
    assert (out["paths"], said) == ({"/x": {"get": {}}}, ["D006 /paths/x"])


@pytest.mark.parametrize("path", ["https://host/x", "y"])
def test_a_path_that_cannot_be_meant_is_left_out(path: str) -> None:
    """A whole URL, or a path that is also there with a slash."""
    out, said = checked(doc(paths={path: {"get": {}}, "/y": {"get": {}}}))
    assert list(out["paths"]) == ["/y"]
    assert said[0][:4] == "D006"


def parameter(name: str, where: str = "path") -> dict[str, Any]:
    """One parameter, required."""
    return {"name": name, "in": where, "required": True, "schema": {"type": "string"}}


def test_an_undeclared_name_in_a_path_becomes_a_parameter() -> None:
    """The path can be filled in; the warning names what was missing."""
    item = {"parameters": [parameter("a")], "get": {"parameters": [parameter("b")]}}
    out, said = checked(doc(paths={"/{a}/{b}/{c}/{c}?x={d}": item}))
    listed = out["paths"]["/{a}/{b}/{c}/{c}?x={d}"]["get"]["parameters"]
    assert [parameter("b"), parameter("c")] == listed
    (line,) = said
    assert line.startswith("D007")


def test_shared_parameters_count_as_declared() -> None:
    """A reference to components declares the name; one out of sight is trusted."""
    shared = {"parameters": {"A": parameter("a")}}
    for ref in ("#/components/parameters/A", "other.yaml#/A"):
        get = {"parameters": [{"$ref": ref}]}
        data = doc(paths={"/{a}": {"get": get}}, components=shared)
        assert checked(data)[1] == []


def test_a_path_parameter_outside_the_path_is_left_out() -> None:
    """With a hint when only the spelling differs."""
    problems = Problems()
    get = {"parameters": [parameter("petID"), parameter("q", "query")]}
    out = check(doc(paths={"/{petId}": {"get": get}}), problems, file="a")
    names = [one["name"] for one in out["paths"]["/{petId}"]["get"]["parameters"]]
    assert names == ["q", "petId"]
    assert next(iter(problems)).hint == "did you mean 'petId'?"


def test_operation_ids_used_twice_are_both_kept() -> None:
    """A repeated id is a warning that names the other place; nothing is dropped."""
    problems = Problems()
    one = {"operationId": "a"}
    out = check(doc(paths={"/x": {"get": one, "post": one}}), problems, file="a")
    (problem,) = problems
    assert problem.code == "D009"
    assert "also that of GET /x" in problem.message
    assert list(out["paths"]["/x"]) == ["get", "post"]


def test_parameters_declared_twice_are_there_once() -> None:
    """The same name elsewhere is another parameter."""
    listed = [
        parameter("a", "query"),
        parameter("a", "header"),
        parameter("a", "query"),
    ]
    out, said = checked(operation(parameters=listed))
    assert listed[:2] == out["paths"]["/x"]["get"]["parameters"]
    assert said == ["D010 /paths/~1x/get/parameters/2"]


@pytest.mark.parametrize(
    "bad", [{"name": "a"}, {"in": "query"}, {"name": "a", "in": "body"}, {}]
)
def test_parameters_without_name_or_place_are_left_out(bad: Any) -> None:
    """They cannot be sent anywhere."""
    out, said = checked(operation(parameters=[bad]))
    assert out["paths"]["/x"]["get"]["parameters"] == []
    assert said == ["D004 /paths/~1x/get/parameters/0"]


def test_extensions_are_not_judged() -> None:
    """What starts with ``x-`` is its author's, wherever it stands."""
    data = doc(paths={"x-a": 1, "/x": {"x-b": [], "get": {"responses": {"x-c": 1}}}})
    out, said = checked({**data, "x-d": None})
    assert ([], data["paths"]) == (said, out["paths"])


def test_headers_may_start_like_extensions() -> None:
    """``x-request-id`` in a mapping of headers is a header."""
    responses = {"200": {"headers": {"x-request-id": "bad"}}}
    _, said = checked(operation(responses=responses))
    assert said == ["D004 /paths/~1x/get/responses/200/headers/x-request-id"]


@pytest.mark.parametrize("grammar", [TWO, THREE], ids=["2.0", "3.x"])
def test_the_grammar_knows_every_kind_it_names(grammar: Grammar) -> None:
    """No table leads to a kind that is not there."""
    named = {
        kind.strip("[]{}") for table in grammar.values() for kind in table.values()
    }
    assert set() == named - {*grammar, *LEAVES, "items"}


WRONG: list[Any] = [None, True, 0, 1.5, "x", "", [], {}, [None], {"x": None}, [[]]]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key of a value."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    out = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], (dict, list)):
            out += places(value[key])
    return out


FULL: dict[str, Any] = doc(
    servers=[{"url": "u", "variables": {"v": {"default": "d", "enum": ["d"]}}}],
    security=[{"key": []}],
    tags=[{"name": "t"}],
    paths={
        "/x/{a}": {
            "parameters": [parameter("a")],
            "post": {
                "operationId": "o",
                "tags": ["t"],
                "parameters": [parameter("q", "query")],
                "requestBody": {"content": {"a/b": {"schema": {"$ref": "#/x"}}}},
                "responses": {"200": {"headers": {"h": {"schema": {}}}, "content": {}}},
                "callbacks": {"c": {"u": {"post": {"responses": {}}}}},
            },
        }
    },
    components={
        "schemas": {
            "S": {
                "type": ["object", "null"],
                "properties": {"p": {"items": {"enum": [1]}, "required": ["r"]}},
                "oneOf": [{"discriminator": {"propertyName": "k", "mapping": {}}}],
                "additionalProperties": {"nullable": True},
            }
        },
        "securitySchemes": {"key": {"type": "apiKey", "name": "k", "in": "header"}},
    },
)


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_anything_anywhere_is_survived(wrong: Any) -> None:
    """Each value of a full document is replaced by each kind: no traceback, ever."""
    for container, key in places(FULL):
        kept, container[key] = container[key], wrong
        try:
            checked(checked(FULL)[0])
        except Unusable:
            pass
        finally:
            container[key] = kept
