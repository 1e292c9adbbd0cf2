"""Descriptions: whatever stands where, a package that parses, or Unusable; in bounds.

Bytes are a programme that mutates a good document, so that what is made is always JSON
and nearly a description.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from specwire_codegen.build import generate
from specwire_codegen.positions import Positions
from specwire_codegen.problems import Problems, Unusable
from tests.codegen.building import job

from ..taking import Taking

HERE: Final = Path(__file__).parents[1] / "bases"
WORDS: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1.5, "", "a", {}, [], [{}], {"": {}}, [None], "\x00"),
    *("string", "object", "array", "integer", "number", "boolean", "null", "file"),
    *("query", "path", "header", "cookie", "body", "formData", "in", "name", "type"),
    *("$ref", "allOf", "oneOf", "anyOf", "not", "items", "properties", "required"),
    *("enum", "const", "default", "example", "format", "date-time", "nullable"),
    *("additionalProperties", "discriminator", "propertyName", "mapping", "content"),
    *("application/json", "text/event-stream", "multipart/form-data", "*/*", "schema"),
    *("get", "post", "parameters", "requestBody", "responses", "200", "default", "4XX"),
    *("security", "apiKey", "http", "oauth2", "servers", "url", "{a}", "/{a}/{a}"),
    *("#", "#/", "#/components/schemas/A", "#/components/schemas/B", "#A", "a.json#"),
    *("#/definitions/A", "#/paths/~1things/get", "$id", "$anchor", "$defs", "style"),
    *(
        "explode",
        "deepObject",
        "x-specwire-flag",
        "x-specwire-paging",
        "x-specwire-retry",
        "x-specwire-value",
    ),
    *("x-specwire-events", "x-specwire-headers", "class", "self", "None", "__init__"),
    *("é", "\u202e", "\ud800", "a" * 300, "1e9", 10**400, 1e308, "'''\"\"\"\\"),
    *({"$ref": "#/components/schemas/A"}, {"type": ["string", "null"]}, {"type": {}}),
    *({"allOf": [{"$ref": "#/components/schemas/A"}]}, {"enum": [1, "a", None, {}]}),
    *({"$ref": "#/components/schemas/Missing"}, {"oneOf": []}, "3.0.3", "3.1.0", "2.0"),
)
_folders: list[TemporaryDirectory[str]] = []


def check(data: bytes) -> None:
    """The number of a base, then changes: a place, a kind of change, a word."""
    mutated = document_of(data)
    problems = Problems()
    at = folder()
    try:
        text = json.dumps(mutated)
    except ValueError:  # more digits than Python writes
        return
    found: Any = None
    try:
        found = generate(job(json.loads(text), at), problems)
    except Unusable as unusable:
        assert unusable.problems.has_errors
    if found is not None:
        size = sum(len(text) for text in found.files.values())
        assert size < 2_000_000, "a small document gives a small package"
    for line in problems.render(Positions(at)):
        assert line.isprintable() and len(line) < 1500, line


def document_of(data: bytes) -> Any:
    """The base document with the changes that ``data`` says."""
    take = Taking(data)
    document: Any = copy.deepcopy(take.one(BASES))
    while take:
        holders = list(_holders(document))
        if not holders:
            break
        _change(take, *holders[take.number(len(holders))], holders)
    return document


def _holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each place in ``value``: what holds it, and its key or index there."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, key
            if isinstance(holder[key], (dict, list)):
                waiting.append(holder[key])


def _change(take: Taking, holder: Any, key: Any, holders: list[Any]) -> None:
    kind = take.number(6)
    if kind == 0:
        holder[key] = copy.deepcopy(take.one(WORDS))
    elif kind == 1:
        del holder[key]
    elif kind == 2:  # a copy of something else stands here
        other, there = holders[take.number(len(holders))]
        if len(holders) < 2000 and there in _keys(other):
            holder[key] = copy.deepcopy(other[there])
    elif kind == 3 and isinstance(holder, dict):
        holder[str(take.one(WORDS))[:300]] = holder.pop(key)
    elif kind == 4 and isinstance(holder[key], dict):
        holder[key][str(take.one(WORDS))] = copy.deepcopy(take.one(WORDS))
    elif kind == 5:
        holder[key] = take.one(([holder[key]], {str(take.one(WORDS)): holder[key]}))


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def folder() -> Path:
    """One for the process; what is written there is one small file."""
    if not _folders:
        _folders.append(TemporaryDirectory())
    return Path(_folders[0].name)


BASES: Final = tuple(
    json.loads(path.read_text("utf-8")) for path in sorted(HERE.glob("*.json"))
)
