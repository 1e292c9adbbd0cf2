"""The tests that come with a user's package: they run, and they can fail."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from specwire.testing import recorded
from specwire_codegen.cli import main

from .building import DOCUMENTS, built, document, imported, replies, saved


def run_all(data: dict[str, Any], folder: Path) -> list[str]:
    """Build, run every generated test, and return their names."""
    output, _ = built(data, folder)
    done = []
    with imported(output, folder / "p", "shop"):
        for file in output.files:
            if file.startswith("tests/test_"):
                module = importlib.import_module(f"shop.tests.{Path(file).stem}")
                for name in [n for n in vars(module) if n.startswith("test_")]:
                    getattr(module, name)()
                    done.append(f"{Path(file).stem[5:]}.{name[5:]}")
    return done


def param(name: str, where: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema, **more}


ODD = [
    param("a b", "query", {"type": "string", "enum": ["x y"]}),
    param("list", "query", {"type": "array", "items": {"type": "integer"}}),
    param("deep", "query", {"type": "object"}, style="deepObject", explode=True),
    param("X-Flag", "header", {"type": "boolean"}),
    param("crumb", "cookie", {"type": "number"}),
    param("json", "query", {"type": "string"}),
]


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_parameters_of_every_place(style: str, tmp_path: Path) -> None:
    """Path, query, header and cookie arguments are found in the request."""
    place = param("id", "path", {"type": "string"}, style=style)
    operation = {
        "operationId": "getIt",
        "parameters": [place, *ODD],
        "responses": replies(True),
    }
    data = document({"/things/{id}": {"get": operation}})
    assert run_all(data, tmp_path) == ["things.get_it", "_aio.things"]


NESTED = {
    "type": "object",
    "required": ["name", "self", "when"],
    "properties": {
        "name": {"type": "string"},
        "when": {"type": "string", "format": "date-time"},
        "self": {"type": "array", "items": {"$ref": "#/components/schemas/Nested"}},
    },
}
BODIES: dict[str, Any] = {
    "application/json": {"$ref": "#/components/schemas/Nested"},
    "application/vnd.shop+json": {"type": "array", "items": {"type": "integer"}},
    "application/x-www-form-urlencoded": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
    },
    "multipart/form-data": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    },
    "application/octet-stream": {"type": "string", "format": "binary"},
    "text/plain": {"type": "string"},
}


@pytest.mark.parametrize("media", BODIES)
def test_bodies_of_every_kind(media: str, tmp_path: Path) -> None:
    """What is required arrives in JSON, forms, multipart, bytes and text."""
    body = {"required": True, "content": {media: {"schema": BODIES[media]}}}
    post = {"operationId": "send", "requestBody": body, "responses": replies(True)}
    data = document({"/things": {"post": post}}, {"Nested": NESTED})
    assert len(run_all(data, tmp_path)) == 2


def test_a_header_that_cannot_be_sent(tmp_path: Path) -> None:
    """A name that HTTP does not allow must be refused before anything is sent."""
    operation = {
        "operationId": "getIt",
        "parameters": [param("X-\r\nEvil", "header", {"type": "string"})],
        "responses": replies(True),
    }
    assert len(run_all(document({"/a": {"get": operation}}), tmp_path)) == 2


def test_a_generated_test_can_fail(tmp_path: Path) -> None:
    """A record that is not what the document says is found by its test."""
    output, _ = built(document({"/a": {"get": {"responses": replies(True)}}}), tmp_path)
    wrong = output.files["resources/a.py"].replace('"/a"', '"/b"')
    with imported(output, tmp_path / "p", "shop"):
        (tmp_path / "p/shop/resources/a.py").write_text(wrong)
        tests = importlib.import_module("shop.tests.test_a")
        awaited = importlib.import_module("shop.tests.test__aio")
        for test in (tests.test_list, awaited.test_a):
            with pytest.raises(AssertionError, match="path: expected '/a', got '/b'"):
                test()


def test_recorded_wants_one_call(tmp_path: Path) -> None:
    """A block without a call fails; what goes wrong in it is not hidden."""
    output, _ = built(document({"/a": {"get": {"responses": replies(True)}}}), tmp_path)
    with imported(output, tmp_path / "p", "shop") as package:
        with pytest.raises(AssertionError, match="expected one call"):
            with recorded(package.Client):
                pass
        with pytest.raises(AssertionError, match="expected a refusal"):
            with recorded(package.Client, refused=True) as sent:
                sent.client.a.list()
        with pytest.raises(TypeError, match="strange"):
            with recorded(package.Client) as sent:
                sent.client.a.list(strange=1)


def test_every_operation_has_one(tmp_path: Path) -> None:
    """As many tests as operations, and one of each resource for the async client."""
    main(["build", str(DOCUMENTS / "library.json"), "-o", str(tmp_path)])
    folder = tmp_path / "library/tests"
    files = [file.read_text() for file in folder.glob("test_[a-z]*.py")]
    assert sum(file.count("\ndef test_") for file in files) == 12
    awaited = (folder / "test__aio.py").read_text()
    assert awaited.count("\ndef test_") == len(files)


def test_no_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--no-tests`` leaves them out, deletes earlier ones, and keeps the user's."""
    spec = saved(document({"/a": {"get": {"responses": replies(True)}}}), tmp_path)
    argv = [str(spec), "-o", str(tmp_path), "--package", "shop"]
    assert main(["build", *argv]) == 0
    assert (tmp_path / "shop/tests/test_a.py").exists()
    assert main(["build", *argv, "--no-tests"]) == 0
    assert not (tmp_path / "shop/tests").exists()
    (tmp_path / "shop/tests").mkdir()
    (tmp_path / "shop/tests/test_mine.py").write_text("")
    assert main(["check", *argv, "--no-tests"]) == 0
    assert main(["check", *argv]) == 1
    assert "a/tests/test_mine.py" in capsys.readouterr().out
