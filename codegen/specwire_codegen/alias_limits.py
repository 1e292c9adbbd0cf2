"""Aliases that cannot be written out: only themselves, or too large to evaluate.

A type checker and ``typing`` open an alias wherever it is named. Thirty aliases that
name the next one twice are a page of text and a thousand million parts, so an alias
over :data:`LARGEST` parts becomes ``Any``; so does one that leads only to itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from . import ir
from .graphs import components
from .problems import Problems

LARGEST = 20_000


def limit(decls: dict[ir.Pointer, ir.Decl], problems: Problems) -> None:
    """Replace them in ``decls``, each with a warning."""
    sizes: dict[ir.Pointer, int] = {}
    circles = _circles(decls)
    for name in decls:
        for each in _inner_first(name, decls, sizes):
            decl = decls[each]
            assert isinstance(decl, ir.Alias)
            size = 1 + sum(sizes.get(ref, 1) for ref in _named(decl.type))
            circle = each in circles
            if size > LARGEST or circle:
                what = "a schema that is only itself" if circle else "too many unions"
                problems.warning("L101", each, f"{what}: typed as Any")
                decls[each] = evolve(decl, type=ir.Any())
                size = 1
            sizes[each] = size


def _inner_first(
    name: ir.Pointer,
    decls: dict[ir.Pointer, ir.Decl],
    sizes: dict[ir.Pointer, int],
) -> Iterator[ir.Pointer]:
    """The aliases below ``name`` that have no size yet, then itself."""
    waiting, met = [(name, False)], set[ir.Pointer]()
    while waiting:
        here, opened = waiting.pop()
        decl = decls.get(here)
        if not isinstance(decl, ir.Alias) or here in sizes:
            continue
        if opened:
            yield here
        elif here not in met:
            met.add(here)
            waiting.append((here, True))
            waiting += [(ref, False) for ref in _named(decl.type)]


def _circles(decls: dict[ir.Pointer, ir.Decl]) -> set[ir.Pointer]:
    """Aliases that are, or may be, just themselves: no list or object in between."""
    aliases = [d for d in decls.values() if isinstance(d, ir.Alias)]
    edges = {alias.id: _bare(alias.type) for alias in aliases}
    found = components(edges, edges)
    return {
        name for part in found for name in part if len(part) > 1 or name in edges[name]
    }


def _bare(kind: ir.Type) -> list[ir.Pointer]:
    members = kind.members if isinstance(kind, ir.Union) else (kind,)
    return [member.to for member in members if isinstance(member, ir.Ref)]


def _named(kind: ir.Type) -> list[ir.Pointer]:
    """Every reference in a type, as often as it is written."""
    found: list[ir.Pointer] = []
    waiting = [kind]
    while waiting:
        here = waiting.pop()
        if isinstance(here, ir.Ref):
            found.append(here.to)
        elif isinstance(here, ir.ListOf):
            waiting.append(here.item)
        elif isinstance(here, ir.MapOf):
            waiting.append(here.value)
        elif isinstance(here, ir.Union):
            waiting += here.members
    return found
