"""What a hand-written class offers: its public methods, properties and attributes.

Those of bases that have no face of their own are its own here, their type variables
replaced by what the class says these are.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from attrs import evolve, frozen

from .twins_plan import Named
from .twins_source import Module, Sources, statements

Bound: TypeAlias = Literal["method", "class", "static", "property", "attribute"]
_PROPERTIES: Final = ("property", "cached_property", "child")
_VALUES: Final = ("__len__", "__bool__", "__contains__", "__getitem__")
_SHOWN: Final = ("__repr__", "__str__")
SPECIAL: Final = frozenset(
    [*("__enter__", "__exit__", "__iter__", "__next__", "__call__"), *_VALUES, *_SHOWN]
)


@frozen
class Member:
    """One thing a class has.

    :ivar nodes: the definition, behind its overloads; empty for an attribute.
    :ivar type: an attribute's annotation.
    :ivar alias: the method that it is another name of.
    :ivar setter: what assigns a property, where it can be.
    :ivar odd: a decorator that means nothing here.
    """

    name: str
    bound: Bound
    module: Module
    nodes: tuple[ast.FunctionDef, ...] = ()
    type: ast.expr | None = None
    alias: str = ""
    setter: ast.FunctionDef | None = None
    odd: str = ""

    @property
    def node(self) -> ast.FunctionDef:
        return self.nodes[-1]

    @property
    def yields(self) -> bool:
        """Whether it is written as a generator."""
        return bool(self.nodes) and any(
            isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(self.node)
        )


@frozen
class Class:
    """A class with all that is to be faced of it.

    :ivar made: its ``__init__``, if it or a base without a face has one.
    :ivar base: the nearest base that has a face, with what it is subscripted by.
    """

    name: str
    module: Module
    node: ast.ClassDef
    members: Mapping[str, Member]
    made: Member | None
    base: tuple[Named, tuple[ast.expr, ...]] | None
    variables: tuple[str, ...]


def class_of(sources: Sources, where: Named, faced: frozenset[Named]) -> Class | None:
    """The class at ``where``; ``faced`` are those with faces of their own."""
    found = sources.class_(where)
    if found is None:
        return None
    module, node = found
    members = {each.name: each for each in _own(module, node)}
    made = _init(module, node)
    base: tuple[Named, tuple[ast.expr, ...]] | None = None
    for expr in node.bases:
        parent, args = _subscripted(module, expr)
        at = sources.origin(module, parent)
        if at is not None and at in faced:
            base = base or (at, args)
            above = class_of(sources, at, faced - {at})
            if above is not None:  # what makes one makes one of this class
                made = made or above.made
                for name, member in above.members.items():
                    if member.bound in ("class", "static"):
                        members.setdefault(name, member)
            continue
        above = class_of(sources, at, faced) if at is not None else None
        if above is not None:
            base, made = base or above.base, made or above.made
            given = dict(zip(above.variables, args, strict=False))
            for name, member in above.members.items():
                own = members.get(name)
                # What is assigned through a property above is that property.
                if own is None or (own.bound == "attribute" and member.setter):
                    members[name] = _filled(member, given)
    variables = _variables(module, node)
    return Class(node.name, module, node, members, made, base, variables)


def _init(module: Module, node: ast.ClassDef) -> Member | None:
    for each in statements(node.body):
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return Member(each.name, "method", module, (each,))
    return None


def _subscripted(module: Module, node: ast.expr) -> tuple[str, tuple[ast.expr, ...]]:
    if isinstance(node, ast.Subscript):
        inner = node.slice
        args = tuple(inner.elts) if isinstance(inner, ast.Tuple) else (inner,)
        return ast.unparse(node.value), args
    return ast.unparse(node), ()


def _variables(module: Module, node: ast.ClassDef) -> tuple[str, ...]:
    """The type variables that the class is generic in."""
    found: list[str] = []
    for expr in node.bases:
        parent, args = _subscripted(module, expr)
        names = [each.id for each in args if isinstance(each, ast.Name)]
        if parent.rpartition(".")[2] in ("Generic", "Protocol"):
            return tuple(names)
        found += [name for name in names if is_variable(module, name)]
    return tuple(dict.fromkeys(found))


def is_variable(module: Module, name: str) -> bool:
    """Whether ``name`` is a type variable of the module."""
    node = module.defined.get(name)
    made = node.value if isinstance(node, ast.Assign) else None
    return isinstance(made, ast.Call) and ast.unparse(made.func).endswith("TypeVar")


class _Fill(ast.NodeTransformer):
    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> Any:
        return self._given.get(node.id, node)


def _filled(member: Member, given: Mapping[str, ast.expr]) -> Member:
    if not given:
        return member
    fill = _Fill(given)
    nodes = tuple(fill.visit(copy.deepcopy(node)) for node in member.nodes)
    kind = fill.visit(copy.deepcopy(member.type)) if member.type is not None else None
    return evolve(member, nodes=nodes, type=kind)


def _own(module: Module, node: ast.ClassDef) -> Iterator[Member]:
    """What the class's own body has, in its order; attributes come first."""
    methods: dict[str, Member] = {}
    attributes: dict[str, Member] = {}
    for each in statements(node.body):
        if isinstance(each, ast.FunctionDef):
            if each.name == "__init__":
                for name, kind in _assigned(each, _returns(node)):
                    attributes.setdefault(
                        name, Member(name, "attribute", module, type=kind)
                    )
            if is_public(each.name) or each.name in SPECIAL:
                methods[each.name] = _method(module, each, methods.get(each.name))
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            name = each.target.id
            if is_public(name) and "ClassVar" not in ast.unparse(each.annotation):
                attributes[name] = Member(
                    name, "attribute", module, type=each.annotation
                )
        elif isinstance(each, ast.Assign) and isinstance(each.value, ast.Name):
            for target in each.targets:
                if isinstance(target, ast.Name) and each.value.id in methods:
                    same = methods[each.value.id]
                    alias = evolve(same, name=target.id, alias=same.name)
                    methods[target.id] = alias
    yield from (one for name, one in attributes.items() if name not in methods)
    yield from methods.values()


def is_public(name: str) -> bool:
    return not name.startswith("_")


def _method(module: Module, node: ast.FunctionDef, before: Member | None) -> Member:
    """``node`` as a member, with what stands before it under the same name."""
    bound: Bound = "method"
    odd = ""
    for decorator in node.decorator_list:
        name = ast.unparse(decorator).rpartition(".")[2]
        if name == "setter" and before is not None:
            return evolve(before, setter=node)
        if name in _PROPERTIES:
            bound = "property"
        elif name in ("classmethod", "staticmethod"):
            bound = "class" if name == "classmethod" else "static"
        elif name not in ("overload", "abstractmethod", "override", "final"):
            odd = name
    earlier = before.nodes if before is not None else ()
    return Member(node.name, bound, module, (*earlier, node), odd=odd)


def _returns(node: ast.ClassDef) -> dict[str, ast.expr | None]:
    """What the class's own methods give."""
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    return {f"self.{each.name}": each.returns for each in methods}


def _assigned(
    init: ast.FunctionDef, returns: Mapping[str, ast.expr | None]
) -> Iterator[tuple[str, ast.expr | None]]:
    """Public attributes that ``__init__`` sets, with what is known of their types."""
    args = [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs]
    types = {**returns, **{each.arg: each.annotation for each in args}}
    for node in ast.walk(init):
        if isinstance(node, ast.AnnAssign):
            targets: list[ast.expr] = [node.target]
        elif isinstance(node, ast.Assign):
            targets = node.targets
        else:
            continue
        for target in targets:
            if (
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == "self"
                and is_public(target.attr)
            ):
                yield target.attr, _type_of(node, types)


def _type_of(
    node: ast.Assign | ast.AnnAssign, types: Mapping[str, ast.expr | None]
) -> ast.expr | None:
    if isinstance(node, ast.AnnAssign):
        return node.annotation
    given = node.value
    if isinstance(given, ast.Name):
        return types.get(given.id)
    if isinstance(given, ast.Call):
        return types.get(ast.unparse(given.func))
    if isinstance(given, ast.Constant) and given.value is not None:
        return ast.Name(type(given.value).__name__)
    return None
