"""``diff``: what a new version of a document adds, changes and breaks.

Compares meanings, not text: two documents are lowered and matched by method and path,
by wire name, and by where a schema stands. What breaks is judged for a caller of the
generated package: what is sent may only be widened, what is received only be added to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import asdict, frozen

from . import ir
from .build import Understood, understand
from .change import Change, Step, added, breaks, changed
from .diff_types import type_changes
from .job import job_of_specs
from .problems import Problems
from .usage import Way, visible

_ORDER: tuple[Step, ...] = ("none", "patch", "minor", "major")


@frozen
class Difference:
    """Everything that differs, and the version step it asks for."""

    changes: tuple[Change, ...]
    step: Step

    @property
    def is_breaking(self) -> bool:
        return self.step == "major"

    def lines(self) -> list[str]:
        """For people, what breaks first."""
        out = []
        for kind in ("breaks", "changed", "added"):
            out += [
                f"{kind}: {one.where}: {one.what}"
                for one in self.changes
                if one.kind == kind
            ]
        return [*out, f"version step: {self.step}"]

    def as_json(self) -> dict[str, Any]:
        """``{"step": str, "changes": [{"kind", "where", "what", "step"}]}``"""
        return {"step": self.step, "changes": [asdict(one) for one in self.changes]}


def diff(old: Path, new: Path, problems: Problems) -> Difference:
    """From ``old`` to ``new``, two files of the same API.

    :raises Unusable: where one of them cannot be used at all.
    """
    before, after = (
        understand(
            job_of_specs([path], Path("."), package="api", overlays=[]), problems
        )
        for path in (old, new)
    )
    changes = tuple(dict.fromkeys(_changes(before, after)))
    step: Step = max((one.step for one in changes), key=_ORDER.index, default="none")
    if step == "none" and _texts(before) != _texts(after):
        step = "patch"
    return Difference(changes, step)


def _texts(found: Understood) -> list[str]:
    return [document.source.sha256 for document in found.opened]


def _changes(old: Understood, new: Understood) -> Iterator[Change]:
    yield from _services(old.api, new.api)
    before, after = _operations(old.api), _operations(new.api)
    for key in before:
        if key in after:
            yield from _operation(key, before[key], after[key])
        else:
            yield breaks(key, "the operation is gone")
    for key in after:
        if key not in before:
            yield added(key, "a new operation")
    yield from _schemas(old, new)


def _operations(api: ir.Api) -> dict[str, ir.Operation]:
    """By method and path; a constant query is a part of the path."""
    return {_key(each): each for each in api.operations if each.variant is None}


def _key(operation: ir.Operation) -> str:
    query = "&".join(f"{k.wire}={v.wire}" for k, v in operation.const_query)
    mark = "?" if query else ""
    return f"{operation.method} {operation.path.wire}{mark}{query}"


def _services(old: ir.Api, new: ir.Api) -> Iterator[Change]:
    for before, after in zip(old.services, new.services, strict=False):
        if before.base_url != after.base_url:
            yield changed(
                "server",
                f"the URL was {before.base_url.wire}, is {after.base_url.wire}",
            )
        if before.schemes != after.schemes or before.needs != after.needs:
            yield from _needs("security", before.needs, after.needs)


Needs: TypeAlias = "tuple[tuple[str, ...], ...] | None"


def _needs(where: str, old: Needs, new: Needs) -> Iterator[Change]:
    """Another way in is added; one that is gone may be the caller's."""
    if old == new:
        return
    lost = set(old or ()) - set(new or ())
    if new is not None and (not new or () in new):
        yield changed(where, "works without credentials now")
    elif lost or not old:
        yield breaks(where, "other credentials are needed")
    else:
        yield added(where, "one more kind of credential is taken")


# -- operations ------------------------------------------------------------------


def _operation(key: str, old: ir.Operation, new: ir.Operation) -> Iterator[Change]:
    if old.id != new.id:
        was = old.id.shown() if old.id else "none"
        now = new.id.shown() if new.id else "none"
        yield changed(key, f"the operationId was {was}, is {now}: keep names.lock")
    if new.deprecated and not old.deprecated:
        yield changed(key, "is deprecated now")
    yield from _needs(key, old.needs, new.needs)
    yield from _members(key, _params(old), _params(new), "write")
    yield from _body(key, old.body, new.body)
    yield from _result(f"{key} reply", old.result, new.result)


Member: TypeAlias = "ir.Param | ir.Field"


def _params(operation: ir.Operation) -> dict[str, Member]:
    return {f"{p.where} parameter {p.wire.wire}": p for p in operation.params}


def _body(key: str, old: ir.Body | None, new: ir.Body | None) -> Iterator[Change]:
    where = f"{key} body"
    if old is None or new is None:
        if new is not None:
            found = breaks if new.required else added
            need = "must" if new.required else "may"
            yield found(where, f"a body {need} be sent now")
        elif old is not None:
            yield breaks(where, "no body is sent any more")
        return
    if old.media != new.media:
        yield breaks(where, f"was {old.media.shown()}, is {new.media.shown()}")
    if new.required and not old.required:
        yield breaks(where, "is required now")
    if old.fields is not None and new.fields is not None:
        yield from _members(where, _fields(old.fields), _fields(new.fields), "write")
    else:
        yield from type_changes(where, old.type, new.type, "write")


def _fields(fields: Iterable[ir.Field]) -> dict[str, Member]:
    return {f"member {member.wire.wire}": member for member in fields}


def _members(
    where: str, old: Mapping[str, Member], new: Mapping[str, Member], way: Way
) -> Iterator[Change]:
    """Parameters of a call or members of an object, by name."""
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield breaks(where, f"{name} is gone")
            continue
        yield from _required(f"{where} {name}", before, after, way)
        yield from type_changes(f"{where} {name}", before.type, after.type, way)
        if after.deprecated and not before.deprecated:
            yield changed(f"{where} {name}", "is deprecated now")
    for name, after in new.items():
        if name not in old:
            if way == "write" and after.required:
                yield breaks(where, f"{name} is new and required")
            else:
                yield added(where, f"{name} is new")


def _required(where: str, old: Member, new: Member, way: Way) -> Iterator[Change]:
    """Required may be dropped from what is sent, and be said of what is received."""
    # Received, "may be null" and "may be missing" are the same: X | None.
    if way == "read":
        sure_before = old.required and not old.nullable
        sure_after = new.required and not new.nullable
        if sure_before and not sure_after:
            yield breaks(where, "may be missing or null now")
        elif sure_after and not sure_before:
            yield changed(where, "is always there now")
        return
    if new.required and not old.required:
        yield breaks(where, "is required now")
    elif old.required and not new.required:
        yield changed(where, "is optional now")
    if old.nullable and not new.nullable:
        yield breaks(where, "may not be null any more")
    elif new.nullable and not old.nullable:
        yield changed(where, "may be null now")


# -- results ---------------------------------------------------------------------


def _result(where: str, old: ir.Result, new: ir.Result) -> Iterator[Change]:
    old = old.usual if isinstance(old, ir.ByMedia) else old
    new = new.usual if isinstance(new, ir.ByMedia) else new
    if isinstance(old, ir.Json) and isinstance(new, ir.Json):
        if old.paging and new.paging:
            yield from type_changes(
                f"{where} items", old.paging.item, new.paging.item, "read"
            )
        elif old.paging or new.paging:
            yield breaks(where, "is a page now" if new.paging else "is no page now")
        else:
            yield from type_changes(where, old.type, new.type, "read")
    elif isinstance(old, ir.Either) and isinstance(new, ir.Either):
        yield from _result(where, old.off, new.off)
        yield from _result(f"{where} stream", old.on, new.on)
    elif isinstance(old, (ir.Events, ir.Lines)) and type(old) is type(new):
        assert isinstance(new, (ir.Events, ir.Lines))
        yield from type_changes(where, old.type, new.type, "read")
    elif isinstance(old, ir.ByStatus) and isinstance(new, ir.ByStatus):
        yield from _by_status(where, dict(old.table), dict(new.table))
    elif type(old) is not type(new):
        yield breaks(where, f"was {_kind(old)}, is {_kind(new)}")


def _by_status(
    where: str, old: Mapping[str, ir.Result], new: Mapping[str, ir.Result]
) -> Iterator[Change]:
    for status, result in old.items():
        if status in new:
            yield from _result(f"{where} {status}", result, new[status])
        else:
            yield changed(where, f"status {status} is gone")
    for status in new:
        if status not in old:
            yield breaks(where, f"status {status} is new: one more type is returned")


def _kind(result: ir.Result) -> str:
    kinds: dict[type[Any], str] = {
        ir.Json: "JSON",
        ir.Nothing: "empty",
        ir.Text: "text",
        ir.Bytes: "a download",
        ir.Events: "an event stream",
        ir.Lines: "JSON lines",
        ir.Either: "JSON or a stream",
        ir.ByStatus: "different by status",
    }
    return kinds[type(result)]


# -- schemas ---------------------------------------------------------------------


def _schemas(old: Understood, new: Understood) -> Iterator[Change]:
    """Declarations by where they stand; only named ones come and go by themselves."""
    before, after = _declared(old), _declared(new)
    for place, (decl, ways) in before.items():
        if place not in after:
            if _is_named(place) and ways:
                yield breaks(f"schema {_name(place)}", "is gone")
            continue
        other, ways_after = after[place]
        for way in ways:
            if way in ways_after:
                yield from _decl(f"schema {_name(place)}", decl, other, way)
    for place, (_, ways) in after.items():
        if place not in before and _is_named(place) and ways:
            yield added(f"schema {_name(place)}", "is new")


Ways: TypeAlias = tuple[Way, ...]
_WAYS: tuple[Literal["read"], Literal["write"]] = ("read", "write")


def _declared(found: Understood) -> dict[str, tuple[ir.Decl, Ways]]:
    return {
        at.partition("#")[2]: (
            decl,
            tuple(way for way in _WAYS if at in found.used.of(way)),
        )
        for at, decl in found.api.decls.items()
    }


def _is_named(place: str) -> bool:
    return place.startswith("/components/schemas/") and place.count("/") == 3


def _name(place: str) -> str:
    inner = place.removeprefix("/components/schemas/") if _is_named(place) else place
    return inner.replace("~1", "/").replace("~0", "~")


def _decl(where: str, old: ir.Decl, new: ir.Decl, way: Way) -> Iterator[Change]:
    if isinstance(old, ir.Model) and isinstance(new, ir.Model):
        before, after = _fields(visible(old, way)), _fields(visible(new, way))
        yield from _members(where, before, after, way)
    elif isinstance(old, ir.Alias) and isinstance(new, ir.Alias):
        yield from type_changes(where, old.type, new.type, way)
    else:
        kind = "an object" if isinstance(new, ir.Model) else "no object with members"
        yield breaks(where, f"is {kind} now")
