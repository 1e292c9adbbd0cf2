"""Unions without a tag."""

# ruff: noqa: UP007 (typing.Union is what generated code writes)

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from specwire.core import codec
from specwire.core.types import Model, Tag, Unknown


class Cat(Model):
    meow: str
    lives: int | None = None


class Dog(Model):
    bark: str


class Puppy(Model):
    bark: str
    age: int


class Wolf(Model):
    bark: str
    kind: t.Literal["wolf"] = "wolf"


Pet: t.TypeAlias = t.Annotated[
    Cat | Dog | Unknown, Tag("kind", {"cat": Cat, "dog": Dog})
]


class Owner(Model):
    pet: Cat | Dog | None = None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a", "a"),
        (3, 3),
        (1.5, 1.5),
        (True, True),
        ([1, 2], [1, 2]),
        ({"meow": "m"}, Cat(meow="m")),
    ],
    ids=str,
)
def test_a_value_goes_to_the_member_of_its_json_kind(
    data: t.Any, expected: t.Any
) -> None:
    """Text, numbers, booleans, arrays and objects do not mix."""
    union = t.Union[str, int, float, bool, list[int], Cat]
    assert codec.load(union, data) == expected


def test_no_member_of_that_kind_is_a_mismatch() -> None:
    """The message lists what would have been right."""
    with pytest.raises(codec.Mismatch, match="a string or an object, got null"):
        codec.load(t.Union[str, Cat], None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"meow": "m"}, Cat(meow="m")),
        ({"bark": "b"}, Dog(bark="b")),
        ({"bark": "b", "age": 2}, Puppy(bark="b", age=2)),
        ({"bark": "b", "kind": "wolf"}, Wolf(bark="b")),
    ],
    ids=str,
)
def test_among_objects_the_best_fit_is_taken(data: t.Any, expected: Model) -> None:
    """Required and constant members decide, not the order of the members."""
    value = codec.load(t.Union[Cat, Dog, Puppy, Wolf], data)
    assert type(value) is type(expected)
    assert value == expected


def test_an_object_that_fits_none_is_kept() -> None:
    """Nothing is lost where a union of objects meets a new one."""
    assert codec.load(t.Union[Cat, Dog], {"moo": 1}) == Unknown({"moo": 1})


def test_a_member_that_is_anything_keeps_what_came() -> None:
    """Any in a union takes what fits no other member."""
    assert codec.load(t.Union[Cat, t.Any], {"moo": 1}) == {"moo": 1}
    assert codec.load(t.Union[Cat, t.Any], {"meow": "m"}) == Cat(meow="m")


def test_an_optional_union_takes_null() -> None:
    """None is none of the members' business."""
    assert codec.load(Owner, {"pet": None}).pet is None
    assert codec.load(Owner, {"pet": {"bark": "b"}}).pet == Dog(bark="b")


def test_a_tag_decides_alone() -> None:
    """The variant it names is loaded, and its faults are named."""
    assert codec.load(Pet, {"kind": "dog", "bark": "b"}) == Dog(bark="b")
    with pytest.raises(codec.Mismatch, match="a member 'bark'"):
        codec.load(Pet, {"kind": "dog", "meow": "m"})


@pytest.mark.parametrize(
    "data",
    [{"kind": "cow"}, {"kind": 3}, {"kind": ["cat"]}, {}, {"meow": "m"}],
    ids=str,
)
def test_a_tag_that_is_odd_or_missing_is_unknown(data: t.Any) -> None:
    """Whatever the tag is, the reply is kept and written back."""
    value = codec.load(Pet, data)
    assert value == Unknown(data)
    assert codec.dump(value) == data


def test_dates_and_text_share_a_kind() -> None:
    """A text that is no date goes to the next member that takes text."""
    union = t.Union[dt.datetime, str]
    assert codec.load(union, "2024-01-02T03:04:05Z").year == 2024
    assert codec.load(union, "soon") == "soon"


def test_a_number_takes_an_integer_or_a_fraction() -> None:
    """JSON has one kind of number."""
    assert codec.load(t.Union[int, str], 2.0) == 2.0
    assert codec.load(t.Union[float, str], 2) == 2
    with pytest.raises(codec.Mismatch, match="an integer"):
        codec.load(t.Union[int, str], 2.5)


def test_nested_unions_are_one_union() -> None:
    """A union inside a union adds its members."""
    union = t.Union[str, t.Annotated[Cat | Dog | Unknown, "note"], list[str]]
    assert codec.load(union, ["a"]) == ["a"]


def test_a_union_of_constants_is_open() -> None:
    """A constant nobody listed passes when its kind is right."""
    assert codec.load(t.Union[t.Literal["a"], t.Literal[1]], "b") == "b"
    assert codec.load(t.Union[t.Literal["a"], t.Literal[1]], 7) == 7
