"""Each document in ``openapi/`` is sound by itself.

Not here: whether it agrees with the public one (``test_compare``), what its overlay
adds (``test_overlays``), and what the generator makes of it (``tests/codegen``).
"""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from .documents import (
    NAMES,
    SPECS,
    WHOLE,
    Document,
    nodes,
    operations,
    parameters,
    resolve,
    schemas,
)

each_spec = pytest.mark.parametrize("name", NAMES)


def target(document: Document, ref: str) -> dict[str, Any]:
    return resolve(document, {"$ref": ref})


@each_spec
def test_documents_say_openapi_3_1(name: str) -> None:
    """Both documents are OpenAPI 3.1 with one server over TLS."""
    spec = SPECS[name]
    assert spec["openapi"] == "3.1.0"
    assert [server["url"][:8] for server in spec["servers"]] == ["https://"]


@each_spec
def test_every_reference_resolves(name: str) -> None:
    """Every $ref leads to something in the same document, overlay included."""
    document = WHOLE[name]
    refs = [node["$ref"] for _, node in nodes(document) if "$ref" in node]
    assert refs
    for ref in refs:
        target(document, ref)


def test_a_reference_to_nothing_is_found() -> None:
    """The check of references fails on a reference that leads nowhere."""
    with pytest.raises(KeyError, match="Pett"):
        target(SPECS["anthropic"], "#/components/schemas/Pett")


@each_spec
def test_every_operation_is_named_and_summed_up(name: str) -> None:
    """Every operation has an id, a summary, a known tag and a reply for errors."""
    tags = {tag["name"] for tag in SPECS[name]["tags"]}
    for method, path, operation in operations(SPECS[name]):
        assert operation.get("operationId"), (method, path)
        assert operation.get("summary"), (method, path)
        assert tags.issuperset(operation["tags"]), (method, path)
        assert "default" in operation["responses"], (method, path)


@each_spec
def test_the_places_of_a_path_are_described(name: str) -> None:
    """The names in a path's braces are exactly its path parameters."""
    for method, path, _ in operations(SPECS[name]):
        listed = parameters(SPECS[name], path, method)
        described = [each["name"] for each in listed if each["in"] == "path"]
        assert described == re.findall(r"\{(\w+)\}", path)


@each_spec
def test_texts_are_short(name: str) -> None:
    """Summaries and descriptions are one line of at most 100 characters."""
    for at, node in nodes(WHOLE[name]):
        for key in ("description", "summary"):
            text = node.get(key)
            if isinstance(text, str):
                assert 0 < len(text) <= 100, f"{at}/{key}"
                assert "\n" not in text, f"{at}/{key}"


@each_spec
def test_what_callers_pass_is_described(name: str) -> None:
    """Every schema, parameter and member of a request body has a description."""
    for schema, said in schemas(SPECS[name]).items():
        assert said.get("description"), schema
    for method, path, operation in operations(SPECS[name]):
        for parameter in parameters(SPECS[name], path, method):
            assert parameter.get("description"), parameter["name"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            body = resolve(SPECS[name], content["schema"])
            for member, said in body["properties"].items():
                assert said.get("description"), f"{path} {member}"


@each_spec
def test_schemas_are_json_schema(name: str) -> None:
    """Every component schema is valid JSON Schema 2020-12."""
    for said in schemas(SPECS[name]).values():
        jsonschema.Draft202012Validator.check_schema(said)


def test_a_schema_that_is_none_is_found() -> None:
    """The check of schemas fails on a type that does not exist."""
    with pytest.raises(jsonschema.SchemaError):
        jsonschema.Draft202012Validator.check_schema({"type": "text"})


@each_spec
def test_required_members_exist(name: str) -> None:
    """What a schema requires is among its properties."""
    for at, node in nodes(schemas(SPECS[name])):
        required = node.get("required")
        if isinstance(required, list):
            assert set(required) <= set(node["properties"]), at


@each_spec
def test_no_object_is_anonymous(name: str) -> None:
    """An object with members is a component with a name, so classes have good names."""
    for at, node in nodes(WHOLE[name]["paths"]):
        assert "properties" not in node, at
    for schema, said in schemas(SPECS[name]).items():
        inside = [each for at, each in nodes(said) if at != "#"]
        typed = [each for each in inside if each.get("type") == "object"]
        assert not [each for each in typed if "properties" in each], schema


@each_spec
def test_tags_name_every_member_of_their_union(name: str) -> None:
    """A discriminator maps each member's own constant to that member, and no more."""
    for at, node in nodes(SPECS[name]):
        if "discriminator" not in node:
            continue
        said = node["discriminator"]
        members = [member["$ref"] for member in node["oneOf"]]
        assert sorted(said["mapping"].values()) == sorted(members), at
        for value, ref in said["mapping"].items():
            tag = target(SPECS[name], ref)["properties"][said["propertyName"]]
            assert tag["const"] == value, at


@each_spec
def test_no_schema_is_an_orphan(name: str) -> None:
    """Every schema is reached from an operation, overlay included."""
    document = WHOLE[name]
    todo: list[Any] = [document["paths"]]
    reached: set[str] = set()
    while todo:
        for _, node in nodes(todo.pop()):
            ref = node.get("$ref")
            if isinstance(ref, str) and ref not in reached:
                reached.add(ref)
                todo.append(target(document, ref))
    prefix = "#/components/schemas/"
    assert set(schemas(document)) == {
        ref.removeprefix(prefix) for ref in reached if ref.startswith(prefix)
    }


def test_names_of_schemas_are_unique() -> None:
    """The two documents share no schema name, because they share a package."""
    assert not set(schemas(SPECS["anthropic"])) & set(schemas(SPECS["sim"]))
