"""Which resource an operation belongs to, and what its method is called.

A plan decides; without one tags do, or the path, and the operationId. The result is a
wish: :mod:`~specwire_codegen.names` settles collisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from . import ir
from .words import own_words, singular, snake, words

_SKIPPED = re.compile(r"(v\d+\w*|api|rest)\Z", re.IGNORECASE)
_PLACE = re.compile(r"\{[^{}]*\}")
_NESTED = re.compile(r"[./>]|::")
_MOST_WORDS = 6
_SINGLE = {
    "GET": "get",
    "POST": "update",
    "PUT": "replace",
    "PATCH": "update",
    "DELETE": "delete",
}
_CLIENT = ("close", "with_options")
"""What every client has; a resource of the name would be hidden by it."""
_MANY = {"GET": "list", "POST": "create", "PUT": "replace", "DELETE": "delete"}


@frozen
class Place:
    """``resource.method`` with second choices for the method."""

    resource: tuple[str, ...]
    methods: tuple[str, ...]
    planned: bool = False


def group(
    api: ir.Api, planned: Mapping[str, str], locked: Mapping[str, str]
) -> dict[ir.Pointer, Place]:
    """A place for every operation, by where it stands."""
    tagged = all(len(operation.tags) == 1 for operation in api.operations)
    return {
        operation.at: _place(operation, planned, locked, tagged)
        for operation in api.operations
    }


def _place(
    operation: ir.Operation,
    planned: Mapping[str, str],
    locked: Mapping[str, str],
    tagged: bool,
) -> Place:
    for key, names in (
        (operation.id.wire if operation.id else "", planned),
        (f"{operation.method} {operation.path.wire}", planned),
        (operation.at, locked),
    ):
        if key and key in names:
            *resource, method = names[key].split(".")
            return Place(tuple(resource), (method,), planned=True)
    resource_ = _resource(operation, tagged)
    return Place(resource_, _methods(operation, resource_))


def _resource(operation: ir.Operation, tagged: bool) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if tagged:
        pieces = _NESTED.split(operation.tags[0].wire)
        found = tuple(snake(piece, "api") for piece in pieces if words(piece))
    if not found:
        segments = _segments(operation)
        literal = [s for s in segments if not _PLACE.search(s) and words(s)]
        found = (snake(literal[0], "api"),) if literal else ("api",)
    for name, value in operation.const_query:
        plain = value.wire.lower() in ("true", "1", "yes", "")
        twin = snake(name.wire if plain else f"{name.wire} {value.wire}", "api")
        if twin not in found[0].split("_"):
            found = (twin, *found)
    return (f"{found[0]}_", *found[1:]) if found[0] in _CLIENT else found


def _segments(operation: ir.Operation) -> list[str]:
    segments = [s for s in operation.path.wire.split("/") if s]
    while len(segments) > 1 and _SKIPPED.match(segments[0]):
        segments.pop(0)
    return segments


def _methods(operation: ir.Operation, resource: tuple[str, ...]) -> tuple[str, ...]:
    shape = _by_shape(operation, resource)
    if operation.id is None:
        return shape
    said = own_words(operation.id.wire, operation.path.wire, operation.method)
    known = {singular(w) for name in resource for w in name.split("_")}
    kept = [w for w in said if singular(w) not in known]
    while len(kept) > 1 and kept[-1] in ("of", "for", "in", "to", "a", "the"):
        kept.pop()
    whole = "_".join(said)
    named = "_".join(kept) if 0 < len(kept) <= _MOST_WORDS else ""
    wishes = [named, whole, *shape] if named else [*shape, whole]
    return tuple(dict.fromkeys(snake(wish, "call") for wish in wishes if wish))


def _by_shape(operation: ir.Operation, resource: tuple[str, ...]) -> tuple[str, ...]:
    segments = _segments(operation)
    known = {singular(w) for name in resource for w in name.split("_")}
    rest = [
        segment
        for segment in segments
        if not _PLACE.search(segment)
        and not {singular(w.lower()) for w in words(segment)} <= known
    ]
    on_one = bool(segments) and bool(_PLACE.search(segments[-1]))
    verb = (_SINGLE if on_one else _MANY).get(operation.method)
    verb = verb or operation.method.lower()
    tail = snake(" ".join(rest), "") if rest else ""
    if not tail:
        return (verb,)
    if operation.method == "POST" and not on_one and singular(rest[-1]) == rest[-1]:
        return (snake(rest[-1], "call"), tail, f"{verb}_{tail}")
    return (f"{verb}_{tail}",)
