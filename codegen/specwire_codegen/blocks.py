"""Declarations as blocks of text, gathered into modules with the imports they need.

:mod:`~specwire_codegen.emit_models` and :mod:`~specwire_codegen.emit_params` write the
blocks; this module decides which module each goes to, puts classes before aliases and
aliases in the order they need each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from . import ir
from .families import cut
from .graphs import components
from .lines import Lines
from .types_text import IMPORTS, TypeText, Used
from .usage import Way, inside, refs


@frozen
class Block:
    """One declaration as text, and what it needs."""

    id: ir.Pointer
    lines: tuple[str, ...]
    used: Used
    is_alias: bool


@frozen
class Aliases:
    """How the aliases of one side depend on each other."""

    order: Mapping[ir.Pointer, int]
    cycles: Mapping[ir.Pointer, frozenset[ir.Pointer]]
    """Alias to the aliases it is in a cycle with, itself among them."""
    edges: Mapping[ir.Pointer, tuple[ir.Pointer, ...]]

    def late(self, name: ir.Pointer) -> frozenset[ir.Pointer]:
        """What ``name`` must quote: members of its cycle that come no earlier."""
        cycle = self.cycles.get(name, frozenset())
        return frozenset(n for n in cycle if self.order[n] >= self.order[name])

    def hidden(self, names: Iterable[ir.Pointer]) -> set[ir.Pointer]:
        """Quoted names inside the aliases ``names``: needed where those are read."""
        found: set[ir.Pointer] = set()
        seen: set[ir.Pointer] = set()
        open_ = [name for name in names if name in self.edges]
        while open_:
            name = open_.pop()
            if name not in seen:
                seen.add(name)
                found |= self.cycles.get(name, frozenset())
                open_ += self.edges[name]
        return found


def aliases(decls: Mapping[ir.Pointer, ir.Decl], way: Way) -> Aliases:
    """The aliases among ``decls``."""
    only = {n: d for n, d in decls.items() if isinstance(d, ir.Alias)}
    edges = {
        name: tuple(
            ref for kind in inside(decl, way) for ref in refs(kind) if ref in only
        )
        for name, decl in only.items()
    }
    order: dict[ir.Pointer, int] = {}
    cycles: dict[ir.Pointer, frozenset[ir.Pointer]] = {}
    for component in components(only, edges):
        for name in component:
            order[name] = len(order)
            if len(component) > 1 or name in edges[name]:
                cycles[name] = frozenset(component)
    return Aliases(order, cycles, edges)


def alias_block(
    decl: ir.Alias, text: TypeText, late: frozenset[ir.Pointer], doc: str
) -> Block:
    """``Name: TypeAlias = ...``."""
    writer = evolve(text, quoted=late, used=Used())
    writer.used.imports["_t"] = None
    out = Lines()
    out.annotated(writer.names[decl.id], "_t.TypeAlias", writer.value(decl.type))
    if doc:
        out.docstring(doc)
    return Block(decl.id, tuple(out.text().splitlines()), writer.used, True)


@frozen
class Module:
    """One module of declarations, ready but for its header."""

    name: str
    text: str
    members: tuple[ir.Pointer, ...]


def modules(
    blocks: Mapping[ir.Pointer, Block],
    homes: Mapping[ir.Pointer, str],
    names: Mapping[ir.Pointer, str],
    graph: Aliases,
    *,
    suffix: str,
    elsewhere: Mapping[ir.Pointer, str],
    docs: Callable[[str], str],
    header: Callable[[Iterable[ir.Pointer]], Sequence[str]],
) -> list[Module]:
    """``blocks`` as modules; ``suffix`` ends every module's name.

    ``elsewhere`` says where declarations are that these need and do not hold.
    """
    families: dict[str, list[ir.Pointer]] = {}
    for name in blocks:
        families.setdefault(homes[name], []).append(name)
    edges = {name: block.used.refs for name, block in blocks.items()}
    sizes = {name: len(block.lines) + 2 for name, block in blocks.items()}
    placed: dict[ir.Pointer, str] = dict(elsewhere)
    parts: list[tuple[str, str, list[ir.Pointer]]] = []
    taken: set[str] = set()
    for family, members in families.items():
        for number, part in enumerate(cut(members, edges, sizes)):
            module = f"{family}{f'_{number + 1}' if number else ''}{suffix}"
            while module in taken:
                module = f"{module}_"
            taken.add(module)
            parts.append((module, family, part))
            placed.update(dict.fromkeys(part, module))
    return [
        Module(
            module,
            _text(
                module,
                [blocks[name] for name in part],
                placed,
                names,
                graph,
                docs(family),
                header(part),
            ),
            tuple(part),
        )
        for module, family, part in parts
    ]


def _text(
    module: str,
    blocks: list[Block],
    placed: Mapping[ir.Pointer, str],
    names: Mapping[ir.Pointer, str],
    graph: Aliases,
    doc: str,
    header: Sequence[str],
) -> str:
    needed = {ref for block in blocks for ref in block.used.refs}
    needed |= graph.hidden(needed)
    foreign: dict[str, set[str]] = {}
    for ref in needed:
        if placed[ref] != module:
            foreign.setdefault(placed[ref], set()).add(names[ref])
    modules_ = {name for block in blocks for name in block.used.imports}
    out = Lines()
    out.add(*header)
    out.docstring(doc)
    out.add("", "from __future__ import annotations", "")
    out.add(*(text for name, text in IMPORTS.items() if name in modules_))
    if "_types" in modules_:
        out.blank()
        out.add("from specwire.core import types as _types")
    if foreign:
        out.blank()
        for home in sorted(foreign):
            from_import(out, f".{home}", foreign[home])
    last = sorted(
        (b for b in blocks if b.is_alias), key=lambda block: graph.order[block.id]
    )
    before = True
    for block in [*(b for b in blocks if not b.is_alias), *last]:
        is_class = not block.is_alias and any(
            line.startswith("class ") for line in block.lines[:1]
        )
        out.blank(2 if is_class or before else 1)
        out.add(*block.lines)
        before = not block.is_alias and any(
            line.startswith("class ") for line in block.lines
        )
    return out.text()


def from_import(
    out: Lines, module: str, found: Iterable[str], *, indent: int = 0
) -> None:
    """``from module import names``, one a line where they do not fit on one."""
    listed = sorted(found, key=_import_order)
    one = f"from {module} import {', '.join(listed)}"
    if indent + len(one) <= 88:
        out.add(one, indent=indent)
        return
    out.add(f"from {module} import (", indent=indent)
    out.add(*(f"{name}," for name in listed), indent=indent + 4)
    out.add(")", indent=indent)


def _import_order(name: str) -> tuple[int, str]:
    """Constants, classes, the rest: the order that import sorters use."""
    bare = name.split(" ")[0].lstrip("_")
    return (
        0 if bare.isupper() and len(bare) > 1 else 1 if bare[:1].isupper() else 2,
        name,
    )
