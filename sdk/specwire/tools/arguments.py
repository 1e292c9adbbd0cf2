"""A call's arguments: checked against the tool's schema, then made Python values.

A model sometimes writes ``"3"`` for ``3``, or a list as the text of its JSON. What does
not fit is read once more in that light; what still does not fit is reported in words
that help the model to write it right.
"""

from __future__ import annotations

import collections.abc as c
import datetime as dt
import decimal
import enum
import json
import pathlib
import types
import typing as t
import uuid

from .protocol import ToolInputError
from .schemas import MAPPINGS, SETS, Schema, members_of, schema_of

_MOST_PROBLEMS = 5
_READERS: dict[t.Any, c.Callable[[t.Any], t.Any]] = {
    float: float,
    int: int,
    decimal.Decimal: lambda value: decimal.Decimal(str(value)),
    dt.datetime: lambda text: dt.datetime.fromisoformat(text.replace("Z", "+00:00")),
    dt.date: dt.date.fromisoformat,
    dt.time: lambda text: dt.time.fromisoformat(text.replace("Z", "+00:00")),
    uuid.UUID: uuid.UUID,
    pathlib.Path: pathlib.Path,
}


def checked(name: str, schema: Schema, value: t.Any) -> t.Any:
    """``value``, if it fits ``schema`` or can be read so that it does.

    :raises ToolInputError: naming each place that does not fit.
    """
    if not _problems(schema, value):
        return value
    read = _loosened(schema, value, schema)
    problems = _problems(schema, read)
    if not problems:
        return read
    shown = "; ".join(problems[:_MOST_PROBLEMS])
    more = len(problems) - _MOST_PROBLEMS
    rest = f"; and {more} more" if more > 0 else ""
    raise ToolInputError(
        f"{name}: the arguments do not fit its schema, nothing was run. {shown}{rest}"
    )


def _problems(schema: Schema, value: t.Any) -> list[str]:
    # It takes 50 ms to import, so only where a tool is called.
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # With a registry of its own, a reference to elsewhere is not fetched.
    check = Draft202012Validator(schema, registry=Registry())
    found = sorted(
        check.iter_errors(value),
        key=lambda e: list(map(str, e.path)),
    )
    return [_told(error) for error in found]


def _told(error: t.Any) -> str:
    place = "/" + "/".join(str(part) for part in error.path)
    text = error.message if len(error.message) <= 300 else error.message[:300] + "..."
    return f"At {place}: {text}"


def _loosened(schema: Schema, value: t.Any, root: Schema) -> t.Any:
    """``value`` with texts that hold what was wanted read as that."""
    schema = _resolved(schema, root)
    for member in schema.get("anyOf", ()):
        whole = {**member, "$defs": root.get("$defs", {})}
        read = _loosened(member, value, root)
        if not _problems(whole, read):
            return read
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if isinstance(value, str) and "string" not in kinds:
        value = _from_text(kinds, value)
    if isinstance(value, float) and value.is_integer() and kinds == ["integer"]:
        return int(value)
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        other = schema.get("additionalProperties", {})
        other = other if isinstance(other, dict) else {}
        return {k: _loosened(inner.get(k, other), v, root) for k, v in value.items()}
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        rest = [schema.get("items", {})] * max(0, len(value) - len(first))
        return [_loosened(s, v, root) for s, v in zip([*first, *rest], value)]  # noqa: B905
    return value


def _resolved(schema: Schema, root: Schema) -> Schema:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return t.cast(Schema, root.get("$defs", {}).get(name, schema)) if name else schema


_OF_KIND: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def _from_text(kinds: list[str], text: str) -> t.Any:
    """The JSON value that ``text`` holds, if it is of one of ``kinds``."""
    stripped = text.strip()
    try:
        value = json.loads(
            stripped.lower() if stripped in ("True", "False") else stripped
        )
    except (ValueError, RecursionError):
        return text
    fits = any(type(value) in _OF_KIND.get(kind, ()) for kind in kinds)
    return value if fits else text


# -- Python values -------------------------------------------------------------------


def converted(hint: t.Any, value: t.Any) -> t.Any:
    """``value``, which fits the schema of ``hint``, as a value of that type.

    :raises ValueError: where the type itself refuses (a date of the 31st of June).
    """
    origin = t.get_origin(hint)
    if origin is t.Annotated:
        return converted(hint.__origin__, value)
    if origin in (t.Union, types.UnionType):
        return _of_union(t.get_args(hint), value)
    if origin is t.Literal:
        return next((v for v in t.get_args(hint) if _same(v, value)), value)
    if isinstance(hint, t.NewType):
        return converted(hint.__supertype__, value)
    if isinstance(hint, c.Hashable) and hint in _READERS:
        return _READERS[hint](value)
    if isinstance(value, list):
        return _of_array(origin or hint, t.get_args(hint), value)
    if (origin or hint) in MAPPINGS:
        args = t.get_args(hint)
        return {k: converted(args[1], v) for k, v in value.items()} if args else value
    return _of_class(hint, value) if isinstance(hint, type) else value


def _same(member: t.Any, value: t.Any) -> bool:
    plain = member.value if isinstance(member, enum.Enum) else member
    return type(plain) is type(value) and bool(plain == value)


def _of_union(members: tuple[t.Any, ...], value: t.Any) -> t.Any:
    for member in members:
        if not _problems(schema_of(member), value):
            return converted(member, value)
    return value


def _of_array(kind: t.Any, args: tuple[t.Any, ...], value: list[t.Any]) -> t.Any:
    if kind is tuple and args and args[-1] is not Ellipsis:
        return tuple(converted(a, v) for a, v in zip(args, value))  # noqa: B905
    items = [converted(args[0], v) for v in value] if args else value
    if kind is tuple:
        return tuple(items)
    if kind in SETS:
        return frozenset(items) if kind is frozenset else set(items)
    return iter(items) if kind is c.Iterator else items


def _of_class(cls: type, value: t.Any) -> t.Any:
    if issubclass(cls, enum.Enum):
        return cls(value)
    if hasattr(cls, "model_validate"):
        return cls.model_validate(value)
    members = members_of(cls) if isinstance(value, dict) else None
    if members is None:
        return value
    hints = {member.name: member.hint for member in members}
    made = {k: converted(hints.get(k, t.Any), v) for k, v in value.items()}
    if t.is_typeddict(cls):
        return made
    # attrs takes a private attribute under its public name.
    aliases = {f.name: f.alias for f in getattr(cls, "__attrs_attrs__", ())}
    return cls(**{aliases.get(name, name): item for name, item in made.items()})
