"""How a face hands a call on: its parameters, and what it does with the result."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal, TypeAlias

from .lines import Lines, Node, Pair, call, flat
from .twins_plan import Kind
from .twins_source import Module, literal, value
from .twins_types import TWIN, Types

Via: TypeAlias = Literal["self", "cls", ""]
"""Whose method runs the work: the face's, that of a class to be made, or none."""


class Inexpressible(Exception):
    """Something that a face cannot be made of as the plan has it."""


class Handed:
    """One function of the sync side, as a face calls it.

    :param first: whether its first parameter is not the caller's to give.
    """

    def __init__(
        self,
        types: Types,
        module: Module,
        node: ast.FunctionDef,
        kind: Kind,
        *,
        first: bool = True,
    ) -> None:
        self._types = types
        self._module = module
        self._node = node
        self._kind = kind
        self._skips = int(first)

    def head(self) -> str:
        return f"{'async ' if self._kind == 'awaits' else ''}def "

    def write(self, lines: Lines, work: str, via: Via, indent: int) -> None:
        """The body: the call of ``work`` with what the face was given."""
        returns = self._node.returns
        nothing = isinstance(returns, ast.Constant) and returns.value is None
        verb = "await " if self._kind == "awaits" else ""
        verb = verb if nothing else f"return {verb}"
        self.statement(lines, verb, self._made(work, via, nothing), indent)

    def statement(self, lines: Lines, verb: str, made: Node, indent: int) -> None:
        """``verb made``; what the sync side forgets on its way out, a face does too."""
        names = self._forgotten()
        if names:
            lines.add("try:", indent=indent)
            lines.statement(verb, made, indent=indent + 4)
            lines.add("finally:", f"    del {', '.join(names)}", indent=indent)
        else:
            lines.statement(verb, made, indent=indent)

    def _made(self, work: str, via: Via, nothing: bool) -> Node:
        if self._kind == "opens" and via == "self":
            return call("self._opens", work, *self.passed())
        if self._kind == "awaits":
            run = {"self": "self._run", "cls": "cls._begun", "": f"{TWIN}.ran"}[via]
            return call(run, work, *self.passed())
        if via == "cls":
            return call("cls._around", call("cls._built", work, *self.passed()))
        inner = call(work, *self.passed(opened=True))
        return inner if nothing else given(self._kind, inner, via)

    def _forgotten(self) -> list[str]:
        """Parameters that the function takes care to drop: they may be keys."""
        args = self._node.args
        all_args = [*args.posonlyargs, *args.args, args.vararg]
        all_args += [*args.kwonlyargs, args.kwarg]
        names = [each.arg for each in all_args if each is not None]
        dropped: set[str] = set()
        for node in ast.walk(self._node):
            if isinstance(node, ast.Delete):
                dropped |= {ast.unparse(each) for each in node.targets}
            elif isinstance(node, ast.Attribute) and node.attr == "clear":
                dropped.add(ast.unparse(node.value))
        return [name for name in names if name in dropped]

    def parameters(self) -> list[Node]:
        """As they stand in a signature."""
        args = self._node.args
        plain = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(plain) - len(args.defaults)) + [*args.defaults]
        out: list[Node] = []
        for number, (arg, default) in enumerate(zip(plain, defaults, strict=True), 1):
            own = number <= self._skips
            out.append(arg.arg if own else self._parameter(arg, default))
            if number == len(args.posonlyargs):
                out.append("/")
        if args.vararg is not None:
            out.append(self._parameter(args.vararg, None, "*"))
        elif args.kwonlyargs:
            out.append("*")
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            out.append(self._parameter(arg, default))
        if args.kwarg is not None:
            out.append(self._parameter(args.kwarg, None, "**"))
        return out

    def passed(self, *, opened: bool = False) -> Iterator[Node]:
        """As they are handed on; ``opened`` takes what a face stands for itself."""
        args = self._node.args
        for arg in [*args.posonlyargs, *args.args][self._skips :]:
            yield self._handed(arg, opened=opened)
        if args.vararg is not None:
            yield f"*{flat(self._handed(args.vararg, opened=opened))}"
        for arg in args.kwonlyargs:
            yield Pair(f"{arg.arg}=", self._handed(arg, opened=opened))
        if args.kwarg is not None:
            yield f"**{flat(self._handed(args.kwarg, opened=opened))}"

    def _handed(self, arg: ast.arg, *, opened: bool) -> Node:
        if opened and self._types.is_open(arg.annotation, self._module):
            return call(f"{TWIN}.plain", arg.arg)
        return arg.arg

    def _parameter(
        self, arg: ast.arg, default: ast.expr | None, stars: str = ""
    ) -> Node:
        said = self._default(default) if default is not None else ""
        if arg.annotation is None:
            return f"{stars}{arg.arg}={said}" if said else f"{stars}{arg.arg}"
        awaits = self._kind in ("awaits", "opens")
        kind = self._types.given(arg.annotation, self._module, awaits=awaits)
        return Pair(f"{stars}{arg.arg}: ", kind, f" = {said}" if said else "")

    def _default(self, node: ast.expr) -> str:
        """Its own text; a constant of the module by its value, if that is a literal."""
        if isinstance(node, ast.Name):
            constant = value(self._module.defined.get(node.id))
            if constant is not None and literal(constant):
                return self._module.source(constant)
        for each in ast.walk(node):
            if isinstance(each, ast.Name):
                where = self._module.origin(each.id)
                if where is not None and (
                    self._types.imports.running(where, each.id) != each.id
                ):
                    raise Inexpressible(f"the default '{each.id}' has another's name")
        return self._module.source(node)


def given(kind: Kind, inner: Node, via: Via) -> Node:
    """What a face makes of something that is there at once."""
    if kind == "iterates":
        return call(f"{TWIN}.Iteration", inner)
    return call("self._given" if via else f"{TWIN}.face", inner)


def summary(node: ast.ClassDef | ast.FunctionDef) -> str:
    """The first paragraph of a docstring on one line, fit to stand in another."""
    text = (ast.get_docstring(node) or "").partition("\n\n")[0]
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return f"{text} " if text.endswith('"') else text
