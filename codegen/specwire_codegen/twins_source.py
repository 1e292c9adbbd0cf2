"""Hand-written modules as trees: what they define, and where their names come from.

Nothing is imported: a module is its file below the package's folder, parsed. Names that
a package only hands on are followed to the module that has them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from .twins_plan import Named


@frozen
class Module:
    """One parsed file.

    :ivar imports: local name to (module, name); the name is empty for a module.
    :ivar defined: classes, functions and values by name.
    """

    name: str
    lines: tuple[bytes, ...]
    imports: Mapping[str, Named]
    defined: Mapping[str, ast.stmt]

    def origin(self, name: str) -> Named | None:
        """Where ``name`` comes from, as far as this module tells; builtins nowhere."""
        if name in self.defined:
            return self.name, name
        return self.imports.get(name)

    def source(self, node: ast.expr) -> str:
        """The text of ``node`` as it stands in the file, if it is on one line."""
        if node.lineno != node.end_lineno:
            return ast.unparse(node)
        line = self.lines[node.lineno - 1]
        return line[node.col_offset : node.end_col_offset].decode("utf-8")


@frozen
class Sources:
    """The modules of one package, read when they are first asked for."""

    package: str
    folder: Path
    _read: dict[str, Module | None] = field(factory=dict, init=False)

    def module(self, name: str) -> Module | None:
        """``None`` where there is no such module, or it is of another package."""
        if name not in self._read:
            self._read[name] = self._parsed(name)
        return self._read[name]

    def origin(self, module: Module, name: str) -> Named | None:
        """The module that has ``name`` itself, behind whatever hands it on."""
        holder_name, dot, name = name.rpartition(".")
        if dot:
            near = module.origin(holder_name)
            other = near and self.module(".".join(filter(None, near)))
            if not other:
                return None
            module = other
        found = module.origin(name)
        seen: set[Named] = set()
        while found is not None and found not in seen and found[1]:
            seen.add(found)
            holder = self.module(found[0])
            if holder is None or found[1] in holder.defined:
                return found
            found = holder.origin(found[1]) or found
        return found

    def class_(self, where: Named) -> tuple[Module, ast.ClassDef] | None:
        module = self.module(where[0])
        node = module.defined.get(where[1]) if module is not None else None
        if module is None or not isinstance(node, ast.ClassDef):
            return None
        return module, node

    def _parsed(self, name: str) -> Module | None:
        parts = name.split(".")
        if parts[0] != self.package:
            return None
        file = self.folder.joinpath(*parts[1:])
        is_package = file.is_dir()
        file = file / "__init__.py" if is_package else file.with_suffix(".py")
        try:
            text = file.read_bytes()
            tree = ast.parse(text)
        except (OSError, ValueError, SyntaxError):
            return None
        imports: dict[str, Named] = {}
        defined: dict[str, ast.stmt] = {}
        around = name if is_package else name.rpartition(".")[0]
        for node in statements(tree.body):
            imports.update(_imported(node, around))
            for one in _names(node):
                # What type checkers are told goes before what is so at run time.
                defined.setdefault(one, node)
        return Module(name, tuple(text.split(b"\n")), imports, defined)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of ``body``, and of what is said to type checkers only."""
    for node in body:
        if not isinstance(node, ast.If):
            yield node
        elif ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            yield from statements(node.body)
        elif ast.unparse(node.test).startswith("sys.version_info"):
            yield from statements(node.body)
            yield from statements(node.orelse)


def _imported(node: ast.stmt, around: str) -> Iterator[tuple[str, Named]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or whole, (whole, "")
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            near = around.split(".")
            near = near[: len(near) - node.level + 1]
            base = ".".join([*near, *filter(None, [node.module])])
        for alias in node.names:
            yield alias.asname or alias.name, (base, alias.name)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Assign):
        return [each.id for each in node.targets if isinstance(each, ast.Name)]
    return []


def literal(node: ast.expr) -> bool:
    """Whether ``node`` is a value of its own, without names."""
    return not any(
        isinstance(each, (ast.Name, ast.Call, ast.Lambda)) for each in ast.walk(node)
    )


def value(node: ast.stmt | None) -> ast.expr | None:
    """What a module-level assignment assigns."""
    return node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
