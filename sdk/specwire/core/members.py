"""From objects towards JSON: one step at a time, for ``json.dumps`` to go on with.

Models give their members under their wire names, with what came and was not known;
other objects give what stands for them in JSON. :mod:`specwire.core.codec` writes.
"""

from __future__ import annotations

import datetime as dt
import enum
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import attrs

from .formats import spelling
from .types import UNSET, Model, Unknown, build


class Absent(Exception):
    """Something was met that has to be gone before the rest is written.

    That is ``UNSET``, an iterator (it can be read once only), and the file of a source.
    """


def plain(value: Any) -> Any:
    """One step from an object towards JSON; json.dumps goes on with the parts."""
    if isinstance(value, Model):
        return members(value)
    if value is UNSET or isinstance(value, Iterator) or _is_file(value):
        raise Absent
    return _step(value)


def present(value: Any) -> Any:
    """:func:`plain` without members and items that are ``UNSET``."""
    if _is_file(value):
        raise TypeError(
            f"got {type(value).__name__}; a file stands for its content only as the "
            "data of a base64 source"
        )
    return without_unset(_step(value))


def _step(value: Any) -> Any:
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
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return list(value)
    raise TypeError(
        f"expected JSON values, got {type(value).__name__}"
        + ("; give bytes as base64 text" if isinstance(value, bytes) else "")
    )


def without_unset(value: Any) -> Any:
    """``value`` with the members and items that are ``UNSET`` left out.

    Iterators become lists, and files that are the data of a base64 source its text.
    """
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
    # A member of that name, which a reply may have, is not callable.
    return isinstance(value, os.PathLike) or callable(getattr(value, "read", None))


def _base64(file: Any) -> str:
    """The content of a path or of an open file, which stays where it stands."""
    from base64 import b64encode
    from pathlib import Path

    if not hasattr(file, "read"):
        return b64encode(Path(file).read_bytes()).decode()
    start = file.tell() if file.seekable() else None
    content = file.read()
    if start is not None:
        file.seek(start)
    if not isinstance(content, bytes):
        raise TypeError("the file of a base64 source is in text mode; open it as 'rb'")
    return b64encode(content).decode()


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
