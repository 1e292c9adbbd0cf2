"""Which resource an operation belongs to, and what its method is called.

A plan decides; without one tags do, or the path, and the operationId. The result is a
wish: :mod:`~specwire_codegen.names` settles collisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from . import ir
from .words import own_words, singular, snake, words

Segments: TypeAlias = tuple[str, ...]
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
    paths = _Paths.of(api.operations)
    taken = frozenset(tuple(name.split(".")) for name in locked.values())
    return {
        operation.at: _place(operation, planned, locked, paths, taken)
        for operation in api.operations
    }


@frozen
class _Paths:
    """What all paths together say about each of them; places are ``{}``.

    :ivar tagged: most operations have one tag, so tags are what the author groups by.
    :ivar parents: beginnings of paths that go on behind them.
    :ivar items: those that go on with a place, which names one of many.
    :ivar methods: what can be done with a whole path.
    """

    tagged: bool
    parents: frozenset[Segments]
    items: frozenset[Segments]
    methods: Mapping[Segments, frozenset[str]]

    @classmethod
    def of(cls, operations: Sequence[ir.Operation]) -> _Paths:
        parents, items = set(), set()
        methods: dict[Segments, set[str]] = {}
        for operation in operations:
            whole = _shape(operation)
            methods.setdefault(whole, set()).add(operation.method)
            for length in range(1, len(whole)):
                parents.add(whole[:length])
                if whole[length] == "{}":
                    items.add(whole[:length])
        single = sum(len(operation.tags) == 1 for operation in operations)
        return cls(
            single * 2 > len(operations),
            frozenset(parents),
            frozenset(items),
            {path: frozenset(found) for path, found in methods.items()},
        )

    def is_group(self, path: Segments) -> bool:
        """Whether the last segment is a resource rather than something to do."""
        methods = self.methods.get(path, frozenset())
        if path in self.parents or len(methods) > 1:
            return True
        last = [word.lower() for word in words(path[-1])][-1:]
        return "GET" in methods and any(singular(word) != word for word in last)

    def is_single(self, path: Segments) -> bool:
        """Whether a path without a place at its end is one thing, not many."""
        found = self.methods.get(path, frozenset())
        return path not in self.items and len(found) > 1 and "POST" not in found


def _shape(operation: ir.Operation) -> Segments:
    return tuple(
        "{}" if _PLACE.fullmatch(segment) else segment
        for segment in _segments(operation)
    )


def _place(
    operation: ir.Operation,
    planned: Mapping[str, str],
    locked: Mapping[str, str],
    paths: _Paths,
    taken: frozenset[tuple[str, ...]],
) -> Place:
    for key, names in (
        (operation.id.wire if operation.id else "", planned),
        (f"{operation.method} {operation.path.wire}", planned),
        (operation.at, locked),
    ):
        if key and key in names:
            *resource, method = names[key].split(".")
            if operation.variant and names is planned:
                method = f"{method}_{operation.variant}"
            return Place(tuple(resource), (method,), planned=True)
    resource_ = _beside(_resource(operation, paths), taken)
    methods = _methods(operation, resource_, paths)
    if operation.variant:
        methods = tuple(f"{method}_{operation.variant}" for method in methods)
    return Place(resource_, methods)


def _beside(
    resource: tuple[str, ...], taken: frozenset[tuple[str, ...]]
) -> tuple[str, ...]:
    """``resource`` where none of its steps is a method that has its name already."""
    out: tuple[str, ...] = ()
    for step in resource:
        out = (*out, f"{step}_resource" if (*out, step) in taken else step)
    return out


def _resource(operation: ir.Operation, paths: _Paths) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if paths.tagged and len(operation.tags) == 1:
        pieces = _NESTED.split(operation.tags[0].wire)
        found = tuple(snake(piece, "api") for piece in pieces if words(piece))
    found = found or _by_path(operation, paths)
    for name, value in operation.const_query:
        plain = value.wire.lower() in ("true", "1", "yes", "")
        twin = snake(name.wire if plain else f"{name.wire} {value.wire}", "api")
        if twin not in found[0].split("_"):
            found = (twin, *found)
    return found


def _by_path(operation: ir.Operation, paths: _Paths) -> tuple[str, ...]:
    """``/users/{id}/keys/{key}`` is ``users.keys``; a verb at the end is none."""
    whole = _shape(operation)
    found: list[str] = []
    for number, segment in enumerate(whole):
        is_name = not _PLACE.search(segment) and words(segment)
        if is_name and (not found or paths.is_group(whole[: number + 1])):
            found.append(snake(segment, "api"))
    return tuple(found) or ("api",)


def _segments(operation: ir.Operation) -> list[str]:
    segments = [s for s in operation.path.wire.split("/") if s]
    while len(segments) > 1 and _SKIPPED.match(segments[0]):
        segments.pop(0)
    return segments


def _methods(
    operation: ir.Operation, resource: tuple[str, ...], paths: _Paths
) -> tuple[str, ...]:
    shape = _by_shape(operation, resource, paths)
    if operation.id is None:
        return shape
    said = own_words(operation.id.wire, operation.path.wire, operation.method)
    known = {singular(w) for name in resource for w in name.split("_")}
    kept = [w for w in said if singular(w) not in known]
    while len(kept) > 1 and kept[-1] in ("of", "for", "in", "to", "a", "the"):
        kept.pop()
    verb = operation.method.lower()
    if len(kept) > 1 and kept[-1] == verb:
        kept.pop()
    elif kept == [verb] and verb not in ("get", "delete"):
        kept = []  # how it is sent, not what it does
    whole = "_".join(said)
    named = "_".join(kept) if 0 < len(kept) <= _MOST_WORDS else ""
    wishes = [named, whole, *shape] if named else [*shape, whole]
    return tuple(dict.fromkeys(snake(wish, "call") for wish in wishes if wish))


def _by_shape(
    operation: ir.Operation, resource: tuple[str, ...], paths: _Paths
) -> tuple[str, ...]:
    segments = _segments(operation)
    known = {singular(w) for name in resource for w in name.split("_")}
    rest = [
        segment
        for segment in segments
        if not _PLACE.search(segment)
        and not {singular(w.lower()) for w in words(segment)} <= known
    ]
    on_one = bool(segments) and bool(_PLACE.search(segments[-1]))
    on_one = on_one or paths.is_single(_shape(operation))
    verb = (_SINGLE if on_one else _MANY).get(operation.method)
    verb = verb or operation.method.lower()
    tail = snake(" ".join(rest), "") if rest else ""
    if not tail:
        return (verb,)
    if operation.method == "POST" and not on_one and singular(rest[-1]) == rest[-1]:
        return (snake(rest[-1], "call"), tail, f"{verb}_{tail}")
    return (f"{verb}_{tail}",)
