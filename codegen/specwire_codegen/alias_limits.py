"""Aliases that cannot be written out: only themselves, or too large to evaluate.

A type checker and ``typing`` open an alias wherever it is named. Thirty aliases that
name the next one twice are a page of text and a thousand million parts, so an alias
over :data:`LARGEST` parts becomes ``Any``; so does one that leads only to itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from . import ir
from .problems import Problems

LARGEST = 20_000


def limit(decls: dict[ir.Pointer, ir.Decl], problems: Problems) -> None:
    """Replace them in ``decls``, each with a warning."""
    sizes: dict[ir.Pointer, int] = {}
    for name in decls:
        for each in _inner_first(name, decls, sizes):
            decl = decls[each]
            assert isinstance(decl, ir.Alias)
            size = 1 + sum(sizes.get(ref, 1) for ref in _named(decl.type))
            circle = _is_circle(each, decls)
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


def _is_circle(name: ir.Pointer, decls: dict[ir.Pointer, ir.Decl]) -> bool:
    """Whether an alias is another name for another name, and so on, for itself."""
    met: set[ir.Pointer] = set()
    decl = decls.get(name)
    while isinstance(decl, ir.Alias) and isinstance(decl.type, ir.Ref):
        if decl.id in met:
            return True
        met.add(decl.id)
        decl = decls.get(decl.type.to)
    return False


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
