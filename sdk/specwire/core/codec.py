"""JSON to objects and back: ``load``, ``dump``, ``loads``, ``dumps``.

A reply that lacks a required member, or has one of another JSON kind, is a
:class:`Mismatch` that says where. Below the top, an object that lacks some of them is
an older or newer server's and reads ``None`` there; one that lacks all is none.
What this version does not know survives: members nobody declared, values outside an
enumeration, variants of a union.

Each hook is built when its type is first met, because building them for a whole package
of linked models costs a second. cattrs reads the classes that are a user's own; only
this module imports it, and only then.

Longer than most modules: what runs for each object of a reply is one file of the walk
that a test counts. What is asked only when a hook is built is in ``kinds``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import (
    Any,
    NoReturn,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from .formats import FORMATS
from .kinds import (
    is_literal,
    is_literal_of_text,
    is_model,
    is_open,
    is_tagged,
    is_union,
    kept_class,
    nullable,
)
from .members import Absent, names_of, plain, present, without_unset
from .types import Model, Tag, Unknown, build
from .unions import KINDS, Hook, Mismatch, union_hook

# -- text --------------------------------------------------------------------------


def loads(body: bytes) -> Any:
    """Strict JSON (RFC 8259) of ``body``: UTF-8, no NaN, bounded depth and numbers.

    :raises ValueError: for anything else.
    """
    if len(body) >= _LARGE:
        from . import large_json

        value = large_json.loads(body)
        if value is not large_json.LEFT:
            return value
    return loads_text(body.removeprefix(_BOM).decode())


def loads_text(text: str) -> Any:
    """Strict JSON, as :func:`loads`, of text."""
    try:
        try:
            value, end = _scan(text, 0)
            if end == len(text):
                return value
        except (StopIteration, json.JSONDecodeError):
            pass
        return _STRICT.decode(text)  # blanks around it, or an error that says where
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value == 0:
        return value
    raise ValueError(f"{text[:20]} is beyond the numbers that can be read and written")


_LARGE = 8192  # what is smaller is read in the time that asking takes
_BOM = b"\xef\xbb\xbf"
_STRICT = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_scan: Any = cast(Any, _STRICT).scan_once


def dumps(value: Any, where: str = "request") -> bytes:
    """``value`` as compact UTF-8 JSON.

    Takes models, attrs classes, dataclasses, pydantic models, dates, UUIDs,
    enumerations and iterables at any depth; members that are ``UNSET`` are left out,
    and a path or open file that is the data of a base64 source is read.

    :raises RequestValidationError: for what JSON cannot say (NaN, a circle, a lone
        surrogate, an object of another kind), with its ``pointer``.
    """
    try:
        try:
            return _PLAIN.encode(value).encode()
        except Absent:
            value = without_unset(value)
            return _PRESENT.encode(value).encode()
    except (Absent, TypeError, ValueError, RecursionError) as error:
        from .unwritable import refusal

        refused = refusal(where, value, error)
    raise refused


def _encoder(default: Callable[[Any], Any]) -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=default
    )


_PLAIN = _encoder(plain)
_PRESENT = _encoder(present)


# -- objects -----------------------------------------------------------------------


def load(cls: Any, data: Any) -> Any:
    """``data`` (parsed JSON) as a value of type ``cls``.

    :raises Mismatch: where ``data`` is not of that shape.
    """
    value = get_hook(cls)(data, cls)
    if isinstance(value, Model) and "_lacking" in value.__dict__:
        raise Mismatch(f"a member {value.__dict__['_lacking']!r}", None, absent=True)
    return value


def dump(value: Any) -> Any:
    """``value`` as plain JSON data: ``load(type(value), dump(value)) == value``."""
    try:
        # Not by way of bytes: half a surrogate pair, which a reply may hold, has none.
        return json.loads(_PLAIN.encode(value))
    except (Absent, TypeError, ValueError, RecursionError):
        return json.loads(dumps(value, "dump"))


def hook_of(cls: Any) -> Hook:
    """The hook of ``cls``, built now; what it is made of is built when it is met."""
    hook = get_hook(cls)
    return cast(Hook, hook.ready() if hasattr(hook, "ready") else hook)


def _lazily(make: Callable[[Any], Hook]) -> Callable[[Any], Hook]:
    """A hook factory whose hooks are built at their first use (cycles end there)."""

    def factory(cls: Any) -> Hook:
        built: list[Hook] = []

        def ready() -> Hook:
            if not built:
                built.append(make(cls))
            return built[0]

        def hook(data: Any, _: Any) -> Any:
            return ready()(data, cls)

        hook.ready = ready  # type: ignore[attr-defined]
        return hook

    return factory


def _model_hook(cls: type[Model], told: str | None = None) -> Hook:
    """``told`` is a member that is known to be text: a union was read by it."""
    members = _Members(cls)
    general, hook_for = members.load, members.hook_for
    hooks, total = members.hooks, len(members.names)
    may_be_null = members.nullable
    kinds = [(wire, kind) for wire, kind in members.kept.items() if kind is not None]
    plain = [pair for pair in kinds if pair != (told, str)]
    others = [wire for wire, kind in members.kept.items() if kind is None]
    if not members.kept:
        return lambda data, _: general(data)

    def hook(data: Any, _: Any) -> Any:
        # Most objects have the members that are declared, neither more nor fewer.
        if data.__class__ is not dict or len(data) != total:
            return general(data)
        odd = others
        try:
            for wire, kind in plain:
                if data[wire].__class__ is not kind:
                    odd = [*odd, wire]
        except KeyError:
            return general(data)
        for wire in odd:  # before anything is read: nothing may be read twice
            if wire not in data:
                return general(data)
        own = data.copy()
        for wire in odd:
            item = data[wire]
            if item is None:
                own["_nulls"] = (*own.get("_nulls", ()), wire)
                if wire in may_be_null:
                    continue
            try:
                own[wire] = (hooks.get(wire) or hook_for(wire))(item, None)
            except Mismatch as mismatch:
                raise mismatch.below(wire) from None
        value = _new(cls)
        value.__dict__ = own
        return value

    return hook


_new = object.__new__


class _Members:
    """What is known of a model's members, and how an object of any shape is read.

    :ivar names: wire name -> attribute.
    :ivar absent: attribute -> what it reads where a reply leaves it out.
    :ivar kept: wire name -> the class of JSON values that stay as they are; empty for
        a model whose attributes have other names.
    :ivar nullable: wire names of members that may be ``None``.
    :ivar hooks: wire name -> hook of what is not, for the members that were met.
    """

    def __init__(self, cls: type[Model]) -> None:
        build(cls)
        self.cls = cls
        self.hints = get_type_hints(cls, include_extras=True)
        self.names = {wire: name for name, wire in names_of(cls)}
        defaults = {f.name: f.default for f in attrs.fields(cast(Any, cls))}
        self.absent = {k: v for k, v in defaults.items() if v is not attrs.NOTHING}
        self.required = [w for w, name in self.names.items() if name not in self.absent]
        hints = {wire: self.hints[name] for wire, name in self.names.items()}
        self.kept = {} if cls._wire else {w: kept_class(h) for w, h in hints.items()}
        self.nullable = {wire for wire, hint in hints.items() if nullable(hint)[1]}
        self.hooks: dict[str, Hook] = {}

    def hook_for(self, wire: str) -> Hook:
        kind, _ = nullable(self.hints[self.names[wire]])
        self.hooks[wire] = hook = hook_of(kind)
        return hook

    def load(self, data: Any) -> Model:
        """:raises Mismatch: where ``data`` is no object, or a member is of another kind
        or is the one that makes it such an object."""
        if data.__class__ is not dict:
            raise Mismatch("an object", data)
        own = self.absent.copy()
        names, kept = self.names, self.kept
        extra = {}
        wire = ""
        try:
            for wire, item in data.items():
                if item.__class__ is kept.get(wire):
                    own[wire] = item
                    continue
                name = names.get(wire)
                if name is None:
                    extra[wire] = item
                elif item is None and wire in self.nullable:
                    own[name] = None
                else:
                    own[name] = (self.hooks.get(wire) or self.hook_for(wire))(
                        item, None
                    )
        except Mismatch as mismatch:
            raise mismatch.below(wire) from None
        if len(own) != len(self.names):
            own["_lacking"] = self._filled(own, data)
        if extra:
            own["_extra"] = extra
        if None in data.values():
            own["_nulls"] = tuple(k for k, v in data.items() if v is None)
        value = _new(self.cls)
        value.__dict__ = own
        return value

    def _filled(self, own: dict[str, Any], data: dict[str, Any]) -> str:
        """``None`` for the required members that are missing; the first of them.

        :raises Mismatch: where none of the required members is there.
        """
        missing = [wire for wire in self.required if wire not in data]
        if len(missing) == len(self.required):
            raise Mismatch(f"a member {missing[0]!r}", None, absent=True)
        own.update({self.names[wire]: None for wire in missing})
        return missing[0]


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
    kept = kept_class(item)
    each: Hook | None = None

    def hook(data: Any, _: Any) -> list[Any]:
        nonlocal each
        if data.__class__ is not list:
            raise Mismatch("an array", data)
        if each is None:
            each = hook_of(item)
        out: list[Any] = []
        try:
            for value in data:
                out.append(value if value.__class__ is kept else each(value, item))
        except Mismatch as mismatch:
            raise mismatch.below(len(out)) from None
        return out

    return hook


def _dict_hook(cls: Any) -> Hook:
    kind = (get_args(cls) or (str, Any))[1]
    anything = is_open(kind)
    each: Hook | None = None

    def hook(data: Any, _: Any) -> dict[str, Any]:
        nonlocal each
        if data.__class__ is not dict:
            raise Mismatch("an object", data)
        if anything:
            return data
        if each is None:
            each = hook_of(kind)
        out = {}
        for key, value in data.items():
            try:
                out[key] = each(value, kind)
            except Mismatch as mismatch:
                raise mismatch.below(key) from None
        return out

    return hook


def _an_object(data: Any, _: Any) -> NoReturn:
    raise Mismatch("an object", data)


def _tagged_hook(cls: Any) -> Hook:
    """By the member that the tag names; a variant that is not listed is ``Unknown``."""
    tag = next(mark for mark in cls.__metadata__ if isinstance(mark, Tag))
    others = [m for m in get_args(cls.__origin__) if m not in tag.table.values()]
    plain = [m for m in others if m is not Unknown]
    rest = _members_hook(plain) if plain else _an_object
    member = tag.key
    met: dict[Any, Hook] = {}

    def first(key: Any) -> Hook:
        if key.__class__ is not str or key not in tag.table:
            return _unknown
        variant = tag.table[key]
        read = _model_hook(variant, member) if is_model(variant) else hook_of(variant)
        met[key] = read
        return read

    def hook(data: Any, _: Any) -> Any:
        if data.__class__ is not dict:
            return rest(data, None)
        try:
            key = data[member]
            each = met[key]
        except (KeyError, TypeError):
            each = first(data.get(member))
        return each(data, None)

    return hook


def _union_hook(cls: Any) -> Hook:
    members = get_args(cls)
    some = [member for member in members if member is not type(None)]
    if len(some) == len(members):
        return _members_hook(members)
    only = some[0] if len(some) == 1 else cls
    each: Hook | None = None

    def hook(data: Any, _: Any) -> Any:
        nonlocal each
        if data is None:
            return None
        if each is None:
            each = hook_of(only) if only is not cls else _members_hook(some)
        return each(data, only)

    return hook


def _members_hook(members: Any) -> Hook:
    """The hook of a union's members, or of the one that is enough."""
    if len(members) == 1:
        return get_hook(members[0])
    if all(m is str or is_literal_of_text(m) for m in members) and members:
        return _string
    return union_hook(members, get_hook)


# -- the registry ------------------------------------------------------------------

_FACTORIES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Hook]], ...] = (
    (is_model, _lazily(_model_hook)),
    (is_tagged, _lazily(_tagged_hook)),
    (is_union, _lazily(_union_hook)),
    (is_literal, _literal_hook),
    (lambda cls: dict in (cls, get_origin(cls)), _dict_hook),
    (lambda cls: list in (cls, get_origin(cls)), _list_hook),
    (is_open, lambda _: _any),
)
_hooks: dict[Any, Hook] = dict(_SCALARS)


def get_hook(cls: Any) -> Hook:
    """The hook of a type expression; cattrs knows the classes that are not ours."""
    found = _hooks.get(cls)
    if found is None:
        make = _factory(cls) or _foreign
        found = _hooks[cls] = make(cls)
    return found


def _factory(cls: Any) -> Callable[[Any], Hook] | None:
    return next((make for fits, make in _FACTORIES if fits(cls)), None)


def _foreign(cls: Any) -> Hook:
    structure = _converter().get_structure_hook(cls)
    # Ours know their type when they are built; cattrs' are told it with the data.
    return lambda data, _: structure(data, cls)


@functools.cache
def _converter() -> Any:
    """Attrs classes, dataclasses, enumerations and what else a user brings."""
    import cattrs

    converter = cattrs.Converter()
    for kind, scalar in _SCALARS.items():
        converter.register_structure_hook(kind, scalar)
    converter.register_structure_hook_factory(lambda cls: bool(_factory(cls)), get_hook)
    return converter


__all__ = ["Mismatch", "dump", "dumps", "load", "loads"]
