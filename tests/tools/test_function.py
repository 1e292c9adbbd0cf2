"""``@tool``: from hints and a docstring to a schema, and from JSON to arguments."""

# ruff: noqa: UP007, UP045 (both spellings of a union are what is tested)

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict, Union

import attrs
import pytest

from specwire import beta_tool, tool
from specwire.structured import docstrings
from specwire.tools import FunctionTool, ToolInputError


class Unit(enum.Enum):
    C = "celsius"
    F = "fahrenheit"


@dataclasses.dataclass
class Place:
    """A place.

    :param city: its name.
    """

    city: str
    country: str = "JP"
    near: Optional[Place] = None


@attrs.define
class Span:
    first: dt.date
    days: int = 1


class Options(TypedDict, total=False):
    wind: bool


class Pair(NamedTuple):
    low: int
    high: int = 9


def schema(func: Any) -> Any:
    return FunctionTool(func).input_schema


def one(hint: Any) -> Any:
    def function(x):  # type: ignore[no-untyped-def]
        pass

    function.__annotations__ = {"x": hint}
    return FunctionTool(function)


def test_a_tool_is_made_of_hints_and_a_docstring() -> None:
    """Name, description, types, required arguments and defaults come from the code."""

    @tool
    def weather(city: str, days: int = 1, unit: Literal["c", "f"] = "c") -> str:
        """Tell the weather.

        As it is known now.

        Args:
            city: The city,
                with its country.
            days (int): How many days.

        Returns:
            A text.
        """
        return f"{city} {days} {unit}"

    assert weather.to_dict() == {
        "name": "weather",
        "description": "Tell the weather.\n\nAs it is known now.",
        "input_schema": {
            "type": "object",
            "properties": {
                "city": {
                    "type": "string",
                    "description": "The city, with its country.",
                },
                "days": {
                    "type": "integer",
                    "description": "How many days.",
                    "default": 1,
                },
                "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
    }


def test_a_tool_stays_callable() -> None:
    """Calling the tool calls the function, with its name and docstring."""

    @beta_tool
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    assert add(1, b=2) == 3
    assert (add.__name__, add.__doc__) == ("add", "Add.")
    assert beta_tool is tool


def test_the_decorator_takes_what_the_code_does_not_say() -> None:
    """name, description, input_schema and further members replace what was read."""
    given = {"type": "object", "properties": {"x": {"type": "integer"}}}

    @tool(name="other", description="Other.", input_schema=given, strict=True)
    def function(x: int) -> int:
        return x * 2

    assert function.to_dict() == {
        "name": "other",
        "description": "Other.",
        "input_schema": given,
        "strict": True,
    }
    assert function.call({"x": "4"}) == 8


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (str, {"type": "string"}),
        (float, {"type": "number"}),
        (None, {"type": "null"}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (Union[int, str], {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Unit, {"type": "string", "enum": ["celsius", "fahrenheit"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (
            dict[str, int],
            {"type": "object", "additionalProperties": {"type": "integer"}},
        ),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (Any, {}),
        (dt.date, {"type": "string", "format": "date"}),
        (Annotated[int, "How many."], {"type": "integer", "description": "How many."}),
        (
            Options,
            {
                "type": "object",
                "properties": {"wind": {"type": "boolean"}},
                "additionalProperties": False,
            },
        ),
    ],
    ids=str,
)
def test_each_type_has_its_schema(hint: Any, expected: Any) -> None:
    """A hint's schema says what JSON the argument is."""
    assert one(hint).input_schema["properties"]["x"] == expected


def test_a_class_that_contains_itself_is_referred_to() -> None:
    """A recursive class stands in ``$defs`` once."""
    made = one(Place).input_schema
    assert made["properties"]["x"] == {"$ref": "#/$defs/Place"}
    place = made["$defs"]["Place"]
    assert place["properties"]["near"]["anyOf"][0] == {"$ref": "#/$defs/Place"}
    assert place["properties"]["city"]["description"] == "its name."
    assert place["required"] == ["city"]


@pytest.mark.parametrize(
    ("hint", "given", "expected"),
    [
        (int, "3", 3),
        (int, 3.0, 3),
        (float, "1.5", 1.5),
        (bool, "True", True),
        (list[int], "[1, 2]", [1, 2]),
        (tuple[int, str], [1, "a"], (1, "a")),
        (set[int], [1, 2], {1, 2}),
        (Unit, "celsius", Unit.C),
        (Optional[Unit], None, None),
        (Union[Place, Span], {"first": "2026-01-02"}, Span(dt.date(2026, 1, 2))),
        (
            Place,
            {"city": "Kyoto", "near": {"city": "Nara"}},
            Place("Kyoto", near=Place("Nara")),
        ),
        (
            list[Span],
            [{"first": "2026-01-02", "days": "2"}],
            [Span(dt.date(2026, 1, 2), 2)],
        ),
        (Options, {"wind": True}, {"wind": True}),
        (Pair, {"low": 1}, Pair(1)),
        (dict[str, Unit], {"a": "fahrenheit"}, {"a": Unit.F}),
        (Optional[Path], "a/b", Path("a/b")),
        (dt.time, "12:30:00Z", dt.time(12, 30, tzinfo=dt.timezone.utc)),
        (Decimal, 1.5, Decimal("1.5")),
        (Union[int, str], "7", "7"),
        (Any, {"a": [1]}, {"a": [1]}),
    ],
    ids=str,
)
def test_arguments_become_values_of_their_types(
    hint: Any, given: Any, expected: Any
) -> None:
    """JSON becomes what the hint says, also where a model wrote it a little off."""

    def function(x):  # type: ignore[no-untyped-def]
        return x

    function.__annotations__ = {"x": hint}
    found = FunctionTool(function).call({"x": given})
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "'city' is a required property"),
        ({"city": 1}, "At /city: 1 is not of type 'string'"),
        ({"city": "a", "days": "many"}, "At /days: 'many' is not of type 'integer'"),
        ({"city": "a", "other": 1}, "'other' was unexpected"),
        ([1], "is not of type 'object'"),
        ({"city": "a", "day": "2026-06-31"}, "at /day: "),
    ],
)
def test_arguments_that_do_not_fit_are_refused(given: Any, told: str) -> None:
    """The error says where and why; the function did not run."""

    @tool
    def weather(city: str, days: int = 1, day: Optional[dt.date] = None) -> str:
        raise AssertionError("it ran")

    with pytest.raises(ToolInputError) as caught:
        weather.call(given)
    assert told in str(caught.value)
    assert str(caught.value).startswith("weather: ")


def test_types_of_the_function_around_are_found() -> None:
    """A class that is local to the caller may be a hint."""

    class Local(TypedDict):
        n: int

    @tool
    def function(x: Local) -> int:
        return x["n"]

    assert function.call({"x": {"n": 1}}) == 1


def test_what_cannot_be_a_tool_is_refused_at_once() -> None:
    """``*args``, a type without JSON and no name are a TypeError."""

    def many(*args: int) -> None: ...
    def odd(x: complex) -> None: ...

    with pytest.raises(TypeError, match=r"\*args"):
        tool(many)
    with pytest.raises(TypeError, match="complex"):
        tool(odd)
    with pytest.raises(TypeError, match="give name="):
        tool(lambda: 1)


def test_positional_only_and_open_arguments_are_passed() -> None:
    """``/`` and ``**kwargs`` work as they do in a call."""

    def function(a: int, /, **rest: int) -> Any:
        return a, rest

    made = FunctionTool(function)
    assert made.call({"a": 1, "b": 2}) == (1, {"b": 2})


@attrs.frozen
class Within:
    """As the marks of annotated-types look."""

    ge: int | None = None
    lt: int | None = None
    min_length: int | None = None


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Annotated[int, Within(ge=1, lt=9)], {"minimum": 1, "exclusiveMaximum": 9}),
        (Annotated[str, Within(min_length=1)], {"minLength": 1}),
        (Annotated[list[int], Within(min_length=2)], {"minItems": 2}),
    ],
)
def test_bounds_are_told_and_kept(hint: Any, expected: dict[str, int]) -> None:
    """Limits in ``Annotated`` stand in the schema, and arguments keep to them."""
    made = one(hint)
    assert expected.items() <= made.input_schema["properties"]["x"].items()
    with pytest.raises(ToolInputError):
        made.call(
            {"x": 0 if "minimum" in expected else [] if "minItems" in expected else ""}
        )


class Shop:
    """Something with a method that is a tool."""

    stock = 3

    @tool(strict=True)
    def left(self, item: str) -> str:
        """Count."""
        return f"{self.stock} {item}"


def test_a_method_is_a_tool_of_its_object() -> None:
    """On an object, the model is not asked for ``self``."""
    made: Any = Shop().left
    assert list(made.input_schema["properties"]) == ["item"]
    assert made.to_dict()["strict"] is True
    assert made.call({"item": "tea"}) == made("tea") == "3 tea"


class Duck:
    """As pydantic's models look from outside."""

    def __init__(self, n: int) -> None:
        self.n = n

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        inner = {"type": "integer"}
        ref = {"$ref": "#/$defs/N"}
        return {"type": "object", "properties": {"n": ref}, "$defs": {"N": inner}}

    @classmethod
    def model_validate(cls, value: Any) -> Duck:
        return cls(**value)


def test_a_pydantic_model_is_an_argument() -> None:
    """A class with pydantic's two methods gives its schema and makes its value."""
    made = one(Duck)
    assert made.input_schema["$defs"] == {"N": {"type": "integer"}}

    @tool
    def function(x: Duck) -> int:
        return x.n

    assert function.call({"x": {"n": "5"}}) == 5


GOOGLE = (
    "Do.\n\nArgs:\n    a: First.\n    b (int, optional): Second\n      part: two.\n"
)
NUMPY = (
    "Do.\n\nParameters\n----------\na : str\n    First.\n"
    "b : int, optional\n    Second\n    part: two.\n\nReturns\n-------\nstr\n    It."
)
REST = (
    "Do.\n\n:param a: First.\n:param int b: Second\n    part: two.\n"
    ":returns: It.\n:rtype: str"
)
EPYTEXT = "Do.\n\n@param a: First.\n@param b: Second\n    part: two.\n@return: It."


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, REST, EPYTEXT])
def test_the_usual_styles_of_docstrings_are_read(text: str) -> None:
    """The same two parameters are found in each style."""
    found = docstrings.read(text)
    assert found.description == "Do."
    assert found.parameters == {"a": "First.", "b": "Second part: two."}


def test_other_sections_stay_in_the_description() -> None:
    """What is no list of parameters is for the model to read."""
    text = "Do.\n\nNote:\n    Slow.\n\nExample:\n    do()"
    assert docstrings.read(text).description == text
    assert docstrings.read(None) == docstrings.Docstring("", {})
