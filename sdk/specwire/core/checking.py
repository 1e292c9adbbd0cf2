"""Whether a value is what a schema of an OpenAPI document allows, and what is wrong.

``jsonschema`` does the work and is imported with the first check; nobody who does not
ask for checks pays for it. Validators are kept per schema. A union with a discriminator
goes straight to the branch that the tag names, which is faster and blames the right
thing; one without is satisfied by any branch, ``oneOf`` too, because documents are lax
about exclusive branches.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from attrs import frozen

_LONGEST = 300
MISSING = "Field required"
UNKNOWN = "Extra inputs are not permitted"
_NAMES = {"dict": "object", "list": "array", "str": "string", "bool": "boolean"}
_NAMES |= {"int": "integer", "float": "number", "NoneType": "null"}
_LIMITS = {
    "const": "the value",
    "enum": "one of",
    "pattern": "a text that fits",
    "format": "a text in the format",
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
    "minLength": "a length of at least",
    "maxLength": "a length of at most",
    "minItems": "a number of items of at least",
    "maxItems": "a number of items of at most",
}


@frozen
class Problem:
    """One thing that is wrong: where (``("messages", 0, "role")``) and what.

    :ivar expected: what should be there, in words.
    :ivar near: a known name like the one that is not known.
    """

    path: tuple[str | int, ...]
    message: str
    expected: str = ""
    near: str = ""

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: {self.message}" if where else self.message

    @property
    def pointer(self) -> str:
        """Where, as a JSON Pointer (RFC 6901)."""
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in self.path)
        return "".join(f"/{part}" for part in parts)


class Schemas:
    """The schemas of one document, ready to check values; safe to share by threads."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validators: dict[str, Any] = {}
        self._factory: Any = None
        self._lock = threading.Lock()

    def problems(self, pointer: str, value: Any) -> Iterator[Problem]:
        """What the schema at ``pointer`` has against ``value``."""
        for error in self._validator(pointer).iter_errors(value):
            yield _problem(error)

    def _validator(self, pointer: str) -> Any:
        with self._lock:
            if pointer not in self._validators:
                self._factory = self._factory or _factory(self._document)
                self._validators[pointer] = self._factory(pointer)
            return self._validators[pointer]


class _Anything(dict[str, Any]):
    """Another file that a document refers to: all there is in it allows everything."""

    def __missing__(self, name: str) -> _Anything:
        return self


def _factory(document: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    base = "urn:specwire:document"
    other = DRAFT202012.create_resource(_Anything())
    registry: Any = Registry(retrieve=lambda uri: other).with_resource(  # type: ignore[call-arg]
        base, DRAFT202012.create_resource(document)
    )

    def choice(validator: Any, branches: Any, value: Any, schema: Any) -> Any:
        tag = schema.get("discriminator", {})
        mapping = tag.get("mapping")
        if not mapping or not isinstance(value, dict):
            return _any_of(validator, branches, value, schema)
        return _tagged(validator, mapping, tag["propertyName"], value)

    words = {"oneOf": choice, "anyOf": choice}
    kind = extend(Draft202012Validator, words)  # type: ignore[no-untyped-call, unused-ignore]

    def make(pointer: str) -> Any:
        reference = f"{base}#{quote(pointer, safe='/~')}"
        return kind({"$ref": reference}, registry=registry)

    return make


def _tagged(validator: Any, mapping: Any, name: str, value: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    tag = value.get(name)
    target = mapping.get(tag) if isinstance(tag, str) else None
    if name not in value:
        yield ValidationError(MISSING, path=[name])
    elif target is None:
        known = ", ".join(map(repr, mapping))
        yield ValidationError(f"got {tag!r}, expected one of {known}", path=[name])
    else:
        # A mapping may hold a bare schema name in place of a reference.
        target = target if "#" in target else f"#/components/schemas/{target}"
        yield from validator.descend(value, {"$ref": target})


def _any_of(validator: Any, branches: Any, value: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    found: list[list[Any]] = []
    for branch in branches:
        errors = list(validator.descend(value, branch))
        if not errors:
            return
        found.append(errors)
    if all(errors[0].validator == "type" and not errors[0].path for errors in found):
        kinds = " or ".join(_kinds(errors[0]) for errors in found)
        yield ValidationError(f"expected {kinds}, got {_name(value)}")
        return
    yield from max(found, key=_likelihood)


def _likelihood(errors: list[Any]) -> tuple[bool, bool, int, int]:
    """How likely the sender meant the branch that gives ``errors``.

    Not one of another kind, nor one with another tag; rather the one that got furthest:
    not "not a string" about a list of blocks, but what is wrong with one of the blocks.
    """
    fixed = ("const", "enum")
    strange = any(e.validator == "type" and not e.path for e in errors)
    other = any(e.validator in fixed and len(e.path) == 1 for e in errors)
    furthest = max(len(error.path) for error in errors)
    return not strange, not other, furthest, -len(errors)


def _kinds(error: Any) -> str:
    return _words(error.validator_value)


def _words(kinds: str | list[str]) -> str:
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _name(value: Any) -> str:
    return _NAMES.get(type(value).__name__, type(value).__name__)


def _problem(error: Any) -> Problem:
    path = tuple(error.absolute_path)
    value = error.instance
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in value]
        said = error.schema.get("properties", {}).get(missing[0], {})
        kinds = _words(said.get("type", "a value"))
        return Problem((*path, missing[0]), MISSING, kinds)
    if error.validator == "additionalProperties" and isinstance(value, dict):
        known = list(error.schema.get("properties", {}))
        extra = next((name for name in value if name not in known), "")
        near = get_close_matches(extra, known, 1)
        expected = f"one of {', '.join(known)}" if known else "no members"
        near_one = near[0] if near else ""
        return Problem((*path, extra), UNKNOWN, expected, near_one)
    if error.validator == "type":
        kinds = _kinds(error)
        return Problem(path, f"expected {kinds}, got {_name(value)}", kinds)
    if error.validator in _LIMITS:
        expected = f"{_LIMITS[error.validator]} {error.validator_value!r}"
        return Problem(path, error.message[:_LONGEST], expected)
    return Problem(path, error.message[:_LONGEST], _told(error.message))


def _told(message: str) -> str:
    """What our own errors of unions expect: they say it between these words."""
    if message == MISSING:
        return "a value"
    return message.partition("expected ")[2].partition(", got ")[0]
