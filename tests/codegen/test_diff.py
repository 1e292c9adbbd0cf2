"""``diff``: what a new version of a document adds, changes and breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.build import Understood, understand
from specwire_codegen.cli import main
from specwire_codegen.diff import Difference, diff
from specwire_codegen.job import job_of_specs
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
    return compared(folder, DATA, new)


def compared(folder: Path, old: Any, new: Any) -> Difference:
    """The difference of two documents; that their files have other names is none."""

    def version(data: Any, name: str) -> Understood:
        spec = saved(data, folder, name)
        job = job_of_specs([spec], folder, package=None, overlays=[])
        return understand(job, Problems())

    return diff(version(old, "old.json"), version(new, "new.json"))


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


# -- every kind of part, with its step ----------------------------------------------

ERROR = {"type": "object", "required": ["code"], "properties": {"code": PET}}
RICH = document(
    {
        "/pets": {
            "post": {
                "operationId": "addPet",
                "parameters": [
                    {"name": "n", "in": "query", "schema": {"type": "integer"}},
                    {
                        "name": "page",
                        "in": "query",
                        "schema": {"type": "integer", "default": 10},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "a": {"type": ["string", "null"]},
                                    "size": {"type": "string", "enum": ["s", "l"]},
                                },
                            }
                        }
                    },
                },
                "responses": {
                    **replies({"$ref": "#/components/schemas/Pet"}),
                    "404": {
                        "description": "None.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Error"}
                            }
                        },
                    },
                },
                "x-specwire-headers": {"X-Beta": "one"},
            }
        },
        "/text": {"get": {"responses": replies({"type": "string"}, "text/plain")}},
    },
    {"Pet": {**PET, "additionalProperties": False}, "Error": ERROR},
    components={
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "other": {"type": "http", "scheme": "basic"},
        }
    },
    security=[{"key": []}],
)


def post(data: Any) -> Any:
    return data["paths"]["/pets"]["post"]


def body(data: Any) -> Any:
    return post(data)["requestBody"]["content"]["application/json"]["schema"]


def schemas(data: Any) -> Any:
    return data["components"]["schemas"]


def schemes(data: Any) -> Any:
    return data["components"]["securitySchemes"]


def moved_body(data: Any) -> None:
    content = post(data)["requestBody"]["content"]
    content["multipart/form-data"] = content.pop("application/json")


def text_reply(data: Any) -> None:
    content = data["paths"]["/text"]["get"]["responses"]["200"]["content"]
    content["text/markdown"] = content.pop("text/plain")


PARTS: dict[str, tuple[str, Edit]] = {
    "changed: POST /pets: the error 404 is described no more": (
        "minor",
        lambda d: post(d)["responses"].pop("404"),
    ),
    "added: POST /pets: the error 409 is new": (
        "minor",
        lambda d: post(d)["responses"].update({"409": post(d)["responses"]["404"]}),
    ),
    "breaks: POST /pets error 404: was Error, is Pet": (
        "major",
        lambda d: post(d)["responses"]["404"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/Pet"}
        ),
    ),
    "breaks: schema Error: member code is gone": (
        "major",
        lambda d: schemas(d)["Error"].update(properties={"x": {}}, required=[]),
    ),
    "changed: POST /pets: the constant header x-beta was one, is two": (
        "minor",
        lambda d: post(d).update({"x-specwire-headers": {"X-Beta": "two"}}),
    ),
    "changed: POST /pets: the constant header x-beta was one, is not sent": (
        "minor",
        lambda d: post(d).pop("x-specwire-headers"),
    ),
    "changed: POST /pets: may be sent again once it has begun": (
        "minor",
        lambda d: post(d).update({"x-specwire-retry": "always"}),
    ),
    "changed: POST /pets body: was application/json, is multipart/form-data": (
        "minor",
        moved_body,
    ),
    "changed: GET /text reply: was text/plain, is text/markdown": (
        "minor",
        text_reply,
    ),
    "breaks: security: other credentials are needed": (
        "major",
        lambda d: d.update(security=[{"other": []}]),
    ),
    "added: security: one more kind of credential is taken": (
        "minor",
        lambda d: d["security"].append({"other": []}),
    ),
    "changed: security: works without credentials now": (
        "minor",
        lambda d: d.pop("security"),
    ),
    "changed: security key: is sent as query k, was header X-Key": (
        "minor",
        lambda d: schemes(d)["key"].update({"in": "query", "name": "k"}),
    ),
    "breaks: security key: was apiKey, is basic": (
        "major",
        lambda d: schemes(d).update(key={"type": "http", "scheme": "basic"}),
    ),
    "changed: server: the URL was https://api.example.com/v1, is https://b.test": (
        "minor",
        lambda d: d.update(servers=[{"url": "https://b.test"}]),
    ),
    "changed: POST /pets query parameter page: the default was 10, is 20": (
        "minor",
        lambda d: post(d)["parameters"][1]["schema"].update(default=20),
    ),
    "changed: POST /pets query parameter n: was integer, is number": (
        "minor",
        lambda d: post(d)["parameters"][0].update(schema={"type": "number"}),
    ),
    "changed: POST /pets query parameter n: is deprecated now": (
        "minor",
        lambda d: post(d)["parameters"][0].update(deprecated=True),
    ),
    "changed: schema Pet: is deprecated now": (
        "minor",
        lambda d: schemas(d)["Pet"].update(deprecated=True),
    ),
    "breaks: POST /pets body member a: may not be null any more": (
        "major",
        lambda d: body(d)["properties"].update(a={"type": "string"}),
    ),
    "changed: POST /pets body member size: may be null now": (
        "minor",
        lambda d: body(d)["properties"]["size"].update(
            type=["string", "null"], enum=["s", "l", None]
        ),
    ),
    'breaks: POST /pets body member size: value "l" is gone': (
        "major",
        lambda d: body(d)["properties"]["size"].update(enum=["s"]),
    ),
    'changed: POST /pets body member size: was one of "s", "l", is string': (
        "minor",
        lambda d: body(d)["properties"]["size"].pop("enum"),
    ),
    'breaks: POST /pets body member a: was string, is one of "x", "y"': (
        "major",
        lambda d: body(d)["properties"]["a"].update(enum=["x", "y", None]),
    ),
    "breaks: POST /pets body member a: is required now": (
        "major",
        lambda d: body(d).update(required=["a"]),
    ),
    'changed: schema Pet member kind: was one of "cat", "dog", is string': (
        "minor",
        lambda d: schemas(d)["Pet"]["properties"].update(kind={"type": "string"}),
    ),
    "changed: schema Pet member kind: is always there now": (
        "minor",
        lambda d: schemas(d)["Pet"].update(required=["id", "kind"]),
    ),
    "changed: POST /pets body: is optional now": (
        "minor",
        lambda d: post(d)["requestBody"].update(required=False),
    ),
}


@pytest.mark.parametrize("said", PARTS)
def test_parts_and_their_steps(said: str, tmp_path: Path) -> None:
    """One edit is one line, and the step is that of its direction."""
    step, edit = PARTS[said]
    new = copy.deepcopy(RICH)
    edit(new)
    found = compared(tmp_path, RICH, new)
    assert said in found.lines()
    assert found.step == step


def test_a_deprecation_taken_back_is_a_patch(tmp_path: Path) -> None:
    """Nothing has to be done about it."""
    old = copy.deepcopy(DATA)
    get(old)["deprecated"] = True
    assert compared(tmp_path, old, DATA).step == "patch"


def test_a_renamed_schema_is_one_entry(tmp_path: Path) -> None:
    """Also where others that are renamed hold it, and where it holds itself."""
    old = copy.deepcopy(DATA)
    properties(old)["mother"] = {"$ref": "#/components/schemas/Pet"}
    properties(old)["house"] = {"$ref": "#/components/schemas/House"}
    rooms = {"type": "array", "items": {"type": "object", "properties": {"m": {}}}}
    house = {"type": "object", "properties": {"rooms": rooms}}
    old["components"]["schemas"]["House"] = house
    text = json.dumps(old).replace("schemas/Pet", "schemas/Animal")
    new = json.loads(text.replace("schemas/House", "schemas/Home"))
    known = new["components"]["schemas"]
    known["Animal"], known["Home"] = known.pop("Pet"), known.pop("House")
    assert compared(tmp_path, old, new).lines() == [
        "renamed: schema House: is Home now",
        "renamed: schema Pet: is Animal now",
        "version step: major",
    ]


def test_a_renamed_operation_is_said(tmp_path: Path) -> None:
    """The lock keeps the method's name, so this is no break."""
    found = differs(tmp_path, lambda d: get(d).update(operationId="allPets"))
    (line, step) = found.lines()
    assert line.startswith("changed: GET /pets: client.pets.")
    assert step == "version step: minor"


# -- overlays and plans --------------------------------------------------------------


def overlay(folder: Path, *actions: Any, name: str = "o.json") -> str:
    data = {"overlay": "1.0.0", "info": {}, "actions": list(actions)}
    return str(saved(data, folder, name))


Capture = pytest.CaptureFixture[str]


def test_overlays_are_put_on_both(tmp_path: Path, capsys: Capture) -> None:
    """What an overlay takes out of both is no difference."""
    new = copy.deepcopy(DATA)
    del new["paths"]["/pets"]["delete"]
    paths = [str(saved(DATA, tmp_path, "a.json")), str(saved(new, tmp_path, "b.json"))]
    target = "$.paths['/pets']"
    over = overlay(
        tmp_path,
        {"target": target, "update": {"delete": {}}},
        {"target": f"{target}.delete", "remove": True},
    )
    assert main(["diff", *paths]) == 0
    assert "the operation is gone" in capsys.readouterr().out
    assert main(["diff", *paths, "--overlay", over]) == 0
    assert capsys.readouterr().out == "version step: patch\n"


def test_plans_are_compared_like_documents(tmp_path: Path, capsys: Capture) -> None:
    """A version may be a plan, or stand in the place of a plan's document."""
    new = copy.deepcopy(DATA)
    del new["paths"]["/pets"]["delete"]
    for name, data in (("old", DATA), ("new", new)):
        (tmp_path / name).mkdir()
        saved(data, tmp_path / name, "a.json")
        saved(RICH, tmp_path / name, "b.json")
        plan = '[package]\nname = "shop"\n[[document]]\nfile = "a.json"\n'
        (tmp_path / name / "plan.toml").write_text(
            plan + '[[document]]\nfile = "b.json"\n[operations]\n"listPets" = "x.y"\n'
        )
    old, after = str(tmp_path / "old/plan.toml"), str(tmp_path / "new/plan.toml")
    assert main(["diff", old, after]) == 0
    said = "breaks: a DELETE /pets: the operation is gone\nversion step: major\n"
    assert capsys.readouterr().out == said
    files = [str(tmp_path / "old/a.json"), str(tmp_path / "new/a.json")]
    assert main(["diff", *files, "--plan", old]) == 0
    assert capsys.readouterr().out == said
    with pytest.raises(SystemExit):
        main(["diff", *[str(saved(DATA, tmp_path, "c.json"))] * 2, "--plan", old])
