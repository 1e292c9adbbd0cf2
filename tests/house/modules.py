"""What the modules of a source tree import, read from their text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SDK = ROOT / "sdk"
CODEGEN = ROOT / "codegen"


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file of every module below ``root``."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


def tree_of(path: Path) -> ast.Module:
    """The module's syntax tree; each text is read into one once."""
    return _parsed(path.read_text("utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def imports(name: str, path: Path, *, typing_too: bool = False) -> Iterator[str]:
    """Every module or name that ``path`` imports, absolute and dotted.

    Imports under ``if TYPE_CHECKING`` count only with ``typing_too``.
    """
    tree = tree_of(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _nodes(tree, typing_too):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(package, node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from _by_text(package, node)


def _base(package: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _by_text(package: str, node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name == "import_module" and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _nodes(tree: ast.AST, typing_too: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and _is_typing(child.test) and not typing_too:
            for other in child.orelse:
                yield other
                yield from _nodes(other, typing_too)
            continue
        yield child
        yield from _nodes(child, typing_too)


def _is_typing(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"
