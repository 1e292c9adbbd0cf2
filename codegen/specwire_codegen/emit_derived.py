"""Methods that a plan derives from an operation: its arguments, another result.

The work is done by what the plan calls ``wrap``, a class or a function that is written
by hand and called with (resource, record, arguments, limits, extras). Where it is no
class, the plan says what it gives, so that type checkers know as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from . import ir
from .lines import Node, Pair, Params, call, table
from .method_doc import method_doc
from .methods import Method
from .names import Names
from .plan import DerivePlan
from .raw import Raw, doc, lit
from .signatures import (
    UNSET,
    Argument,
    arguments,
    option_params,
    options,
    overload_of,
    params,
)
from .types_text import TypeText

TYPE_VARIABLE = "_r.T"
Reference = tuple[str, str]
"""Module and name."""


@frozen
class Derived:
    """A derived method of one resource."""

    name: str
    of: ir.Pointer
    plan: DerivePlan


@frozen
class References:
    """What derived methods of a module name, and what it is called there."""

    wraps: dict[Reference, str] = field(factory=dict)
    """Called at run time."""
    gives: dict[Reference, str] = field(factory=dict)
    """Only annotations."""

    def wrap(self, one: Reference) -> str:
        return self.wraps.setdefault(one, f"_Wrap{len(self.wraps)}")

    def given(self, one: Reference) -> str:
        return self.gives.setdefault(one, f"_Given{len(self.gives)}")


@frozen
class _Call:
    """A derived method on its way; ``also`` stand among the arguments by then."""

    each: Derived
    kept: Sequence[Argument]
    flag: Raw | None
    write: TypeText

    def params(self, kinds: Mapping[str, Node]) -> Params:
        """The parameters; ``kinds`` are of arguments that only the wrap knows."""
        found = params(self.kept, self.write)
        at = len(found) - len(option_params(self.write))
        found[at:at] = [
            Pair(f"{name}: ", kinds[name])
            if name in kinds
            else f"{name}: _t.Any = {UNSET}"
            for name in self.each.plan.also
        ]
        return Params(found)

    def flagged(self, value: bool) -> _Call:
        assert self.flag is not None
        flag = self.flag
        return evolve(self, kept=[overload_of(a, flag, value) for a in self.kept])


def derived_method(
    each: Derived,
    operation: ir.Operation,
    record: str,
    names: Names,
    texts: tuple[TypeText, TypeText],
    references: References,
) -> Method:
    """The method; ``texts`` are those of what is read and what is written."""
    read, write = texts
    plan = each.plan
    args = arguments(operation, names, write)
    found = operation.result
    flag = found.flag if isinstance(found, ir.Either) else None
    fixed = [a for a in args if a.wire == flag and a.where == "body"]
    if plan.streamed is not None:
        fixed = []
    kept = [_defaulting(a, plan) for a in args if a not in fixed]
    kept = [a for a in kept if a.name not in plan.also]
    method = _Call(each, kept, flag, write)
    if plan.also:
        read.used.imports["_t"] = None
    overloads, gives = _overloads(method, references, read)
    of = names.methods[operation.at].name
    summary, rest = _told(plan, operation, of)
    given = [*(a.name for a in kept), *plan.also]
    rows = [*((lit(name), name) for name in given)]
    rows += [(lit(a.name), lit(plan.flag)) for a in fixed]
    parts = ("self", record, table(rows), *options())
    return Method(
        each.name,
        method.params({}),
        gives,
        summary,
        rest,
        given,
        call(references.wrap(plan.wrap), *parts),
        "waits" if plan.waits else "plain",
        overloads,
    )


def _defaulting(argument: Argument, plan: DerivePlan) -> Argument:
    """``argument`` with the plan's default, where it has one."""
    if argument.name not in plan.defaults:
        return argument
    value = plan.defaults[argument.name]
    return evolve(argument, default="()" if value == () else lit(value))


def _overloads(
    method: _Call, references: References, read: TypeText
) -> tuple[list[tuple[Params, Node]], str]:
    """The overloads, if any; what the method itself is said to return."""
    plan = method.each.plan
    if plan.gives is None:
        return [], references.wrap(plan.wrap)
    given = references.given(plan.gives)
    found: list[tuple[Params, Node]] = []
    if plan.streamed is not None and method.flag is not None:
        streamed = references.given(plan.streamed)
        found.append((method.flagged(True).params({}), streamed))
        found.append((method.flagged(False).params({}), given))
    elif plan.of_type is not None:
        kinds = {plan.of_type: f"type[{TYPE_VARIABLE}]"}
        found.append((method.params(kinds), f"{given}[{TYPE_VARIABLE}]"))
        found.append((method.params({}), f"{given}[_t.Any]"))
    else:
        return [], given
    read.used.imports["_t"] = None
    return found, "_t.Any"


def _told(plan: DerivePlan, operation: ir.Operation, of: str) -> tuple[str, list[str]]:
    summary, rest = method_doc(operation, [])
    told = [f":param {name}: {doc(Raw(text))}" for name, text in plan.also.items()]
    rest[-1:-1] = [f"Takes the arguments of :meth:`{of}`.", *told]
    return doc(Raw(plan.doc)) if plan.doc else summary, rest
