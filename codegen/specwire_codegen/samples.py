"""Sample values for arguments: small, plain, and the same in every run.

A sample has the JSON shape that a type asks for, with required members only; a file is
``bytes``. Constraints beyond the type (patterns, ranges) are not looked at: the runtime
sends what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from . import ir
from .lines import Group, Node, Pair, call, table
from .names import Names
from .raw import lit
from .usage import visible

FILE = b"content"
_SCALARS: Mapping[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}
_FORMATS = {
    "date-time": "2000-01-02T03:04:05Z",
    "date": "2000-01-02",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "dGV4dA==",
}
_DEEPEST = 6
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*\Z")


@frozen
class Given:
    """One argument of a sample call; ``passed`` is false for what is sent anyway."""

    name: str
    where: str
    wire: str
    value: Any
    passed: bool = True
    param: ir.Param | None = None


def givens(operation: ir.Operation, api: ir.Api, names: Names) -> list[Given]:
    """What a call with nothing optional gives and sends, the path's first."""
    called = names.arguments[operation.at]
    found = []
    for param in operation.params:
        if param.required:
            value = _one(param, api, plain=True)
            key = (param.where, param.wire.wire)
            passed = not _is_constant(param) or param.where == "path"
            found.append(Given(called[key], *key, value, passed, param))
    body = operation.body
    if body is not None and body.fields is None and body.required:
        found.append(Given(called["body", ""], "body", "", _whole(body, api)))
    for member in (body.fields or ()) if body and body.required else ():
        if member.required:
            value = _one(member, api, plain=body is not None and body.kind != "json")
            wire = member.wire.wire
            name, passed = called["body", wire], not _is_constant(member)
            found.append(Given(name, "body", wire, value, passed))
    return _flagged(found, operation, called)


def _is_constant(found: ir.Param | ir.Field) -> bool:
    return isinstance(found.type, ir.Const) and not found.nullable


def _flagged(
    found: list[Given], operation: ir.Operation, called: Mapping[tuple[str, str], str]
) -> list[Given]:
    """A flag between JSON and a stream is off, and sent as that."""
    result = operation.result
    if not isinstance(result, ir.Either):
        return found
    key = ("body", result.flag.wire)
    others = [each for each in found if (each.where, each.wire) != key]
    if key not in called:
        return others
    return [*others, Given(called[key], *key, False, False)]


def _whole(body: ir.Body, api: ir.Api) -> Any:
    if body.kind in ("text", "bytes"):
        return FILE if body.kind == "bytes" else "text"
    return sample(body.type, api)


def _one(found: ir.Param | ir.Field, api: ir.Api, *, plain: bool) -> Any:
    """``plain`` values can stand in a URL and in a header."""
    value = sample(found.type, api)
    free = plain and not isinstance(found.type, ir.Const)
    if free and isinstance(value, str) and not _PLAIN.match(value):
        return "text"
    return value


def sample(kind: ir.Type, api: ir.Api) -> Any:
    """A value of ``kind`` as it is sent."""
    return _sample(kind, api, ())


def _sample(kind: ir.Type, api: ir.Api, inside: tuple[ir.Pointer, ...]) -> Any:
    if isinstance(kind, ir.Scalar):
        if kind.format == "binary":
            return FILE
        return _FORMATS.get(kind.format or "", _SCALARS[kind.kind])
    if isinstance(kind, ir.Const):
        return kind.value
    if isinstance(kind, ir.Literals):
        return kind.values[0] if kind.values else "text"
    if isinstance(kind, ir.ListOf):
        return [] if _ends(kind.item, inside) else [_sample(kind.item, api, inside)]
    if isinstance(kind, ir.MapOf):
        return {}
    if isinstance(kind, ir.Union):
        return _sample(_member(kind, inside), api, inside)
    if isinstance(kind, ir.Ref):
        return _declared(kind.to, api, inside)
    return "text"


def _ends(kind: ir.Type, inside: tuple[ir.Pointer, ...]) -> bool:
    """Whether to stop before ``kind``: it is under way already, or too deep."""
    if len(inside) >= _DEEPEST:
        return True
    return isinstance(kind, ir.Ref) and kind.to in inside


def _member(kind: ir.Union, inside: tuple[ir.Pointer, ...]) -> ir.Type:
    for member in kind.members:
        if not _ends(member, inside) and member != ir.Scalar("null"):
            return member
    return ir.Scalar("null") if ir.Scalar("null") in kind.members else kind.members[0]


def _declared(to: ir.Pointer, api: ir.Api, inside: tuple[ir.Pointer, ...]) -> Any:
    decl = api.decls.get(to)
    if decl is None or to in inside or len(inside) > _DEEPEST:
        return {}
    inside = (*inside, to)
    if isinstance(decl, ir.Alias):
        return _sample(decl.type, api, inside)
    return {
        member.wire.wire: _sample(member.type, api, inside)
        for member in visible(decl, "write")
        if member.required
    }


# -- as program text -------------------------------------------------------------


def literal(value: Any) -> Node:
    """A sample as Python, broken where it is long."""
    if isinstance(value, bytes):
        return 'b"content"'
    if isinstance(value, dict):
        return table((lit(key), literal(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return Group("[", tuple(map(literal, value)), "]", fill=False)
    return lit(value)


def sample_call(
    client: str, operation: ir.Operation, given: Sequence[Given], names: Names
) -> Group:
    """``client.books.get("text", limit=1)``."""
    passed = [each for each in given if each.passed]
    in_path = [literal(each.value) for each in passed if each.where == "path"]
    others = [
        Pair(f"{each.name}=", literal(each.value))
        for each in passed
        if each.where != "path"
    ]
    return call(f"{client}.{names.methods[operation.at].dotted}", *in_path, *others)
