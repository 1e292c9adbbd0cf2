"""Questions about type expressions, asked when a hook is built.

Nothing here runs again once the first objects of a type were read.
"""

from __future__ import annotations

import types
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from .types import Model, Tag


def is_open(cls: Any) -> bool:
    """Whether anything is a ``cls``.

    The inner reference of an alias to itself is one: below it, JSON stays as it is.
    """
    return cls is Any or cls is object or isinstance(cls, (ForwardRef, str))


def is_model(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Model)


def is_union(cls: Any) -> bool:
    return get_origin(cls) in (Union, types.UnionType)


def is_literal(cls: Any) -> bool:
    return get_origin(cls) is Literal


def is_literal_of_text(cls: Any) -> bool:
    return is_literal(cls) and all(isinstance(v, str) for v in get_args(cls))


def is_tagged(cls: Any) -> bool:
    return any(isinstance(mark, Tag) for mark in getattr(cls, "__metadata__", ()))


def nullable(cls: Any) -> tuple[Any, bool]:
    """``cls`` without ``None``, and whether ``None`` was one of its values."""
    if not is_union(cls) or type(None) not in get_args(cls):
        return cls, False
    some = tuple(m for m in get_args(cls) if m is not type(None))
    return (some[0] if len(some) == 1 else Union[some]), True  # noqa: UP007


def kept_class(cls: Any) -> Any:
    """The class of JSON values that a ``cls`` takes as they are, if it is only one."""
    if cls in (str, int, bool, float):
        return cls
    kinds: set[Any] = set()
    if is_literal(cls):
        kinds = {type(value) for value in get_args(cls)}
    elif is_union(cls):
        some = [m for m in get_args(cls) if m is not type(None)]
        kinds = {kept_class(member) for member in some}
    return kinds.pop() if len(kinds) == 1 else None
