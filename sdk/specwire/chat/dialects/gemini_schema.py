"""From JSON Schema to the part of it that Gemini takes (OpenAPI 3.0's Schema Object).

References are written out, ``null`` becomes ``nullable``, ``const`` an ``enum`` of
one, ``oneOf`` an ``anyOf``, ``allOf`` one schema. What there is no word for goes.
https://ai.google.dev/api/caching#Schema
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_KEPT: Final = (
    *("title", "description", "nullable", "default", "minimum", "maximum"),
    *("minItems", "maxItems", "minLength", "maxLength", "pattern", "example"),
    *("minProperties", "maxProperties", "propertyOrdering"),
)
_FORMATS: Final = {
    "string": ("enum", "date-time"),
    "number": ("float", "double"),
    "integer": ("int32", "int64"),
}
_DEPTH: Final = 32
"""How deep a schema may contain itself, or others, before it ends in "anything"."""


def gemini_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """``schema`` in Gemini's words."""
    return _said(schema, schema, ())


def _said(
    schema: Any, root: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or len(inside) > _DEPTH:
        return {}
    ref = schema.get("$ref")
    if isinstance(ref, str):
        rest = {k: v for k, v in schema.items() if k != "$ref"}
        found = {} if ref in inside else _referred(ref, root)
        return _said({**found, **rest}, root, (*inside, ref))
    for each in schema.get("allOf") or ():
        whole = _resolved(each, root, inside)
        rest = {k: v for k, v in schema.items() if k != "allOf"}
        schema = _both(whole, rest) if "allOf" not in rest else rest
    out = {k: schema[k] for k in _KEPT if k in schema}
    inside = (*inside, "")
    _put_type(out, schema, root, inside)
    _put_choices(out, schema)
    if isinstance(schema.get("properties"), Mapping):
        members = schema["properties"].items()
        out["properties"] = {k: _said(v, root, inside) for k, v in members}
        named = [n for n in schema.get("required") or () if n in out["properties"]]
        if named:
            out["required"] = named
        out.setdefault("type", "object")
    if isinstance(schema.get("items"), Mapping):
        out["items"] = _said(schema["items"], root, inside)
    elif out.get("type") == "array":
        out["items"] = {}
    return out


def _resolved(
    schema: Any, root: Mapping[str, Any], inside: tuple[str, ...]
) -> Mapping[str, Any]:
    """``schema`` without a reference at its top."""
    seen = set(inside)
    while isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
        if schema["$ref"] in seen:
            return {}
        seen.add(schema["$ref"])
        schema = _referred(schema["$ref"], root)
    return schema if isinstance(schema, Mapping) else {}


def _referred(ref: str, root: Any) -> Mapping[str, Any]:
    at = root
    for name in ref.removeprefix("#").strip("/").split("/") if ref != "#" else ():
        name = name.replace("~1", "/").replace("~0", "~")
        at = at.get(name) if isinstance(at, Mapping) else None
    return at if isinstance(at, Mapping) else {}


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two schemas that both hold, as far as members go."""
    out = {**one, **other}
    for word in ("properties", "$defs"):
        if word in one and word in other:
            out[word] = {**one[word], **other[word]}
    if "required" in one and "required" in other:
        out["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    return out


def _put_type(
    out: dict[str, Any],
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    inside: tuple[str, ...],
) -> None:
    kind = schema.get("type")
    choices = list(schema.get("anyOf") or schema.get("oneOf") or ())
    if isinstance(kind, list):
        if "null" in kind:
            out["nullable"] = True
        kinds = [each for each in kind if each != "null"]
        kind = kinds[0] if len(kinds) == 1 else None
        choices = choices or [{"type": each} for each in kinds if len(kinds) > 1]
    some = [_said(each, root, inside) for each in choices if not _is_null(each)]
    if len(some) < len(choices):
        out["nullable"] = True
    if len(some) == 1:
        out.update({k: v for k, v in some[0].items() if k not in out})
    elif some:
        out["anyOf"] = some
    if isinstance(kind, str) and kind != "null":
        out["type"] = kind
    if schema.get("format") in _FORMATS.get(str(kind), ()):
        out["format"] = schema["format"]


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _put_choices(out: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """``enum``, which only texts may have; others are told in words."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if not isinstance(values, list):
        return
    if None in values:
        out["nullable"] = True
        values = [value for value in values if value is not None]
    if values and all(isinstance(value, str) for value in values):
        out["enum"] = values
        out.setdefault("type", "string")
    elif values:
        told = f"One of: {', '.join(map(str, values))}."
        out["description"] = f"{out.get('description', '')} {told}".strip()
