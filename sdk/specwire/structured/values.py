"""From JSON data that fits a type's schema to a value of the type."""

from __future__ import annotations

import collections.abc as abc
import datetime as dt
import decimal
import enum
import pathlib
import types
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from ..core import codec
from ..core.kinds import is_model, is_tagged
from .checks import fits
from .schema import schema_of
from .shapes import has_members, is_pydantic, is_typed_dict, members, plain
from .writer import LISTS, MAPS


def value_of(kind: Any, data: Any) -> Any:
    """``data`` as a ``kind``; what a class's own checks raise comes through."""
    if is_tagged(kind):
        return codec.load(kind, data)
    kind = plain(kind)
    if kind is Any or kind is object or isinstance(kind, TypeVar):
        return data
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal or data is None:
        return data
    if origin in (Union, types.UnionType):
        return _of_union(args, data)
    if tuple in (kind, origin):
        return _tuple(args, data)
    if kind in LISTS or origin in LISTS:
        items = [value_of(args[0], item) for item in data] if args else list(data)
        make = origin or kind
        return make(items) if make in (set, frozenset) else _collected(make, items)
    if kind in MAPS or origin in MAPS:
        return {k: value_of(args[1], v) for k, v in data.items()} if args else data
    return _of_class(origin or kind, data)


def _collected(make: Any, items: list[Any]) -> Any:
    return set(items) if make is abc.Set else items


def _of_union(args: tuple[Any, ...], data: Any) -> Any:
    """As the first member that ``data`` fits."""
    for member in args:
        if fits(schema_of(member), data):
            return value_of(member, data)
    return data


def _tuple(args: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not args:
        return tuple(data)
    if len(args) == 2 and args[1] is ...:
        return tuple(value_of(args[0], item) for item in data)
    return tuple(value_of(each, item) for each, item in zip(args, data, strict=False))


def _of_class(cls: Any, data: Any) -> Any:
    if is_pydantic(cls):
        return cls.model_validate(data)
    if is_model(cls):
        return codec.load(cls, data)
    if isinstance(cls, type) and issubclass(cls, enum.Enum):
        return cls(data)
    if has_members(cls):
        given = {
            (m.name if is_typed_dict(cls) else m.argument): value_of(
                m.kind, data[m.name]
            )
            for m in members(cls)
            if m.name in data
        }
        return given if is_typed_dict(cls) else cls(**given)
    if cls is float:
        return float(data)
    if cls is int:
        return int(data)  # 1.0 is an integer to JSON Schema
    if cls is decimal.Decimal:
        return decimal.Decimal(str(data))
    if cls is dt.time:
        return dt.time.fromisoformat(data.replace("Z", "+00:00"))
    if cls is pathlib.Path:
        return pathlib.Path(data)
    return codec.load(cls, data)
