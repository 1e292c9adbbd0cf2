"""How one type became another, for what is sent and for what is received.

A reference is compared by where it leads to; what stands there is compared once, in
:mod:`~specwire_codegen.diff`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import ir
from .change import Change, added, breaks, changed
from .usage import Way


def type_changes(where: str, old: ir.Type, new: ir.Type, way: Way) -> Iterator[Change]:
    """What differs between two types in one place."""
    if told(old) == told(new):
        return
    if isinstance(old, _LISTED) and isinstance(new, _LISTED):
        yield from _values(where, _listed(old), _listed(new), way)
    elif isinstance(old, ir.ListOf) and isinstance(new, ir.ListOf):
        yield from type_changes(f"{where} item", old.item, new.item, way)
    elif isinstance(old, ir.MapOf) and isinstance(new, ir.MapOf):
        yield from type_changes(f"{where} value", old.value, new.value, way)
    elif isinstance(old, ir.Union) or isinstance(new, ir.Union):
        yield from _members(where, old, new, way)
    elif isinstance(new, ir.Any) and way == "write":
        yield changed(where, "takes anything now")
    elif _is_wider(new, old) if way == "write" else _is_open(old, new):
        yield changed(where, f"was {told(old)}, is {told(new)}")
    else:
        yield breaks(where, f"was {told(old)}, is {told(new)}")


def _is_wider(wide: ir.Type, narrow: ir.Type) -> bool:
    """Whether all that fits ``narrow`` fits ``wide``, of what is no object."""
    if not isinstance(wide, ir.Scalar) or wide.format:
        return False
    if isinstance(narrow, _LISTED):
        kinds = {_kinds.get(type(value)) for value in _listed_values(narrow)}
        return kinds <= (
            {"integer", "number"} if wide.kind == "number" else {wide.kind}
        )
    return narrow == ir.Scalar("integer") and wide.kind == "number"


def _is_open(old: ir.Type, new: ir.Type) -> bool:
    """Whether values of ``new`` go where those of ``old`` went, when received.

    Enumerations are open, so one of texts is a text and the other way round.
    """
    return _is_wider(old, new) or (isinstance(old, ir.Literals) and _is_wider(new, old))


_kinds: dict[type[Any], str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}

# An enumeration of one value is a constant.
_LISTED = (ir.Literals, ir.Const)


def _listed_values(kind: ir.Literals | ir.Const) -> tuple[Any, ...]:
    return (kind.value,) if isinstance(kind, ir.Const) else kind.values


def _listed(kind: ir.Literals | ir.Const) -> dict[str, None]:
    return _keys(_listed_values(kind))


def _values(
    where: str, before: dict[str, None], after: dict[str, None], way: Way
) -> Iterator[Change]:
    for value in after:
        if value not in before:
            yield added(where, f"value {value} is new")
    for value in before:
        if value not in after:
            # Received, a value that comes no more harms nobody: enumerations are open.
            gone = f"value {value} is gone"
            yield breaks(where, gone) if way == "write" else changed(where, gone)


def _keys(values: tuple[Any, ...]) -> dict[str, None]:
    return dict.fromkeys(json.dumps(value, default=str) for value in values)


def _members(where: str, old: ir.Type, new: ir.Type, way: Way) -> Iterator[Change]:
    """Kinds in a union: sent ones may be added, received ones may be left out."""
    before, after = _by_text(old), _by_text(new)
    gone = [text for text in before if text not in after]
    more = [text for text in after if text not in before]
    if len(gone) == len(more) == 1:
        inner = list(type_changes(where, before[gone[0]], after[more[0]], way))
        if inner:
            yield from inner
            return
    tagged = isinstance(old, ir.Union) and old.tag is not None
    for text in gone:
        what = f"is never {text} any more"
        yield breaks(where, what) if way == "write" else changed(where, what)
    for text in more:
        what = f"may be {text} too"
        # With a tag callers already meet members they do not know.
        fine = way == "write" or tagged
        yield added(where, what) if fine else breaks(where, what)
    if not gone and not more:
        yield changed(where, "its members are told apart in another way")


def _by_text(kind: ir.Type) -> dict[str, ir.Type]:
    members = kind.members if isinstance(kind, ir.Union) else (kind,)
    return {told(member): member for member in members}


def told(kind: ir.Type) -> str:
    """A type in words, without the name of the file it stands in."""
    if isinstance(kind, ir.Scalar):
        return f"{kind.kind} ({kind.format})" if kind.format else kind.kind
    if isinstance(kind, ir.Literals):
        return f"one of {', '.join(_keys(kind.values))}"
    if isinstance(kind, ir.Const):
        return f"the constant {json.dumps(kind.value, default=str)}"
    if isinstance(kind, ir.ListOf):
        return f"list of {told(kind.item)}"
    if isinstance(kind, ir.MapOf):
        return f"map of {told(kind.value)}"
    if isinstance(kind, ir.Ref):
        return kind.to.partition("#")[2].removeprefix("/components/schemas/")
    if isinstance(kind, ir.Union):
        by = f" by {kind.tag.wire.wire}" if kind.tag else ""
        return " or ".join(map(told, kind.members)) + by
    return "anything"
