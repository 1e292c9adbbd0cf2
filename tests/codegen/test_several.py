"""Several files: documents side by side in one package, and one over many files."""

from __future__ import annotations

import copy
import importlib
import json
import sys
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main

from .building import HERE, document, replies, saved
from .serving import serving

TREE = HERE / "tree" / "openapi.yaml"
PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
OTHER = {"type": "object", "properties": {"tag": {"type": "string"}}}


def pets(schema: str, **more: Any) -> dict[str, Any]:
    """A document whose ``listPets`` gives one pet of the schema referred to."""
    operation = {
        "operationId": "listPets",
        "tags": ["pets"],
        "responses": replies({"$ref": schema}),
    }
    return document({"/pets": {"get": operation}}, **more)


def key(where: str, name: str) -> dict[str, Any]:
    return {"key": {"type": "apiKey", "in": where, "name": name}}


A = pets(
    "#/components/schemas/Pet",
    schemas={"Pet": PET},
    components={"securitySchemes": key("header", "X-Key")},
    security=[{"key": []}],
    servers=[{"url": "https://a.example.com/v1"}],
)
B: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "B", "version": "2"},
    "host": "b.example.com",
    "basePath": "/v2",
    "schemes": ["https"],
    "securityDefinitions": key("query", "k"),
    "security": [{"key": []}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "responses": {
                    "200": {
                        "description": "Fine.",
                        "schema": {"$ref": "#/definitions/Pet"},
                    }
                },
            }
        }
    },
    "definitions": {"Pet": OTHER},
}


def build(folder: Path, *args: object) -> int:
    words = ["build", *map(str, args), "-o", str(folder / "out"), "--package", "both"]
    return main(words)


@contextmanager
def package(folder: Path) -> Iterator[Any]:
    """The package that was built, importable while the block runs."""
    sys.path.insert(0, str(folder / "out"))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module("both")
    finally:
        sys.path.pop(0)
        for module in [m for m in sys.modules if m.partition(".")[0] == "both"]:
            del sys.modules[module]


def test_each_document_keeps_its_server_and_credentials(tmp_path: Path) -> None:
    """The same operationId, tag, schema and scheme in both: nothing is mixed up."""
    a, b = saved(A, tmp_path, "a.json"), saved(B, tmp_path, "b.json")
    assert build(tmp_path, a, b) == 0
    with package(tmp_path) as both:
        with both.Client() as client:
            urls = ["https://a.example.com/v1", "https://b.example.com/v2"]
            assert list(client._base_urls.values()) == urls
        with serving({"/v1/pets": {"id": 1}, "/v2/pets?k=kb": {"tag": "t"}}) as pages:
            where = {"a": f"{pages.url}/v1", "b": f"{pages.url}/v2"}
            keys = {"a": "ka", "b": "kb"}
            with both.Client(api_keys=keys, base_urls=where) as client:
                first, second = client.pets.list(), client.pets.list_pets()
    assert (first.id, second.tag) == (1, "t")
    assert type(first) is not type(second)
    assert pages.paths == ["/v1/pets", "/v2/pets?k=kb"]
    assert [headers.get("X-Key") for _, headers in pages.asked] == ["ka", None]


def test_documents_refer_to_each_other(tmp_path: Path) -> None:
    """In any order, with the other's overlays, and into what was Swagger 2.0."""
    add = {"target": "$.definitions", "update": {"New": PET}}
    overlay = {"overlay": "1.0.0", "info": {}, "actions": [add]}
    over = saved(overlay, tmp_path, "o.json")
    a = saved(pets("b.json#/definitions/New"), tmp_path, "a.json")
    b = saved(B, tmp_path, "b.json")
    for first, second in ((a, b), (b, a)):
        assert build(tmp_path, first, second, "--overlay", f"b={over}", "--force") == 0
        with package(tmp_path) as both:
            assert "id" in typing.get_type_hints(both.models.New)


def test_a_document_in_another_folder_is_no_outside(tmp_path: Path) -> None:
    """What the user names may be referred to; the folder beside it may not."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    a = saved(pets("../two/b.json#/components/schemas/Pet"), tmp_path / "one", "a.json")
    b = saved(A, tmp_path / "two", "b.json")
    assert build(tmp_path, a, b) == 0
    assert build(tmp_path, a, "--force") == 2


def test_files_of_one_name_are_two_services(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder's name tells them apart, in the client and in messages."""
    paths = []
    for name in ("v1", "v2"):
        (tmp_path / name).mkdir()
        paths.append(saved(A, tmp_path / name, "openapi.json"))
    assert build(tmp_path, *paths) == 0
    text = (tmp_path / "out/both/resources/_surface.py").read_text()
    assert '"v1_openapi": ' in text
    assert '"v2_openapi": ' in text
    saved(pets("#/nope"), tmp_path / "v2", "openapi.json")
    capsys.readouterr()
    assert build(tmp_path, *paths) == 2
    assert "v2/openapi.json:1:" in capsys.readouterr().err


def test_all_documents_that_cannot_be_used_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run says what is wrong with each."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert build(tmp_path, broken, tmp_path / "none.json", saved(A, tmp_path)) == 2
    error = capsys.readouterr().err
    assert "broken.json:1:2: error S003" in error
    assert "none.json: error S001" in error


def test_an_overlay_for_a_document_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names that are known are said."""
    with pytest.raises(SystemExit) as end:
        build(tmp_path, saved(A, tmp_path, "a.json"), "--overlay", "b=o.json")
    assert end.value.code == 2
    assert "no document is called 'b'; known are: both" in capsys.readouterr().err


PLAN = '[package]\nname = "both"\nout = "out/both"\n'


def test_a_plan_of_several_documents(tmp_path: Path) -> None:
    """Each is a service of its own, unless they say the same about one."""
    saved(A, tmp_path, "a.json")
    saved(B, tmp_path, "b.json")
    same = copy.deepcopy(A)
    same["paths"] = {"/more": same["paths"]["/pets"]}
    saved(same, tmp_path, "c.json")
    plan = tmp_path / "plan.toml"
    files = ['file = "a.json"', 'file = "b.json"', 'file = "c.json"\nservice = "a"']
    plan.write_text(PLAN + "".join(f"[[document]]\n{file}\n" for file in files))
    assert main(["build", "--plan", str(plan)]) == 0
    with package(tmp_path) as both:
        assert list(both.Client._services) == ["a", "b"]
    files[1] += '\nservice = "a"'
    plan.write_text(PLAN + "".join(f"[[document]]\n{file}\n" for file in files))
    assert main(["build", "--plan", str(plan)]) == 0
    with package(tmp_path) as both:
        assert list(both.Client._services) == ["a", "a_2"]


# -- one document over many files ----------------------------------------------------


def test_a_tree_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Paths, parameters, bodies, replies, headers and schemas from nested folders."""
    assert build(tmp_path, TREE) == 0
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == [
        "warning R004 $ref '#gen' depends on where it is reached from; anything goes",
        "warning L101 a $ref that leads nowhere",
        "34 files written, 0 unchanged, 0 deleted",
    ]
    with package(tmp_path) as both:
        known = typing.get_type_hints(both.models.Holder)
        named = {
            name: typing.get_args(hint)[0].__name__
            for name, hint in known.items()
            if typing.get_args(hint) and not name.startswith("_")
        }
        assert {"id", "friend", "tree", "n"} <= typing.get_type_hints(
            both.models.Pet
        ).keys()
        with both.Client() as client:
            for call in ("pets.list", "pets.get", "pets.delete", "things.get"):
                resource, method = call.split(".")
                assert callable(getattr(getattr(client, resource), method))
    assert named == {
        "a": "Anchored",
        "b": "Address",
        "c": "Tree",
        "d": "OwnInner",
        "e": "Node",
        "f": "Leaf",
        "j": "Named",
        "g": "MyFile",
        "h": "Leaf",
    }


def test_files_behind_references_are_inputs(tmp_path: Path) -> None:
    """A change in any of them is drift."""
    (tmp_path / "sub").mkdir()
    saved(PET, tmp_path / "sub", "pet.json")
    spec = saved(pets("sub/pet.json"), tmp_path)
    assert build(tmp_path, spec) == 0
    lock = json.loads((tmp_path / "out/both/codegen.lock").read_text())
    assert lock["inputs"].keys() == {"api.json", "sub/pet.json"}
    saved({**PET, "title": "Pet"}, tmp_path / "sub", "pet.json")
    out = ["-o", str(tmp_path / "out"), "--package", "both"]
    assert main(["check", str(spec), *out]) == 1


def test_documents_of_one_service_have_one_server_and_key(tmp_path: Path) -> None:
    """With ``--service`` they are parts of what is called so; it has to be a name."""
    other = {**A, "paths": {"/owners": A["paths"]["/pets"]}}
    files = [saved(A, tmp_path, "a.json"), saved(other, tmp_path, "b.json")]
    assert build(tmp_path, *files, "--service", "shop") == 0
    with package(tmp_path) as both, both.Client() as client:
        assert list(client._base_urls) == ["shop"]
        assert [each.env for each in client._services["shop"].schemes.values()] == [
            "SHOP_API_KEY"
        ]
    with pytest.raises(SystemExit):
        build(tmp_path, *files, "--service", "no name")
