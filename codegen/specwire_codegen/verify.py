"""Belt and braces: generated modules are parsed, and only known things happen in them.

An escaping bug anywhere in the emitters would show here as a generator error instead
of as code in somebody's package. Checked are: the grammar, imports against a list,
calls at module level against a list, statements at module level, and that every name
is defined, imported or a builtin; all of it in one pass over the nodes.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

_FROM = frozenset(
    [
        "__future__",
        "importlib",
        "specwire",
        "specwire.aio",
        "specwire.aio.download",
        "specwire.aio.packages",
        "specwire.aio.paging",
        "specwire.aio.stream",
        "specwire.core",
        "specwire.core.client",
        "specwire.core.multipart",
        "specwire.core.paging",
        "specwire.core.download",
        "specwire.core.stream",
        "specwire.core.tokens",
        "specwire.testing",
    ]
)
_PLAIN = frozenset(
    [
        *("asyncio", "builtins", "collections.abc", "datetime", "pytest"),
        *("typing", "uuid"),
    ]
)
_CALLS = frozenset(
    [
        "_a.add_faces",
        "_pytest.importorskip",
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
_DECORATORS = frozenset(
    ["_r.child", "_t.overload", "_r.deprecated('the API calls this deprecated')"]
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
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_KNOWN = frozenset(dir(builtins)) | {"__name__"}
_NO_NODES = frozenset(["ctx", "op", "ops", "attr", "kind", "level", "type_comment"])
_CHILDREN: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _NO_NODES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""Fields of each kind of node that may hold nodes with a name or a call in them."""


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
    """(line, what is wrong): statements first, then imports and calls, then names."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        yield getattr(error, "lineno", None) or 1, f"a syntax error ({error})"
        return
    for node in tree.body:
        if not isinstance(node, _STATEMENTS):
            yield node.lineno, f"{type(node).__name__} at module level"
        if isinstance(node, ast.Expr) and not _is_stated(node.value):
            yield node.lineno, "an expression at module level"
        if isinstance(node, ast.If) and ast.unparse(node.test) != "_t.TYPE_CHECKING":
            yield node.lineno, "a condition at module level"
    walk = Walk(tree, _FROM | allowed)
    yield from sorted(walk.found)
    yield from sorted(walk.unknown())


def _is_stated(node: ast.expr) -> bool:
    """Text, or the one call that stands alone."""
    if isinstance(node, ast.Call):
        return _dotted(node.func) == "_a.add_faces"
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class Walk:
    """One visit to every node of a module; ``visits`` counts them.

    What runs on import is visited first. What waits inside functions and lambdas is put
    aside and visited afterwards, when calls are no longer judged.
    """

    def __init__(self, tree: ast.Module, sources: frozenset[str]) -> None:
        self.found: list[tuple[int, str]] = []
        self.visits = 0
        self._sources = sources
        self._known = set(_KNOWN)
        self._read: dict[str, int] = {}
        self._open: list[Any] = [*tree.body]
        self._later: list[Any] = []
        always: dict[type, Callable[[Any], None]] = {
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.ClassDef: self._class,
            ast.arg: self._arg,
        }
        on_import: dict[type, Callable[[Any], None]] = {
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._deferred,
            ast.Await: self._later.append,
            ast.Call: self._call,
        }
        self._drain(always | on_import)
        self._open = self._later
        inner = self._inner_function
        self._drain({**always, ast.FunctionDef: inner, ast.AsyncFunctionDef: inner})

    def unknown(self) -> list[tuple[int, str]]:
        """Names that are used and nowhere defined, imported or builtin."""
        names = self._read.keys() - self._known
        return [(self._read[name], f"the unknown name {name!a}") for name in names]

    def _drain(self, rules: Mapping[type, Callable[[Any], None]]) -> None:
        """Visit all open nodes and what is below them."""
        open_ = self._open
        while open_:
            node = open_.pop()
            self.visits += 1
            kind = node.__class__
            if kind is ast.Name:
                if node.ctx.__class__ is ast.Store:
                    self._known.add(node.id)
                else:
                    self._read[node.id] = node.lineno
            elif kind is not ast.Constant:
                rules.get(kind, self._below)(node)

    def _below(self, node: ast.AST) -> None:
        for name in _CHILDREN[node.__class__]:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                self._open.append(value)
            elif value.__class__ is list:
                self._open += [one for one in value if isinstance(one, ast.AST)]

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._known.add(alias.asname or alias.name.split(".")[0])
            if alias.name not in _PLAIN:
                self.found.append((node.lineno, f"an import of {alias.name!a}"))

    def _import_from(self, node: ast.ImportFrom) -> None:
        self._known.update(alias.asname or alias.name for alias in node.names)
        if not node.level and node.module not in self._sources:
            self.found.append((node.lineno, f"an import from {node.module!a}"))

    def _class(self, node: ast.ClassDef) -> None:
        self._known.add(node.name)
        self._decorators(node, frozenset())
        self._below(node)

    def _arg(self, node: ast.arg) -> None:
        self._known.add(node.arg)
        if node.annotation is not None:
            self._open.append(node.annotation)

    def _function(self, node: _Function) -> None:
        self._decorators(node, _DECORATORS)
        self._deferred(node)

    def _deferred(self, node: _Function | ast.Lambda) -> None:
        # Defaults are evaluated where the function is defined, its body is not.
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        self._open += [default for default in defaults if default is not None]
        self._later.append(node)

    def _inner_function(self, node: _Function) -> None:
        self._known.add(node.name)
        self._below(node)

    def _decorators(
        self, node: _Function | ast.ClassDef, known: frozenset[str]
    ) -> None:
        if any(_dotted(one) not in known for one in node.decorator_list):
            self.found.append((node.lineno, "a decorator that is not the generator's"))

    def _call(self, node: ast.Call) -> None:
        name = _dotted(node.func)
        if name not in _CALLS:
            self.found.append((node.lineno, f"a call of {name!a} on import"))
        self._below(node)


def _dotted(node: ast.expr) -> str:
    """``a.b`` as text; unparsing all of them would take longer than the walk."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ast.unparse(node)
