"""JSON Schemas in few words, for what the bodies of requests may hold.

An object made here is closed, and of a union only the branch that the tag names is
looked at; both as :class:`~specwire.core.checking.Schemas` understands them.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 1}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
ANY: Schema = {}
TEXTS: Schema = {"type": "array", "items": TEXT}


def maybe(schema: Schema) -> Schema:
    """``schema``, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def between(low: float, high: float) -> Schema:
    """A number with limits, both allowed."""
    return {"type": "number", "minimum": low, "maximum": high}


def closed(required: str = "", /, **members: Schema) -> Schema:
    """An object with these members alone, those named in ``required`` among them."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": members,
        "additionalProperties": False,
    }


def array(items: Schema, least: int = 0) -> Schema:
    """A list of at least ``least`` items."""
    return {"type": "array", "items": items, "minItems": least}


def tagged(tag: str, where: str, *names: str) -> Schema:
    """One of several objects, told apart by the member ``tag``."""
    mapping = {name: f"#/{where}/{name}" for name in names}
    return {"oneOf": [], "discriminator": {"propertyName": tag, "mapping": mapping}}
