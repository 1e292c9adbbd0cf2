"""One face as program text: a class, or a function of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from .lines import Lines, Node, call, flat, subscript
from .twins_calls import Handed, Inexpressible, Via, given, summary
from .twins_members import SPECIAL, Class, Member, is_variable
from .twins_plan import FacePlan, Kind
from .twins_source import Module
from .twins_types import TWIN, Types, unquoted

_WORDS: Mapping[str, tuple[str, str]] = {
    "__len__": ("int", "len(self._of)"),
    "__bool__": ("bool", "bool(self._of)"),
    "__repr__": ("str", "repr(self._of)"),
    "__str__": ("str", "str(self._of)"),
}
"""What needs no waiting: its type, and how it is had."""
_OPENING = ("specwire.aio.opening", "Opening")
_BARE: ast.FunctionDef = ast.parse("def __init__(self): ...").body[0]  # type: ignore
_MANAGED = ("__enter__", "__exit__")


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
        if not bases[0].startswith(f"{TWIN}."):
            lines.blank()
            lines.add(f"_of: {self._any()}", indent=4)
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
        if kind in ("awaits", "opens"):
            raise Inexpressible(f"'{member.name}' is a property, which cannot wait")
        lines = self._lines
        lines.add("@property", indent=4)
        result = self._annotated(self._result(member), member.module)
        lines.signature(f"def {member.name}", ["self"], result, indent=4)
        if member.nodes:
            self._doc(member.node)
        made = given(kind, f"self._of.{member.name}", "self")
        lines.statement("return ", made, indent=8)
        if member.setter is not None:
            self._setter(member, member.setter)

    def _setter(self, member: Member, node: ast.FunctionDef) -> None:
        lines = self._lines
        handed = Handed(self._types, member.module, node, "plain")
        lines.blank()
        lines.add(f"@{member.name}.setter", indent=4)
        head = f"def {member.name}"
        lines.signature(head, handed.parameters(), "None", indent=4)
        (value,) = handed.passed(opened=True)
        handed.statement(lines, f"self._of.{member.name} = ", value, 8)

    def _method(self, member: Member, kind: Kind) -> None:
        lines = self._lines
        for node in member.nodes[:-1]:
            self._head(member, kind, node, overloaded=True)
        handed = self._head(member, kind, member.node, overloaded=False)
        self._doc(member.node)
        if member.bound == "method":
            handed.write(lines, f"self._of.{member.name}", "self", 8)
        else:
            lines.add(self._imported(), "", indent=8)
            made = entered(member.node.returns, self._of)
            via: Via = "cls" if made and member.bound == "class" else ""
            handed.write(lines, f"_Of.{member.name}", via, 8)
        if member.name == "close" and kind == "awaits" and not is_managed(self._of):
            lines.blank()
            lines.add("aclose = close", indent=4)

    def _head(
        self, member: Member, kind: Kind, node: ast.FunctionDef, *, overloaded: bool
    ) -> Handed:
        lines = self._lines
        if overloaded:
            self._types.imports.running(("typing", "overload"), "overload")
            lines.add("@overload", indent=4)
        if member.bound in ("class", "static"):
            lines.add(f"@{member.bound}method", indent=4)
        own = member.bound != "static"
        if kind == "opens" and member.bound != "method":
            raise Inexpressible(f"'{member.name}' is not of an object, which opens it")
        result = self._annotated(node.returns, member.module)
        if kind == "opens":
            opening = self._types.imports.checked(_OPENING, _OPENING[1])
            result = subscript(opening, result)
        handed = Handed(self._types, member.module, node, kind, first=own)
        lines.signature(
            f"{handed.head()}{node.name}",
            handed.parameters(),
            result,
            tail=": ..." if overloaded else ":",
            indent=4,
        )
        return handed

    def _constructor(self) -> None:
        made = self._of.made
        if made is None and self._of.node.decorator_list:
            raise Inexpressible(f"'{self._of.name}' has no __init__ to be made by")
        lines = self._lines
        module, node = (made.module, made.node) if made else (self._of.module, _BARE)
        handed = Handed(self._types, module, node, "plain")
        lines.blank()
        lines.signature("def __init__", handed.parameters(), "None", indent=4)
        lines.add(self._imported(), "", indent=8)
        inner = call("self._built", "_Of", *handed.passed())
        # By name: a base by hand may be made with other arguments.
        made_of = call(f"{TWIN}.Twin.__init__", "self", inner)
        handed.statement(lines, "", made_of, 8)

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
        return self._any() if node is None else self._types.result(node, module)

    def _any(self) -> str:
        return self._types.imports.checked(("typing", "Any"), "Any")

    def _doc(self, node: ast.FunctionDef) -> None:
        text = summary(node)
        if text:
            self._lines.docstring(text, indent=8)


def function(lines: Lines, types: Types, plan: FacePlan, module: Module) -> None:
    """The face of a function of a module."""
    made = module.defined[plan.name]
    assert isinstance(made, ast.FunctionDef)
    kind = plan.kind(plan.name) or plan.usual
    handed = Handed(types, module, made, kind, first=False)
    result = made.returns
    lines.signature(
        f"{handed.head()}{plan.called or plan.name}",
        handed.parameters(),
        types.result(result, module) if result is not None else "object",
    )
    text = summary(made)
    if text:
        lines.docstring(text, indent=4)
    lines.add(f"from {plan.module} import {plan.name} as _of", "", indent=4)
    handed.write(lines, "_of", "", 4)


def is_managed(of: Class) -> bool:
    """Whether ``with`` enters an object of the class itself, and leaves it so."""
    enter, leave = (of.members.get(name) for name in _MANAGED)
    if enter is None or leave is None:
        return False
    left = leave.node.returns
    nothing = isinstance(left, ast.Constant) and left.value is None
    return nothing and entered(enter.node.returns, of)


def entered(returns: ast.expr | None, of: Class) -> bool:
    """Whether what is given is an object of the class."""
    said = unquoted(returns)
    named = ast.unparse(said) if said is not None else ""
    return named.partition("[")[0] in ("Self", of.name)


def variables(of: Class) -> Iterator[str]:
    """The type variables that the class's face is generic in too."""
    return (name for name in of.variables if is_variable(of.module, name))
