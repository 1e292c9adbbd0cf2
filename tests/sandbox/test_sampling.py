"""Values that satisfy a schema, texts that match a pattern, forms read in place."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specwire.sandbox.multipart import MalformedMultipart, parameters, read_parts
from specwire.sandbox.patterns import sample_pattern
from specwire.sandbox.sampling import Hints, Sampler

NODE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
    "required": ["name"],
}
SCHEMAS: list[Any] = [
    {"type": "string"},
    {"type": "string", "minLength": 30},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^[a-z]+@[a-z]+\\.(com|org)$"},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 3, "maximum": 4},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": -10, "maximum": -8},
    {"type": "integer", "multipleOf": 7, "minimum": 8},
    {"type": "integer", "maximum": -5},
    {"type": "number", "minimum": 0.5, "maximum": 1},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"const": {"a": 1}},
    {"enum": ["x", 2]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
    {
        "type": "array",
        "items": {"enum": ["a", "b", "c"]},
        "minItems": 2,
        "uniqueItems": True,
    },
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}]},
    {"type": "array", "maxItems": 0},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {"type": "object", "required": ["a"], "additionalProperties": True},
    {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    {"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "boolean"}}},
    {
        "allOf": [
            {"type": "object", "required": ["a"]},
            {"properties": {"a": {"type": "integer"}}, "required": ["b"]},
        ]
    },
    {"properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"items": {"type": "string"}},
    NODE,
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("seed", range(3))
def test_a_sample_satisfies_its_schema(schema: Any, seed: int) -> None:
    """A sample has nothing against it."""
    value = Sampler(schema, Random(seed), Hints("add 2 and 9 in New York")).sample(
        schema
    )
    assert list(Draft202012Validator(schema).iter_errors(value)) == []


def test_a_recursive_schema_ends() -> None:
    """A schema that must contain itself gives a value all the same."""
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    assert isinstance(Sampler(schema, Random(0)).sample(schema), dict)


def test_a_reference_to_itself_ends() -> None:
    """A reference that leads to itself gives something."""
    schema = {"$ref": "#"}
    assert Sampler(schema, Random(0)).sample(schema) is not None


def test_hints_come_from_the_text() -> None:
    """Numbers and names of the text are used in order."""
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "number"},
            "b": {"type": "integer"},
            "city": {"type": "string"},
        },
    }
    hints = Hints("Please add 2.5 and 40 in San Francisco")
    value = Sampler(schema, Random(0), hints).sample(schema)
    assert value == {"a": 2.5, "b": 40, "city": "San Francisco"}


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{2,4}$",
        "a|b",
        "(foo)+",
        "^\\d{3}-\\w+\\s\\S$",
        "[^a-y]",
        "^srv_[a-z0-9]+$",
        "x*?y",
        ".",
    ],
)
def test_a_sample_matches_its_pattern(pattern: str) -> None:
    """The text made from a pattern matches it."""
    text = sample_pattern(pattern, Random(1))
    assert text is not None and re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(", "(?=b)a", "(a)\\1{0}(?<!a)$"])
def test_a_pattern_beyond_it_gives_none(pattern: str) -> None:
    """What is broken or computes gives no text, and no error."""
    assert sample_pattern(pattern, Random(1)) is None


def form(*parts: bytes) -> bytes:
    """A form with the boundary B."""
    return b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n"


def test_parts_are_read_in_order() -> None:
    """Names, file names in three spellings, types and contents."""
    body = form(
        b'Content-Disposition: form-data; name="a"\r\n\r\n1',
        b'content-disposition: form-data; name="f"; filename="q\\"x.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n\r\n\r\n",
        b"Content-Disposition: form-data; name=g; filename*=UTF-8''%C3%A9.bin\r\n\r\nz",
        b'Content-Disposition: form-data; name="h"; filename="a%22b"\r\n\r\n',
    )
    parts = read_parts("multipart/form-data; boundary=B", body)
    assert [part.name for part in parts] == ["a", "f", "g", "h"]
    assert [part.filename for part in parts] == [None, 'q"x.txt', "é.bin", 'a"b']
    assert [part.content.read() for part in parts] == [b"1", b"\r\n\r\n", b"z", b""]
    assert parts[1].content_type == "text/plain"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("multipart/form-data", b"", "no boundary"),
        ("multipart/form-data; boundary=B", b"x", "does not occur"),
        ("multipart/form-data; boundary=B", b"--B\r\nx", "closing boundary"),
        ("multipart/form-data; boundary=B", form(b"X: 1"), "empty line"),
        ("multipart/form-data; boundary=B", form(b"X: 1\r\n\r\nx"), "name"),
    ],
)
def test_a_malformed_form_says_what_is_missing(
    kind: str, body: bytes, said: str
) -> None:
    """Each defect has its own message."""
    with pytest.raises(MalformedMultipart, match=said):
        read_parts(kind, body)


def test_parameters_may_be_quoted() -> None:
    """Quoted and bare parameters are read alike."""
    assert parameters('x; A="b;c"; d=e') == {"a": "b;c", "d": "e"}
