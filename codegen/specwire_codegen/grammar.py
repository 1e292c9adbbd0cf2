"""What may stand where in an OpenAPI document: two tables, and a walk along them.

A *kind* names the shape of a value: ``schema``, ``operation``, ``[schema]`` (a list),
``{schema}`` (a mapping by name), ``text``, ``flag``, ``any``. The tables say which kind
each member of an object has; what they do not name is not looked into, so examples,
defaults and extensions are never mistaken for parts of the description. Checking,
converting and finding references all follow the same tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen


class Grammar(dict[str, Mapping[str, str]]):
    """Kind to the kinds of its members; ``inner`` has only those to be looked into."""

    def __init__(self, kinds: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(kinds)
        self.inner = {
            kind: {name: of for name, of in members.items() if of not in LEAVES}
            for kind, members in kinds.items()
        }


LEAVES = frozenset(["text", "flag", "any", "type", "enum", "names", "need"])

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

REFERABLE = frozenset(
    (
        *("schema", "parameter", "response", "requestBody", "header", "scheme"),
        *("path", "callback", "example", "link"),
    )
)
"""Kinds that may be ``{"$ref": ...}`` instead."""

_SCHEMA = {
    **dict.fromkeys(["title", "description", "format", "pattern"], "text"),
    **dict.fromkeys(["nullable", "x-nullable", "readOnly", "writeOnly"], "flag"),
    **dict.fromkeys(["deprecated"], "flag"),
    **dict.fromkeys(["contentEncoding", "contentMediaType", "$anchor"], "text"),
    **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], "[schema]"),
    **dict.fromkeys(["properties", "patternProperties", "$defs"], "{schema}"),
    **dict.fromkeys(["definitions", "dependentSchemas"], "{schema}"),
    **dict.fromkeys(["additionalProperties", "not", "contains"], "schema"),
    **dict.fromkeys(["propertyNames", "unevaluatedProperties"], "schema"),
    **dict.fromkeys(["unevaluatedItems", "additionalItems"], "schema"),
    **dict.fromkeys(["if", "then", "else", "contentSchema", "itemSchema"], "schema"),
    "items": "items",
    "type": "type",
    "enum": "enum",
    "required": "names",
    "discriminator": "discriminator",
}
_OPERATION = {
    **dict.fromkeys(["summary", "description", "operationId"], "text"),
    "tags": "[text]",
    "deprecated": "flag",
    "parameters": "[parameter]",
    "responses": "{response}",
    "security": "[need]",
}
_PATH = {
    **dict.fromkeys(["summary", "description"], "text"),
    **dict.fromkeys(METHODS, "operation"),
    "parameters": "[parameter]",
}
_INFO = dict.fromkeys(["title", "version", "description", "summary"], "text")
_TAG = dict.fromkeys(["name", "description"], "text")
_SAID = dict.fromkeys(["name", "in", "description"], "text")

_THREE: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "info",
        "servers": "[server]",
        "paths": "{path}",
        "webhooks": "{path}",
        "components": "components",
        "security": "[need]",
        "tags": "[tag]",
        "openapi": "text",
        "jsonSchemaDialect": "text",
        "externalDocs": "any",
    },
    "info": _INFO,
    "tag": _TAG,
    "server": {"url": "text", "description": "text", "variables": "{variable}"},
    "variable": {"default": "text", "enum": "[text]", "description": "text"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "requestBodies": "{requestBody}",
        "headers": "{header}",
        "securitySchemes": "{scheme}",
        "callbacks": "{callback}",
        "pathItems": "{path}",
        "examples": "any",
        "links": "any",
    },
    "path": {**_PATH, "servers": "[server]"},
    "operation": {
        **_OPERATION,
        "requestBody": "requestBody",
        "callbacks": "{callback}",
        "servers": "[server]",
        "externalDocs": "any",
    },
    "parameter": {
        **_SAID,
        **dict.fromkeys(["required", "deprecated", "explode"], "flag"),
        **dict.fromkeys(["allowReserved", "allowEmptyValue"], "flag"),
        "style": "text",
        "schema": "schema",
        "content": "{media}",
        **dict.fromkeys(["example", "examples"], "any"),
    },
    "callback": {},
    "header": {
        "description": "text",
        "required": "flag",
        "deprecated": "flag",
        "schema": "schema",
        "content": "{media}",
    },
    "requestBody": {
        "description": "text",
        "required": "flag",
        "content": "{media}",
    },
    "media": {
        "schema": "schema",
        "itemSchema": "schema",
        "encoding": "{encoding}",
    },
    "encoding": {
        "contentType": "text",
        "headers": "{header}",
        "style": "text",
        "explode": "flag",
    },
    "response": {
        "description": "text",
        "headers": "{header}",
        "content": "{media}",
        "links": "any",
    },
    "scheme": {
        **_SAID,
        "type": "text",
        "scheme": "text",
        "flows": "{flow}",
    },
    "flow": {
        **dict.fromkeys(["authorizationUrl", "tokenUrl", "refreshUrl"], "text"),
        "scopes": "{text}",
    },
    "schema": _SCHEMA,
    "discriminator": {"propertyName": "text", "mapping": "{text}"},
}
THREE = Grammar(_THREE)
"""OpenAPI 3.0, 3.1 and 3.2."""

_TWO: Mapping[str, Mapping[str, str]] = {
    "document": {
        "swagger": "text",
        "info": "info",
        **dict.fromkeys(["host", "basePath"], "text"),
        **dict.fromkeys(["schemes", "consumes", "produces"], "[text]"),
        "paths": "{path}",
        "definitions": "{schema}",
        "parameters": "{parameter}",
        "responses": "{response}",
        "securityDefinitions": "{scheme}",
        "security": "[need]",
        "tags": "[tag]",
        "externalDocs": "any",
    },
    "info": _INFO,
    "tag": _TAG,
    "path": _PATH,
    "operation": {
        **_OPERATION,
        **dict.fromkeys(["schemes", "consumes", "produces"], "[text]"),
        "externalDocs": "any",
    },
    "parameter": {
        **_SAID,
        "required": "flag",
        "schema": "schema",
        "type": "text",
        "format": "text",
        "items": "schema",
        "enum": "enum",
        "collectionFormat": "text",
    },
    "header": {
        "description": "text",
        "type": "text",
        "format": "text",
        "items": "schema",
    },
    "response": {
        "description": "text",
        "schema": "schema",
        "headers": "{header}",
    },
    "scheme": {
        **_SAID,
        **dict.fromkeys(["type", "flow", "authorizationUrl", "tokenUrl"], "text"),
        "scopes": "{text}",
    },
    "schema": _SCHEMA,
    "discriminator": {"propertyName": "text", "mapping": "{text}"},
}
TWO = Grammar(_TWO)
"""Swagger 2.0."""

_NOTHING: Mapping[str, str] = {}
EXTENDED = frozenset(["path", "response", "flow"])
"""Kinds whose mappings take extensions; elsewhere ``x-request-id`` is a plain name."""


@frozen
class Part:
    """One object of a document, what it is and where it stands."""

    value: dict[str, Any]
    kind: str
    at: str


def parts(value: Any, kind: str, at: str, grammar: Grammar) -> Iterator[Part]:
    """Every object at or below ``value``, parents first, in document order.

    Objects that are replaced or changed while the walk stands on them are walked as
    they are afterwards.
    """
    waiting: list[tuple[Any, str, str]] = [(value, kind, at)]
    while waiting:
        value, kind, at = waiting.pop()
        below: list[tuple[Any, str, str]] = []
        if kind[0] in "[{":
            below = list(_members(value, kind[1:-1], at))
        elif kind == "items" and isinstance(value, list):
            below = list(_members(value, "schema", at))
        elif isinstance(value, dict):
            kind = "schema" if kind == "items" else kind
            if kind == "callback" and "$ref" not in value:
                below = list(_members(value, "path", at))
            else:
                yield Part(value, kind, at)
                inner = grammar.inner.get(kind, _NOTHING)
                # Most schemas hold no other: one look at the few keys they have.
                if not inner.keys().isdisjoint(value):
                    below = [
                        (value[key], member, step(at, key))
                        for key, member in inner.items()
                        if key in value
                    ]
        waiting += reversed(below)


def _members(value: Any, kind: str, at: str) -> Iterator[tuple[Any, str, str]]:
    if kind in LEAVES:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, kind, step(at, index)
    elif isinstance(value, dict):
        for name, item in value.items():
            if kind not in EXTENDED or not name.startswith("x-"):
                yield item, kind, step(at, name)


def step(at: str, token: str | int) -> str:
    """``at`` one token further down, escaped as RFC 6901 wants it."""
    if isinstance(token, str) and ("/" in token or "~" in token):
        token = token.replace("~", "~0").replace("/", "~1")
    return f"{at}/{token}"
