"""One face as program text: a class, or a function of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from .lines import Lines, Node, Pair, call, flat
from .twins_members import SPECIAL, Class, Member, is_variable
from .twins_plan import FacePlan, Kind
from .twins_source import Module, literal, value
from .twins_types import TWIN, Types, unquoted

_WORDS: Mapping[str, tuple[str, str]] = {
    "__len__": ("int", "len(self._of)"),
    "__bool__": ("bool", "bool(self._of)"),
    "__repr__": ("str", "repr(self._of)"),
    "__str__": ("str", "str(self._of)"),
}
"""What needs no waiting: its type, and how it is had."""
_MANAGED = ("__enter__", "__exit__")


class Inexpressible(Exception):
    """Something that a face cannot be made of as the plan has it."""


class Face:
    """Writes the face of one class."""

    def __init__(self, lines: Lines, types: Types, plan: FacePlan, of: Class) -> None:
        self._lines = lines
        self._types = types
        self._plan = plan
        self._of = of

    def write(self, name: str, bases: list[str]) -> None:
        """The class ``name(bases)``."""
        managed = bases[0].startswith(f"{TWIN}.Managed")
        lines = self._lines
        lines.add(f"class {name}({', '.join(bases)}):")
        where = f"{self._plan.module}.{self._plan.name}"
        text = summary(self._of.node)
        note = f"The async face of :class:`~{where}`."
        lines.docstring(text or note, rest=[note] if text else [], indent=4)
        if self._plan.constructs:
            self._constructor()
        for member in self._of.members.values():
            kind = self._kind(member)
            if kind != "leaves_out" and not (managed and member.name in _MANAGED):
                lines.blank()
                self._member(member, kind)

    def _kind(self, member: Member) -> Kind:
        said = self._plan.kind(member.name)
        if said is not None:
            return said
        if self._types.is_iterator(self._result(member), member.module):
            return "iterates"
        if member.bound in ("property", "attribute"):
            return "plain"
        return "iterates" if member.yields else self._plan.usual

    @staticmethod
    def _result(member: Member) -> ast.expr | None:
        return member.node.returns if member.nodes else member.type

    def _member(self, member: Member, kind: Kind) -> None:
        if member.odd:
            raise Inexpressible(
                f"'{member.name}' is decorated with '{member.odd}', which has no face"
            )
        if member.name in SPECIAL:
            self._special(member)
        elif member.bound in ("property", "attribute"):
            self._property(member, kind)
        elif member.alias:
            self._lines.add(f"{member.name} = {member.alias}", indent=4)
        else:
            self._method(member, kind)

    # -- the kinds of members ----------------------------------------------------------

    def _property(self, member: Member, kind: Kind) -> None:
        if kind == "awaits":
            raise Inexpressible(f"'{member.name}' is a property, which cannot wait")
        lines = self._lines
        lines.add("@property", indent=4)
        result = self._annotated(self._result(member), member.module)
        lines.signature(f"def {member.name}", ["self"], result, indent=4)
        if member.nodes:
            self._doc(member.node)
        made = _passed(kind, f"self._of.{member.name}")
        lines.statement("return ", made, indent=8)

    def _method(self, member: Member, kind: Kind) -> None:
        lines = self._lines
        for node in member.nodes[:-1]:
            self._head(member, kind, node, overloaded=True)
        self._head(member, kind, member.node, overloaded=False)
        self._doc(member.node)
        work = f"self._of.{member.name}"
        if member.bound in ("class", "static"):
            lines.add(self._imported(), indent=8)
            work = f"_Of.{member.name}"
        arguments = Arguments(self._types, member.module, member.node, kind)
        bound = member.bound == "method"
        skips = member.bound != "static"
        body(lines, work, arguments, bound=bound, skips=skips, indent=8)
        if member.name == "close" and kind == "awaits" and not is_managed(self._of):
            lines.blank()
            lines.add("aclose = close", indent=4)

    def _head(
        self, member: Member, kind: Kind, node: ast.FunctionDef, *, overloaded: bool
    ) -> None:
        lines = self._lines
        if overloaded:
            self._types.imports.running(("typing", "overload"), "overload")
            lines.add("@overload", indent=4)
        if member.bound in ("class", "static"):
            lines.add(f"@{member.bound}method", indent=4)
        arguments = Arguments(self._types, member.module, node, kind)
        first = [] if member.bound == "static" else [node.args.args[0].arg]
        lines.signature(
            f"{'async ' if kind == 'awaits' else ''}def {node.name}",
            arguments.parameters(first),
            self._annotated(node.returns, member.module),
            tail=": ..." if overloaded else ":",
            indent=4,
        )

    def _constructor(self) -> None:
        made = next(
            each
            for each in self._of.node.body
            if isinstance(each, ast.FunctionDef) and each.name == "__init__"
        )
        lines, module = self._lines, self._of.module
        arguments = Arguments(self._types, module, made, "plain")
        lines.blank()
        parameters = arguments.parameters(["self"])
        lines.signature("def __init__", parameters, "None", indent=4)
        lines.add(self._imported(), "", indent=8)
        inner = call("self._built", "_Of", *arguments.passed(skips=True))
        lines.statement("", call("super().__init__", inner), indent=8)

    def _imported(self) -> str:
        return f"from {self._plan.module} import {self._plan.name} as _Of"

    # -- what Python itself calls ------------------------------------------------------

    def _special(self, member: Member) -> None:
        name, lines = member.name, self._lines
        if name in _WORDS:
            kind, how = _WORDS[name]
            lines.signature(f"def {name}", ["self"], kind, indent=4)
            lines.add(f"return {how}", indent=8)
        elif name == "__iter__":
            self._iter(member)
        elif name in ("__getitem__", "__contains__"):
            self._method(member, "plain")
        elif name == "__call__":
            self._method(member, self._plan.usual)
        else:
            self._step(member)

    def _step(self, member: Member) -> None:
        """``__next__``, or a side of ``with``."""
        name, lines = member.name, self._lines
        result = self._annotated(self._result(member), member.module)
        about = ["self", "*error: object"] if name == "__exit__" else ["self"]
        head = f"async def __a{name[2:]}"
        lines.signature(head, about, result, indent=4)
        if name == "__next__":
            made = "self._next()"
        else:
            given = ", *error" if name == "__exit__" else ""
            made = f"self._run(self._of.{name}{given})"
        verb = "await" if flat(result) == "None" else "return await"
        lines.add(f"{verb} {made}", indent=8)

    def _iter(self, member: Member) -> None:
        if "__next__" in self._of.members:
            own = self._types.imports.checked(("typing_extensions", "Self"), "Self")
            self._lines.signature("def __aiter__", ["self"], own, indent=4)
            self._lines.add("return self", indent=8)
            return
        result = self._annotated(self._result(member), member.module)
        self._lines.signature("def __aiter__", ["self"], result, indent=4)
        self._lines.add(f"return {TWIN}.Iteration(iter(self._of))", indent=8)

    # -- parts -------------------------------------------------------------------------

    def _annotated(self, node: ast.expr | None, module: Module) -> Node:
        if node is None:
            return self._types.imports.checked(("typing", "Any"), "Any")
        return self._types.result(node, module)

    def _doc(self, node: ast.FunctionDef) -> None:
        text = summary(node)
        if text:
            self._lines.docstring(text, indent=8)


def function(lines: Lines, types: Types, plan: FacePlan, module: Module) -> None:
    """The face of a function of a module."""
    made = module.defined[plan.name]
    assert isinstance(made, ast.FunctionDef)
    kind = plan.kind(plan.name) or plan.usual
    arguments = Arguments(types, module, made, kind)
    result = made.returns
    lines.signature(
        f"{'async ' if kind == 'awaits' else ''}def {plan.called or plan.name}",
        arguments.parameters([]),
        types.result(result, module) if result is not None else "object",
    )
    text = summary(made)
    if text:
        lines.docstring(text, indent=4)
    lines.add(f"from {plan.module} import {plan.name} as _of", "", indent=4)
    body(lines, "_of", arguments, bound=False, skips=False, indent=4)


def body(
    lines: Lines,
    work: str,
    arguments: Arguments,
    *,
    bound: bool,
    skips: bool,
    indent: int,
) -> None:
    """The call of ``work`` with what a face was given."""
    kind, nothing = arguments.kind, arguments.gives_nothing
    if kind == "awaits":
        run = "self._run" if bound else f"{TWIN}.ran"
        verb = "await " if nothing else "return await "
        made = call(run, work, *arguments.passed(skips=skips))
        lines.statement(verb, made, indent=indent)
        return
    inner = call(work, *arguments.passed(skips=skips, opened=True))
    if nothing:
        lines.statement("", inner, indent=indent)
    else:
        lines.statement("return ", _passed(kind, inner, bound=bound), indent=indent)


def _passed(kind: Kind, inner: Node, *, bound: bool = True) -> Node:
    if kind == "iterates":
        return call(f"{TWIN}.Iteration", inner)
    return call("self._given" if bound else f"{TWIN}.face", inner)


class Arguments:
    """The parameters of a function, and the arguments that hand them on."""

    def __init__(
        self, types: Types, module: Module, node: ast.FunctionDef, kind: Kind
    ) -> None:
        self._types = types
        self.kind = kind
        self._module = module
        self._args = node.args
        returns = node.returns
        self.gives_nothing = isinstance(returns, ast.Constant) and returns.value is None

    def parameters(self, first: Sequence[Node]) -> list[Node]:
        """As they stand in a signature, behind ``first`` in place of ``self``."""
        args = self._args
        plain = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(plain) - len(args.defaults)) + [*args.defaults]
        pairs = list(zip(plain, defaults, strict=True))[len(first) :]
        out: list[Node] = [*first]
        for number, (arg, default) in enumerate(pairs, start=len(first) + 1):
            out.append(self._parameter(arg, default))
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

    def passed(self, *, skips: bool, opened: bool = False) -> Iterator[Node]:
        """As they are handed on; ``opened`` takes what a face stands for itself."""
        args = self._args
        for arg in [*args.posonlyargs, *args.args][skips:]:
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
        said = f" = {self._default(default)}" if default is not None else ""
        if arg.annotation is None:
            return f"{stars}{arg.arg}{said.replace(' ', '')}"
        awaits = self.kind == "awaits"
        kind = self._types.given(arg.annotation, self._module, awaits=awaits)
        return Pair(f"{stars}{arg.arg}: ", kind, said)

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


def summary(node: ast.ClassDef | ast.FunctionDef) -> str:
    """The first paragraph of a docstring on one line, fit to stand in another."""
    text = (ast.get_docstring(node) or "").partition("\n\n")[0]
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return f"{text} " if text.endswith('"') else text


def is_managed(of: Class) -> bool:
    """Whether ``with`` enters an object of the class itself, and leaves it so."""
    enter, leave = (of.members.get(name) for name in _MANAGED)
    if enter is None or leave is None or enter.node.returns is None:
        return False
    entered = ast.unparse(unquoted(enter.node.returns) or enter.node.returns)
    left = leave.node.returns
    return entered.partition("[")[0] in ("Self", of.name) and (
        isinstance(left, ast.Constant) and left.value is None
    )


def variables(of: Class) -> Iterator[str]:
    """The type variables that the class's face is generic in too."""
    return (name for name in of.variables if is_variable(of.module, name))
