"""What a type is made of: the questions that schemas and values both ask.

Classes with named members are attrs classes, dataclasses, TypedDicts, named tuples and
the SDK's own models; pydantic models answer for themselves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from ..core.kinds import is_model
from ..core.types import UNSET

_MARKS = ("Required", "NotRequired", "ReadOnly")


@frozen
class Member:
    """A named member: its name in JSON and in the constructor, and its type.

    :ivar default: ``UNSET`` where there is none, or none that is a value.
    """

    name: str
    argument: str
    kind: Any
    required: bool
    told: str | None = None
    default: Any = UNSET


def plain(kind: Any) -> Any:
    """``kind`` without what only names it or marks it."""
    while (inner := peeled(kind)) is not kind:
        kind = inner
    return kind


def peeled(kind: Any) -> Any:
    """``kind`` without the outermost of these; itself where there is none."""
    if _mark(kind) is not None:
        return get_args(kind)[0]
    if hasattr(kind, "__supertype__"):  # NewType
        return kind.__supertype__
    if type(kind).__name__ == "TypeAliasType":
        return kind.__value__
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind  # Annotated


def described(kind: Any) -> str:
    """The first text among the marks of ``Annotated``, or a mark's ``description``."""
    for mark in getattr(kind, "__metadata__", ()):
        text = mark if isinstance(mark, str) else getattr(mark, "description", None)
        if isinstance(text, str) and text:
            return text
    return ""


def _mark(kind: Any) -> str | None:
    """What a TypedDict says of a member, where it says it in the annotation."""
    name = getattr(get_origin(kind), "_name", None)
    return name if name in _MARKS else None


def is_pydantic(kind: Any) -> bool:
    """Whether ``kind`` is a pydantic model, without importing pydantic."""
    return isinstance(kind, type) and all(
        callable(getattr(kind, name, None))
        for name in ("model_json_schema", "model_validate")
    )


def has_members(kind: Any) -> bool:
    """Whether values of ``kind`` are objects with named members."""
    return isinstance(kind, type) and (
        dataclasses.is_dataclass(kind)
        or attrs.has(kind)
        or is_model(kind)
        or is_typed_dict(kind)
        or hasattr(kind, "_fields")
    )


def is_typed_dict(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "__required_keys__")


def members(cls: Any) -> list[Member]:
    """The members of ``cls``, in order.

    :raises TypeError: where an annotation names what cannot be found.
    """
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{cls.__name__}: {error}; define what its annotations name "
            "at the top of a module, or leave out `from __future__ import annotations`"
        ) from None
    if is_typed_dict(cls):
        # Python before 3.11 does not read the marks of postponed annotations.
        said = {"Required": True, "NotRequired": False}
        needed = cls.__required_keys__
        return [
            Member(n, n, kind, said.get(_mark(kind) or "", n in needed))
            for n, kind in hints.items()
        ]
    if is_model(cls):
        return _of_model(cls, hints)
    if attrs.has(cls):
        return [_of_attrs(f, hints) for f in attrs.fields(cls) if f.init]
    if dataclasses.is_dataclass(cls):
        return [_of_dataclass(f, hints) for f in dataclasses.fields(cls) if f.init]
    defaults = cls._field_defaults
    return [
        Member(n, n, hints.get(n, Any), n not in defaults, None, defaults.get(n, UNSET))
        for n in cls._fields
    ]


def _of_attrs(field: Any, hints: Mapping[str, Any]) -> Member:
    none = field.default is attrs.NOTHING
    kind = hints.get(field.name, Any)
    default = UNSET if none else field.default
    return Member(field.name, field.alias, kind, none, default=default)


def _of_dataclass(field: dataclasses.Field[Any], hints: Mapping[str, Any]) -> Member:
    none = field.default is dataclasses.MISSING
    return Member(
        field.name,
        field.name,
        hints.get(field.name, Any),
        none and field.default_factory is dataclasses.MISSING,
        field.metadata.get("description"),
        UNSET if none else field.default,
    )


def _of_model(cls: Any, hints: dict[str, Any]) -> list[Member]:
    from ..core.members import names_of
    from ..core.types import build

    build(cls)
    required = {f.name for f in attrs.fields(cls) if f.default is attrs.NOTHING}
    return [
        Member(wire, name, hints[name], name in required)
        for name, wire in names_of(cls)
    ]
