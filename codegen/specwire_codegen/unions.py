"""How the members of a union are told apart: a discriminator, or constants.

Reads raw schemas only. Without a ``discriminator`` a member that holds another
constant in every variant serves as one (``type: {const: "text"}``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from .ir import Pointer, Ref, Tag
from .raw import Raw
from .refs import Documents
from .shapes import OBJECT, Spot, constants, follow, last, parts


@frozen
class Leaf:
    """One object variant: its name, the schemas it is made of, what it refers to."""

    ref: Ref
    parts: Sequence[Spot]
    target: Pointer


def find_tag(leaves: Sequence[Leaf], spot: Spot, documents: Documents) -> Tag | None:
    """The tag of the union at ``spot``, if its variants can be told apart by one."""
    if not leaves:
        return None
    found = spot.schema.get("discriminator")
    if isinstance(found, Mapping) and isinstance(found.get("propertyName"), str):
        return stated(leaves, spot, found, documents)
    return _inferred(leaves)


def stated(
    leaves: Sequence[Leaf], spot: Spot, found: Mapping[str, Any], documents: Documents
) -> Tag:
    """The table of a discriminator: its mapping, then constants, then names."""
    name = str(found["propertyName"])
    table: dict[str, Ref] = {}
    by_target = {leaf.target: leaf.ref for leaf in leaves}
    mapping = found.get("mapping")
    named: set[Pointer] = set()
    for value, where in (mapping if isinstance(mapping, Mapping) else {}).items():
        target = _target(where, spot, documents)
        if target in by_target:
            table[str(value)] = by_target[target]
            named.add(target)
    for leaf in leaves:
        if leaf.target not in named:
            values = constants(list(leaf.parts)).get(name, (last(leaf.target),))
            for value in values:
                table.setdefault(value, leaf.ref)
    return _tag(name, table)


def mapped(found: Mapping[str, Any], spot: Spot, documents: Documents) -> list[Spot]:
    """The objects that a discriminator's mapping names."""
    mapping = found.get("mapping")
    out: list[Spot] = []
    for where in mapping.values() if isinstance(mapping, Mapping) else ():
        target = _followed(where, spot, documents)
        if target is not None and isinstance(target.schema, Mapping):
            opened = parts(target, documents)
            out += [target] if any(OBJECT & p.schema.keys() for p in opened) else []
    return out


def _target(where: Any, spot: Spot, documents: Documents) -> Pointer | None:
    found = _followed(where, spot, documents)
    return found.at if found else None


def _followed(where: Any, spot: Spot, documents: Documents) -> Spot | None:
    """A mapping's value is a reference, or the bare name of a component schema."""
    if not isinstance(where, str):
        return None
    bare = "/" not in where and "#" not in where
    ref = f"#/components/schemas/{where}" if bare else where
    return follow(Spot({"$ref": ref}, spot.at), documents)


def _inferred(leaves: Sequence[Leaf]) -> Tag | None:
    if len(leaves) < 2:
        return None
    held = [constants(list(leaf.parts)) for leaf in leaves]
    for name in held[0]:
        if not all(name in values for values in held):
            continue
        table: dict[str, Ref] = {}
        rows = [
            (v, leaf.ref)
            for values, leaf in zip(held, leaves, strict=True)
            for v in values[name]
        ]
        table.update(rows)
        if len(table) == len(rows):
            return _tag(name, table)
    return None


def _tag(name: str, table: Mapping[str, Ref]) -> Tag:
    return Tag(Raw(name), tuple((Raw(value), ref) for value, ref in table.items()))
