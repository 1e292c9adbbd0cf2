"""Objects of just the declared members, and of any shape: read alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import subprocess
import sys
from typing import Annotated, Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.core import codec
from specwire.core.types import Model, Tag, Unknown
from tests.house.modules import SDK


class Leaf(Model):
    kind: Literal["leaf"] = "leaf"
    size: int
    note: str | None = None


class Branch(Model):
    kind: Literal["branch"] = "branch"
    parts: list[Tree]
    ratio: float | None = None


class Renamed(Model):
    _wire = {"class_": "class", "class_2": "class_"}
    class_: str
    class_2: int | None = None


class Dated(Model):
    at: dt.datetime
    text: str | None = None


Tree = Annotated[Leaf | Branch | Unknown, Tag("kind", {"leaf": Leaf, "branch": Branch})]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["leaf", "branch"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "size", "note", "parts", "ratio", "class", "class_"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def outcome(load: Any, data: Any) -> Any:
    """What came of it: the members, or where it went wrong."""
    try:
        value = load(data)
    except codec.Mismatch as mismatch:
        return mismatch.path[0:1], mismatch.expected
    return dict(sorted(vars(value).items()))


@given(
    st.sampled_from([Leaf, Branch, Renamed, Dated]),
    st.dictionaries(
        st.sampled_from(
            ["kind", "size", "note", "parts", "ratio", "class", "class_", "at", "x"]
        ),
        VALUES,
        max_size=5,
    ),
)
def test_the_quick_way_reads_what_the_general_way_reads(cls: Any, data: Any) -> None:
    """Members, what was null, what nobody declared, and what is refused."""
    quick = codec.hook_of(cls)
    general = codec._Members(cls).load
    one = outcome(lambda d: quick(d, None), data)
    two = outcome(general, data)
    # Where two members are wrong, either may be named first.
    if isinstance(one, tuple) and isinstance(two, tuple):
        return
    assert one == two


@given(VALUES)
def test_what_was_read_is_written_back(data: Any) -> None:
    """Load and dump is the identity, whatever is inside."""
    try:
        value = codec.load(Tree, data)
    except codec.Mismatch:
        return
    assert codec.dump(value) == data


@pytest.mark.parametrize("extra", [{}, {"x": 1}])
def test_nothing_is_read_twice(extra: dict[str, int]) -> None:
    """Or reading would double with every level of a nested reply."""
    seen = 0
    data: dict[str, Any] = {"kind": "leaf", "size": 1, "note": None}
    for _ in range(60):
        data = {"kind": "branch", "parts": [data], **extra}
    value = codec.load(Tree, data)
    while isinstance(value, Branch):
        seen += 1
        value = value.parts[0]
    assert seen == 60


def test_names_that_cross_are_kept_apart() -> None:
    """The attribute of one member is the wire name of another."""
    for data in ({"class": "a", "class_": 1}, {"class_": 1, "class": "a"}):
        value = codec.load(Renamed, data)
        assert (value.class_, value.class_2) == ("a", 1)
        assert codec.dump(value) == data
    value = codec.load(Renamed, {"class": "a", "class_2": 5})
    assert codec.dump(value) == {"class": "a", "class_2": 5}


def test_what_is_no_object_is_named_so() -> None:
    """A union of objects by tag takes nothing else."""
    with pytest.raises(codec.Mismatch, match="expected an object, got an array"):
        codec.load(Tree, [])


@attrs.define
class Basket:
    leaf: Leaf
    size: Size
    when: dt.date | None = None


@dataclasses.dataclass
class Shelf:
    baskets: list[Basket]


class Size(enum.Enum):
    SMALL = "s"


def test_classes_of_a_users_own_are_read_with_ours_inside() -> None:
    """attrs classes, dataclasses and enumerations, models and dates below them."""
    leaf = {"kind": "leaf", "size": 1, "more": True}
    data = {"baskets": [{"leaf": leaf, "size": "s", "when": "2026-01-02"}]}
    shelf = codec.load(Shelf, data)
    basket = shelf.baskets[0]
    assert (type(basket), basket.size, basket.when.year) == (Basket, Size.SMALL, 2026)
    assert basket.leaf.more is True
    assert codec.dump(shelf) == data


class Labelled(Model):
    size: Size


def test_a_model_may_hold_a_class_of_a_users_own() -> None:
    """An enumeration is made of its value there as well."""
    assert codec.load(Labelled, {"size": "s"}).size is Size.SMALL


def test_cattrs_is_imported_for_such_classes_only() -> None:
    """A first answer does not wait for it."""
    code = (
        "import sys\n"
        "from specwire import models\n"
        "from specwire.core import codec\n"
        "codec.load(models.TextBlock, {'type': 'text', 'text': 'a'})\n"
        "print('cattrs' in sys.modules)\n"
        "import attrs\n"
        "codec.load(attrs.make_class('Own', []), {})\n"
        "print('cattrs' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SDK)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]
