"""The shape of a document: all slips in one run, and a copy that later steps can trust.

Follows :mod:`~specwire_codegen.grammar`. What has the wrong shape is reported and left
out, or put right where only one thing can be meant; a schema is never left out, it
becomes the schema that allows anything. Nothing here judges references (see
:mod:`~specwire_codegen.refs`) or the meaning of a schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .check_paths import check_paths
from .grammar import EXTENDED, METHODS, REFERABLE, THREE, TWO, Grammar, step
from .problems import Problems, Unusable, did_you_mean, near, shown

_DROP = object()
_AS_IT_IS = {"text": str, "flag": bool}
"""Kinds of which a value that has the right class needs no look."""
_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_MEANT = {
    **dict.fromkeys(["int", "int32", "int64", "long", "short"], "integer"),
    **dict.fromkeys(["float", "double", "decimal"], "number"),
    **dict.fromkeys(["bool"], "boolean"),
    **dict.fromkeys(["str", "text", "date", "date-time", "datetime"], "string"),
    **dict.fromkeys(["uuid", "uri", "url", "email", "byte", "binary"], "string"),
    **dict.fromkeys(["dict", "map", "hash"], "object"),
    **dict.fromkeys(["list"], "array"),
    **dict.fromkeys(["none", "nil"], "null"),
}
_VERSION = re.compile(r"\s*v?([0-9]{1,9})\.([0-9]{1,9})(?:\.[0-9]+)?\S*\s*")


def check(data: Any, problems: Problems, *, file: str) -> dict[str, Any]:
    """A clean copy of the document; raises :class:`Unusable` if there is nothing in it.

    Knows Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2. After it every member that the
    grammar names has the kind it should have, every path starts with a slash, and
    every name in a path is declared as a parameter.
    """
    at = f"{file}#"
    grammar = grammar_of(data, problems, at=at)
    if grammar is None:
        raise Unusable(problems)
    clean: dict[str, Any] = clean_part(data, "document", at, grammar, problems)
    described = ("paths", "webhooks", "components", "definitions")
    if not any(clean.get(key) for key in described):
        message = "the document describes nothing: no paths, webhooks or components"
        problems.error("D003", at, message)
        raise Unusable(problems)
    # Later steps go by this word; the author may have written either, or both.
    clean.pop("swagger", None)
    if grammar is TWO:
        clean["swagger"] = "2.0"
    clean.setdefault("info", {})
    clean.setdefault("paths", {})
    check_paths(clean, at, problems)
    return clean


def grammar_of(data: Any, problems: Problems, *, at: str) -> Grammar | None:
    """The grammar of the version that a document states; ``None`` if there is none."""
    if not isinstance(data, dict):
        message = f"expected an object with 'openapi' or 'swagger', got {_kind(data)}"
        problems.error("D001", at, message)
        return None
    key = "openapi" if "openapi" in data else "swagger"
    if key not in data:
        hint = _version_hint(data)
        problems.error("D001", at, "no 'openapi' or 'swagger' version", hint)
        return None
    stated, here = str(data[key]), step(at, key)
    found = _VERSION.fullmatch(stated)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    if (major, minor) == (2, 0):
        return TWO
    if major == 3:
        if minor > 2:
            message = f"version {shown(stated)} is newer than 3.2 and read as 3.1"
            problems.warning("D002", here, message)
        return THREE
    hint = "known are swagger: '2.0', and openapi: 3.0.x, 3.1.x and 3.2.x"
    message = f"version '{shown(stated)}' cannot be read"
    problems.error("D001", here, message, hint)
    return None


def stated_grammar(data: Any) -> Grammar | None:
    """The grammar of a file that states a known version; nothing is reported."""
    return grammar_of(data, Problems(), at="#") if isinstance(data, dict) else None


def clean_part(
    value: Any, kind: str, at: str, grammar: Grammar, problems: Problems
) -> Any:
    """A clean copy of one part, ``{}`` where nothing of it can be used."""
    clean = _Cleaner(grammar, problems).clean(value, kind, at)
    return {} if clean is _DROP else clean


def _version_hint(data: dict[str, Any]) -> str:
    if "swaggerVersion" in data:
        return "Swagger 1.x must be converted to OpenAPI 3 first"
    if "asyncapi" in data:
        return "AsyncAPI documents describe something else"
    meant = next((key for key in data if key.lower() in ("openapi", "swagger")), None)
    meant = meant or next(
        (key for key in data if near(key, ["openapi", "swagger"])), None
    )
    if meant is not None:
        return f"'{shown(meant)}' must be written 'openapi' or 'swagger'"
    return "add 'openapi: 3.1.0' if this is an OpenAPI document"


def _kind(value: Any) -> str:
    """What JSON calls the kind of ``value``, with an article."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    return {"str": "text", "list": "a list", "dict": "an object"}[type(value).__name__]


_OF_VALUES = frozenset(
    ["schema", "discriminator", "text", "info", "tag", "variable", "encoding"]
)
"""What describes values: where it cannot be understood, anything is allowed."""


class _Cleaner:
    """Copies a part along the grammar, leaving out what does not fit."""

    def __init__(self, grammar: Grammar, problems: Problems) -> None:
        self.grammar = grammar
        self.problems = problems
        self._leaf: dict[str, Callable[[Any, str], Any]] = {
            "text": self._text,
            "flag": self._flag,
            "type": self._type,
            "enum": self._enum,
            "names": self._names,
            "need": self._need,
            "any": lambda value, at: value,
        }

    def clean(self, value: Any, kind: str, at: str) -> Any:
        leaf = self._leaf.get(kind)
        if leaf is not None:
            return leaf(value, at)
        if kind == "items":
            kind = "[schema]" if isinstance(value, list) else "schema"
        if kind[0] == "[":
            return self._list(value, kind[1:-1], at)
        if kind[0] == "{":
            return self._map(value, kind[1:-1], at)
        if kind == "schema" and isinstance(value, bool):
            return value
        if kind == "discriminator" and isinstance(value, str):
            # Swagger 2.0 writes it so, and people go on writing it so.
            return {"propertyName": value}
        if not isinstance(value, dict):
            return self._misshapen(value, "an object", kind, at)
        if kind in REFERABLE and "$ref" in value and not self._is_ref(value, kind, at):
            value = {key: inner for key, inner in value.items() if key != "$ref"}
        if kind == "callback" and "$ref" not in value:
            return self._map(value, "path", at)
        return self._object(value, kind, at)

    # -- collections -------------------------------------------------------------

    def _object(self, value: dict[str, Any], kind: str, at: str) -> Any:
        members = self.grammar[kind]
        out: dict[str, Any] = {}
        for key, inner in value.items():
            name = self._method(key, inner, at) if kind == "path" else key
            if name not in members:
                if kind in ("document", "components", "path", "operation"):
                    self._unknown(key, members, at)
                out[key] = inner
                continue
            if inner.__class__ is _AS_IT_IS.get(members[name]):
                out[name] = inner
                continue
            clean = self.clean(inner, members[name], step(at, key))
            if clean is not _DROP:
                out[name] = clean
        if kind == "parameter":
            return self._parameter(out, at)
        return out

    def _list(self, value: Any, kind: str, at: str) -> Any:
        if kind == "text" and isinstance(value, str):
            self._loose(at, f"expected a list of texts, got '{shown(value)}'")
            value = [value]
        if not isinstance(value, list):
            return self._misshapen(value, "a list", f"[{kind}]", at)
        found = [
            self.clean(item, kind, step(at, index)) for index, item in enumerate(value)
        ]
        return [item for item in found if item is not _DROP]

    def _map(self, value: Any, kind: str, at: str) -> Any:
        if not isinstance(value, dict):
            return self._misshapen(value, "an object", f"{{{kind}}}", at)
        out: dict[str, Any] = {}
        for key, inner in value.items():
            if kind in EXTENDED and key.startswith("x-"):
                out[key] = inner
                continue
            clean = self.clean(inner, kind, step(at, key))
            if clean is not _DROP:
                out[key] = clean
        return out

    def _misshapen(self, value: Any, expected: str, kind: str, at: str) -> Any:
        # A member that is named and left empty is how YAML says "nothing here".
        if value is None:
            self._loose(at, f"expected {expected}, got nothing")
            return {} if kind in ("schema", "response", "path", "media") else _DROP
        message = f"expected {expected}, got {_kind(value)}"
        if kind == "schema":
            self.problems.warning("D004", at, f"{message}; anything is allowed here")
            return {}
        self._ignored(kind, at, f"{message}; it is ignored")
        return _DROP

    def _ignored(self, kind: str, at: str, message: str) -> None:
        """A call without a part of its description would be another call."""
        types = kind.strip("[]{}") in _OF_VALUES
        tell = self.problems.warning if types else self.problems.error
        tell("D004", at, message)

    # -- single values -----------------------------------------------------------

    def _loose(self, at: str, message: str, hint: str | None = None) -> None:
        self.problems.warning("D005", at, message, hint)

    def _text(self, value: Any, at: str) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        if value is not None:
            self._loose(at, f"expected text, got {_kind(value)}; it is ignored")
        return _DROP

    def _flag(self, value: Any, at: str) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            self._loose(at, f"expected a boolean, got the text '{value}'")
            return value.lower() == "true"
        self._loose(at, f"expected a boolean, got {_kind(value)}; it is ignored")
        return _DROP

    def _type(self, value: Any, at: str) -> Any:
        if not isinstance(value, list):
            return self._one_type(value, at)
        found = [
            self._one_type(item, step(at, index)) for index, item in enumerate(value)
        ]
        # One name that cannot be known leaves all of them open.
        return _DROP if _DROP in found or not found else found

    def _one_type(self, value: Any, at: str) -> Any:
        if value in _TYPES or (value == "file" and self.grammar is TWO):
            return value
        if value is None:
            return "null"
        if not isinstance(value, str):
            self._loose(at, f"expected the name of a type, got {_kind(value)}")
            return _DROP
        low = value.strip().lower()
        meant = low if low in _TYPES else _MEANT.get(low)
        if meant is not None:
            self._loose(at, f"there is no type '{shown(value)}'; read as '{meant}'")
            return meant
        if low not in ("any", ""):
            message = f"there is no type '{shown(value)}'; anything is allowed here"
            self._loose(at, message, did_you_mean(low, _TYPES))
        return _DROP

    def _enum(self, value: Any, at: str) -> Any:
        if isinstance(value, list) and value:
            return value
        if isinstance(value, (str, int, float)):
            self._loose(at, f"expected a list of values, got {_kind(value)}")
            return [value]
        got = "an empty one" if value == [] else _kind(value)
        self._loose(at, f"expected a list of values, got {got}; it is ignored")
        return _DROP

    def _names(self, value: Any, at: str) -> Any:
        if isinstance(value, bool):
            # A habit of drafts before 4, where the member itself said so.
            message = "'required' lists names of members; a boolean is ignored"
            self._loose(at, message)
            return _DROP
        return self._list(value, "text", at)

    def _need(self, value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            return self._misshapen(value, "an object", "need", at)
        return {
            name: scopes if isinstance(scopes, list) else []
            for name, scopes in value.items()
        }

    # -- objects with rules of their own -----------------------------------------

    def _is_ref(self, value: dict[str, Any], kind: str, at: str) -> bool:
        if isinstance(value["$ref"], str):
            return True
        got = _kind(value["$ref"])
        message = f"expected text in '$ref', got {got}; it is ignored"
        self._ignored(kind, step(at, "$ref"), message)
        return False

    def _method(self, key: str, inner: Any, at: str) -> str:
        low = key.lower()
        if key != low and low in METHODS and isinstance(inner, dict):
            self._loose(step(at, key), f"methods are written small: '{low}'")
            return low
        return key

    def _unknown(self, key: str, members: Any, at: str) -> None:
        meant = None if key.startswith(("x-", "$")) else near(key, members, cutoff=0.8)
        if meant is not None:
            message = f"'{shown(key)}' means nothing here"
            self._loose(step(at, key), message, f"did you mean '{meant}'?")

    def _parameter(self, value: dict[str, Any], at: str) -> Any:
        if "$ref" in value:
            # What stands beside a reference is not heard, but for what is said of it.
            heard = ("$ref", "summary", "description")
            return {key: value[key] for key in heard if key in value}
        places = ["path", "query", "header", "cookie"]
        places += ["body", "formData"] if self.grammar is TWO else ["querystring"]
        place = value.get("in")
        folded = {known.lower(): known for known in places}
        if isinstance(place, str) and place not in places and place.lower() in folded:
            value["in"] = folded[place.lower()]
        if "name" not in value or value.get("in") not in places:
            missing = "name" if "name" not in value else "place"
            hint = did_you_mean(str(place), places) if place is not None else None
            hint = hint or f"'in' is one of {', '.join(places)}"
            message = f"a parameter without a {missing} that is known; it is ignored"
            self.problems.error("D004", at, message, hint)
            return _DROP
        if value["in"] == "path" and value.get("required") is not True:
            value["required"] = True
        return value
