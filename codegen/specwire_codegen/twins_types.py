"""Annotations of the sync side as those of its faces, and the imports they need.

A class that has a face becomes that face, an iterator that is given back an async one,
and a caller's function may be a coroutine function. What is only annotated is imported
for type checkers alone.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

from .lines import WIDTH, Group, Lines, Node, Or, flat, subscript
from .raw import lit
from .twins_plan import Named
from .twins_source import Module, Sources

_ABC: Final = ("collections.abc", "typing")
_ITERATORS: Final = ("Iterator", "Generator")
_ANYTHING: Final = ("Any", "object")
_ASYNC: Final = "AsyncIterator"
TWIN: Final = "_twin"
Side: TypeAlias = Literal["result", "given", "awaited", "exact"]
"""What an annotation is of: what comes back, goes in, may be awaited; or itself."""


class Imports:
    """The imports of one written module; two things of one name get different ones."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._taken: dict[str, Named] = {}
        self._running: set[str] = set()
        self._defined: set[Named] = set()
        self._own: set[str] = set()

    def define(self, where: Named) -> None:
        """``where`` is not imported: the written module has its own."""
        self._defined.add(where)

    def reserve(self, name: str) -> None:
        """``name`` is the written module's own."""
        self._own.add(name)

    def checked(self, where: Named, name: str) -> str:
        """A local name for ``where``, for annotations."""
        if where[0] == self._home or where in self._defined:
            return where[1]
        while name in self._own or self._taken.setdefault(name, where) != where:
            name += "_"
        return name

    def running(self, where: Named, name: str) -> str:
        """A local name for ``where`` that is there at run time."""
        name = self.checked(where, name)
        self._running.add(name)
        return name

    def write(self, lines: Lines, package: str) -> None:
        """The module's imports: the future's, those at run time, those for checkers."""
        lines.add("from __future__ import annotations")
        checked = {n: w for n, w in self._taken.items() if n not in self._running}
        if checked:
            self.running(("typing", "TYPE_CHECKING"), "TYPE_CHECKING")
        running = {n: w for n, w in self._taken.items() if n in self._running}
        _sections(lines, running, package, 0)
        if checked:
            lines.blank()
            lines.add("if TYPE_CHECKING:")
            _sections(lines, checked, package, 4)


def _sections(
    lines: Lines, names: Mapping[str, Named], package: str, indent: int
) -> None:
    by_section: dict[int, dict[str, Named]] = {}
    for name, where in names.items():
        by_section.setdefault(_section(where[0], package), {})[name] = where
    for number, section in enumerate(sorted(by_section)):
        if number or not indent:
            lines.blank()
        lines.add(*_statements(by_section[section], WIDTH - indent), indent=indent)


def _section(module: str, package: str) -> int:
    root = module.partition(".")[0]
    return 2 if root == package else 0 if root in sys.stdlib_module_names else 1


def _statements(names: Mapping[str, Named], width: int) -> Iterable[str]:
    whole = {name: where[0] for name, where in names.items() if not where[1]}
    for name, module in sorted(whole.items(), key=lambda each: each[1]):
        yield f"import {module}" + (f" as {name}" if name != module else "")
    by_module: dict[str, list[tuple[str, str]]] = {}
    for name, (module, own) in names.items():
        if own:
            by_module.setdefault(module, []).append((own, name))
    for module in sorted(by_module):
        pairs = sorted(by_module[module], key=_rank)
        plain = [pair for pair in pairs if pair[0] == pair[1]]
        groups = [[pair] for pair in pairs if pair not in plain] + [plain] * bool(plain)
        for group in sorted(groups, key=lambda group: _rank(group[0])):
            names_in = [f"{own} as {n}" if own != n else own for own, n in group]
            yield from _import_from(module, names_in, width)


def _import_from(module: str, names: list[str], width: int) -> Iterable[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= width:
        yield line
        return
    yield f"from {module} import ("
    yield from (f"    {name}," for name in names)
    yield ")"


def _rank(pair: tuple[str, str]) -> tuple[int, str, str]:
    """Constants, classes, others: as the linter wants names of one module."""
    name = pair[0]
    if len(name) > 1 and name.isupper():
        return 0, name.lower(), name
    return (1 if name[:1].isupper() else 2), name.lower(), name


class Types:
    """Writes annotations for one module of faces."""

    def __init__(
        self, sources: Sources, faces: Mapping[Named, Named], imports: Imports
    ) -> None:
        self._sources = sources
        self._faces = faces
        self._names = {name for _, name in faces}
        self.imports = imports

    def result(self, node: ast.expr, module: Module) -> Node:
        """The annotation of what a face gives."""
        return _Annotation(self, module, "result").node(node)

    def given(self, node: ast.expr, module: Module, *, awaits: bool) -> Node:
        """The annotation of what a face is given, by a method that waits or not."""
        side: Side = "awaited" if awaits else "given"
        return _Annotation(self, module, side).node(node)

    def face(self, where: Named) -> str | None:
        """The local name of the face of ``where``."""
        found = self._faces.get(where)
        return None if found is None else self.imports.checked(found, found[1])

    def origin(self, module: Module, node: ast.expr) -> Named | None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = module.origin(node.value.id)
            if holder and not holder[1]:
                return (holder[0], node.attr)
            return self._sources.origin(module, ast.unparse(node))
        near = module.origin(node.id) if isinstance(node, ast.Name) else None
        if near is not None and near[1] in self._names:
            return self._sources.origin(module, ast.unparse(node))
        return near  # who hands on what is no face does not matter, and takes long

    def is_iterator(self, node: ast.expr | None, module: Module) -> bool:
        """Whether what is annotated so is gone through with ``for``, once."""
        node = unquoted(node)
        head = node.value if isinstance(node, ast.Subscript) else node
        where = self.origin(module, head) if head is not None else None
        return where is not None and where[0] in _ABC and where[1] in _ITERATORS

    def is_open(self, node: ast.expr | None, module: Module) -> bool:
        """Whether there may be a face, or a list of them, in what is annotated so."""
        if node is None:
            return True
        apart = Types(self._sources, self._faces, Imports(""))  # imports nothing here
        text = flat(_Annotation(apart, module, "exact").node(node))
        return flat(apart.given(node, module, awaits=False)) != text or any(
            isinstance(each, ast.Name) and each.id in _ANYTHING
            for each in ast.walk(unquoted(node) or node)
        )


class _Annotation:
    """One annotation."""

    def __init__(self, types: Types, module: Module, side: Side) -> None:
        self._types = types
        self._module = module
        self._side = side

    def node(self, node: ast.expr) -> Node:
        node = unquoted(node) or node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            members = [self.node(one) for one in _alternatives(node)]
            return Or(tuple(members))
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Attribute):
            found = self._other(node)
            return found or f"{flat(self.node(node.value))}.{node.attr}"
        if isinstance(node, ast.List):
            return Group("[", tuple(map(self.node, node.elts)), "]")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return lit(node.value)
        return ast.unparse(node)

    def _name(self, node: ast.Name) -> str:
        imports = self._types.imports
        found = self._other(node)
        near = self._module.origin(node.id)
        if found is not None or near is None:
            return found or node.id
        return imports.checked(near, node.id)

    def _other(self, node: ast.expr) -> str | None:
        """What stands for a class on the async side, if that is another."""
        module, types = self._module, self._types
        where = types.origin(module, node)
        if where is None or self._side == "exact":
            return None
        if self._side == "result" and types.is_iterator(node, module):
            return types.imports.checked((_ABC[0], _ASYNC), _ASYNC)
        return types.face(where)

    def _subscript(self, node: ast.Subscript) -> Node:
        inner = node.slice
        args = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        where = self._types.origin(self._module, node.value)
        name = where[1] if where is not None and where[0] in _ABC else ""
        head = flat(self.node(node.value))
        if name == "Literal":
            return subscript(head, *(_literal(each) for each in args))
        if name == "Callable" and self._side == "awaited" and len(args) == 2:
            return subscript(head, self.node(args[0]), self._settled(args[1]))
        if name == "Generator" and self._side == "result":
            args = args[:1]
        return subscript(head, *map(self.node, args))

    def _settled(self, result: ast.expr) -> Node:
        """What a caller's function gives: it may have to be awaited."""
        now = self.node(result)
        if isinstance(result, ast.Name) and result.id in _ANYTHING:
            return now
        awaitable = self._types.imports.checked((_ABC[0], "Awaitable"), "Awaitable")
        members = now.members if isinstance(now, Or) else (now,)
        return Or((*members, subscript(awaitable, now)))


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return lit(node.value)
    return ast.unparse(node)


def unquoted(node: ast.expr | None) -> ast.expr | None:
    """An annotation in quotes as the tree that it stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def _alternatives(node: ast.expr) -> list[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]
