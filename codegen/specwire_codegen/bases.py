"""Base schemas with a ``discriminator`` and no ``oneOf``: who their children are.

A child is a component whose ``allOf`` refers to the base, at any distance, or one that
the base's ``mapping`` names. Whatever is typed as the base may be any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from .ir import Pointer, Ref, Tag
from .refs import Documents
from .shapes import Spot, choice, follow, is_scalar, parts
from .unions import Leaf, mapped, stated


@frozen
class Base:
    """The variants of one base, itself among them, and what tells them apart."""

    variants: tuple[Spot, ...]
    tag: Tag


@frozen
class Bases:
    """All of a job's documents, by pointer."""

    bases: Mapping[Pointer, Base]
    told: Mapping[Pointer, tuple[str, str]]
    """A child to its tag's member and the value that stands for it."""


def find_bases(roots: Sequence[Spot], documents: Documents) -> Bases:
    """Read every component once."""
    known = {spot.at: spot for root in roots for spot in _components(root)}
    children: dict[Pointer, list[Spot]] = {}
    heads: dict[Pointer, Mapping[str, Any]] = {}
    for spot in known.values():
        for member in spot.each("allOf"):
            target = follow(member, documents)
            if target is not None and target.at != spot.at:
                children.setdefault(target.at, []).append(spot)
        found = _discriminator(spot)
        if found is not None:
            heads[spot.at] = found
    bases: dict[Pointer, Base] = {}
    told: dict[Pointer, tuple[str, str]] = {}
    for at, found in heads.items():
        below = _descendants(known[at], children)
        below += [s for s in mapped(found, known[at], documents) if s not in below]
        below = [spot for spot in below if spot.at != at]
        if below:
            bases[at] = _base(known[at], below, found, documents)
            told.update(_told(bases[at].tag))
    for at in bases:
        told.pop(at, None)
    return Bases(bases, told)


def _components(root: Spot) -> list[Spot]:
    components = root.schema.get("components")
    if not isinstance(components, Mapping):
        return []
    found = root.down("components").each("schemas")
    return [spot for spot in found if isinstance(spot.schema, Mapping)]


def _discriminator(spot: Spot) -> Mapping[str, Any] | None:
    """The discriminator of an object that lists no alternatives itself."""
    for part in (spot, *spot.each("allOf")):
        if not isinstance(part.schema, Mapping) or choice(part.schema):
            return None
        found = part.schema.get("discriminator")
        if isinstance(found, Mapping) and isinstance(found.get("propertyName"), str):
            return found
    return None


def _descendants(spot: Spot, children: Mapping[Pointer, list[Spot]]) -> list[Spot]:
    found: dict[Pointer, Spot] = {}
    waiting = list(children.get(spot.at, ()))
    while waiting:
        child = waiting.pop(0)
        if child.at not in found:
            found[child.at] = child
            waiting += children.get(child.at, ())
    return list(found.values())


def _base(
    spot: Spot, below: list[Spot], found: Mapping[str, Any], documents: Documents
) -> Base:
    shared = {part.at for part in parts(spot, documents)}
    leaves = [
        # What the base says holds for all of them, so it tells none apart.
        Leaf(Ref(s.at), [p for p in parts(s, documents) if p.at not in shared], s.at)
        for s in (*below, spot)
        if not is_scalar(s.schema)
    ]
    return Base((*below, spot), stated(leaves, spot, found, documents))


def _told(tag: Tag) -> dict[Pointer, tuple[str, str]]:
    """Children that one value alone stands for."""
    values: dict[Pointer, list[str]] = {}
    for value, ref in tag.table:
        values.setdefault(ref.to, []).append(value.wire)
    return {at: (tag.wire.wire, v[0]) for at, v in values.items() if len(v) == 1}
