"""The values that every layer shares."""

from __future__ import annotations

import copy
import pickle
import threading
from types import SimpleNamespace
from typing import Any, get_type_hints

import attrs
import pytest

from specwire.core.types import (
    UNSET,
    Model,
    ReplyDict,
    ReplyList,
    ReplyText,
    Timeout,
    Unknown,
    Unset,
    build,
    given,
)
from specwire.core.wire import Headers, Reply
from tests.core.sample import Note, TextBlock, Usage


def test_unset_is_one_falsy_value() -> None:
    """There is one UNSET; it is false and says its name."""
    assert Unset() is UNSET
    assert not UNSET
    assert repr(UNSET) == "UNSET"


def test_unset_stays_one_through_copies_and_pickles() -> None:
    """A copied or pickled UNSET is UNSET."""
    assert copy.deepcopy(UNSET) is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET


def test_given_turns_unset_into_none() -> None:
    """given() is for places where not given and None mean the same."""
    assert given(UNSET) is None
    assert given(3) == 3


def test_a_number_is_the_total_time_limit() -> None:
    """A bare number limits the whole call; connecting keeps its own limit."""
    assert Timeout.of(30) == Timeout(total=30.0, connect=5.0)


def test_none_is_no_time_limit_at_all() -> None:
    """None lifts every limit, also the one on connecting."""
    assert Timeout.of(None) == Timeout(total=None, connect=None)


def test_time_limits_of_other_libraries_are_read_by_name() -> None:
    """An object with connect and read is taken as it is."""
    other = SimpleNamespace(connect=1.0, read=2.0, write=3.0, pool=None)
    assert Timeout.of(other) == Timeout(connect=1.0, read=2.0, write=3.0)


def test_time_limits_of_httpx_and_requests_are_taken_as_they_are() -> None:
    """Per operation, with no total, as they mean them; a pair is connect and read."""
    httpx = pytest.importorskip("httpx", reason="its time-outs are what is passed")
    given = httpx.Timeout(60.0, connect=2.0, read=5.0)
    assert Timeout.of(given) == Timeout(None, 2.0, 5.0, 60.0, 60.0)
    assert Timeout.of(httpx.Timeout(None)) == Timeout.of(None)
    assert Timeout.of((3.05, 27)) == Timeout(connect=3.05, read=27.0)
    assert Timeout.of((3.05, None)) == Timeout(connect=3.05)
    assert Timeout.of((1, 2, 3, 4)) == Timeout(None, 1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_time_limit_is_more_than_nothing_and_finite(value: float) -> None:
    """Zero, negative and endless numbers are refused; None is how to say no limit."""
    with pytest.raises(ValueError, match="None is no limit"):
        Timeout(total=value)


@pytest.mark.parametrize("value", [True, "30", [1], (1,), {"read": 1}])
def test_a_time_limit_is_a_number(value: Any) -> None:
    """Other kinds are refused with the kind that came."""
    with pytest.raises(TypeError, match=type(value).__name__):
        Timeout.of(value)


@pytest.mark.parametrize(
    "value", [(True, 1), ("1", 2), SimpleNamespace(connect="1", read=1)]
)
def test_a_part_of_a_time_limit_is_a_number(value: Any) -> None:
    """Which part, and what came."""
    with pytest.raises(TypeError, match=r"timeout.connect: expected seconds"):
        Timeout.of(value)


def test_time_limits_compare_hash_and_show_by_value() -> None:
    """Two equal limits are one key of a dict, and repr can be evaluated."""
    limit = Timeout(total=3.0, read=1.0)
    assert {limit: 1}[Timeout(total=3.0, read=1.0)] == 1
    assert eval(repr(limit)) == limit


def test_a_model_class_is_built_when_its_first_instance_is_made() -> None:
    """Defining a model costs nothing; attrs writes its methods on first use."""

    class Fresh(Model):
        name: str
        size: int = 3

    assert not attrs.has(Fresh)
    assert Fresh(name="a") == Fresh(name="a", size=3)
    assert attrs.has(Fresh)


def test_a_required_member_may_follow_an_optional_one() -> None:
    """Members keep the document's order; all are keyword-only."""

    class Mixed(Model):
        first: int = 1
        second: str

    assert Mixed(second="b").first == 1
    with pytest.raises(TypeError):
        Mixed("b")  # type: ignore[misc]


def test_a_model_is_built_once_also_when_threads_meet_it_together() -> None:
    """Eight threads that make the first instances all get whole ones."""

    class Shared(Model):
        a: int = 1
        b: str = "x"

    made: list[Any] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        made.append(Shared(a=2))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(value.a, value.b) for value in made] == [(2, "x")] * 8


def test_a_model_inherits_the_members_of_its_base() -> None:
    """Bases are built first, and keep their defaults."""

    class Base(Model):
        a: int = 1

    class Below(Base):
        b: int = 2

    assert (Below().a, Below().b) == (1, 2)


def test_a_models_annotations_resolve_by_plain_means() -> None:
    """typing.get_type_hints works on a model: nothing internal is annotated."""
    assert set(get_type_hints(Note)) >= {"id", "content", "usage", "stop"}


def test_an_unpickled_model_works_in_a_process_that_never_made_one() -> None:
    """Restoring the state builds the class."""

    class Fresh(Model):
        name: str

    value = Fresh.__new__(Fresh)
    value.__setstate__({"name": "a"})  # type: ignore[attr-defined]
    assert repr(value).endswith("Fresh(name='a')")


def test_a_model_survives_pickling() -> None:
    """Members and the reply come back."""
    usage = Usage(input_tokens=1)
    usage._reply = Reply(200, Headers.of([("Request-Id", "r1")]))
    back = pickle.loads(pickle.dumps(usage))
    assert back == usage
    assert back._request_id == "r1"


def test_unknown_members_read_as_attributes() -> None:
    """What this version does not know is there under its wire name."""
    block = TextBlock(text="a")
    block.__dict__["_extra"] = {"colour": "red"}
    assert block.colour == "red"  # type: ignore[attr-defined]
    assert "colour" in dir(block)


def test_a_reply_cannot_plant_what_python_asks_for() -> None:
    """A member called __deepcopy__ does not steer copy.deepcopy."""
    block = TextBlock(text="a")
    block.__dict__["_extra"] = {"__deepcopy__": "x"}
    unknown = Unknown({"__deepcopy__": "x"})
    assert copy.deepcopy(block).text == "a"
    assert copy.deepcopy(unknown) == unknown


def test_a_missing_attribute_says_the_models_name() -> None:
    """The message is Python's own kind."""
    with pytest.raises(AttributeError, match="'TextBlock' object has no attribute 'x'"):
        _ = TextBlock(text="a").x  # type: ignore[attr-defined]


def test_unknown_shows_its_members_and_what_came() -> None:
    """Keys read as attributes, two of the same content are equal, pickles too."""
    unknown = Unknown({"type": "new", "n": 1})
    assert unknown.n == 1
    assert unknown == Unknown({"type": "new", "n": 1})
    assert pickle.loads(pickle.dumps(unknown)) == unknown
    assert repr(unknown) == "Unknown({'type': 'new', 'n': 1})"
    with pytest.raises(AttributeError):
        _ = unknown.other
    with pytest.raises(AttributeError):
        _ = Unknown([1]).other


@pytest.mark.parametrize("kind", [ReplyDict, ReplyList, ReplyText])
def test_plain_replies_know_where_they_came_from(kind: Any) -> None:
    """An object, an array and a text carry their reply; without one there is no id."""
    value = kind()
    assert value._request_id is None
    value._reply = Reply(200, Headers.of([("x-request-id", "r2")]))
    assert value._request_id == "r2"


def test_building_twice_changes_nothing() -> None:
    """A second pass would lose the defaults that attrs took off the class."""

    class Twice(Model):
        a: int = 1

    build(Twice)
    build(Twice)
    assert Twice().a == 1
