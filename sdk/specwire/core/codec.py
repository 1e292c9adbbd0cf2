"""JSON to objects and back: ``load``, ``dump``, ``loads``, ``dumps``.

A reply that lacks a required member, or has one of another JSON kind, is a
:class:`Mismatch` that says where. Below the top, an object that lacks some of them is
an older or newer server's and reads ``None`` there; one that lacks all is none.
What this version does not know survives: members nobody declared, values outside an
enumeration, variants of a union.

cattrs keeps the hooks; each is built when its type is first met, because building them
for a whole package of linked models costs a second. Only this module imports cattrs.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from typing import (
    Any,
    Literal,
    NoReturn,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs
import cattrs
from cattrs.errors import ClassValidationError
from cattrs.gen import make_dict_structure_fn, override

from .errors import RequestValidationError, shortened
from .formats import FORMATS
from .members import Absent, names_of, plain, present, without_unset
from .types import Model, Tag, Unknown, build
from .unions import KINDS, Hook, Mismatch, first_mismatch, is_open, union_hook

converter = cattrs.Converter(detailed_validation=True)


# -- text --------------------------------------------------------------------------


def loads(body: bytes) -> Any:
    """Strict JSON (RFC 8259) of ``body``: UTF-8, no NaN, bounded depth and numbers.

    :raises ValueError: for anything else.
    """
    return loads_text(body.decode("utf-8-sig"))


def loads_text(text: str) -> Any:
    """Strict JSON, as :func:`loads`, of text."""
    try:
        return _STRICT.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT = json.JSONDecoder(parse_constant=_no_constant)


def dumps(value: Any, where: str = "request") -> bytes:
    """``value`` as compact UTF-8 JSON.

    Takes models, attrs classes, dataclasses, pydantic models, dates, UUIDs,
    enumerations and iterables at any depth; members that are ``UNSET`` are left out.

    :raises RequestValidationError: for what JSON cannot say (NaN, a circle, a lone
        surrogate, an object of another kind).
    """
    try:
        try:
            return _written(value, plain)
        except Absent:
            return _written(without_unset(value), present)
    except (Absent, TypeError, ValueError, RecursionError) as error:
        text = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RequestValidationError(
            f"{where}: the body cannot be written as JSON: {shortened(text, 200)}"
        ) from None


def _written(value: Any, default: Callable[[Any], Any]) -> bytes:
    return json.dumps(
        value,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=default,
    ).encode("utf-8")


# -- objects -----------------------------------------------------------------------


def load(cls: Any, data: Any) -> Any:
    """``data`` (parsed JSON) as a value of type ``cls``.

    :raises Mismatch: where ``data`` is not of that shape.
    """
    value = converter.get_structure_hook(cls)(data, cls)
    if isinstance(value, Model) and "_lacking" in value.__dict__:
        raise Mismatch(f"a member {value.__dict__['_lacking']!r}", None, absent=True)
    return value


def dump(value: Any) -> Any:
    """``value`` as plain JSON data: ``load(type(value), dump(value)) == value``."""
    return json.loads(dumps(value, "dump"))


def _lazily(make: Callable[[Any], Hook]) -> Callable[[Any], Hook]:
    """A hook factory whose hooks are built at their first use (cycles end there)."""

    def factory(cls: Any) -> Hook:
        built: list[Hook] = []

        def hook(data: Any, _: Any) -> Any:
            if not built:
                built.append(make(cls))
            return built[0](data, cls)

        return hook

    return factory


def _model_hook(cls: type[Model]) -> Hook:
    build(cls)
    hints = get_type_hints(cls, include_extras=True)
    names = names_of(cls)
    known = frozenset(wire for _, wire in names)
    attrs.resolve_types(cast(Any, cls), include_extras=True)
    renamed: Any = {name: override(rename=wire) for name, wire in names if name != wire}
    structure = make_dict_structure_fn(cls, converter, **renamed)

    def hook(data: Any, _: Any) -> Any:
        if data.__class__ is not dict:
            raise Mismatch("an object", data)
        failure: ClassValidationError | None = None
        try:
            value = structure(data, cls)
        except ClassValidationError as group:
            failure = group
        if failure is not None:
            value = _partial(failure, cls, data, hints)
        own = value.__dict__
        if not data.keys() <= known:
            own["_extra"] = {k: v for k, v in data.items() if k not in known}
        if None in data.values():
            own["_nulls"] = tuple(k for k, v in data.items() if v is None)
        return value

    return hook


def _partial(
    failure: ClassValidationError,
    cls: type[Model],
    data: dict[str, Any],
    hints: dict[str, Any],
) -> Model:
    """An object that lacks some required members, with ``None`` in their places.

    :raises Mismatch: where something else is wrong, or none of them is there.
    """
    fields = {field.name: field for field in attrs.fields(cast(Any, cls))}
    required = [
        wire for name, wire in names_of(cls) if fields[name].default is attrs.NOTHING
    ]
    only_missing = all(isinstance(error, KeyError) for error in failure.exceptions)
    if not only_missing or not any(wire in data for wire in required):
        raise first_mismatch(failure, cls._wire)
    value = cls.__new__(cls)
    for name, wire in names_of(cls):
        if wire in data:
            item = converter.get_structure_hook(hints[name])(data[wire], hints[name])
        else:
            item = None if wire in required else fields[name].default
        value.__dict__[name] = item
    value.__dict__["_lacking"] = next(wire for wire in required if wire not in data)
    return value


# -- scalars -----------------------------------------------------------------------


def _string(data: Any, _: Any) -> Any:
    if data.__class__ is str:
        return data
    raise Mismatch("a string", data)


def _boolean(data: Any, _: Any) -> bool:
    if data is True or data is False:
        return data
    raise Mismatch("a boolean", data)


def _integer(data: Any, _: Any) -> Any:
    if data.__class__ is int:
        return data
    # 1.0 is an integer to JSON Schema; it stays what it was, for the way back.
    if data.__class__ is float and data.is_integer():
        return data
    raise Mismatch("an integer", data)


def _number(data: Any, _: Any) -> Any:
    if data.__class__ is float or data.__class__ is int:
        return data
    raise Mismatch("a number", data)


def _null(data: Any, _: Any) -> None:
    if data is not None:
        raise Mismatch("null", data)


def _any(data: Any, _: Any) -> Any:
    return data


def _unknown(data: Any, _: Any) -> Unknown:
    return Unknown(data)


_SCALARS: dict[Any, Hook] = {
    str: _string,
    bool: _boolean,
    int: _integer,
    float: _number,
    type(None): _null,
    Unknown: _unknown,
    **FORMATS,
}


# -- types made of types -----------------------------------------------------------


def _literal_hook(cls: Any) -> Hook:
    """Values of the right JSON kind pass even when they are not listed."""
    kinds = tuple({type(value) for value in get_args(cls)})
    expected = " or ".join(sorted({KINDS.get(kind, "a value") for kind in kinds}))

    def hook(data: Any, _: Any) -> Any:
        if data.__class__ in kinds:
            return data
        raise Mismatch(expected, data)

    return hook


def _list_hook(cls: Any) -> Hook:
    (item,) = get_args(cls) or (Any,)
    each = converter.get_structure_hook(item)

    def hook(data: Any, _: Any) -> list[Any]:
        if data.__class__ is not list:
            raise Mismatch("an array", data)
        out: list[Any] = []
        try:
            for value in data:
                out.append(each(value, item))
        except Mismatch as mismatch:
            raise mismatch.below(len(out)) from None
        return out

    return hook


def _dict_hook(cls: Any) -> Hook:
    kind = (get_args(cls) or (str, Any))[1]
    each = converter.get_structure_hook(kind)

    def hook(data: Any, _: Any) -> dict[str, Any]:
        if data.__class__ is not dict:
            raise Mismatch("an object", data)
        out = {}
        for key, value in data.items():
            try:
                out[key] = each(value, kind)
            except Mismatch as mismatch:
                raise mismatch.below(key) from None
        return out

    return hook


def _tagged_hook(cls: Any) -> Hook:
    """By the member that the tag names; a variant that is not listed is ``Unknown``."""
    tag = next(mark for mark in cls.__metadata__ if isinstance(mark, Tag))
    hooks = {
        value: (converter.get_structure_hook(variant), variant)
        for value, variant in tag.table.items()
    }
    others = [m for m in get_args(cls.__origin__) if m not in tag.table.values()]
    rest = _members_hook([m for m in others if m is not Unknown])

    def hook(data: Any, _: Any) -> Any:
        if data.__class__ is not dict:
            return rest(data, None)
        key = data.get(tag.key)
        found = hooks.get(key) if key.__class__ is str else None
        return found[0](data, found[1]) if found is not None else Unknown(data)

    return hook


def _union_hook(cls: Any) -> Hook:
    members = get_args(cls)
    some = [member for member in members if member is not type(None)]
    if len(some) == len(members):
        return _members_hook(members)
    each = _members_hook(some)
    only = some[0] if len(some) == 1 else cls

    def hook(data: Any, _: Any) -> Any:
        return None if data is None else each(data, only)

    return hook


def _members_hook(members: Any) -> Hook:
    """The hook of a union's members, or of the one that is enough."""
    if len(members) == 1:
        return converter.get_structure_hook(members[0])
    if all(m is str or _is_literal_of_text(m) for m in members) and members:
        return _string
    return union_hook(members, converter.get_structure_hook)


# -- the registry; cattrs asks the later entries first -------------------------------


def _is_model(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Model)


def _is_union(cls: Any) -> bool:
    return get_origin(cls) in (Union, types.UnionType)


def _is_literal(cls: Any) -> bool:
    return get_origin(cls) is Literal


def _is_literal_of_text(cls: Any) -> bool:
    return _is_literal(cls) and all(isinstance(v, str) for v in get_args(cls))


def _is_tagged(cls: Any) -> bool:
    return any(isinstance(mark, Tag) for mark in getattr(cls, "__metadata__", ()))


def _register() -> None:
    factory = converter.register_structure_hook_factory
    for kind, scalar in _SCALARS.items():
        converter.register_structure_hook(kind, scalar)
    converter.register_structure_hook_func(is_open, _any)
    factory(lambda cls: list in (cls, get_origin(cls)), _list_hook)
    factory(lambda cls: dict in (cls, get_origin(cls)), _dict_hook)
    factory(_is_literal, _literal_hook)
    factory(_is_union, _lazily(_union_hook))
    factory(_is_tagged, _lazily(_tagged_hook))
    factory(_is_model, _lazily(_model_hook))


_register()

__all__ = ["Mismatch", "dump", "dumps", "load", "loads"]
