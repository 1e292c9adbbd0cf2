"""The JSON Schema (2020-12) of a type.

Objects are closed; a member with a default may be missing. Classes stand under
``$defs``, so that they may refer to themselves.
"""

from __future__ import annotations

import collections.abc as abc
import datetime as dt
import decimal
import enum
import inspect
import json
import pathlib
import types
import uuid
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from ..core.types import Unknown
from .shapes import has_members, is_pydantic, members, plain

SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    decimal.Decimal: {"type": "number"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "format": "time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    pathlib.Path: {"type": "string"},
}
"""Types whose values are one word of JSON."""
_PLAIN: dict[Any, dict[str, Any]] = {
    **SCALARS,
    list: {"type": "array"},
    tuple: {"type": "array"},
    set: {"type": "array"},
    frozenset: {"type": "array"},
    dict: {"type": "object"},
}
LISTS = (list, set, frozenset, abc.Sequence, abc.Iterable, abc.Set, abc.Collection)
MAPS = (dict, abc.Mapping, abc.MutableMapping)
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_AT = "#/$defs/"


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of ``kind``: a class with members, or a type made of such.

    :raises TypeError: for a type whose values JSON cannot hold.
    """
    if is_pydantic(kind):
        whole: dict[str, Any] = kind.model_json_schema()
        return whole
    writer = _Writer()
    schema, defs = writer.of(kind), writer.defs
    name = schema.get("$ref", "").removeprefix(_AT)
    if name and f'"{_AT}{name}"' not in json.dumps(defs):
        # Nothing else refers to the class, so it can stand at the root.
        schema = {**defs.pop(name), **{k: v for k, v in schema.items() if k != "$ref"}}
    return {**schema, "$defs": defs} if defs else schema


class _Writer:
    """Writes the schemas of one type and of the classes below it."""

    def __init__(self) -> None:
        self.defs: dict[str, Any] = {}
        self._names: dict[Any, str] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        told = [m for m in getattr(kind, "__metadata__", ()) if isinstance(m, str)]
        schema = self._of(plain(kind))
        return {**schema, "description": told[0]} if told else schema

    def _of(self, kind: Any) -> dict[str, Any]:
        if (
            kind is Any
            or kind is object
            or kind is Unknown
            or isinstance(kind, TypeVar)
        ):
            return {}
        if kind.__hash__ is not None and kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, args = get_origin(kind), get_args(kind)
        if origin is Literal:
            return _enumeration(args)
        if origin in (Union, types.UnionType):
            known = [arg for arg in args if arg is not Unknown]
            return {"anyOf": [self.of(arg) for arg in known]}
        if origin is tuple:
            return self._tuple(args)
        if origin in LISTS:
            return {"type": "array", "items": self.of(args[0])}
        if origin in MAPS:
            return {"type": "object", "additionalProperties": self.of(args[1])}
        kind = origin or kind
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return _enumeration([member.value for member in kind])
        if is_pydantic(kind) or has_members(kind):
            return {"$ref": _AT + self._defined(kind)}
        raise TypeError(
            f"output_format: no JSON Schema for {kind!r}; expected an attrs class, a "
            "dataclass, a TypedDict, a pydantic model, a type made of such, or a JSON "
            "Schema as a dict"
        )

    def _tuple(self, args: tuple[Any, ...]) -> dict[str, Any]:
        if len(args) == 2 and args[1] is ...:
            return {"type": "array", "items": self.of(args[0])}
        return {
            "type": "array",
            "prefixItems": [self.of(arg) for arg in args],
            "minItems": len(args),
            "maxItems": len(args),
        }

    def _defined(self, cls: Any) -> str:
        """The name under ``$defs`` of ``cls``, which is written once."""
        if cls in self._names:
            return str(self._names[cls])
        name: str = cls.__name__
        number = 1
        while name in self.defs:
            number += 1
            name = f"{cls.__name__}{number}"
        self._names[cls] = name
        self.defs[name] = {}
        if is_pydantic(cls):
            schema = cls.model_json_schema(ref_template=f"{_AT}{name}.{{model}}")
            for inner, each in schema.pop("$defs", {}).items():
                self.defs[f"{name}.{inner}"] = each
            self.defs[name] = schema
        else:
            self.defs[name] = self._object(cls)
        return name

    def _object(self, cls: Any) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "title": cls.__name__}
        doc = cls.__dict__.get("__doc__")
        # A dataclass without a docstring is given its own signature as one.
        if doc and not doc.startswith(f"{cls.__name__}("):
            schema["description"] = inspect.cleandoc(doc)
        found = members(cls)
        schema["properties"] = {m.name: self._member(m) for m in found}
        schema["required"] = [m.name for m in found if m.required]
        schema["additionalProperties"] = False
        return schema

    def _member(self, member: Any) -> dict[str, Any]:
        schema = self.of(member.kind)
        return {**schema, "description": member.told} if member.told else schema


def _enumeration(values: Any) -> dict[str, Any]:
    kinds = {_NAMES.get(type(value)) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    return {**({"type": kind} if kind else {}), "enum": list(values)}
