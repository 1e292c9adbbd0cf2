"""Checks a request against its operation: path, query, headers and body.

``jsonschema`` does the work and is imported with the first request. Validators are
kept per schema. A union with a discriminator goes straight to the branch that the tag
names, which is faster and blames the right thing; one without is satisfied by any
branch, ``oneOf`` too, because documents are lax about exclusive branches.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

import attrs

from .documents import Document, follow
from .multipart import MalformedMultipart, read_parts
from .routing import Operation, Parameter
from .values import JSON_TYPE, Refused, Request

_LONGEST = 300
_NAMES = {"dict": "object", "list": "array", "str": "string", "bool": "boolean"}
_NAMES |= {"int": "integer", "float": "number", "NoneType": "null"}


@attrs.frozen
class Problem:
    """One thing that is wrong: where (``("messages", 0, "role")``) and what."""

    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: {self.message}" if where else self.message


class Checker:
    """The schemas of one document, ready to check values."""

    def __init__(self, document: Document) -> None:
        self.document = document
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
                self._factory = self._factory or _factory(self.document)
                self._validators[pointer] = self._factory(pointer)
            return self._validators[pointer]

    def checked(
        self, request: Request, operation: Operation, deferred: tuple[str, ...] = ()
    ) -> Request:
        """``request`` with typed query arguments and its parsed body.

        Problems below ``deferred`` (a path such as ``requests * params``) are left for
        the handler.

        :raises Refused: 400, naming the first thing that is wrong.
        """
        query_args = self._parameters(request, operation)
        body = self._body(request, operation)
        for media, pointer in operation.bodies.items():
            if body is not None and _same_kind(media, request.headers):
                for problem in self.problems(pointer, body):
                    if not (deferred and _below(problem.path, deferred)):
                        raise Refused(400, str(problem))
        return attrs.evolve(request, query_args=query_args, json=body)

    def parsed(self, request: Request, operation: Operation) -> Request:
        """The same without any check, for ``validate=False``."""
        query_args = dict(request.query_pairs)
        try:
            body = self._body(request, operation)
        except Refused:
            body = None
        return attrs.evolve(request, query_args=query_args, json=body)

    # -- parameters ------------------------------------------------------------------

    def _parameters(self, request: Request, operation: Operation) -> dict[str, Any]:
        query_args: dict[str, Any] = {}
        for parameter in operation.parameters:
            texts = _texts(request, parameter)
            if not texts:
                if parameter.required:
                    raise Refused(400, f"{parameter.name}: Field required")
                continue
            _, schema = follow(self.document, parameter.pointer)
            value = _typed(texts, schema, parameter)
            for problem in self.problems(parameter.pointer, value):
                raise Refused(400, str(Problem((parameter.name,), problem.message)))
            if parameter.where == "query":
                query_args[parameter.name] = value
        return query_args

    # -- body ------------------------------------------------------------------------

    def _body(self, request: Request, operation: Operation) -> Any:
        if not operation.bodies:
            return None
        if not len(request.body):
            if operation.body_required:
                raise Refused(400, "the request body is missing")
            return None
        kind = _media(request.headers)
        if kind == "multipart/form-data":
            return self._form(request, operation, kind)
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(bytes(request.body).decode("utf-8", "replace"))
            return self._fields(pairs, operation.bodies.get(kind, ""))
        if any("json" in media for media in operation.bodies):
            return _json(request)
        return None

    def _form(self, request: Request, operation: Operation, kind: str) -> Any:
        try:
            parts = read_parts(request.headers["content-type"], request.body)
        except MalformedMultipart as error:
            raise Refused(400, f"multipart body: {error}") from None
        pairs = [
            (part.name, "" if part.filename is not None else _text(part.content.read()))
            for part in parts
        ]
        return self._fields(pairs, operation.bodies.get(kind, ""))

    def _fields(self, pairs: list[tuple[str, str]], pointer: str) -> dict[str, Any]:
        _, schema = follow(self.document, pointer) if pointer else ("", {})
        properties = schema.get("properties", {})
        return {name: _scalar(text, properties.get(name, {})) for name, text in pairs}


def _json(request: Request) -> Any:
    try:
        return json.loads(bytes(request.body), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "Invalid JSON in request body") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _media(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _same_kind(media: str, headers: Mapping[str, str]) -> bool:
    sent = _media(headers) or JSON_TYPE
    return media == sent or ("json" in media and not sent.startswith("multipart/"))


def _below(path: tuple[str | int, ...], prefix: tuple[str, ...]) -> bool:
    if len(path) <= len(prefix):
        return False
    return all(want in ("*", got) for want, got in zip(prefix, path, strict=False))


def _texts(request: Request, parameter: Parameter) -> list[str]:
    if parameter.where == "path":
        text = request.path_args.get(parameter.name)
    elif parameter.where == "header":
        text = request.headers.get(parameter.name)
    elif parameter.where == "cookie":
        text = None
    else:
        names = (parameter.name, parameter.name + "[]")
        return [value for name, value in request.query_pairs if name in names]
    return [] if text is None else [text]


def _typed(texts: list[str], schema: Mapping[str, Any], parameter: Parameter) -> Any:
    if schema.get("type") != "array":
        return _scalar(texts[-1], schema)
    if not (parameter.where == "query" and parameter.explode):
        texts = [entry.strip() for text in texts for entry in text.split(",")]
    return [_scalar(text, schema.get("items", {})) for text in texts]


def _scalar(text: str, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    for kind, read in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return read(text)
            except ValueError:
                pass
    return text


# -- jsonschema ----------------------------------------------------------------------


def _factory(document: Document) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    base = "urn:specwire:document"
    registry: Any = Registry().with_resource(
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
        yield ValidationError("Field required", path=[name])
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


def _likelihood(errors: list[Any]) -> tuple[bool, int, int]:
    """How likely the sender meant the branch that gives ``errors``.

    Not one with another tag; rather the one that got furthest: not "not a string"
    about a list of blocks, but what is wrong with one of the blocks.
    """
    fixed = ("const", "enum")
    other = any(e.validator in fixed and len(e.path) == 1 for e in errors)
    return not other, max(len(error.path) for error in errors), -len(errors)


def _kinds(error: Any) -> str:
    kinds = error.validator_value
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _name(value: Any) -> str:
    return _NAMES.get(type(value).__name__, type(value).__name__)


def _problem(error: Any) -> Problem:
    path = tuple(error.absolute_path)
    value = error.instance
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in value]
        return Problem((*path, missing[0]), "Field required")
    if error.validator == "additionalProperties" and isinstance(value, dict):
        known = error.schema.get("properties", {})
        extra = next((name for name in value if name not in known), "")
        return Problem((*path, extra), "Extra inputs are not permitted")
    if error.validator == "type":
        return Problem(path, f"expected {_kinds(error)}, got {_name(value)}")
    return Problem(path, error.message[:_LONGEST])
