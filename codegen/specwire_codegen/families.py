"""Which module each declaration lives in, so that imports only ever point down.

A declaration that one resource reaches lives with that resource, one that several
reach in ``shared``, one that none reaches in ``other``. Operations that a query in the
path alone tells apart are twins and count as one: what only they reach lives with the
one without the query. A module that would be too long is cut along its strongly
connected components, lower parts first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from . import ir
from .graphs import components
from .names import Names
from .usage import Reached

SHARED = "shared"
OTHER = "other"
_QUERY = re.compile(r"\?[^/]*(?=/\w+$)")
"""In an operation's pointer: what follows the path and stands before the method."""
LONGEST = 1400
"""Lines of declarations in a module."""
LONGEST_WITH_IMPORTS = 1470
"""The same with a line for each imported name; the rest up to 1,500 is the header."""


def homes(reached: Reached, names: Names) -> dict[ir.Pointer, str]:
    """Declaration to family."""
    # Whoever is reached alike has the same set: it is judged once.
    known: dict[frozenset[ir.Pointer], str] = {}
    out: dict[ir.Pointer, str] = {}
    for name, operations in reached.items():
        if operations not in known:
            known[operations] = _home(operations, names)
        out[name] = known[operations]
    return out


def _home(operations: Iterable[ir.Pointer], names: Names) -> str:
    resources = {names.methods[_plain(at, names)].resource for at in operations}
    if not resources:
        return OTHER
    return names.modules[resources.pop()] if len(resources) == 1 else SHARED


def _plain(at: ir.Pointer, names: Names) -> ir.Pointer:
    """The operation, or its twin whose path has no query."""
    plain = _QUERY.sub("", at)
    return plain if plain in names.methods else at


def cut(
    members: Sequence[ir.Pointer],
    edges: Mapping[ir.Pointer, Iterable[ir.Pointer]],
    sizes: Mapping[ir.Pointer, int],
    *,
    longest: int = LONGEST,
) -> list[list[ir.Pointer]]:
    """``members`` in parts of ``longest`` lines; a part needs only earlier ones."""
    order = {name: number for number, name in enumerate(members)}
    parts: list[list[ir.Pointer]] = [[]]
    length = 0
    needed: set[ir.Pointer] = set()
    for component in components(members, edges):
        size = sum(sizes[name] for name in component)
        # What a component needs stands before it: here, or in a module to import from.
        needs = {need for name in component for need in edges.get(name, ())}
        whole = length + size + len((needed | needs).difference(parts[-1], component))
        if parts[-1] and (length + size > longest or whole > LONGEST_WITH_IMPORTS):
            parts.append([])
            length = 0
            needed = set()
        parts[-1] += component
        length += size
        needed |= needs
    return [sorted(part, key=order.__getitem__) for part in parts]
