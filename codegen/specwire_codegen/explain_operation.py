"""What an operation became: method, arguments, result, and the decisions behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import ir
from .lines import flat
from .positions import split
from .raw import lit
from .records import auth, is_paged, returned
from .signatures import UNSET, arguments
from .types_text import TypeText

if TYPE_CHECKING:
    from .build import Understood


def operation_facts(
    operation: ir.Operation, found: Understood
) -> Iterator[tuple[str, str]]:
    """(label, text) in reading order."""
    names = found.names
    method = names.methods[operation.at]
    said = _said(operation, found)
    yield "HTTP", f"{operation.method} {operation.path.wire}"
    yield "method", f"client.{method.dotted}"
    yield "named", _named(operation, found)
    module = f"resources/{names.modules[method.resource]}.py"
    yield "module", module
    if found.aio:
        way = "awaited or iterated over" if is_paged(operation.result) else "awaited"
        yield "async", f"the same of AsyncClient, {way}; aio/{module}"
    text = TypeText(names.params, "write")
    for one in arguments(operation, names, text):
        wire = one.wire.wire
        renamed = f" {wire}" if wire and wire != one.name else ""
        kind = flat(one.kind).removesuffix(" | _r.Unset")
        need = "required" if one.default is None else f"default {one.default}"
        need = "optional" if one.default == UNSET else need
        yield "argument", f"{one.name}: {kind} ({one.where}{renamed}, {need})"
    if operation.body is not None:
        spread = "its members are arguments"
        if operation.body.fields is None:
            spread = "one argument, since it is not a plain object"
        yield "body", f"{operation.body.media.wire}, {spread}"
    for name, value in (*operation.const_query, *operation.const_headers):
        yield "always sent", f"{name.wire}: {value.wire}"
    for member, name, value in operation.implied:
        yield f"with {member.wire}", f"{name.wire}: {value.wire}"
    for member, ending in operation.retiring:
        if isinstance(ending, ir.Moved):
            now = f"is said in {ending.into.wire}.{ending.member.wire}"
        else:
            now = ", ".join(f"{value.wire} until {day.wire}" for value, day in ending)
        yield f"retiring {member.wire}", now
    for member, old in operation.replaced:
        now = f"{old.part.wire} {old.value.wire} is better {old.instead.wire}"
        values = ", ".join(value.wire for value in old.values)
        yield f"replaced {member.wire}", f"{now} where {old.by.wire} is {values}"
    kinds = returned(operation.result, TypeText(names.models, "read"), {})
    yield "returns", " | ".join(map(flat, kinds))
    yield from _result(operation.result, said)
    yield "retry", _retry(operation, said)
    if operation.needs is not None:
        yield "auth", f"{lit(auth(operation.needs))}, not the service's default"


def _said(operation: ir.Operation, found: Understood) -> dict[str, Any]:
    """The operation in the document, for what its author asked for."""
    file, _, pointer = operation.at.partition("#")
    data: Any = next((d.data for d in found.opened if d.file == file), {})
    for token in split(pointer):
        data = data.get(token, {}) if isinstance(data, dict) else {}
    return data if isinstance(data, dict) else {}


def _named(operation: ir.Operation, found: Understood) -> str:
    name = operation.id
    if name is not None and name.wire in found.plan.operations:
        return "by the plan"
    if name is None:
        return "from method and path: there is no operationId"
    return f"from operationId {name.wire}, tags and path"


def _retry(operation: ir.Operation, said: dict[str, Any]) -> str:
    if "x-specwire-retry" in said:
        why = "x-specwire-retry says so"
    elif operation.retry == "always":
        why = f"{operation.method} may be repeated"
    else:
        why = f"{operation.method} may have been done: only if it never began"
    return f"{operation.retry} ({why})"


def _result(found: ir.Result, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(found, ir.Json) and found.paging is not None:
        paging = found.paging
        sent = ", ".join(f"{a.wire} from {b.wire}" for a, b in paging.cursors)
        more = f", more where {paging.more.wire}" if paging.more else ""
        told = f"items in {paging.items.wire}{more}; {sent}"
        yield "pages", f"{told} (by x-specwire-paging)"
    elif isinstance(found, ir.Json) and found.member is not None:
        yield "value", f"{found.member.wire} of the reply (by x-specwire-value)"
    elif isinstance(found, ir.Either):
        why = "x-specwire-flag" if "x-specwire-flag" in said else "its name"
        yield "flag", f"{found.flag.wire} switches to a stream (by {why})"
        yield from _result(found.off, said)
        yield from _result(found.on, said)
    elif isinstance(found, ir.Events):
        yield "stream", "server-sent events" + _ends(found)
    elif isinstance(found, ir.Lines):
        yield "stream", "JSON lines"
    elif isinstance(found, (ir.Bytes, ir.Text)):
        yield "media", found.media.wire
    elif isinstance(found, ir.ByMedia):
        yield from _result(found.usual, said)
        asked = ", ".join(media.wire for media, _ in found.others)
        yield "if Accept asks", asked
    elif isinstance(found, ir.ByStatus):
        yield "by status", ", ".join(status for status, _ in found.table)
        for status, each in found.table:
            yield from ((f"{status} {key}", t) for key, t in _result(each, said))


def _ends(found: ir.Events) -> str:
    marks = [text.wire for text in (*found.end, *found.done)]
    return f", complete after {', '.join(marks)}" if marks else ""
