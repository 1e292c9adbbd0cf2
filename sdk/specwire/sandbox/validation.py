"""Checks a request against its operation: path, query, headers and body.

What a schema has against a value, ``core.checking`` finds out; here the parts of a
request are taken apart and refused in the API's words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs

from ..core.checking import Problem, Schemas
from .documents import Document, follow
from .multipart import MalformedMultipart, read_parts
from .routing import Operation, Parameter
from .values import JSON_TYPE, Refused, Request


class Checker:
    """The operations of one document, ready to check requests."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = Schemas(document).problems

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
