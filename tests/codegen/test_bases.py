"""A base with a discriminator stands for its children, in replies and in requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire.core import codec
from specwire_codegen import ir
from tests.scripted import reply

from .building import document, lowered, model, replies
from .calling import called

TEXT = {"type": "string"}
AT = "api.json#/components/schemas/"


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def child(of: str, **properties: Any) -> dict[str, Any]:
    return {"allOf": [ref(of), {"type": "object", "properties": properties}]}


def base(**mapping: str) -> dict[str, Any]:
    said: dict[str, Any] = {"propertyName": "kind"}
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT, "name": TEXT},
        "discriminator": {**said, "mapping": mapping} if mapping else said,
    }


PETS = {
    "Pet": base(cat="#/components/schemas/Cat"),
    "Cat": child("Pet", lives={"type": "integer"}),
    "Dog": child("Pet", tricks={"type": "array", "items": ref("Pet")}),
    "Puppy": child("Dog", weeks={"type": "integer"}),
    "Fish": {"allOf": [ref("Pet")]},
}
PATHS = {
    "/pets": {
        "post": {
            "operationId": "addPet",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref("Pet")}},
            },
            "responses": replies(ref("Pet")),
        }
    }
}
SENT: list[tuple[str, dict[str, Any]]] = [
    ("Cat", {"kind": "cat", "lives": 9}),
    ("Dog", {"kind": "Dog", "tricks": [{"kind": "cat", "lives": 1}]}),
    ("Puppy", {"kind": "Puppy", "weeks": 3, "name": "p"}),
    ("Fish", {"kind": "Fish"}),
    ("Pet", {"kind": "Pet", "name": "n"}),
    ("Unknown", {"kind": "newt", "legs": 4}),
]


@pytest.mark.parametrize(("name", "data"), SENT)
def test_a_reply_is_the_child_that_it_says_it_is(
    name: str, data: dict[str, Any], tmp_path: Path
) -> None:
    """By mapping, else by name, at any depth; what is not known is kept."""
    with called(document(PATHS, PETS), tmp_path, reply(200, data)) as (client, server):
        result = client.pets.add(body=data)
        assert type(result).__name__ == name
        assert codec.dump(result) == data
    assert server.received[0].json() == data


def test_a_child_knows_its_tag(tmp_path: Path) -> None:
    """The tag's member has the child's value for a type, and so for a default."""
    api, problems = lowered(document(PATHS, PETS), tmp_path)
    assert list(problems) == []
    kinds = {n: model(api, n).fields[0].type for n in ("Cat", "Dog", "Fish", "Pet")}
    assert kinds == {
        "Cat": ir.Const("cat"),
        "Dog": ir.Const("Dog"),
        "Fish": ir.Const("Fish"),
        "Pet": ir.Scalar("string"),
    }


def test_an_enumeration_of_the_base_tells_no_child(tmp_path: Path) -> None:
    """What holds for all of them is not one child's constant."""
    schemas = {**PETS, "Pet": base()}
    schemas["Pet"]["properties"] = {"kind": {"enum": ["Cat", "Dog"]}}
    api, _ = lowered(document(PATHS, schemas), tmp_path)
    whole = api.decls[f"{AT}Pet/discriminator"]
    assert isinstance(whole, ir.Alias)
    assert isinstance(whole.type, ir.Union)
    assert whole.type.tag is not None
    table = {value.wire: ref.to.removeprefix(AT) for value, ref in whole.type.tag.table}
    names = ("Cat", "Dog", "Fish", "Puppy", "Pet")
    assert table == {name: name for name in names}


def test_a_base_without_children_is_a_model(tmp_path: Path) -> None:
    """A discriminator that tells nothing apart changes nothing."""
    api, _ = lowered(document(PATHS, {"Pet": base()}), tmp_path)
    assert list(api.decls) == [f"{AT}Pet"]


def test_children_of_each_other_end(tmp_path: Path) -> None:
    """A circle of bases is read to its end."""
    schemas = {
        "A": {**base(), "allOf": [ref("B")]},
        "B": {**base(), "allOf": [ref("A")]},
    }
    paths = {"/a": {"get": {"responses": replies(ref("A"))}}}
    api, _ = lowered(document(paths, schemas), tmp_path)
    assert f"{AT}A/discriminator" in api.decls
