"""Strongly connected components: what needs itself, directly or through others.

Plain graphs of pointers; nothing here knows what the edges mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import ir


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
