"""Which module each declaration lives in, so that imports only ever point down.

A declaration that one resource reaches lives with that resource, one that several
reach in ``shared``, one that none reaches in ``other``. A module that would be too
long is cut along its strongly connected components, lower parts first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import ir
from .names import Names
from .usage import Reached

SHARED = "shared"
OTHER = "other"
LONGEST = 1400


def homes(reached: Reached, names: Names) -> dict[ir.Pointer, str]:
    """Declaration to family."""
    out: dict[ir.Pointer, str] = {}
    for name, operations in reached.items():
        resources = {names.methods[at].resource for at in operations}
        if not resources:
            out[name] = OTHER
        elif len(resources) == 1:
            out[name] = names.modules[next(iter(resources))]
        else:
            out[name] = SHARED
    return out


def cut(
    members: Sequence[ir.Pointer],
    edges: Mapping[ir.Pointer, Iterable[ir.Pointer]],
    sizes: Mapping[ir.Pointer, int],
    *,
    longest: int = LONGEST,
) -> list[list[ir.Pointer]]:
    """``members`` in parts of ``longest`` lines; a part needs only earlier ones."""
    if sum(sizes[name] for name in members) <= longest:
        return [list(members)]
    order = {name: number for number, name in enumerate(members)}
    parts: list[list[ir.Pointer]] = [[]]
    length = 0
    for component in components(members, edges):
        size = sum(sizes[name] for name in component)
        if parts[-1] and length + size > longest:
            parts.append([])
            length = 0
        parts[-1] += component
        length += size
    return [sorted(part, key=order.__getitem__) for part in parts]


def components(
    members: Iterable[ir.Pointer], edges: Mapping[ir.Pointer, Iterable[ir.Pointer]]
) -> list[list[ir.Pointer]]:
    """Strongly connected components, what is needed first (Tarjan, no recursion)."""
    inside = dict.fromkeys(members)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    out: list[list[str]] = []
    for root in inside:
        if root in index:
            continue
        work = [(root, iter([n for n in edges.get(root, ()) if n in inside]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            deeper = next(rest, None)
            if deeper is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    out.append(_popped(node, stack, on_stack))
            elif deeper not in index:
                index[deeper] = low[deeper] = len(index)
                stack.append(deeper)
                on_stack.add(deeper)
                near = [n for n in edges.get(deeper, ()) if n in inside]
                work.append((deeper, iter(near)))
            elif deeper in on_stack:
                low[node] = min(low[node], index[deeper])
    return out


def _popped(node: str, stack: list[str], on_stack: set[str]) -> list[str]:
    component: list[str] = []
    while True:
        name = stack.pop()
        on_stack.discard(name)
        component.append(name)
        if name == node:
            return component[::-1]
