"""A call's arguments, checked against the tool's schema.

A model sometimes writes ``"3"`` for ``3``, or a list as the text of its JSON. What does
not fit is read once more in that light; what still does not fit is reported in words
that help the model to write it right.
"""

from __future__ import annotations

import json
import typing as t

from .protocol import ToolInputError
from .schemas import Schema

_MOST_PROBLEMS = 5


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
    # jsonschema takes 50 ms to import, so only where a tool is called.
    from ..structured.checks import errors

    found = sorted(errors(schema, value), key=lambda e: list(map(str, e.path)))
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
