"""``transform_schema``: the part of a JSON Schema that the Messages API takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from specwire import transform_schema
from specwire.structured import schema_of


@dataclass
class Node:
    name: str
    next: Node | None = None


@pytest.mark.parametrize(
    ("schema", "want"),
    [
        ({}, {}),
        (True, {}),
        ({"const": 3}, {"const": 3}),
        ({"enum": ["a", None]}, {"enum": ["a", None]}),
        (
            {"type": ["string", "null"], "minLength": 2, "title": "T"},
            {
                "title": "T",
                "anyOf": [
                    {"type": "string", "description": "{minLength: 2}"},
                    {"type": "null"},
                ],
            },
        ),
        ({"type": ["integer"]}, {"type": "integer"}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"enum": ["a", None]}),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {"type": "object", "properties": {"a": True}, "required": ["a"]},
            {
                "type": "object",
                "properties": {"a": {}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
        ({"properties": {}}, None),
        (
            {"type": "object", "additionalProperties": True},
            {"type": "object", "additionalProperties": False},
        ),
        (
            {"type": "integer", "description": "Size.", "minimum": 1, "maximum": 9},
            {"type": "integer", "description": "Size.\n\n{minimum: 1, maximum: 9}"},
        ),
        ({"type": "array", "minItems": 1}, {"type": "array", "minItems": 1}),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 2},
            {
                "type": "array",
                "items": {"type": "string"},
                "description": "{minItems: 2}",
            },
        ),
        ({"type": "string", "format": "uuid"}, {"type": "string", "format": "uuid"}),
        (
            {"type": "string", "format": "regex"},
            {"type": "string", "description": "{format: regex}"},
        ),
        (
            {"$ref": "#/definitions/A", "definitions": {"A": {"type": "object"}}},
            {
                "$ref": "#/$defs/A",
                "$defs": {"A": {"type": "object", "additionalProperties": False}},
            },
        ),
        (
            {"allOf": [{"type": "number", "exclusiveMinimum": 0}]},
            {
                "allOf": [
                    {"type": "number", "description": "{exclusiveMinimum: 0}"},
                ]
            },
        ),
    ],
)
def test_what_is_kept_and_what_is_told(schema: Any, want: Any) -> None:
    """Known keywords stay, the others go into the description."""
    found = transform_schema(schema)
    if want is None:
        want = {"type": "object", "properties": {}, "additionalProperties": False}
    assert found == want


@pytest.mark.parametrize("kind", [Node, list[Node], dict[str, int], int | None, bool])
def test_types_are_transformed_through_their_schema(kind: Any) -> None:
    """A second pass changes nothing."""
    once = transform_schema(kind)
    assert once == transform_schema(schema_of(kind))
    assert transform_schema(once) == once
    json.dumps(once)


def test_a_class_that_holds_itself_stands_under_defs() -> None:
    """A root reference and its definitions stay together."""
    schema = transform_schema(Node)
    assert schema["$ref"] == "#/$defs/Node"
    inner = schema["$defs"]["Node"]["properties"]["next"]
    assert inner == {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}


def test_the_schema_given_stays_as_it_was() -> None:
    """Nothing is changed in place."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}}
    before = json.dumps(schema)
    transform_schema(schema)
    assert json.dumps(schema) == before
