"""The form of an answer: free text, JSON, JSON of a schema, or a class to fill.

Understood in the words of OpenAI (``{"type": "json_schema", "json_schema": {...}}``),
of Anthropic and Cohere (``{"type": "json_schema", "schema": {...}}``), as a bare JSON
Schema, and as a class with members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import RequestValidationError

_KINDS: Final = {
    "text": "text",
    "json": "json_object",
    "json_object": "json_object",
    "json_schema": "json_schema",
}
_SCHEMA_WORDS: Final = (
    "properties",
    "$ref",
    "anyOf",
    "oneOf",
    "allOf",
    "enum",
    "items",
)
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class ResponseFormat:
    """What the answer is to look like.

    :ivar kind: ``text``, ``json_object``, ``json_schema``, or a provider's own word.
    :ivar schema: what the answer has to fit, where it is ``json_schema``.
    :ivar strict: whether the provider guarantees it; ``None`` leaves it to them.
    :ivar type: the class to fill, where one was given.
    :ivar raw: what was given, where it was a dict in one of the providers' words.
    """

    __slots__ = ("description", "kind", "name", "raw", "schema", "strict", "type")

    def __init__(
        self,
        kind: str,
        schema: dict[str, Any] | None = None,
        *,
        name: str = "",
        description: str | None = None,
        strict: bool | None = None,
        type: Any = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind = kind
        self.schema = schema
        self.name = name
        self.description = description
        self.strict = strict
        self.type = type
        self.raw = raw

    @classmethod
    def of(cls, given: Any) -> ResponseFormat:
        """``given`` in any of its spellings.

        :raises RequestValidationError: for what says no form, and for a class that
            has no JSON Schema.
        """
        if isinstance(given, cls):
            return given
        if hasattr(given, "to_openai_format"):
            given = given.to_openai_format()
            given = given.get("response_format", given) or "text"
        if isinstance(given, str) and given in _KINDS:
            return cls(_KINDS[given])
        if isinstance(given, Mapping):
            return _of_mapping(given)
        if given is None or isinstance(given, (str, bytes, int, float)):
            raise _refused(given)
        from ..structured.schema import schema_of

        try:
            schema = schema_of(given)
        except TypeError as error:
            why = str(error).partition(": ")[2]
            raise RequestValidationError(
                f"response_format: {why}", pointer="/response_format"
            ) from None
        name = getattr(given, "__name__", None) or "answer"
        return cls("json_schema", schema, name=name, type=given, strict=closed(schema))

    def to_openai(self) -> dict[str, Any]:
        """The form in OpenAI's words."""
        if self.raw is not None:
            return dict(self.raw)
        if self.kind != "json_schema":
            return {"type": self.kind}
        inner: dict[str, Any] = {"name": _NO_NAME.sub("_", self.name or "answer")[:64]}
        if self.description:
            inner["description"] = self.description
        inner["schema"] = self.schema
        if self.strict is not None:
            inner["strict"] = self.strict
        return {"type": "json_schema", "json_schema": inner}

    def __repr__(self) -> str:
        return f"ResponseFormat({self.kind!r}, name={self.name!r})"


def _of_mapping(given: Mapping[str, Any]) -> ResponseFormat:
    word = given.get("type")
    kind = _KINDS.get(word) if isinstance(word, str) else None
    if kind == "json_object" and isinstance(
        given.get("schema") or given.get("json_schema"), Mapping
    ):
        kind = "json_schema"  # as Cohere says it
    if kind == "json_schema":
        inner = given.get("json_schema")
        known = inner if isinstance(inner, Mapping) else given
        openai = isinstance(inner, Mapping) and isinstance(inner.get("schema"), Mapping)
        schema = known.get("schema") if known is given or openai else known
        if not isinstance(schema, Mapping):
            raise _refused(given)
        return ResponseFormat(
            kind,
            dict(schema),
            name=str(known.get("name") or schema.get("title") or ""),
            description=known.get("description") if openai else None,
            strict=known.get("strict") if openai else given.get("strict"),
            raw=given if openai else None,
        )
    if kind:
        return ResponseFormat(kind, raw=given if len(given) > 1 else None)
    if word == "object" or any(key in given for key in _SCHEMA_WORDS):
        schema = dict(given)
        name = str(given.get("title") or "")
        return ResponseFormat("json_schema", schema, name=name, strict=closed(schema))
    if isinstance(word, str):
        return ResponseFormat(word, raw=given)  # a provider's own
    raise _refused(given)


def closed(schema: Any) -> bool:
    """Whether all members of all objects are said and required: OpenAI's ``strict``."""
    if isinstance(schema, list):
        return all(closed(inner) for inner in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or isinstance(schema.get("properties"), Mapping):
        members, required = schema.get("properties") or {}, schema.get("required") or []
        if schema.get("additionalProperties") is not False:
            return False
        known = isinstance(members, Mapping) and isinstance(required, list)
        if not known or any(name not in required for name in members):
            return False
    inner = [*_named(schema, "properties"), *_named(schema, "$defs")]
    inner += [schema[w] for w in ("items", "anyOf", "oneOf", "allOf") if w in schema]
    return all(closed(each) for each in inner)


def _named(schema: Mapping[str, Any], word: str) -> list[Any]:
    found = schema.get(word)
    return list(found.values()) if isinstance(found, Mapping) else []


def _refused(given: Any) -> RequestValidationError:
    return RequestValidationError(
        "response_format: expected 'text', 'json_object', a JSON Schema, "
        f"{{'type': 'json_schema', ...}} or a class, got {given!r:.80}",
        pointer="/response_format",
    )
