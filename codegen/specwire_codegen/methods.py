"""A generated method as data, and its text on both sides: plain and awaited.

What both sides have in common is laid out once: the parameters, which are most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from .lines import Group, Lines, Node, Params, call
from .names import OPTIONS

Kind: TypeAlias = Literal["waits", "pages", "plain"]
"""What it is in tasks: awaited, awaited or iterated over, or neither."""
DEPRECATED = '@_r.deprecated("the API calls this deprecated")'


@frozen
class Method:
    """One method.

    :ivar overloads: parameters and result of each.
    :ivar given: the names of its arguments, options apart.
    :ivar body: what it returns.
    """

    name: str
    params: Params
    result: Node
    summary: str
    rest: Sequence[str]
    given: Sequence[str]
    body: Node
    kind: Kind = "waits"
    overloads: Sequence[tuple[Params, Node]] = ()
    deprecated: bool = False


def write_method(out: Lines, method: Method) -> None:
    """The method of a resource."""
    _overloads(out, method, "def ")
    out.signature(f"def {method.name}", method.params, method.result, indent=4)
    out.docstring(method.summary, rest=method.rest, indent=8)
    out.statement("return ", method.body, indent=8)


def write_async(out: Lines, method: Method) -> None:
    """The method of a resource's async face, which runs the other one."""
    head = "async def " if method.kind == "waits" else "def "
    _overloads(out, method, head)
    result = method.result
    if method.kind == "pages":
        assert isinstance(result, Group)
        result = Group("_a.AsyncPages[", result.items, "]", comma=False)
    out.signature(f"{head}{method.name}", method.params, result, indent=4)
    out.docstring(method.summary, indent=8)
    work = f"self._of.{method.name}"
    given: list[Node] = [f"{name}={name}" for name in (*method.given, *OPTIONS)]
    if method.kind == "plain":
        out.statement("return ", call("self._made", work, *given), indent=8)
        return
    if method.deprecated:
        # Its caller is told once, by the face.
        work = f'_r.untold(self._of, "{method.name}")'
    made = call("self._run", work, *given)
    if method.kind == "pages":
        out.statement("return ", call("_a.AsyncPages", made), indent=8)
    else:
        out.statement("return await ", made, indent=8)


def _overloads(out: Lines, method: Method, head: str) -> None:
    marks = [DEPRECATED] if method.deprecated else []
    for params, result in method.overloads:
        out.blank()
        out.add("@_t.overload", *marks, indent=4)
        out.signature(f"{head}{method.name}", params, result, tail=": ...", indent=4)
    out.blank()
    out.add(*marks, indent=4)
