"""Unions without a tag: by JSON kind, then by required members, and raw otherwise.

Also :class:`Mismatch`, what every hook of :mod:`specwire.core.codec` says where data
is not of its type's shape.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import (
    Any,
    Literal,
    TypeAlias,
    cast,
    get_args,
    get_origin,
)

import attrs

from .kinds import is_open, is_union
from .types import Model, Unknown, build

Hook: TypeAlias = Callable[[Any, Any], Any]
GetHook: TypeAlias = Callable[[Any], Hook]

KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class Mismatch(Exception):
    """JSON data that is not of the shape its type says.

    :ivar path: member names and indexes from the outside in.
    """

    def __init__(self, expected: str, data: Any, *, absent: bool = False) -> None:
        super().__init__(expected, data)
        self.expected = expected
        self.got = "nothing" if absent else KINDS.get(type(data), "something else")
        self.path: tuple[str | int, ...] = ()

    def below(self, step: str | int) -> Mismatch:
        """This mismatch, seen from one level further out."""
        self.path = (step, *self.path)
        return self

    @property
    def pointer(self) -> str:
        """Where, as a JSON Pointer (RFC 6901); empty for the whole."""
        steps = (str(s).replace("~", "~0").replace("/", "~1") for s in self.path)
        return "".join(f"/{step}" for step in steps)

    def __str__(self) -> str:
        at = f"at {self.pointer}: " if self.path else ""
        return f"{at}expected {self.expected}, got {self.got}"


# -- unions ------------------------------------------------------------------------


def union_hook(members: Sequence[Any], get_hook: GetHook) -> Hook:
    """By JSON kind; among objects by required members; else raw if that is allowed."""
    flat = list(_flat(members))
    raw_allowed = any(is_open(m) for m in flat)
    unknown = Unknown in flat
    by_kind: dict[type, list[tuple[Hook, Any]]] = {}
    for member in flat:
        for kind in _kinds_of(member):
            by_kind.setdefault(kind, []).append((get_hook(member), member))
    expected = " or ".join(
        dict.fromkeys(KINDS[kind] for kind in by_kind if kind in KINDS)
    )

    def hook(data: Any, _: Any) -> Any:
        candidates = by_kind.get(data.__class__, ())
        if len(candidates) > 1 and data.__class__ is dict:
            candidates = _fitting(candidates, data)
        failure: Mismatch | None = None
        for each, member in candidates:
            try:
                return each(data, member)
            except Mismatch as mismatch:
                failure = failure or mismatch
        if raw_allowed:
            return data
        if unknown or (
            failure is None and data.__class__ is dict and by_kind.get(dict)
        ):
            return Unknown(data)
        raise failure or Mismatch(expected or "nothing", data)

    return hook


def _flat(members: Sequence[Any]) -> Any:
    for member in members:
        if is_union(member):
            yield from _flat(get_args(member))
        else:
            yield member


def _kinds_of(member: Any) -> tuple[type, ...]:
    """The JSON kinds a member of a union may be."""
    if member is None or member is type(None):
        return (type(None),)
    if is_open(member) or member is Unknown:
        return ()
    origin = get_origin(member)
    if origin is Literal:
        return tuple({type(value) for value in get_args(member)})
    if hasattr(member, "__metadata__"):  # an Annotated union
        return tuple(
            dict.fromkeys(
                kind for m in _flat([member.__origin__]) for kind in _kinds_of(m)
            )
        ) or (dict,)
    if member in (dt.datetime, dt.date, uuid.UUID):
        return (str,)
    if member in (int, float):
        return (int, float)
    kind = origin or member
    return (kind,) if kind in KINDS else (dict,)


def _fitting(
    candidates: Sequence[tuple[Hook, Any]], data: dict[str, Any]
) -> list[tuple[Hook, Any]]:
    """The objects whose required and constant members ``data`` has, best fit first."""
    scored = []
    for order, (hook, member) in enumerate(candidates):
        score = _score(member, data)
        if score is not None:
            scored.append((-score, order, (hook, member)))
    return [pair for _, _, pair in sorted(scored, key=lambda entry: entry[:2])]


def _score(member: Any, data: dict[str, Any]) -> int | None:
    if not (isinstance(member, type) and issubclass(member, Model)):
        return 0
    build(member)
    score = 0
    for field in attrs.fields(cast(Any, member)):
        wire = member._wire.get(field.name, field.name)
        fixed = field.default not in (attrs.NOTHING, None)
        if fixed and data.get(wire, field.default) != field.default:
            return None
        if field.default is attrs.NOTHING and wire not in data:
            return None
        score += 2 * (wire in data) + 2 * (fixed and wire in data)
    return score - len(data)
