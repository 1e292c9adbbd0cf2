"""How one operation became another: arguments, bodies, replies, credentials.

Judged for a caller of the generated package: what is sent may only be widened, what is
received only be added to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from . import ir
from .change import Change, added, breaks, changed, told
from .diff_types import type_changes
from .raw import Raw
from .usage import Way

Needs: TypeAlias = "tuple[tuple[str, ...], ...] | None"
Member: TypeAlias = "ir.Param | ir.Field"


def operation_changes(
    key: str, old: ir.Operation, new: ir.Operation
) -> Iterator[Change]:
    """Everything but the schemas it refers to, which are compared once."""
    yield from deprecation(key, old.deprecated, new.deprecated)
    yield from needs(key, old.needs, new.needs)
    yield from member_changes(key, _params(old), _params(new), "write")
    yield from _constants(key, dict(old.const_headers), dict(new.const_headers))
    if old.retry != new.retry:
        may = "may" if new.retry == "always" else "may not"
        yield changed(key, f"{may} be sent again once it has begun")
    yield from _body(key, old.body, new.body)
    yield from _result(f"{key} reply", old.result, new.result)
    yield from _errors(key, dict(old.errors), dict(new.errors))


def deprecation(where: str, old: bool, new: bool) -> Iterator[Change]:
    if new and not old:
        yield changed(where, "is deprecated now")
    elif old and not new:
        yield told(where, "is not deprecated any more")


def needs(where: str, old: Needs, new: Needs) -> Iterator[Change]:
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


def _constants(
    key: str, old: Mapping[Raw, Raw], new: Mapping[Raw, Raw]
) -> Iterator[Change]:
    before = {name.wire.lower(): value.wire for name, value in old.items()}
    after = {name.wire.lower(): value.wire for name, value in new.items()}
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            was = f"was {before[name]}" if name in before else "was not sent"
            now = f"is {after[name]}" if name in after else "is not sent"
            yield changed(key, f"the constant header {name} {was}, {now}")


# -- what is sent ----------------------------------------------------------------


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
        # Members are the same arguments, whichever way they are written.
        spread = old.fields is not None and new.fields is not None
        same = spread or old.kind == new.kind
        said = changed if same else breaks
        yield said(where, f"was {old.media.wire}, is {new.media.wire}")
    if new.required and not old.required:
        yield breaks(where, "is required now")
    elif old.required and not new.required:
        yield changed(where, "is optional now")
    if old.fields is not None and new.fields is not None:
        before, after = fields_by_name(old.fields), fields_by_name(new.fields)
        yield from member_changes(where, before, after, "write")
    else:
        yield from type_changes(where, old.type, new.type, "write")


def fields_by_name(fields: Iterable[ir.Field]) -> dict[str, Member]:
    return {f"member {member.wire.wire}": member for member in fields}


def member_changes(
    where: str, old: Mapping[str, Member], new: Mapping[str, Member], way: Way
) -> Iterator[Change]:
    """Parameters of a call or members of an object, by name."""
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield breaks(where, f"{name} is gone")
            continue
        yield from _member(f"{where} {name}", before, after, way)
    for name, after in new.items():
        if name not in old:
            if way == "write" and after.required:
                yield breaks(where, f"{name} is new and required")
            else:
                yield added(where, f"{name} is new")


def _member(where: str, old: Member, new: Member, way: Way) -> Iterator[Change]:
    yield from _required(where, old, new, way)
    yield from type_changes(where, old.type, new.type, way)
    yield from deprecation(where, old.deprecated, new.deprecated)
    was, now = _default(old), _default(new)
    if way == "write" and was != now:
        # Defaults are the server's: what is not given is not sent.
        yield changed(where, f"the default was {was}, is {now}")
    if _style(old) != _style(new):
        yield changed(where, "is written in another style")
    if _called(old) != _called(new):
        yield breaks(where, f"was called {_called(old)}, is called {_called(new)}")


def _style(member: Member) -> tuple[str, bool] | None:
    return (member.style, member.explode) if isinstance(member, ir.Param) else None


def _default(member: Member) -> str:
    return json.dumps(member.default, default=str) if member.has_default else "none"


def _called(member: Member) -> str:
    return (member.called or member.wire).wire


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


# -- what is received ------------------------------------------------------------


def _errors(
    key: str, old: Mapping[str, ir.Type], new: Mapping[str, ir.Type]
) -> Iterator[Change]:
    """Error replies by status; one that is not described is raised all the same."""
    for status, before in old.items():
        if status in new:
            where = f"{key} error {status}"
            yield from type_changes(where, before, new[status], "read")
        else:
            yield changed(key, f"the error {status} is described no more")
    for status in new:
        if status not in old:
            yield added(key, f"the error {status} is new")


def _result(where: str, old: ir.Result, new: ir.Result) -> Iterator[Change]:
    old = old.usual if isinstance(old, ir.ByMedia) else old
    new = new.usual if isinstance(new, ir.ByMedia) else new
    if isinstance(old, ir.Json) and isinstance(new, ir.Json):
        yield from _json(where, old, new)
    elif isinstance(old, ir.Either) and isinstance(new, ir.Either):
        if old.flag != new.flag:
            yield breaks(where, f"streams by {new.flag.wire}, was {old.flag.wire}")
        yield from _result(where, old.off, new.off)
        yield from _result(f"{where} stream", old.on, new.on)
    elif isinstance(old, ir.Events) and isinstance(new, ir.Events):
        yield from type_changes(where, old.type, new.type, "read")
        yield from _events(where, old, new)
    elif isinstance(old, ir.Lines) and isinstance(new, ir.Lines):
        yield from type_changes(where, old.type, new.type, "read")
    elif isinstance(old, ir.ByStatus) and isinstance(new, ir.ByStatus):
        yield from _by_status(where, dict(old.table), dict(new.table))
    elif type(old) is not type(new):
        yield breaks(where, f"was {_kind(old)}, is {_kind(new)}")
    elif isinstance(old, (ir.Text, ir.Bytes)) and isinstance(new, (ir.Text, ir.Bytes)):
        yield from _media(where, old.media, new.media)


def _media(where: str, old: Raw, new: Raw) -> Iterator[Change]:
    if old != new:
        yield changed(where, f"was {old.wire}, is {new.wire}")


def _json(where: str, old: ir.Json, new: ir.Json) -> Iterator[Change]:
    if old.paging and new.paging:
        items = f"{where} items"
        yield from type_changes(items, old.paging.item, new.paging.item, "read")
        if (old.paging.more, old.paging.cursors) != (
            new.paging.more,
            new.paging.cursors,
        ):
            yield changed(where, "pages follow each other in another way")
    elif old.paging or new.paging:
        yield breaks(where, "is a page now" if new.paging else "is no page now")
    else:
        yield from type_changes(where, old.type, new.type, "read")
        if old.member != new.member:
            yield changed(where, "the value stands in another place of the reply")


def _events(where: str, old: ir.Events, new: ir.Events) -> Iterator[Change]:
    for name in ("tag", "end", "error", "skip", "done"):
        if getattr(old, name) != getattr(new, name):
            yield changed(where, f"the events' {name} is another")


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
