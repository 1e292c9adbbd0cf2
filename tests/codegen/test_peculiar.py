"""Peculiarities of real documents, one a test: what is made of each, and what is sent.

The documents they were first seen in are, shortened, in ``corpus/documents``.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from specwire.testing import recorded
from specwire_codegen import ir

from .building import (
    built,
    document,
    imported,
    lowered,
    model,
    only,
    reads,
    replies,
)
from .test_emit_tests import run_all

SDK = Path(__file__).resolve().parents[2] / "sdk"
FORM = "application/x-www-form-urlencoded"


def one(path: str, operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document with one operation, ``GET path`` if it has no body."""
    method = "post" if "requestBody" in operation else "get"
    done = {"responses": {"204": {"description": "Done."}}, **operation}
    return document({path: {method: done}}, **more)


# -- schemas ---------------------------------------------------------------------


def test_null_belongs_to_the_use_of_a_named_schema(tmp_path: Path) -> None:
    """A component that may be null stays a model; who refers to it is optional."""
    maybe = {"type": ["object", "null"], "properties": {"x": {"type": "integer"}}}
    holder = {
        "required": ["m"],
        "properties": {"m": {"$ref": "#/components/schemas/M"}},
    }
    api, problems = lowered(reads(Holder=holder, M=maybe), tmp_path)
    (member,) = model(api, "Holder").fields
    assert model(api, "M").fields
    assert (member.type, member.nullable) == (
        ir.Ref("api.json#/components/schemas/M"),
        True,
    )
    assert not list(problems)


def test_a_nullable_component_reads_its_members(tmp_path: Path) -> None:
    """``nullable: true`` of OpenAPI 3.0 loses no type on the way to the model."""
    user = {
        "type": "object",
        "nullable": True,
        "properties": {"id": {"type": "integer"}},
    }
    data = {**reads(User=user), "openapi": "3.0.3"}
    output, _ = built(data, tmp_path)
    with imported(output, tmp_path / "p", "shop") as shop:
        assert get_type_hints(shop.models.User)["id"] == int | None


@pytest.mark.parametrize(
    ("values", "literals"),
    [
        ([1.5, "a", True], ("a", True)),
        ([1, 2.5, "a", "b"], ("a", "b")),
    ],
)
def test_numbers_with_fractions_are_no_literals(
    values: list[Any], literals: tuple[Any, ...], tmp_path: Path
) -> None:
    """Beside other kinds they are a plain number; no ``Literal`` may hold them."""
    api, _ = lowered(reads(E={"properties": {"v": {"enum": values}}}), tmp_path)
    (member,) = model(api, "E").fields
    assert isinstance(member.type, ir.Union)
    number, rest = member.type.members
    assert number == ir.Scalar("number")
    assert isinstance(rest, ir.Literals)
    assert rest.values == literals


@pytest.mark.parametrize("schema", [{"enum": [1 << 70, 1]}, {"const": -(1 << 70)}])
def test_huge_integers_are_no_literals(schema: dict[str, Any], tmp_path: Path) -> None:
    """What type checkers refuse in a ``Literal`` is a plain integer."""
    api, _ = lowered(reads(E={"properties": {"v": schema}}), tmp_path)
    assert model(api, "E").fields[0].type == ir.Scalar("integer")


def test_types_that_exclude_each_other_are_any(tmp_path: Path) -> None:
    """No reply could be read as one of them; there is a warning at each place."""
    text, number = {"type": "string"}, {"type": "integer"}
    base = {"type": "object", "properties": {"b": text, "n": {"type": "number"}}}
    own = {"properties": {"b": number, "n": number, "a": {"allOf": [text, number]}}}
    api, problems = lowered(reads(M={"allOf": [base, own]}), tmp_path)
    found = {field.wire.wire: field.type for field in model(api, "M").fields}
    assert found == {"a": ir.Any(), "b": ir.Any(), "n": ir.Scalar("integer")}
    assert [(p.severity, p.code) for p in problems] == [("warning", "L101")] * 2


def test_each_status_reads_as_it_is_documented(tmp_path: Path) -> None:
    """A status that reads like a later one is not taken for the first."""
    kinds = {"200": "integer", "201": "string", "202": "string", "203": "integer"}
    answers = {
        status: {"description": "", **replies({"type": kind})["200"]}
        for status, kind in kinds.items()
    }
    api, _ = lowered(one("/a", {"responses": answers}), tmp_path)
    result = only(api).result
    assert isinstance(result, ir.ByStatus)
    assert [status for status, _ in result.table] == ["200", "201", "202"]


# -- names -----------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["globals", "getattr", "list", "str", "dict"])
def test_no_module_hides_a_builtin_of_the_models(tag: str, tmp_path: Path) -> None:
    """A submodule is an attribute of its package, and ``models`` uses builtins."""
    item = {"type": "object", "properties": {"a": {"type": "string"}}}
    data = one("/a", {"tags": [tag], "responses": replies(item)})
    output, _ = built(data, tmp_path)
    with imported(output, tmp_path / "p", "shop") as shop:
        (name,) = shop.models.__all__
        assert (
            getattr(shop.models, name)
            in vars(importlib.import_module(f"shop.models.{tag}_resource")).values()
        )
        assert name in dir(shop.models)


def test_a_resource_called_surface_is_not_the_surface(tmp_path: Path) -> None:
    """The class that holds all resources keeps its name."""
    output, _ = built(one("/a", {"tags": ["Surface"]}), tmp_path)
    with imported(output, tmp_path / "p", "shop") as shop:
        resource = shop.Client().surface
        assert type(resource).__name__ == "SurfaceResource"


# -- what is sent ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sent"), [("/a{b", "/a%7Bb"), ("/a}b{", "/a%7Db%7B"), ("/{x}}", "/t%7D")]
)
def test_braces_without_a_name_are_characters(
    path: str, sent: str, tmp_path: Path
) -> None:
    """They are escaped, and the placeholders beside them still work."""
    parameter = {"name": "x", "in": "path", "required": True, "schema": {}}
    operation = {"operationId": "go", "tags": ["t"], "parameters": [parameter]}
    output, _ = built(one(path, operation), tmp_path)
    with imported(output, tmp_path / "p", "shop") as shop:
        with recorded(shop.Client) as record:
            record.client.t.go(*(["t"] if "{x}" in path else []))
    assert record.path == sent


def test_members_of_a_form_have_styles(tmp_path: Path) -> None:
    """``encoding`` says how; without it lists repeat and objects are JSON."""
    words = {"type": "array", "items": {"type": "string"}}
    properties = {
        "address": {"type": "object"},
        "tags": words,
        "labels": words,
        "plain": words,
        "extra": {"type": "object"},
        "more": words,
    }
    encoding = {
        "address": {"style": "deepObject", "explode": True},
        "tags": {"style": "deepObject", "explode": True},
        "labels": {"explode": False},
        "more": {"contentType": "application/json"},
        "nobody": {"style": "deepObject"},
    }
    body = {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": properties,
                    "required": ["tags", "labels", "address"],
                },
                "encoding": encoding,
            }
        },
    }
    operation = {"operationId": "send", "tags": ["t"], "requestBody": body}
    data = one("/a", operation)
    output, _ = built(data, tmp_path)
    with imported(output, tmp_path / "p", "shop") as shop:
        with recorded(shop.Client) as record:
            record.client.t.send(
                address={"city": "a b", "geo": {"lat": 1.5}},
                tags=["x", "y&"],
                labels=["x", "y"],
                plain=["x", "y"],
                extra={"k": 1},
                more=["x"],
            )
    assert record.content.decode().split("&") == [
        "address[city]=a%20b",
        "address[geo][lat]=1.5",
        "tags[]=x",
        "tags[]=y%26",
        "labels=x,y",
        "plain=x",
        "plain=y",
        "extra=%7B%22k%22%3A1%7D",
        "more=%5B%22x%22%5D",
    ]
    (tmp_path / "again").mkdir()
    assert run_all(data, tmp_path / "again") == ["t.send", "_aio.t"]


def test_samples_fill_every_place(tmp_path: Path) -> None:
    """The test of an operation whose path takes an object gives it a member."""
    parameter = {
        "name": "x",
        "in": "path",
        "required": True,
        "style": "matrix",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    data = one(
        "/a/{x}", {"operationId": "go", "tags": ["t"], "parameters": [parameter]}
    )
    assert run_all(data, tmp_path) == ["t.go", "_aio.t"]


# -- sizes -----------------------------------------------------------------------


def test_a_long_resource_is_cut(tmp_path: Path) -> None:
    """A hundred operations of one tag are one class in modules of 1,500 lines."""
    paths = {
        f"/a{number}": {
            "get": {
                "operationId": f"look{number}",
                "tags": ["t"],
                "parameters": [
                    {"name": f"p{n}", "in": "query", "schema": {"type": "string"}}
                    for n in range(9)
                ],
                "responses": replies({"$ref": "#/components/schemas/Part"}),
            }
        }
        for number in range(100)
    }
    part = {"type": "object", "properties": {"x": {"type": "integer"}}}
    output, _ = built(document(paths, {"Part": part}), tmp_path)
    modules = [name for name in output.files if name.startswith("resources/")]
    assert {"resources/t.py", "resources/_t_2.py"} <= set(modules)
    assert max(output.files[name].count("\n") for name in modules) <= 1500
    with imported(output, tmp_path / "p", "shop") as shop:
        with recorded(shop.Client) as record:
            record.client.t.look99(p1="x")
        assert type(record.client.t).__name__ == "T"
    record.expect("GET", "/a99", query=[("p1", "x")])


def test_many_models_are_listed_many_a_line(tmp_path: Path) -> None:
    """The list of a thousand models is shorter than a module may be."""
    names = [f"Model{number}" for number in range(1000)]
    schemas = {n: {"type": "object", "properties": {"x": {}}} for n in names}
    output, _ = built(document({}, schemas), tmp_path)
    assert output.files["models/__init__.py"].count("\n") <= 1500
    with imported(output, tmp_path / "p", "shop") as shop:
        assert sorted(names) == sorted(shop.models.__all__)
        assert set(names) <= set(dir(shop.models))
        found: dict[str, Any] = {}
        exec("from shop.models import *", found)
        assert set(names) <= set(found)


# -- at run time -----------------------------------------------------------------

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("specwire_codegen", "yaml", "tomli"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from specwire.testing import recorded
from shop import Client, models
with recorded(Client) as sent:
    sent.client.t.go()
sent.expect("GET", "/a")
print(models.Item.__name__)
"""


def test_packages_need_only_the_runtime(tmp_path: Path) -> None:
    """Neither the generator nor what it reads documents with is imported."""
    item = {"type": "object", "properties": {"a": {"type": "string", "format": "date"}}}
    answers = replies({"$ref": "#/components/schemas/Item"})
    operation = {"operationId": "go", "tags": ["t"], "responses": answers}
    output, _ = built(document({"/a": {"get": operation}}, {"Item": item}), tmp_path)
    with imported(output, tmp_path / "p", "shop"):
        pass
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        env={**os.environ, "PYTHONPATH": f"{SDK}{os.pathsep}{tmp_path / 'p'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("Item\n", "")
