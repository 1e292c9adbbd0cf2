"""Small modules, small functions, no drawers called ``utils``."""

from __future__ import annotations

import ast
from pathlib import Path

from .modules import CODEGEN, ROOT, SDK, modules, tree_of

MAX_MODULE = 400
MAX_FUNCTION = 45
GENERATED = ("models", "resources", "specs")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}
# Longer ones say in their header why.
LONGER = {"codec.py", "lease.py", "multipart.py", "session.py", "lower_schema.py"}


def hand_written(root: Path) -> list[Path]:
    """The modules below ``root`` that the generator does not write."""
    return [
        path
        for path in modules(root).values()
        if not set(path.relative_to(root).parts[:-1]) & set(GENERATED)
    ]


def too_long(paths: list[Path]) -> list[str]:
    """Modules and functions over their limits, as ``file: lines``."""
    found = []
    for path in paths:
        text = path.read_text("utf-8")
        lines = text.count("\n")
        if lines > MAX_MODULE and path.name not in LONGER:
            found.append(f"{path.name}: {lines}")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = _code_lines(node)
                if size > MAX_FUNCTION:
                    found.append(f"{path.name}:{node.name}: {size}")
    return found


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without its docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def drawers(paths: list[Path]) -> list[str]:
    return [path.name for path in paths if path.stem in DRAWERS]


def headless(paths: list[Path]) -> list[str]:
    """Modules without a docstring that says what they are."""
    return [path.name for path in paths if not ast.get_docstring(tree_of(path))]


def test_modules_and_functions_are_small() -> None:
    """No hand-written module over 400 lines, no function over 45."""
    assert too_long([*hand_written(SDK), *hand_written(CODEGEN)]) == []


def test_every_module_says_what_it_is() -> None:
    """Each module has a header, and none is a drawer for odds and ends."""
    paths = [*hand_written(SDK), *hand_written(CODEGEN)]
    assert headless(paths) == []
    assert drawers(paths) == []


def test_generated_code_stays_in_bounds() -> None:
    """No generated module over 1,500 lines, at most 60 lines an operation."""
    generated = [*(SDK / "specwire/models").glob("*.py")]
    resources = [*(SDK / "specwire/resources").glob("*.py")]
    generated += (SDK / "specwire/aio/resources").glob("*.py")
    lines = {p: p.read_text().count("\n") for p in [*generated, *resources]}
    assert {name: size for name, size in lines.items() if size > 1500} == {}
    sizes = [size for path in resources for size in operation_sizes(path)]
    assert sum(sizes) / len(sizes) <= 60


def operation_sizes(path: Path) -> list[int]:
    """Lines of each operation's record and method; overloads repeat a signature."""
    tree = tree_of(path)
    records = {
        node.target.id: _lines(node)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    sizes = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            used = [records.pop(name) for name in sorted(names & set(records))]
            sizes.append(_lines(node) + sum(used))
    return sizes


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_a_long_function_is_found(tmp_path: Path) -> None:
    """A module or function over its limit is reported."""
    path = tmp_path / "utils.py"
    path.write_text("def f():\n" + "    x = 1\n" * 46 + "\n" * 400)
    assert too_long([path]) == ["utils.py: 447", "utils.py:f: 46"]
    assert drawers([path]) == headless([path]) == ["utils.py"]


def test_the_project_speaks_of_itself_alone() -> None:
    """No machine path stands in a tracked text file."""
    bad = [
        path
        for folder in ("sdk", "codegen", "openapi", "docs", "bench", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".c")
        and ".venv" not in path.parts
        and f"{ROOT}/" in path.read_text("utf-8", "replace")
    ]
    assert bad == []
