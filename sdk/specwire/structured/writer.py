"""JSON Schema (2020-12) of Python types: the one writer, for tools and for output.

Objects are closed. What a type is made of is asked of :mod:`.shapes`; how much is said
of it, and where classes stand, is a :class:`Style`.
"""

from __future__ import annotations

import collections.abc as abc
import datetime as dt
import decimal
import enum
import pathlib
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from attrs import frozen

from ..core.types import UNSET, Unknown
from .shapes import Member, described, has_members, is_pydantic, members, peeled

Schema: TypeAlias = dict[str, Any]

SCALARS: Final[dict[Any, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    **{anything: {} for anything in (Any, object, Unknown)},
    decimal.Decimal: {"type": "number"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "format": "time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    pathlib.Path: {"type": "string"},
}
"""Types whose values are one word of JSON, or anything."""
SETS: Final = (set, frozenset, abc.Set)
LISTS: Final = (list, tuple, abc.Sequence, abc.Iterable, abc.Collection, *SETS)
MAPS: Final = (dict, abc.Mapping, abc.MutableMapping)
AT: Final = "#/$defs/"


class NoSchema(TypeError):
    """``kind`` is a type whose values JSON cannot hold."""

    def __init__(self, kind: Any) -> None:
        shown = kind.__qualname__ if isinstance(kind, type) else repr(kind)
        super().__init__(f"{shown} cannot be said as JSON Schema")
        self.kind = kind


@frozen
class Style:
    """How schemas are written.

    :ivar inline: a class stands where it is used, unless it contains itself; else all
        stand in ``$defs``, which a ``title`` names.
    :ivar details: defaults, bounds and the like are said as well, and nothing empty is.
    :ivar texts: what a class's docstring says: of it, and of its members.
    """

    inline: bool
    details: bool
    texts: Callable[[str], tuple[str, Mapping[str, str]]]


class Writer:
    """Writes the schemas of one type and of the classes below it.

    :ivar defs: the classes that are referred to, by name.
    """

    def __init__(self, style: Style) -> None:
        self.defs: dict[str, Schema] = {}
        self._style = style
        self._open: list[Any] = []
        self._names: dict[Any, str] = {}

    def whole(self, schema: Schema) -> Schema:
        """``schema`` with what it refers to."""
        return {**schema, "$defs": self.defs} if self.defs else schema

    def of(self, kind: Any) -> Schema:
        """The schema of ``kind``.

        :raises NoSchema: where there is none.
        """
        inner = peeled(kind)
        if inner is not kind:
            schema = self.of(inner)
            if self._style.details:
                schema = _bounded(schema, kind)
            text = described(kind)
            return {**schema, "description": text} if text else schema
        if isinstance(kind, abc.Hashable) and kind in SCALARS:
            return dict(SCALARS[kind])
        if isinstance(kind, TypeVar):
            return self.of(kind.__bound__) if kind.__bound__ is not None else {}
        return self._made(kind, get_origin(kind), get_args(kind))

    def _made(self, kind: Any, origin: Any, args: tuple[Any, ...]) -> Schema:
        if origin is Literal:
            return _choice(args)
        if origin in (Union, types.UnionType):
            found = [self.of(arg) for arg in args if arg is not Unknown]
            return {} if {} in found else {"anyOf": found}
        made = origin or kind
        if made is tuple and origin is not None:
            return self._tuple(args)
        if made in LISTS:
            inner = self._inner("items", args[0]) if args else {}
            unique = {"uniqueItems": True} if made in SETS else {}
            return {"type": "array", **inner, **(unique if self._style.details else {})}
        if made in MAPS:
            inner = self._inner("additionalProperties", args[1]) if args else {}
            return {"type": "object", **inner}
        if isinstance(made, type) and issubclass(made, enum.Enum):
            return _choice([member.value for member in made])
        if is_pydantic(made) or has_members(made):
            return self._class(made)
        raise NoSchema(kind)

    def _inner(self, word: str, kind: Any) -> Schema:
        schema = self.of(kind)
        return {word: schema} if schema or not self._style.details else {}

    def _tuple(self, args: tuple[Any, ...]) -> Schema:
        if args and args[-1] is ...:
            return {"type": "array", **self._inner("items", args[0])}
        items = [self.of(arg) for arg in args if arg != ()]
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }

    # -- classes -------------------------------------------------------------------

    def _class(self, cls: Any) -> Schema:
        if self._style.inline:
            return self._inlined(cls)
        if cls not in self._names:
            name = self._names[cls] = self._name(cls)
            self.defs[name] = {}
            self.defs[name] = self._pydantic(cls, name) or self.object(
                members(cls), cls
            )
        return {"$ref": AT + self._names[cls]}

    def _inlined(self, cls: Any) -> Schema:
        if is_pydantic(cls):
            schema: Schema = dict(cls.model_json_schema())
            self.defs.update(schema.pop("$defs", {}))
            return schema
        if cls in self._open:
            return {"$ref": AT + self._names.setdefault(cls, self._name(cls))}
        self._open.append(cls)
        try:
            schema = self.object(members(cls), cls)
        finally:
            self._open.pop()
        if cls not in self._names:
            return schema
        self.defs[self._names[cls]] = schema
        return {"$ref": AT + self._names[cls]}

    def _pydantic(self, cls: Any, name: str) -> Schema | None:
        if not is_pydantic(cls):
            return None
        schema: Schema = cls.model_json_schema(ref_template=f"{AT}{name}.{{model}}")
        for inner, each in schema.pop("$defs", {}).items():
            self.defs[f"{name}.{inner}"] = each
        return schema

    def _name(self, cls: Any) -> str:
        taken = {*self.defs, *self._names.values()}
        name, number = cls.__name__, 2
        while name in taken:
            name, number = f"{cls.__name__}{number}", number + 1
        return str(name)

    def object(
        self, found: Iterable[Member], cls: Any = None, *, closed: bool = True
    ) -> Schema:
        """The schema of an object with these members, which are of ``cls``, if any."""
        found = list(found)
        schema: Schema = {"type": "object"}
        if cls is not None and not self._style.inline:
            schema["title"] = cls.__name__
        text, texts = self._style.texts(_own_doc(cls))
        if text:
            schema["description"] = text
        schema["properties"] = {m.name: self._member(m, texts) for m in found}
        required = [m.name for m in found if m.required]
        if required or not self._style.details:
            schema["required"] = required
        return {**schema, "additionalProperties": False} if closed else schema

    def _member(self, member: Member, texts: Mapping[str, str]) -> Schema:
        schema = self.of(member.kind)
        text = member.told or texts.get(member.name)
        if text:
            schema.setdefault("description", text)
        default = _json_default(member.default) if self._style.details else UNSET
        return schema if default is UNSET else {**schema, "default": default}


def _own_doc(cls: Any) -> str:
    """The class's docstring, unless a decorator made it up (``Name(x: int)``)."""
    if cls is None:
        return ""
    text = cls.__dict__.get("__doc__") or ""
    return "" if text.startswith((f"{cls.__name__}(", "dict(")) else str(text)


def _choice(values: Iterable[Any]) -> Schema:
    plain = [v.value if isinstance(v, enum.Enum) else v for v in values]
    kinds = {type(value) for value in plain}
    if not kinds <= {str, int, float, bool, type(None)}:
        raise NoSchema(Literal[tuple(plain)])
    kind = SCALARS[kinds.pop()] if len(kinds) == 1 else {}
    return {**kind, "enum": plain}


_BOUNDS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}


def _bounded(schema: Schema, kind: Any) -> Schema:
    """``schema`` with what marks of ``Annotated`` say (annotated-types, or such)."""
    for mark in getattr(kind, "__metadata__", ()):
        # pydantic's Field holds its limits one level further in.
        for limit in (mark, *getattr(mark, "metadata", ())):
            schema = {**schema, **_bounds(limit, schema.get("type"))}
    return schema


def _bounds(mark: Any, kind: Any) -> Schema:
    if isinstance(mark, (str, type)):
        return {}
    names = dict(_BOUNDS)
    if kind in ("string", "array"):
        unit = "Length" if kind == "string" else "Items"
        names.update(min_length=f"min{unit}", max_length=f"max{unit}")
    found = {word: getattr(mark, name, None) for name, word in names.items()}
    return {k: v for k, v in found.items() if isinstance(v, (int, float, str))}


_INFINITY: Final = float("inf")


def _json_default(value: Any) -> Any:
    """``value`` where JSON can say it as it is, else ``UNSET``."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, (str, int, float, bool)):
        # NaN and the infinities are no JSON.
        return UNSET if value != value or value in (_INFINITY, -_INFINITY) else value
    if isinstance(value, (list, tuple)) and not value:
        return []
    return UNSET
