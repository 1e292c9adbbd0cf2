"""From any JSON Schema to what the Messages API takes of one.

The API constrains what the model writes by types, members, enumerations, unions and
references, and refuses the rest; the rest is told to the model in descriptions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

FORMATS: Final = frozenset(
    {
        *("date-time", "time", "date", "duration", "email"),
        *("hostname", "uri", "ipv4", "ipv6", "uuid"),
    }
)
_OF_TYPE: Final = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), ("object",)),
    **dict.fromkeys(
        ("minProperties", "maxProperties", "patternProperties", "propertyNames"),
        ("object",),
    ),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), ("array",)),
    **dict.fromkeys(("prefixItems", "contains"), ("array",)),
    **dict.fromkeys(("format", "pattern", "minLength", "maxLength"), ("string",)),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), ("integer", "number")),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), ("integer", "number")),
}
"""Keyword -> the types it says something about."""
_KEPT: Final = ("title", "const", "enum", "required")
_DROPPED: Final = ("$schema", "$id", "$comment", "additionalProperties")


def transform_schema(schema: Any) -> dict[str, Any]:
    """The part of ``schema`` that the API takes; what it does not is told in words.

    Kept are ``type`` (a list of types becomes ``anyOf``), ``enum``, ``const``,
    ``title``, ``description``, ``properties``, ``required``, ``items``, ``$ref``,
    ``$defs``, ``anyOf``, ``allOf``, ``oneOf`` (as ``anyOf``), ``minItems`` of 0 and 1
    and ten string formats. Every object is closed. Other keywords go to the end of the
    description as ``{keyword: value, ...}``.

    :param schema: a JSON Schema as a dict, or a type that ``parse`` takes.
    """
    if isinstance(schema, (Mapping, bool)):
        return _transformed(schema)
    from .schema import schema_of

    return _transformed(schema_of(schema))


def _transformed(schema: Any) -> dict[str, Any]:
    if schema is True or (not schema and isinstance(schema, Mapping)):
        return {}
    if schema is False:
        return {"description": "{not: {}}"}
    rest = {key: value for key, value in schema.items() if key not in _DROPPED}
    out: dict[str, Any] = {}
    _take_definitions(rest, out)
    _take_types(schema, rest, out)
    _take_unions(rest, out)
    for key in _KEPT:
        if key in rest:
            out[key] = rest.pop(key)
    _take_object(schema, rest, out)
    _take_array(rest, out)
    if rest.get("format") in FORMATS and "type" in out:
        out["format"] = rest.pop("format")
    _tell(schema, rest, out)
    return out


def _take_definitions(rest: dict[str, Any], out: dict[str, Any]) -> None:
    if "$ref" in rest:
        out["$ref"] = rest.pop("$ref").replace("#/definitions/", "#/$defs/")
    found = {**rest.pop("definitions", {}), **rest.pop("$defs", {})}
    if found:
        out["$defs"] = {name: _transformed(each) for name, each in found.items()}


def _take_types(
    schema: Mapping[str, Any], rest: dict[str, Any], out: dict[str, Any]
) -> None:
    kind = rest.pop("type", None)
    if kind is None and "properties" in rest:
        kind = "object"
    if isinstance(kind, str):
        out["type"] = kind
    elif kind and "enum" not in rest and "const" not in rest and "anyOf" not in rest:
        members = [_of_type(each, rest) for each in kind]
        for key in [key for key in rest if key in _OF_TYPE]:
            del rest[key]
        if len(members) == 1:
            out.update(members[0])
        else:
            out["anyOf"] = members
    elif kind and "anyOf" in rest:
        rest["type"] = kind  # told in words: one anyOf cannot say both


def _of_type(kind: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in rest.items() if kind in _OF_TYPE.get(key, ())}
    return _transformed({"type": kind, **own})


def _take_unions(rest: dict[str, Any], out: dict[str, Any]) -> None:
    if "anyOf" in rest:
        out["anyOf"] = [_transformed(each) for each in rest.pop("anyOf")]
    if "allOf" in rest:
        out["allOf"] = [_transformed(each) for each in rest.pop("allOf")]
    if "oneOf" in rest:
        members = [_transformed(each) for each in rest.pop("oneOf")]
        if "anyOf" in out:
            out["allOf"] = [*out.get("allOf", ()), {"anyOf": members}]
        else:
            out["anyOf"] = members


def _take_object(
    schema: Mapping[str, Any], rest: dict[str, Any], out: dict[str, Any]
) -> None:
    if "properties" in rest:
        found = rest.pop("properties")
        out["properties"] = {name: _transformed(each) for name, each in found.items()}
    if out.get("type") == "object":
        out["additionalProperties"] = False
        of = schema.get("additionalProperties")
        if isinstance(of, Mapping) and of:
            rest["additionalProperties"] = of


def _take_array(rest: dict[str, Any], out: dict[str, Any]) -> None:
    if "items" in rest and not isinstance(rest["items"], (list, bool)):
        out["items"] = _transformed(rest.pop("items"))
    if rest.get("minItems") in (0, 1):
        out["minItems"] = rest.pop("minItems")


def _tell(schema: Mapping[str, Any], rest: dict[str, Any], out: dict[str, Any]) -> None:
    """The description, and in it what could not be kept."""
    told = rest.pop("description", "")
    if rest:
        words = ", ".join(f"{key}: {_text(value)}" for key, value in rest.items())
        told = f"{told}\n\n{{{words}}}" if told else f"{{{words}}}"
    if told:
        out["description"] = told


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
