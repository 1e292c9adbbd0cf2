"""From objects towards JSON: one step at a time, for ``json.dumps`` to go on with.

Models give their members under their wire names, with what came and was not known;
other objects give what stands for them in JSON. :mod:`specwire.core.codec` writes.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs

from .formats import spelling
from .types import UNSET, Model, Unknown, build


class Absent(Exception):
    """An ``UNSET``, or a file, was met while writing: a first pass has to go by it."""


def plain(value: Any) -> Any:
    """One step from an object towards JSON; json.dumps goes on with the parts."""
    if value is UNSET:
        raise Absent
    if isinstance(value, Model):
        return members(value)
    if isinstance(value, Unknown):
        return value.raw
    if isinstance(value, (dt.datetime, dt.date, uuid.UUID)):
        return spelling(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if attrs.has(type(value)) or hasattr(type(value), "__dataclass_fields__"):
        return _attributes(value)
    if _is_file(value):
        raise Absent(
            f"expected JSON values, got {type(value).__name__}; a path or an open file "
            "can stand as data of a base64 source"
        )
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        # An iterator cannot be read again for a second pass without its UNSETs.
        return without_unset(value)
    raise TypeError(
        f"expected JSON values, got {type(value).__name__}"
        + ("; give bytes as base64 text" if isinstance(value, bytes) else "")
    )


def present(value: Any) -> Any:
    """:func:`plain` without members and items that are ``UNSET``."""
    return without_unset(plain(value))


def without_unset(value: Any) -> Any:
    """``value`` with what is ``UNSET`` left out, and files of base64 sources read."""
    if isinstance(value, Mapping):
        if value.get("type") == "base64" and _is_file(value.get("data")):
            value = {**value, "data": _base64(value["data"])}
        return {k: without_unset(v) for k, v in value.items() if v is not UNSET}
    if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Iterable):
        return value
    if _has_own_form(value) or _is_file(value):
        return value
    return [without_unset(item) for item in value if item is not UNSET]


def _is_file(value: Any) -> bool:
    return hasattr(value, "__fspath__") or hasattr(value, "read")


def _base64(file: Any) -> str:
    """What ``file`` holds, from where it stands; it can be read again."""
    if hasattr(file, "__fspath__"):
        with open(file, "rb") as opened:
            content = opened.read()
    else:
        start = file.tell() if file.seekable() else None
        content = file.read()
        if start is not None:
            file.seek(start)
    return base64.b64encode(content).decode()


def _has_own_form(value: Any) -> bool:
    return (
        isinstance(value, (Model, Unknown))
        or hasattr(value, "model_dump")
        or attrs.has(type(value))
        or hasattr(type(value), "__dataclass_fields__")
    )


def members(model: Model) -> dict[str, Any]:
    """The members of ``model`` under their wire names, one level deep.

    ``None`` is written only where the reply said ``null``; members that nobody declared
    come last.
    """
    cls = type(model)
    build(cls)
    own = model.__dict__
    nulls = own.get("_nulls", ())
    out: dict[str, Any] = {}
    for name, wire in names_of(cls):
        value = own[name]
        if value is None:
            if wire in nulls:
                out[wire] = None
        else:
            out[wire] = value
    for wire, value in own.get("_extra", {}).items():
        out.setdefault(wire, value)
    return out


_NAMES: dict[type, tuple[tuple[str, str], ...]] = {}


def names_of(cls: type[Model]) -> tuple[tuple[str, str], ...]:
    """(attribute, wire name) of each member of ``cls``."""
    found = _NAMES.get(cls)
    if found is None:
        wire = cls._wire
        found = tuple(
            (f.name, wire.get(f.name, f.name)) for f in attrs.fields(cast(Any, cls))
        )
        _NAMES[cls] = found
    return found


def _attributes(value: Any) -> dict[str, Any]:
    """The members of an attrs class or dataclass of the user's, one level deep."""
    names = getattr(value, "__attrs_attrs__", None)
    if names is not None:
        return {field.name: getattr(value, field.name) for field in names}
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
