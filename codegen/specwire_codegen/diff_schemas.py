"""How the schemas of one version became those of another, renamed ones included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs

from . import ir
from .change import Change, added, breaks, renamed
from .diff_operations import deprecation, fields_by_name, member_changes
from .diff_types import type_changes
from .raw import Raw
from .usage import Way, visible

Declared: TypeAlias = "Mapping[str, tuple[ir.Decl, tuple[Way, ...]]]"
"""By place, a declaration and the directions it is used in."""

_SCHEMAS = "#/components/schemas/"
_T = TypeVar("_T")


def schema_changes(old: Declared, new: Declared) -> Iterator[Change]:
    """Declarations by where they stand; only named ones come and go by themselves."""
    for place, (decl, ways) in old.items():
        where = f"schema {_name(place)}"
        if place not in new:
            if _is_named(place) and ways:
                yield breaks(where, "is gone")
            continue
        other, ways_after = new[place]
        for way in ways:
            if way in ways_after:
                yield from _decl(where, decl, other, way)
        if isinstance(decl, ir.Model) and isinstance(other, ir.Model):
            yield from deprecation(where, decl.deprecated, other.deprecated)
    for place, (_, ways) in new.items():
        if place not in old and _is_named(place) and ways:
            yield added(f"schema {_name(place)}", "is new")


def _decl(where: str, old: ir.Decl, new: ir.Decl, way: Way) -> Iterator[Change]:
    if isinstance(old, ir.Model) and isinstance(new, ir.Model):
        before = fields_by_name(visible(old, way))
        after = fields_by_name(visible(new, way))
        yield from member_changes(where, before, after, way)
    elif isinstance(old, ir.Alias) and isinstance(new, ir.Alias):
        yield from type_changes(where, old.type, new.type, way)
    else:
        kind = "an object" if isinstance(new, ir.Model) else "no object with members"
        yield breaks(where, f"is {kind} now")


def _is_named(place: str) -> bool:
    inner = place.partition(_SCHEMAS)[2]
    return bool(inner) and "/" not in inner


def _name(place: str) -> str:
    file, mark, inner = place.partition(_SCHEMAS)
    text = f"{file} {inner}".strip() if mark and _is_named(place) else place.lstrip("#")
    return text.replace("~1", "/").replace("~0", "~")


# -- renamed ones ----------------------------------------------------------------


def renames(old: Declared, new: Declared) -> tuple[dict[str, str], list[Change]]:
    """Components that are gone and are there again by another name.

    From the new place to the old one. One that holds another renamed one is told only
    after that is, so this goes on until nothing more is found.
    """
    gone = {at: decl for at, (decl, _) in old.items() if _lost(at, new)}
    came = {at: decl for at, (decl, _) in new.items() if _lost(at, old)}
    table: dict[str, str] = {}
    changes: list[Change] = []
    while True:
        before = _by_shape(gone, {})
        after = _by_shape(came, table)
        found = {
            places[0]: before[shape][0]
            for shape, places in after.items()
            if len(places) == len(before.get(shape, ())) == 1
        }
        if not found:
            return table, changes
        for now, was in found.items():
            table[now] = was
            changes.append(renamed(f"schema {_name(was)}", f"is {_name(now)} now"))
            del gone[was], came[now]


def _lost(place: str, other: Declared) -> bool:
    return _is_named(place) and place not in other


def _by_shape(
    decls: Mapping[str, ir.Decl], table: Mapping[str, str]
) -> dict[object, list[str]]:
    out: dict[object, list[str]] = {}
    for at, decl in decls.items():
        shape = _shape(at, decl, table)
        if shape is not None:
            out.setdefault(shape, []).append(at)
    return out


def _shape(at: str, decl: ir.Decl, table: Mapping[str, str]) -> object:
    """What a declaration says, without its name; ``None`` where that is too little."""

    def place(pointer: str) -> str:
        if pointer == at or pointer.startswith(f"{at}/"):
            return "itself" + pointer[len(at) :]
        return table.get(pointer, pointer)

    if isinstance(decl, ir.Alias):
        return repr(repointed(decl.type, place))
    if not decl.fields:
        return None
    members = [
        (f.wire.wire, repr(repointed(f.type, place)), f.required, f.nullable, f.access)
        for f in decl.fields
    ]
    return repr((sorted(members), repr(repointed(decl.extra, place))))


def repointed(value: _T, place: Callable[[str], str]) -> _T:
    """The same value, with every reference leading to ``place`` of where it led."""
    return _repointed(value, place)  # type: ignore[no-any-return]


def _repointed(value: Any, place: Callable[[str], str]) -> Any:
    if isinstance(value, ir.Ref):
        return ir.Ref(place(value.to))
    if isinstance(value, tuple):
        return tuple(_repointed(each, place) for each in value)
    if isinstance(value, Raw) or not attrs.has(type(value)):
        return value
    found = {
        each.name: _repointed(getattr(value, each.name), place)
        for each in attrs.fields(type(value))
        if each.name not in ("id", "at", "default")
    }
    return attrs.evolve(value, **found)
