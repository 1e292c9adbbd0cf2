"""Which declarations are read, which are written, and by which operations.

A declaration that is only received becomes a model, one that is only sent a
``TypedDict``, one that is both becomes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from . import ir
from .graphs import components

Way: TypeAlias = Literal["read", "write"]
Reached: TypeAlias = Mapping[ir.Pointer, frozenset[ir.Pointer]]
"""Declaration to the operations (by where they stand) that reach it."""


@frozen
class Usage:
    read: Reached
    write: Reached
    neutral: frozenset[ir.Pointer] = frozenset()
    """On both sides and alike on both: written once, with the models."""

    def of(self, way: Way) -> Reached:
        return self.read if way == "read" else self.write


def usage(api: ir.Api) -> Usage:
    """Follow every operation's types; what nothing reaches counts as read."""
    edges = _edges(api, "read")
    users = {o.at: received(o) for o in api.operations}
    if api.webhooks is not None:
        kinds = [kind for _, kind in api.webhooks.bodies]
        kinds += [api.webhooks.whole] if api.webhooks.whole else []
        users[api.webhooks.at] = iter(kinds)
    read = _reached(users, edges)
    write = _reached({o.at: sent(o) for o in api.operations}, _edges(api, "write"))
    alone = {name for name in api.decls if name not in read and name not in write}
    for name in closure(alone - api.absorbed, edges):
        read.setdefault(name, frozenset())
    order = list(api.decls)
    return Usage(
        {name: read[name] for name in order if name in read},
        {name: write[name] for name in order if name in write},
        frozenset(
            name
            for name, decl in api.decls.items()
            if name in read
            and name in write
            and isinstance(decl, ir.Alias)
            and _is_neutral(decl.type)
        ),
    )


def _is_neutral(kind: ir.Type) -> bool:
    """Whether a type is spelled alike on both sides: scalars and literals only."""
    if isinstance(kind, ir.Union):
        return all(map(_is_neutral, kind.members))
    if isinstance(kind, ir.Scalar):
        return kind.format in (None, "byte")
    return isinstance(kind, (ir.Const, ir.Literals))


def _reached(
    named: Mapping[ir.Pointer, Iterable[ir.Type]],
    edges: Mapping[ir.Pointer, frozenset[ir.Pointer]],
) -> dict[ir.Pointer, frozenset[ir.Pointer]]:
    """Declaration to the operations that reach it; ``named`` is what each names.

    Sets are handed down from users to what they use and shared where nothing is added:
    where every operation reaches every schema there is one set, not one a schema.
    """
    direct: dict[ir.Pointer, set[ir.Pointer]] = {}
    for at, kinds in named.items():
        for name in {name for kind in kinds for name in refs(kind)}:
            direct.setdefault(name, set()).add(at)
    out: dict[ir.Pointer, frozenset[ir.Pointer]] = {}
    above: dict[ir.Pointer, dict[int, frozenset[ir.Pointer]]] = {}
    for component in reversed(components(edges, edges)):
        handed = {
            i: one for name in component for i, one in above.pop(name, {}).items()
        }
        own = set[ir.Pointer]().union(*(direct.get(name, ()) for name in component))
        found = max(handed.values(), key=len, default=frozenset[ir.Pointer]())
        if not own <= found or any(not one <= found for one in handed.values()):
            found = found.union(own, *handed.values())
        if found:
            for name in component:
                out[name] = found
                for used in edges[name]:
                    above.setdefault(used, {})[id(found)] = found
    return out


def closure(
    roots: set[ir.Pointer], edges: Mapping[ir.Pointer, frozenset[ir.Pointer]]
) -> set[ir.Pointer]:
    """``roots`` and everything they lead to."""
    seen: set[ir.Pointer] = set()
    open_ = list(roots)
    while open_:
        name = open_.pop()
        if name not in seen and name in edges:
            seen.add(name)
            open_ += edges[name]
    return seen


def _edges(api: ir.Api, way: Way) -> dict[ir.Pointer, frozenset[ir.Pointer]]:
    return {
        name: frozenset(ref for kind in inside(decl, way) for ref in refs(kind))
        for name, decl in api.decls.items()
    }


def inside(decl: ir.Decl, way: Way) -> Iterator[ir.Type]:
    """The types a declaration is made of, seen from one side."""
    if isinstance(decl, ir.Alias):
        yield decl.type
        return
    for field in visible(decl, way):
        yield field.type


def visible(decl: ir.Model, way: Way) -> tuple[ir.Field, ...]:
    """The members that are there on this side."""
    return tuple(f for f in decl.fields if f.access in ("both", way))


def refs(kind: ir.Type) -> Iterator[ir.Pointer]:
    """Every declaration that a type names."""
    if isinstance(kind, ir.Ref):
        yield kind.to
    elif isinstance(kind, ir.ListOf):
        yield from refs(kind.item)
    elif isinstance(kind, ir.MapOf):
        yield from refs(kind.value)
    elif isinstance(kind, ir.Union):
        for member in kind.members:
            yield from refs(member)
        for _, ref in kind.tag.table if kind.tag else ():
            yield ref.to


def sent(operation: ir.Operation) -> Iterator[ir.Type]:
    """The types of an operation's arguments."""
    for param in operation.params:
        yield param.type
    if operation.body is not None:
        yield operation.body.type
        for field in operation.body.fields or ():
            yield field.type


def received(operation: ir.Operation) -> Iterator[ir.Type]:
    """The types of an operation's replies, errors among them."""
    yield from results(operation.result)
    for _, kind in operation.errors:
        yield kind


def results(result: ir.Result) -> Iterator[ir.Type]:
    """The types inside a result."""
    if isinstance(result, ir.Json):
        yield result.paging.item if result.paging else result.type
    elif isinstance(result, (ir.Events, ir.Lines)):
        yield result.type
    elif isinstance(result, ir.Either):
        yield from results(result.off)
        yield from results(result.on)
    elif isinstance(result, ir.ByMedia):
        yield from results(result.usual)
        for _, each in result.others:
            yield from results(each)
    elif isinstance(result, ir.ByStatus):
        for _, each in result.table:
            yield from results(each)
