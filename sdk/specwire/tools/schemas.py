"""JSON Schema (2020-12) of Python types, as a model is told what to write.

Objects are closed (``additionalProperties: false``). A class that contains itself
stands in ``$defs``; every other one stands where it is used. A type that JSON has no
word for is refused when the tool is made, not when the model calls it.
"""

from __future__ import annotations

import collections.abc as c
import dataclasses
import enum
import types
import typing as t

import attrs

from ..core.types import UNSET
from ..structured.schema import SCALARS
from . import docstrings

Schema: t.TypeAlias = dict[str, t.Any]

_PLAIN: dict[t.Any, Schema] = {**SCALARS, t.Any: {}, object: {}}
LISTS = (list, c.Sequence, c.Iterable, c.Collection)
SETS = (set, frozenset, c.Set)
MAPPINGS = (dict, c.Mapping, c.MutableMapping)


@attrs.frozen
class Member:
    """One field of a class, or one parameter: ``default`` is ``UNSET`` for none."""

    name: str
    hint: t.Any
    default: t.Any = UNSET
    required: bool = True
    text: str = ""


def schema_of(hint: t.Any) -> Schema:
    """The schema of ``hint``.

    :raises TypeError: for a type that cannot be said in JSON.
    """
    builder = _Builder()
    return builder.whole(builder.schema(hint))


def schema_of_members(members: c.Iterable[Member], *, closed: bool = True) -> Schema:
    """The schema of an object with ``members``."""
    builder = _Builder()
    return builder.whole(builder.object(members, closed=closed))


class _Builder:
    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}
        self._open: list[t.Any] = []
        self._names: dict[t.Any, str] = {}

    def whole(self, schema: Schema) -> Schema:
        return {**schema, "$defs": self.defs} if self.defs else schema

    def schema(self, hint: t.Any) -> Schema:
        if isinstance(hint, c.Hashable) and hint in _PLAIN:
            return dict(_PLAIN[hint])
        origin = t.get_origin(hint)
        if origin is t.Annotated:
            return self._annotated(hint)
        if origin in (t.Union, types.UnionType):
            return self._union(t.get_args(hint))
        if origin is t.Literal:
            return _choice(list(t.get_args(hint)))
        if str(origin) in ("typing.Required", "typing.NotRequired", "typing.ReadOnly"):
            return self.schema(t.get_args(hint)[0])
        if isinstance(hint, t.NewType):
            return self.schema(hint.__supertype__)
        if isinstance(hint, t.TypeVar):
            return self.schema(hint.__bound__ or t.Any)
        if origin in (tuple, *LISTS, *SETS, *MAPPINGS) or hint in (
            *(tuple, *LISTS, *SETS, *MAPPINGS),
        ):
            return self._container(origin or hint, t.get_args(hint))
        if isinstance(hint, type):
            return self._class(hint)
        raise TypeError(f"{hint!r} cannot be said as JSON Schema")

    def _annotated(self, hint: t.Any) -> Schema:
        schema = self.schema(hint.__origin__)
        for mark in hint.__metadata__:
            # pydantic's Field holds its limits one level further in.
            for limit in (mark, *getattr(mark, "metadata", ())):
                schema = {**schema, **_limits(limit, schema.get("type"))}
        text = described(hint)
        return {**schema, "description": text} if text else schema

    def _union(self, members: tuple[t.Any, ...]) -> Schema:
        found = [self.schema(member) for member in members]
        return {} if {} in found else {"anyOf": found}

    def _container(self, origin: t.Any, args: tuple[t.Any, ...]) -> Schema:
        if origin in MAPPINGS:
            value = self.schema(args[1]) if args else {}
            return {
                "type": "object",
                **({"additionalProperties": value} if value else {}),
            }
        if origin is tuple and args and args[-1] is not Ellipsis:
            items = [self.schema(arg) for arg in args if arg != ()]
            return {
                "type": "array",
                "prefixItems": items,
                "minItems": len(items),
                "maxItems": len(items),
            }
        item = self.schema(args[0]) if args else {}
        schema: Schema = {"type": "array", **({"items": item} if item else {})}
        return {**schema, "uniqueItems": True} if origin in SETS else schema

    def _class(self, cls: type) -> Schema:
        if issubclass(cls, enum.Enum):
            return _choice([member.value for member in cls])
        if hasattr(cls, "model_json_schema"):
            schema: Schema = dict(cls.model_json_schema())
            self.defs.update(schema.pop("$defs", {}))
            return schema
        members = members_of(cls)
        if members is None:
            raise TypeError(f"{cls.__qualname__} cannot be said as JSON Schema")
        if cls in self._open:
            name = self._names.setdefault(cls, self._name(cls))
            return {"$ref": f"#/$defs/{name}"}
        self._open.append(cls)
        try:
            schema = self.object(members)
        finally:
            self._open.pop()
        text = docstrings.read(_own_doc(cls)).description
        schema = {**schema, **({"description": text} if text else {})}
        if cls not in self._names:
            return schema
        self.defs[self._names[cls]] = schema
        return {"$ref": f"#/$defs/{self._names[cls]}"}

    def _name(self, cls: type) -> str:
        taken = {*self.defs, *self._names.values()}
        name, number = cls.__name__, 2
        while name in taken:
            name, number = f"{cls.__name__}{number}", number + 1
        return name

    def object(self, members: c.Iterable[Member], *, closed: bool = True) -> Schema:
        properties: dict[str, Schema] = {}
        required = []
        for member in members:
            schema = self.schema(member.hint)
            if member.text:
                schema.setdefault("description", member.text)
            default = _json_default(member.default)
            if default is not UNSET:
                schema["default"] = default
            properties[member.name] = schema
            if member.required:
                required.append(member.name)
        whole: Schema = {"type": "object", "properties": properties}
        if required:
            whole["required"] = required
        return {**whole, "additionalProperties": False} if closed else whole


def members_of(cls: t.Any) -> list[Member] | None:
    """The fields of a dataclass, attrs class, TypedDict or NamedTuple; or ``None``."""
    if t.is_typeddict(cls):
        hints = t.get_type_hints(cls, include_extras=True)
        needed = cls.__required_keys__
        texts = docstrings.read(_own_doc(cls)).parameters
        return [
            Member(name, hint, required=name in needed, text=texts.get(name, ""))
            for name, hint in hints.items()
        ]
    if dataclasses.is_dataclass(cls):
        fields = [
            (f.name, f.default, f.default_factory)
            for f in dataclasses.fields(cls)
            if f.init
        ]
        return _fields(cls, fields, dataclasses.MISSING)
    if attrs.has(cls):
        some = [(f.name, f.default, attrs.NOTHING) for f in attrs.fields(cls) if f.init]
        return _fields(cls, some, attrs.NOTHING)
    if hasattr(cls, "_field_defaults") and issubclass(cls, tuple):
        defaults = cls._field_defaults
        named = [(n, defaults.get(n, UNSET), UNSET) for n in cls._fields]
        return _fields(cls, named, UNSET)
    return None


def _fields(cls: t.Any, fields: c.Iterable[t.Any], nothing: t.Any) -> list[Member]:
    hints = t.get_type_hints(cls, include_extras=True)
    texts = docstrings.read(_own_doc(cls)).parameters
    found = []
    for name, default, factory in fields:
        none = default is nothing
        found.append(
            Member(
                name,
                hints.get(name, t.Any),
                UNSET if none else default,
                required=none and factory is nothing,
                text=texts.get(name, ""),
            )
        )
    return found


def described(hint: t.Any) -> str:
    """The first text among the marks of ``Annotated``, or a mark's ``description``."""
    for mark in getattr(hint, "__metadata__", ()):
        text = mark if isinstance(mark, str) else getattr(mark, "description", None)
        if isinstance(text, str) and text:
            return text
    return ""


_LIMITS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}


def _limits(mark: t.Any, kind: t.Any) -> Schema:
    """What a mark (of annotated-types, or like them) says of a value's bounds."""
    if isinstance(mark, (str, type)):
        return {}
    names = dict(_LIMITS)
    if kind in ("string", "array"):
        unit = "Length" if kind == "string" else "Items"
        names.update(min_length=f"min{unit}", max_length=f"max{unit}")
    found = {word: getattr(mark, name, None) for name, word in names.items()}
    return {k: v for k, v in found.items() if isinstance(v, (int, float, str))}


def _own_doc(cls: type) -> str | None:
    """The class's docstring, unless a decorator made it up (``Name(x: int)``)."""
    text = cls.__dict__.get("__doc__")
    made_up = text is None or text.startswith((f"{cls.__name__}(", "dict("))
    return None if made_up else text


def _choice(values: list[t.Any]) -> Schema:
    plain = [v.value if isinstance(v, enum.Enum) else v for v in values]
    kinds = {type(value) for value in plain}
    if not kinds <= {str, int, float, bool, type(None)}:
        raise TypeError(f"the choices {plain!r} cannot be said as JSON Schema")
    if len(kinds) == 1:
        return {**_PLAIN[kinds.pop()], "enum": plain}
    return {"enum": plain}


def _json_default(value: t.Any) -> t.Any:
    """``value`` where JSON can say it as it is, else ``UNSET``."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, (str, int, float, bool)):
        # NaN and the infinities are no JSON.
        return UNSET if value != value or value in (_INFINITY, -_INFINITY) else value
    if isinstance(value, (list, tuple)) and not value:
        return []
    return UNSET


_INFINITY = float("inf")
