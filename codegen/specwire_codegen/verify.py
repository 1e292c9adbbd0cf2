"""Belt and braces: generated modules are parsed, and only known things happen in them.

An escaping bug anywhere in the emitters would show here as a generator error instead
of as code in somebody's package. Checked are: the grammar, imports against a list,
calls at module level against a list, statements at module level, and that every name
is defined, imported or a builtin.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

_FROM = frozenset(
    [
        "__future__",
        "importlib",
        "specwire",
        "specwire.core",
        "specwire.core.client",
        "specwire.core.multipart",
        "specwire.core.paging",
        "specwire.core.stream",
        "specwire.core.tokens",
        "specwire.testing",
    ]
)
_PLAIN = frozenset(["builtins", "collections.abc", "datetime", "typing", "uuid"])
_CALLS = frozenset(
    [
        "_types.Tag",
        "_t.TypedDict",
        "frozenset",
        "_r.Operation",
        "_auth.Service",
        "_auth.ApiKey",
        "_auth.Bearer",
        "_auth.Basic",
        "_auth.OAuth2",
        "_results.Json",
        "_results.Nothing",
        "_results.Text",
        "_results.Bytes",
        "_results.Events",
        "_results.Lines",
        "_results.Pages",
        "_results.Either",
        "_results.ByStatus",
        "_results.ByMedia",
    ]
)
_DECORATORS = (
    "_r.child",
    "_t.overload",
    "_r.deprecated('the API calls this deprecated')",
)
_STATEMENTS = (
    ast.AnnAssign,
    ast.Assign,
    ast.ClassDef,
    ast.Expr,
    ast.FunctionDef,
    ast.If,
    ast.Import,
    ast.ImportFrom,
)
_KNOWN = frozenset(dir(builtins)) | {"__name__"}


class Unverified(Exception):
    """A generated module is not what the emitters are meant to write."""


def verify(files: Mapping[str, str], *, allowed: frozenset[str] = frozenset()) -> None:
    """Check every Python file; ``allowed`` are further modules (mixins of a plan).

    :raises Unverified: with the file, the line and what is not allowed there.
    """
    for name, text in files.items():
        if name.endswith(".py"):
            for line, what in findings(text, allowed=allowed):
                raise Unverified(
                    f"{name}:{line}: generated code is not allowed to hold {what}; "
                    "this is a bug of the generator, please report it with the document"
                )


def findings(
    text: str, *, allowed: frozenset[str] = frozenset()
) -> Iterator[tuple[int, str]]:
    """(line, what is wrong), in order."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        yield getattr(error, "lineno", None) or 1, f"a syntax error ({error})"
        return
    for node in tree.body:
        if not isinstance(node, _STATEMENTS):
            yield node.lineno, f"{type(node).__name__} at module level"
        if isinstance(node, ast.Expr) and not _is_text(node.value):
            yield node.lineno, "an expression at module level"
        if isinstance(node, ast.If) and ast.unparse(node.test) != "_t.TYPE_CHECKING":
            yield node.lineno, "a condition at module level"
    yield from _imports(tree, allowed)
    yield from _calls(tree)
    yield from _names(tree)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _imports(tree: ast.Module, allowed: frozenset[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            strange = [a.name for a in node.names if a.name not in _PLAIN]
            for name in strange:
                yield node.lineno, f"an import of {name!a}"
        elif isinstance(node, ast.ImportFrom):
            known = bool(node.level) or node.module in _FROM | allowed
            if not known:
                yield node.lineno, f"an import from {node.module!a}"


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls that run on import: those outside functions and lambdas."""
    open_: list[ast.AST] = list(tree.body)
    while open_:
        node = open_.pop(0)
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if ast.unparse(decorator) not in _DECORATORS:
                    yield node.lineno, "a decorator that is not the generator's"
            # Defaults are evaluated where the function is defined, its body is not.
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            open_ += [default for default in defaults if default is not None]
            continue
        if isinstance(node, (ast.Lambda, ast.Await)):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in _CALLS:
            yield node.lineno, f"a call of {ast.unparse(node.func)!a} on import"
        open_ += ast.iter_child_nodes(node)


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    known = set(_KNOWN)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                known.add(alias.asname or alias.name.split(".")[0])
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            known.add(node.name)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known:
            yield node.lineno, f"the unknown name {node.id!a}"
