"""JSON to objects and back."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime as dt
import enum
import pickle
import typing as t
import uuid

import attrs
import pytest

from specwire.core import codec
from specwire.core.types import UNSET, Model, Unknown
from specwire.errors import RequestValidationError
from tests.core.sample import NOTE, Note, TextBlock, ToolBlock, Usage


class Stamped(Model):
    at: dt.datetime
    day: dt.date | None = None
    key: uuid.UUID | None = None


class Node(Model):
    name: str
    below: "list[Node] | None" = None  # noqa: UP037


class Scalars(Model):
    number: float | None = None
    whole: int | None = None
    flag: bool | None = None
    choice: t.Literal["a", "b"] | None = None
    free: t.Any = None
    table: dict[str, int] | None = None


def test_an_object_is_loaded_into_its_class() -> None:
    """Members, nested objects and lists become values of their types."""
    note = codec.load(Note, NOTE)
    assert note.content == [TextBlock(text="hi")]
    assert note.usage == Usage(input_tokens=1, output_tokens=2)


@pytest.mark.parametrize(
    "data",
    [
        NOTE,
        {**NOTE, "added": {"by": ["a", "later", None]}, "zero": 0},
        {**NOTE, "stop": None},
        {**NOTE, "stop": "a reason nobody knew"},
        {**NOTE, "content": [{"type": "hologram", "depth": 3, "x": None}]},
        {**NOTE, "content": [{"type": "tool", "name": "t", "input": {"a": None}}]},
        {**NOTE, "content": [{"type": "text", "text": "é\u2028", "new": True}]},
        {**NOTE, "usage": {"input_tokens": 1.0, "output_tokens": None}},
    ],
    ids=lambda data: ",".join(sorted(data)),
)
def test_what_is_not_known_survives_a_round_trip(data: dict[str, t.Any]) -> None:
    """Unknown members, variants, values and nulls are written as they came."""
    assert codec.dump(codec.load(Note, data)) == data


def test_dumping_gives_a_value_that_loads_equal() -> None:
    """load(type(value), dump(value)) is value."""
    tool = ToolBlock(name="t", tool_input={"a": [1]})
    assert codec.dump(tool) == {"name": "t", "input": {"a": [1]}, "type": "tool"}
    assert codec.load(ToolBlock, codec.dump(tool)) == tool


def test_a_variant_nobody_knows_is_unknown() -> None:
    """Its content is there, and it is no error."""
    note = codec.load(Note, {**NOTE, "content": [{"type": "new", "n": 1}]})
    assert note.content == [Unknown({"type": "new", "n": 1})]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "expected an object, got an array"),
        (None, "expected an object, got null"),
        ({**NOTE, "id": 3}, "at /id: expected a string, got a number"),
        (
            {**NOTE, "usage": {}},
            "at /usage: expected a member 'input_tokens', got",
        ),
        ({**NOTE, "usage": {"input_tokens": "1"}}, "at /usage/input_tokens: expected"),
        ({**NOTE, "usage": {"input_tokens": True}}, "expected an integer, got a bool"),
        ({**NOTE, "usage": {"input_tokens": 1.5}}, "expected an integer, got a number"),
        ({**NOTE, "content": {}}, "at /content: expected an array, got an object"),
        (
            {**NOTE, "content": [{"type": "text", "text": "a"}, {"type": "text"}]},
            "at /content/1: expected a member 'text', got nothing",
        ),
        (
            {**NOTE, "content": [{"type": "tool", "name": "n", "input": []}]},
            "at /content/0/input: expected an object, got an array",
        ),
    ],
)
def test_another_shape_is_named_with_its_place(data: t.Any, problem: str) -> None:
    """The mismatch says where, what was expected and what came."""
    with pytest.raises(codec.Mismatch) as caught:
        codec.load(Note, data)
    assert problem in str(caught.value)


def test_a_pointer_escapes_its_steps() -> None:
    """Slash and tilde in a key are written as RFC 6901 says."""
    with pytest.raises(codec.Mismatch) as caught:
        codec.load(dict[str, dict[str, int]], {"a/b": {"c~d": "x"}})
    assert caught.value.pointer == "/a~1b/c~0d"


@pytest.mark.parametrize(
    "member",
    [
        {"number": "1"},
        {"number": True},
        {"whole": 1.5},
        {"whole": False},
        {"flag": 1},
        {"choice": 3},
        {"table": {"a": "b"}},
        {"table": [1]},
    ],
    ids=str,
)
def test_kinds_are_never_converted_into_one_another(member: dict[str, t.Any]) -> None:
    """A number is not made of text, nor an integer of a boolean."""
    with pytest.raises(codec.Mismatch):
        codec.load(Scalars, member)


@pytest.mark.parametrize(
    "member",
    [
        {"number": 1},
        {"number": 1.5},
        {"whole": 10**30},
        {"whole": 1.0},
        {"choice": "later"},
        {"free": {"a": [None, 1]}},
        {"table": {}},
    ],
    ids=str,
)
def test_values_of_the_right_kind_pass_and_return(member: dict[str, t.Any]) -> None:
    """Also an integer written as 1.0 and a choice nobody listed."""
    assert codec.dump(codec.load(Scalars, member)) == member


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T07:08:09Z", (2024, 5, 6, 7, 8, 9, 0, 0)),
        ("2024-05-06T07:08:09.5Z", (2024, 5, 6, 7, 8, 9, 500_000, 0)),
        ("2024-05-06T07:08:09.123456789+02:00", (2024, 5, 6, 7, 8, 9, 123_456, 7200)),
        ("2024-05-06t07:08:09z", (2024, 5, 6, 7, 8, 9, 0, 0)),
    ],
)
def test_dates_are_read_and_written_back_as_they_came(
    text: str, expected: tuple[int, ...]
) -> None:
    """More digits than Python keeps survive the round trip."""
    value = codec.load(Stamped, {"at": text})
    *parts, offset = expected
    zone = dt.timezone(dt.timedelta(seconds=offset))
    assert value.at == dt.datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]
    assert codec.dump(value) == {"at": text}


def test_a_changed_date_is_written_as_it_is_now() -> None:
    """The text that came is kept only while the value is the same."""
    value = codec.load(Stamped, {"at": "2024-05-06T07:08:09.000Z", "day": "2024-01-02"})
    value.at = dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)
    assert codec.dump(value) == {"at": "2025-01-01T00:00:00Z", "day": "2024-01-02"}


@pytest.mark.parametrize(
    "data",
    [{"at": "soon"}, {"at": 5}, {"at": "2024-05-06T07:08:09Z", "day": "2024-13-01"}],
    ids=str,
)
def test_text_that_is_no_date_is_a_mismatch(data: dict[str, t.Any]) -> None:
    """No other error comes out of reading a date."""
    with pytest.raises(codec.Mismatch):
        codec.load(Stamped, data)


def test_a_uuid_is_read_and_its_spelling_kept() -> None:
    """Upper case comes back in upper case."""
    text = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"
    value = codec.load(Stamped, {"at": "2024-05-06T07:08:09Z", "key": text})
    assert value.key == uuid.UUID(text)
    assert codec.dump(value)["key"] == text
    with pytest.raises(codec.Mismatch, match="a UUID"):
        codec.load(Stamped, {"at": "2024-05-06T07:08:09Z", "key": "x"})


STAMPS = ["2024-05-06T07:08:09.250Z", "2024-05-06T07:08:09Z", "2024-05-06t07:08:09z"]


@pytest.mark.parametrize("data", [STAMPS, {"a": STAMPS[0]}, [[STAMPS[0]]]], ids=str)
def test_bare_lists_of_times_are_written_as_they_came(data: t.Any) -> None:
    """A reply that is no object keeps the spelling of its times as well."""
    for kind in (list[dt.datetime], dict[str, dt.datetime], list[list[dt.datetime]]):
        with contextlib.suppress(codec.Mismatch):
            assert codec.dump(codec.load(kind, data)) == data


def test_a_spelled_time_is_an_ordinary_one() -> None:
    """Equality, arithmetic, repr, copies and pickles; only what is new is respelled."""
    value = codec.load(dt.datetime, STAMPS[0])
    plain = dt.datetime(2024, 5, 6, 7, 8, 9, 250_000, dt.timezone.utc)
    assert value == plain
    assert hash(value) == hash(plain)
    assert repr(value) == repr(plain)
    for same in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert codec.dump(same) == STAMPS[0]
    later = value + dt.timedelta(seconds=1)
    assert codec.dump(later) == "2024-05-06T07:08:10.250000Z"
    assert codec.dump(value.replace(microsecond=0)) == "2024-05-06T07:08:09Z"
    day = codec.load(dt.date, "2024-05-06")
    assert type(day) is dt.date


def test_a_type_may_hold_itself() -> None:
    """Recursive models load lazily, to any depth that fits."""
    data: dict[str, t.Any] = {"name": "a", "below": [{"name": "b", "below": []}]}
    assert codec.load(Node, data).below[0].name == "b"
    assert codec.dump(codec.load(Node, data)) == data


# -- text --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"1e999",
        b'{"a": Infinity}',
        b"\xff\xfe",
        b'{"a": "\xc3"}',
        b"[" * 100_000,
        b"9" * 10_000,
        b"{'a': 1}",
        b"{} {}",
        b"<html>",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_strict_json_is_a_value_error(body: bytes) -> None:
    """Whatever comes, one kind of exception says that it is not JSON."""
    with pytest.raises(ValueError):
        codec.loads(body)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    """RFC 8259 allows a reader to pass over one."""
    assert codec.loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_json_is_written_compact_and_in_utf8() -> None:
    """Nothing is escaped that need not be."""
    assert (
        codec.dumps({"a": ["é", 1, None, True]}) == '{"a":["é",1,null,true]}'.encode()
    )


class Colour(enum.Enum):
    RED = "red"


@attrs.define
class Own:
    a: int
    b: t.Any = UNSET


@dataclasses.dataclass
class Data:
    a: int
    b: t.Any = UNSET


class Pydantic:
    def model_dump(self, **_: t.Any) -> dict[str, t.Any]:
        return {"p": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": UNSET, "b": None}, '{"b":null}'),
        ([1, UNSET, 2], "[1,2]"),
        ([{"a": {"b": UNSET}}], '[{"a":{}}]'),
        ((i for i in range(3)), "[0,1,2]"),
        (({"n": i, "u": UNSET} for i in range(2)), '[{"n":0},{"n":1}]'),
        ([{"x": UNSET}, (i for i in range(2))], "[{},[0,1]]"),
        (Own(1), '{"a":1}'),
        (Data(1, [UNSET]), '{"a":1,"b":[]}'),
        ([Own(1), {"u": UNSET}], '[{"a":1},{}]'),
        (Pydantic(), '{"p":1}'),
        (Colour.RED, '"red"'),
        (dt.date(2024, 1, 2), '"2024-01-02"'),
        (dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), '"2024-01-02T00:00:00Z"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Unknown({"type": "new"}), '{"type":"new"}'),
        (TextBlock(text="a"), '{"text":"a","type":"text"}'),
        (Usage(input_tokens=1, output_tokens=UNSET), '{"input_tokens":1}'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_many_kinds_can_be_sent(value: t.Any, text: str) -> None:
    """Objects give their members, iterables their items, UNSET is left out."""
    assert codec.dumps(value).decode() == text


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "\ud800", object(), b"raw", {(1, 2): 3}],
    ids=["nan", "inf", "surrogate", "object", "bytes", "tuple_as_key"],
)
def test_what_json_cannot_say_is_refused(value: t.Any) -> None:
    """The error names the operation and is raised before anything is sent."""
    with pytest.raises(RequestValidationError, match=r"notes\.create: /a cannot") as e:
        codec.dumps({"a": value}, "notes.create")
    assert e.value.pointer == "/a"


def test_iterators_are_read_once() -> None:
    """What is left out further on does not cost what an iterator gave before."""
    value = [(n for n in (1, 2)), {"a": UNSET}, iter([iter("x")])]
    assert codec.dumps(value) == b'[[1,2],{},[["x"]]]'


def test_an_error_of_the_callers_iterator_is_the_cause() -> None:
    """It is not taken for a fault of the value."""

    def rows() -> t.Iterator[int]:
        yield 1
        raise ValueError("mine")

    with pytest.raises(RequestValidationError, match="mine") as caught:
        codec.dumps(rows())
    assert isinstance(caught.value.__cause__, ValueError)


def test_half_a_character_of_a_reply_can_be_dumped() -> None:
    """What JSON can escape and UTF-8 cannot write stays readable as data."""
    assert codec.dump(codec.loads(b'{"a":"\\ud800"}')) == {"a": "\ud800"}


def test_a_circle_and_a_deep_nest_are_refused() -> None:
    """Neither ends in another error than ours."""
    circle: list[t.Any] = []
    circle.append(circle)
    deep: t.Any = []
    for _ in range(100_000):
        deep = [deep]
    for value in (circle, deep):
        with pytest.raises(RequestValidationError):
            codec.dumps(value)
    while deep:  # taken apart step by step: freeing it at once would nest as deep
        deep = deep[0]


def test_bytes_are_refused_with_the_way_out() -> None:
    """Binary content in JSON is base64 text, which the message says."""
    with pytest.raises(RequestValidationError, match="base64"):
        codec.dumps({"a": b"x"})
