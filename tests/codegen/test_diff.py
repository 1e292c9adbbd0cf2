"""``diff``: what a new version of a document adds, changes and breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main
from specwire_codegen.diff import Difference, diff
from specwire_codegen.problems import Problems

from .building import document, replies, saved

PET = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
    },
}
DATA = document(
    {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {
                        "name": "sort",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["up", "down"]},
                    },
                ],
                "responses": replies({"$ref": "#/components/schemas/Pet"}),
            },
            "delete": {"operationId": "deletePets", "responses": replies(True)},
        }
    },
    {"Pet": PET},
)
Edit = Callable[[Any], object]


def differs(folder: Path, edit: Edit) -> Difference:
    new = copy.deepcopy(DATA)
    edit(new)
    old = saved(DATA, folder, "old.json")
    return diff(old, saved(new, folder, "new.json"), Problems())


def get(data: Any) -> Any:
    return data["paths"]["/pets"]["get"]


def param(data: Any, number: int) -> Any:
    return get(data)["parameters"][number]


def properties(data: Any) -> Any:
    return data["components"]["schemas"]["Pet"]["properties"]


NEW_PARAM = {"name": "x", "in": "query", "schema": {"type": "string"}}
BROKEN: dict[str, Edit] = {
    "DELETE /pets: the operation is gone": lambda d: d["paths"]["/pets"].pop("delete"),
    "GET /pets: query parameter x is new and required": lambda d: get(d)[
        "parameters"
    ].append({**NEW_PARAM, "required": True}),
    "GET /pets query parameter limit: is required now": lambda d: param(d, 0).update(
        required=True
    ),
    "GET /pets: query parameter limit is gone": lambda d: get(d)["parameters"].pop(0),
    "GET /pets query parameter limit: was integer, is string": lambda d: param(
        d, 0
    ).update(schema={"type": "string"}),
    'GET /pets query parameter sort: value "up" is gone': lambda d: param(d, 1)[
        "schema"
    ]["enum"].remove("up"),
    "schema Pet: member kind is gone": lambda d: properties(d).pop("kind"),
    "schema Pet member id: was integer, is string": lambda d: properties(d).update(
        id={"type": "string"}
    ),
    "schema Pet member id: may be missing or null now": lambda d: d["components"][
        "schemas"
    ]["Pet"].pop("required"),
    "GET /pets reply: was JSON, is empty": lambda d: get(d).update(
        responses={"204": {"description": "Done."}}
    ),
}


@pytest.mark.parametrize("said", BROKEN)
def test_what_breaks(said: str, tmp_path: Path) -> None:
    """What a program may rely on and is gone or narrower asks for a major step."""
    found = differs(tmp_path, BROKEN[said])
    assert f"breaks: {said}" in found.lines()
    assert found.step == "major"


FINE: dict[str, Edit] = {
    "added: PUT /pets: a new operation": lambda d: d["paths"]["/pets"].update(
        put={"responses": replies(True)}
    ),
    "added: GET /pets: query parameter x is new": lambda d: get(d)["parameters"].append(
        NEW_PARAM
    ),
    "added: schema Pet: member name is new": lambda d: properties(d).update(
        name={"type": "string"}
    ),
    'added: schema Pet member kind: value "cow" is new': lambda d: properties(d)[
        "kind"
    ]["enum"].append("cow"),
    'changed: schema Pet member kind: value "cat" is gone': lambda d: properties(d)[
        "kind"
    ]["enum"].remove("cat"),
    "changed: GET /pets: is deprecated now": lambda d: get(d).update(deprecated=True),
}


@pytest.mark.parametrize("said", FINE)
def test_what_does_not_break(said: str, tmp_path: Path) -> None:
    """What is only more, or a received value that comes no more, is a minor step."""
    found = differs(tmp_path, FINE[said])
    assert found.lines() == [said, "version step: minor"]


def test_text_is_a_patch(tmp_path: Path) -> None:
    """Other words in the document are a patch; the same bytes are nothing."""
    assert differs(tmp_path, lambda d: get(d).update(summary="New.")).step == "patch"
    assert differs(tmp_path, lambda d: None).step == "none"


def test_a_recursive_schema_ends(tmp_path: Path) -> None:
    """Schemas that hold themselves are compared once."""
    found = differs(
        tmp_path,
        lambda d: properties(d).update(mother={"$ref": "#/components/schemas/Pet"}),
    )
    assert found.lines()[0] == "added: schema Pet: member mother is new"


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A difference ends in 0, and in 1 only where it breaks and that was asked."""
    new = copy.deepcopy(DATA)
    get(new)["parameters"].append(NEW_PARAM)
    old, minor = saved(DATA, tmp_path, "a.json"), saved(new, tmp_path, "b.json")
    assert main(["diff", str(old), str(minor)]) == 0
    assert main(["diff", str(old), str(minor), "--fail-on", "breaking"]) == 0
    assert main(["diff", str(minor), str(old)]) == 0
    assert main(["diff", str(minor), str(old), "--fail-on", "breaking"]) == 1
    assert main(["diff", str(old), str(tmp_path / "none.json")]) == 2
    assert "error" in capsys.readouterr().err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` gives the step and every change as an object."""
    new = copy.deepcopy(DATA)
    del new["paths"]["/pets"]["delete"]
    paths = [saved(DATA, tmp_path, "a.json"), saved(new, tmp_path, "b.json")]
    assert main(["diff", *map(str, paths), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "step": "major",
        "changes": [
            {
                "kind": "breaks",
                "where": "DELETE /pets",
                "what": "the operation is gone",
                "step": "major",
            }
        ],
    }
