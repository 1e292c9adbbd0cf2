"""The one writer of JSON Schema: what tools and output have in common."""

from __future__ import annotations

import collections.abc as abc
import enum
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from specwire import models, tool
from specwire.structured import schema_of


class Unit(enum.Enum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


@dataclass
class Place:
    """A place.

    Args:
        city: where it is.
    """

    city: str
    floor: int = field(default=0, metadata={"description": "From the ground."})


def of_tool(kind: Any) -> Any:
    def run(x: Any) -> None:
        """Do it."""

    run.__annotations__ = {"x": kind}
    return tool(run).to_dict()["input_schema"]["properties"]["x"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Literal[Unit.KELVIN], {"type": "string", "enum": ["kelvin"]}),
        (list, {"type": "array"}),
        (abc.Sequence, {"type": "array"}),
        (dict, {"type": "object"}),
        (tuple, {"type": "array"}),
        (int | Any, {}),
    ],
    ids=str,
)
def test_types_are_the_same_for_tools_and_output(kind: Any, expected: Any) -> None:
    """What one can say the other can."""
    assert schema_of(kind) == of_tool(kind) == expected


def test_a_tool_says_more_of_a_class() -> None:
    """Defaults, and its members by the docstring; output has the docstring whole."""
    city, floor = {"type": "string"}, {"type": "integer"}
    told = {**floor, "description": "From the ground."}
    assert of_tool(Place) == {
        "type": "object",
        "description": "A place.",
        "properties": {
            "city": {**city, "description": "where it is."},
            "floor": {**told, "default": 0},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert schema_of(Place) == {
        "type": "object",
        "title": "Place",
        "description": "A place.\n\nArgs:\n    city: where it is.",
        "properties": {"city": city, "floor": told},
        "required": ["city"],
        "additionalProperties": False,
    }


def test_a_model_of_the_package_is_known_by_its_wire_names() -> None:
    """Whether or not one of it was made before."""
    for schema in (of_tool(models.TextBlock), schema_of(models.TextBlock)):
        assert schema["properties"]["type"] == {"type": "string", "enum": ["text"]}
        assert "text" in schema["required"]


def test_what_cannot_be_said_is_named_by_each() -> None:
    """The type inside, and where it was given."""
    with pytest.raises(
        TypeError, match="output_format: no JSON Schema for <class 'compl"
    ):
        schema_of(list[complex])
    with pytest.raises(
        TypeError, match="tool 'run': complex cannot be said as JSON Sc"
    ):
        of_tool(list[complex])
