"""Replies: JSON that is read into models and written again says the same.

What is not of its type's shape is a Mismatch that can be shown, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
import typing as t
import uuid

from specwire.core import codec
from specwire.core.errors import RequestValidationError
from specwire.core.types import Model, Tag, Unknown

from ..taking import Taking

_DEEP = 150


class Leaf(Model):
    kind: t.Literal["leaf"] = "leaf"
    at: dt.datetime | None = None
    day: dt.date | None = None
    id: uuid.UUID | None = None


class Branch(Model):
    _wire = {"class_": "class", "parts": "Parts"}
    class_: str
    parts: list[Node]
    kind: t.Literal["branch"] = "branch"
    named: dict[str, Node] | None = None


class Numbers(Model):
    n: int
    x: float
    yes: bool
    no: None = None
    any: t.Any = None
    either: int | str | list[float] | None = None
    size: t.Literal["s", "m", 1] | str | None = None


Node: t.TypeAlias = t.Annotated[
    Leaf | Branch | Unknown, Tag("kind", {"leaf": Leaf, "branch": Branch})
]
TYPES: tuple[t.Any, ...] = (
    Leaf,
    Branch,
    Numbers,
    Node,
    Leaf | Numbers,
    dt.datetime | uuid.UUID | str,
    list[Leaf] | Numbers | None,
    dict[str, int | Leaf],
    list[dict[str, t.Any]],
    dt.datetime,
    dt.date,
    uuid.UUID,
)


def check(data: bytes) -> None:
    """One byte for the type, then the JSON text."""
    take = Taking(data)
    kind = take.one(TYPES)
    try:
        value = codec.loads(take.rest())
    except ValueError:
        return
    if _depth(value) > _DEEP:
        return
    try:
        loaded = codec.load(kind, value)
    except codec.Mismatch as mismatch:
        assert str(mismatch).isprintable() or mismatch.path
        return
    assert repr(loaded)
    try:
        said = json.loads(codec.dumps(value))
    except RequestValidationError:  # text or numbers that JSON cannot say
        return
    written = codec.dump(loaded)
    assert _same(said, written), (said, written)
    assert codec.load(kind, written) == loaded


def _same(said: t.Any, written: t.Any) -> bool:
    """Whether all of ``said`` is written; constants of a model may be added."""
    if type(said) is not type(written):
        return False
    if isinstance(said, list):
        return len(said) == len(written) and all(map(_same, said, written))
    if not isinstance(said, dict):
        return bool(said == written)
    added = {key: written[key] for key in written.keys() - said.keys()}
    return added in ({}, {"kind": "leaf"}, {"kind": "branch"}) and all(
        key in written and _same(said[key], written[key]) for key in said
    )


def _depth(value: t.Any) -> int:
    level, depth = [value], 0
    while level := [
        inner
        for each in level
        if isinstance(each, (dict, list))
        for inner in (each.values() if isinstance(each, dict) else each)
    ]:
        depth += 1
    return depth
