"""Types put together: unions without repetition, null taken out, enumerations.

Values in, values out; nothing here reads a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any as PyAny
from typing import get_args

from . import ir

NULL = ir.Scalar("null")
_JSON = {str: "string", int: "integer", bool: "boolean"}


def union(kinds: Sequence[ir.Type], tag: ir.Tag | None = None) -> ir.Type:
    """One type of several: nested unions opened, repetitions dropped, one is itself."""
    if len(kinds) == 1 and not isinstance(kinds[0], ir.Union):
        return kinds[0]
    found: dict[ir.Type, None] = {}
    for kind in kinds:
        nested = isinstance(kind, ir.Union) and kind.tag is None
        found |= dict.fromkeys(kind.members if nested else (kind,))  # type: ignore[union-attr]
    if ir.Any() in found:
        return ir.Any()
    # A bare scalar beside an open enumeration of its kind says nothing more.
    for listed in [kind for kind in found if isinstance(kind, ir.Literals)]:
        if listed.kind != "mixed":
            found.pop(ir.Scalar(listed.kind), None)
    flat = tuple(found)
    return flat[0] if len(flat) == 1 else ir.Union(flat, tag)


def without_null(kind: ir.Type) -> tuple[ir.Type, bool]:
    """``kind`` without its null member, and whether it had one."""
    if kind == NULL:
        return ir.Any(), True
    if not isinstance(kind, ir.Union) or NULL not in kind.members:
        return kind, False
    rest = [member for member in kind.members if member != NULL]
    return union(rest, kind.tag), True


def const(value: PyAny) -> ir.Type:
    if value is None:
        return NULL
    if isinstance(value, float):
        return ir.Scalar("number")
    return ir.Const(value) if isinstance(value, (str, int)) else ir.Any()


def literals(values: list[PyAny]) -> ir.Type:
    if len(values) == 1:
        return const(values[0])
    if {type(value) for value in values} == {bool}:
        return ir.Scalar("boolean")
    kinds = {"number" if isinstance(v, float) else _JSON[type(v)] for v in values}
    if "number" in kinds and kinds <= {"number", "integer"}:
        return ir.Scalar("number")
    if "number" in kinds:  # no Literal holds a float
        order = (k for k in get_args(ir.LiteralKind) if k in kinds)
        return union([ir.Scalar(k) for k in order])
    kind = kinds.pop() if len(kinds) == 1 else "mixed"
    assert kind in get_args(ir.LiteralKind)
    return ir.Literals(tuple(values), kind)  # type: ignore[arg-type]
