"""What a type is made of: the questions that schemas and values both ask.

Classes with named members are attrs classes, dataclasses, TypedDicts, named tuples and
the SDK's own models; pydantic models answer for themselves.
"""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from ..core.kinds import is_model

_MARKS = ("Required", "NotRequired", "ReadOnly")


@frozen
class Member:
    """A named member: its name in JSON and in the constructor, and its type."""

    name: str
    argument: str
    kind: Any
    required: bool
    told: str | None = None


def plain(kind: Any) -> Any:
    """``kind`` without what only names it or marks it."""
    while True:
        if getattr(get_origin(kind), "_name", None) in _MARKS or str(
            get_origin(kind)
        ).endswith(_MARKS):
            kind = get_args(kind)[0]
        elif hasattr(kind, "__supertype__"):  # NewType
            kind = kind.__supertype__
        elif type(kind).__name__ == "TypeAliasType":
            kind = kind.__value__
        elif hasattr(kind, "__metadata__"):  # Annotated
            kind = kind.__origin__
        else:
            return kind


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
            f"output_format: {cls.__name__}: {error}; define what its annotations name "
            "at the top of a module, or leave out `from __future__ import annotations`"
        ) from None
    if is_typed_dict(cls):
        needed = cls.__required_keys__
        return [_member(n, n, kind, n in needed) for n, kind in hints.items()]
    if is_model(cls):
        return _of_model(cls, hints)
    if attrs.has(cls):
        return [
            _member(f.name, f.alias, hints.get(f.name, Any), f.default is attrs.NOTHING)
            for f in attrs.fields(cls)
            if f.init
        ]
    if dataclasses.is_dataclass(cls):
        missing = dataclasses.MISSING
        return [
            _member(
                f.name,
                f.name,
                hints.get(f.name, Any),
                f.default is missing and f.default_factory is missing,
                f.metadata.get("description"),
            )
            for f in dataclasses.fields(cls)
            if f.init
        ]
    defaults = cls._field_defaults
    return [_member(n, n, hints.get(n, Any), n not in defaults) for n in cls._fields]


def _of_model(cls: Any, hints: dict[str, Any]) -> list[Member]:
    from ..core.members import names_of
    from ..core.types import build

    build(cls)
    required = {f.name for f in attrs.fields(cls) if f.default is attrs.NOTHING}
    return [
        _member(wire, name, hints[name], name in required)
        for name, wire in names_of(cls)
    ]


def _member(
    name: str, argument: str, kind: Any, required: bool, told: Any = None
) -> Member:
    marks = [m for m in getattr(kind, "__metadata__", ()) if isinstance(m, str)]
    return Member(name, argument, kind, required, marks[0] if marks else told)
