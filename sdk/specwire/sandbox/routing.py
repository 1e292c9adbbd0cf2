"""Which operation of which document a request asks for.

The table is made from the documents' ``paths``; nothing is listed by hand. A literal
segment wins over a placeholder, a path with a constant query (``/v1/files?beta=true``)
over the same path without.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs

from .documents import Document, follow, path_prefix, pointer_to
from .values import Refused, Request

_METHODS = ("get", "put", "post", "delete", "options", "patch", "trace")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@attrs.frozen
class Parameter:
    """One declared parameter; ``pointer`` leads to its schema."""

    name: str
    where: str
    required: bool
    pointer: str
    style: str
    explode: bool


@attrs.frozen
class Operation:
    """One operation of a document. ``bodies`` maps media types to schema pointers."""

    id: str
    service: str
    method: str
    template: str
    pattern: re.Pattern[str]
    query: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, str]
    body_required: bool
    security: tuple[Mapping[str, Any], ...]
    pointer: str
    node: Mapping[str, Any]

    def path_args(self, path: str) -> dict[str, str] | None:
        """The decoded placeholders where ``path`` fits, else ``None``."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        names = _PLACEHOLDER.findall(self.template)
        return dict(zip(names, map(unquote, found.groups()), strict=True))


class Router:
    """All operations of some documents, found by method, path and query."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._by_size: dict[int, list[Operation]] = defaultdict(list)
        self._service_by_first: dict[str, str] = {}
        self.by_id: dict[str, Operation] = {}
        self.prefixes = {name: path_prefix(doc) for name, doc in documents.items()}
        for name, document in documents.items():
            for operation in _operations(name, document, self.prefixes[name]):
                self._add(operation)
        for operations in self._by_size.values():
            operations.sort(key=_generality)

    def _add(self, operation: Operation) -> None:
        self._by_size[operation.template.count("/")].append(operation)
        self.by_id.setdefault(operation.id, operation)
        first = operation.template.split("/")[1]
        self._service_by_first.setdefault(first, operation.service)

    def service_of(self, path: str) -> str:
        """The service whose paths begin like ``path``; the first one where none do."""
        first = path.partition("/")[2].partition("/")[0]
        services = self._service_by_first
        return services.get(first) or next(iter(self.prefixes), "")

    def match(self, request: Request) -> tuple[Operation, dict[str, str]]:
        """The operation that ``request`` asks for, and its path arguments.

        :raises Refused: 404 for an unknown path, 405 for an unknown method.
        """
        allowed: list[str] = []
        for operation in self._by_size.get(request.path.count("/"), ()):
            path_args = operation.path_args(request.path)
            if path_args is None:
                continue
            if not set(operation.query) <= set(request.query_pairs):
                continue
            if operation.method == request.method:
                return operation, path_args
            allowed.append(operation.method)
        if not allowed:
            raise Refused(404, f"there is no {request.path}")
        names = ", ".join(sorted(set(allowed)))
        raise Refused(
            405,
            f"{request.method} is not allowed on {request.path}; allowed: {names}",
            headers=(("allow", names),),
        )


def _generality(operation: Operation) -> tuple[int, int]:
    return len(_PLACEHOLDER.findall(operation.template)), -len(operation.query)


def _operations(name: str, document: Document, prefix: str) -> Iterator[Operation]:
    for path, item in document.get("paths", {}).items():
        template, _, query = path.partition("?")
        template = prefix + template
        shared = pointer_to("paths", path, "parameters")
        for method in _METHODS:
            if method not in item:
                continue
            pointer = pointer_to("paths", path, method)
            node = item[method]
            own = [
                *_parameters(document, shared, len(item.get("parameters", ()))),
                *_parameters(
                    document, pointer + "/parameters", len(node.get("parameters", ()))
                ),
            ]
            body_pointer, body = follow(document, pointer + "/requestBody")
            yield Operation(
                id=node.get("operationId", f"{method} {path}"),
                service=name,
                method=method.upper(),
                template=template,
                pattern=_pattern(template),
                query=tuple(parse_qsl(query, keep_blank_values=True)),
                # An operation's parameter replaces the path's of the same name.
                parameters=tuple({(p.where, p.name): p for p in own}.values()),
                bodies={
                    media: body_pointer + pointer_to("content", media, "schema")
                    for media in body.get("content", {})
                },
                body_required=bool(body.get("required", False)),
                security=tuple(node.get("security", document.get("security", ()))),
                pointer=pointer,
                node=node,
            )


def _parameters(document: Document, pointer: str, count: int) -> Iterator[Parameter]:
    for index in range(count):
        found, node = follow(document, f"{pointer}/{index}")
        where = node.get("in", "query")
        style = node.get("style", "form" if where in ("query", "cookie") else "simple")
        yield Parameter(
            name=node.get("name", ""),
            where=where,
            required=bool(node.get("required", False)),
            pointer=found + "/schema",
            style=style,
            explode=bool(node.get("explode", style == "form")),
        )


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    return re.compile(
        "".join(
            "([^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )
