"""One dialect for everything: the shape of OpenAPI 3.1, with a few spellings made one.

In: a checked document of any version. Out: ``nullable`` is a null in ``type`` or
``anyOf``, exclusive bounds are numbers, ``example`` is ``examples``, tuples are
``prefixItems``, base64 and raw bytes are the formats ``byte`` and ``binary``. Swagger
2.0 goes through :mod:`~specwire_codegen.swagger2` first. References stay references.
"""

from __future__ import annotations

from typing import Any

from .grammar import THREE, Grammar, parts
from .problems import Problems
from .swagger2 import convert

_ANNOTATIONS = frozenset(
    (
        *("title", "description", "summary", "deprecated", "readOnly", "writeOnly"),
        *("default", "example", "examples", "externalDocs", "xml", "$comment"),
    )
)
"""Members of a schema that say nothing about which values are allowed."""


_SPELLED = frozenset(
    (
        *("exclusiveMinimum", "exclusiveMaximum", "example", "nullable", "x-nullable"),
        *("contentEncoding", "contentMediaType"),
    )
)
"""Members that have another spelling in the one dialect."""


def normalise(
    document: dict[str, Any], problems: Problems, *, file: str
) -> dict[str, Any]:
    """``document`` (checked, so a copy of one's own) in the one dialect."""
    at = f"{file}#"
    if "swagger" in document:
        document = convert(document, problems, at=at)
    document["openapi"] = "3.1.0"
    normalise_part(document, "document", at)
    return document


def normalise_part(value: Any, kind: str, at: str, *, grammar: Grammar = THREE) -> None:
    """Bring every schema at or below ``value`` into the one dialect, in place.

    Doing it again changes nothing.
    """
    for part in parts(value, kind, at, grammar):
        if part.kind == "schema":
            _schema(part.value)


def is_annotation(key: str) -> bool:
    """Whether a member of a schema leaves open which values are allowed."""
    return key in _ANNOTATIONS or key.startswith("x-")


def _schema(schema: dict[str, Any]) -> None:
    if isinstance(schema.get("$dynamicRef"), str) and "$ref" not in schema:
        # Where it leads is known when a value is checked; refs finds what it may be.
        schema["$ref"] = schema.pop("$dynamicRef")
    if (
        _SPELLED.isdisjoint(schema)
        and schema.get("type") != "file"
        and not isinstance(schema.get("items"), list)
    ):
        return
    for bound, limit in (
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ):
        if isinstance(schema.get(bound), bool):
            exclusive = schema.pop(bound)
            if exclusive and limit in schema:
                schema[bound] = schema.pop(limit)
    if "example" in schema:
        example = schema.pop("example")
        schema.setdefault("examples", [example])
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    if schema.get("type") == "file":
        schema.update(type="string", format="binary")
    _encoding(schema)
    nullable = [schema.pop(key, False) for key in ("nullable", "x-nullable")]
    if any(nullable):
        _nullable(schema)


def _encoding(schema: dict[str, Any]) -> None:
    """3.1 says with two members what 3.0 says with ``format``."""
    if schema.get("type") != "string" or "format" in schema:
        return
    if schema.get("contentEncoding") in ("base64", "base64url"):
        schema["format"] = "byte"
    elif _is_binary(schema.get("contentMediaType")):
        schema["format"] = "binary"


def _is_binary(media: Any) -> bool:
    """Whether text of this media type cannot stand in JSON as it is."""
    head = str(media or "").partition("/")[0].lower()
    return head in ("image", "audio", "video") or media == "application/octet-stream"


def _nullable(schema: dict[str, Any]) -> None:
    stated = schema.get("type")
    kinds = [stated] if isinstance(stated, str) else stated
    if kinds is None and ("properties" in schema or "enum" in schema):
        kinds = _guessed(schema)
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(kinds, list):
        schema["type"] = kinds if "null" in kinds else [*kinds, "null"]
        _beside_choice(schema)
    elif not _beside_choice(schema) and ("$ref" in schema or "allOf" in schema):
        _wrapped(schema)


def _guessed(schema: dict[str, Any]) -> list[str] | None:
    if "properties" in schema and "allOf" not in schema:
        return ["object"]
    return None


def _beside_choice(schema: dict[str, Any]) -> bool:
    """Let null be one of the choices, where there are any."""
    for key in ("anyOf", "oneOf"):
        members = schema.get(key)
        if isinstance(members, list):
            if not any(_allows_null(member) for member in members):
                schema[key] = [*members, {"type": "null"}]
            return True
    return False


def _allows_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    stated = schema.get("type")
    return stated == "null" or (isinstance(stated, list) and "null" in stated)


def _wrapped(schema: dict[str, Any]) -> None:
    """A reference or composition that may be null: a choice of it and null."""
    inner = {key: schema.pop(key) for key in list(schema) if not is_annotation(key)}
    alone = inner.get("allOf")
    if len(inner) == 1 and isinstance(alone, list) and len(alone) == 1:
        inner = alone[0]
    schema["anyOf"] = [inner, {"type": "null"}]
