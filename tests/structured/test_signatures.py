"""The schemas of functions, and of the kinds of classes, by one call."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, Literal, NamedTuple, TypedDict

import attrs
import pytest

from specwire.structured import schema_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Data:
    name: str
    colour: Colour = Colour.RED


@attrs.frozen
class Attrs:
    name: str
    colour: Colour = Colour.RED


class Typed(TypedDict):
    name: str
    colour: Colour


class Named(NamedTuple):
    name: str
    colour: Colour = Colour.RED


def paint(name: str, colour: Literal["red", "blue"] = "red", *, coats: int = 1) -> str:
    """Paint something.

    :param name: what is painted.
    """
    return name


@pytest.mark.parametrize("kind", [Data, Attrs, Typed, Named])
def test_classes_of_all_kinds_have_one_schema(kind: Any) -> None:
    """What differs is what a class says of defaults."""
    schema = schema_of(kind)
    colour = {"type": "string", "enum": ["red", "blue"]}
    assert schema["properties"] == {"name": {"type": "string"}, "colour": colour}
    assert schema["required"][0] == "name"
    assert schema["additionalProperties"] is False


def test_a_function_has_the_schema_of_its_arguments() -> None:
    """With what its docstring says of them."""
    schema = schema_of(paint)
    assert schema["type"] == "object"
    assert schema["required"] == ["name"]
    assert schema["properties"]["name"]["description"] == "what is painted."
    assert schema["properties"]["colour"]["enum"] == ["red", "blue"]
    assert set(schema["properties"]) == {"name", "colour", "coats"}


def test_a_function_that_json_cannot_call_is_refused() -> None:
    """``*args`` have no names."""

    def gather(*things: str) -> None: ...

    with pytest.raises(TypeError, match=r"output_format: .*\*things"):
        schema_of(gather)
