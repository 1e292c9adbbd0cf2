"""The record of an operation, as program text: data that the runtime interprets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from . import ir
from .lines import Group, Node, Pair, call, sequence, table
from .names import Names
from .raw import Raw, lit
from .signatures import Argument
from .types_text import TypeText

_PLACE = re.compile(r"\{([^{}]*)\}")
_USUAL = {
    "path": ("simple", False),
    "query": ("form", True),
    "header": ("simple", False),
    "cookie": ("form", True),
}


def record(
    operation: ir.Operation, args: Sequence[Argument], names: Names, value: TypeText
) -> Group:
    """``_r.Operation(...)``; ``value`` writes types that are evaluated in a lambda."""
    items: list[Node] = [
        lit(names.methods[operation.at].dotted),
        lit(operation.service),
        lit(operation.method),
        lit(_path(operation, args)),
    ]
    for field, where in (
        ("query", "query"),
        ("headers", "header"),
        ("cookies", "cookie"),
    ):
        own = [a for a in args if a.where == where]
        if own:
            items.append(Pair(f"{field}=", _members(own)))
    items += _body(operation, args)
    styles = [(lit(a.name), lit(s)) for a in args if (s := _style(a))]
    styles += _encodings(operation, args)
    if styles:
        items.append(Pair("styles=", table(styles)))
    for field, constants in (
        ("const_headers", operation.const_headers),
        ("const_query", operation.const_query),
    ):
        if constants:
            items.append(
                Pair(f"{field}=", table((lit(k), lit(v)) for k, v in constants))
            )
    if operation.implied:
        items.append(Pair("implied=", _implied(operation, args)))
    if operation.retiring:
        items.append(Pair("retiring=", _retiring(operation, args)))
    if operation.replaced:
        items.append(Pair("replaced=", _replaced(operation, args)))
    items.append(Pair("result=", result(operation.result, args, value)))
    if operation.retry != "always":
        items.append(f"retry={lit(operation.retry)}")
    if operation.needs is not None:
        items.append(f"auth={lit(auth(operation.needs))}")
    return call("_r.Operation", *items)


def _implied(operation: ir.Operation, args: Sequence[Argument]) -> Node:
    """Argument to header and value."""
    called = {a.wire.wire: a.name for a in args if a.where == "body"}
    return table(
        (lit(called[member.wire]), f"({lit(header)}, {lit(value)})")
        for member, header, value in operation.implied
    )


def _retiring(operation: ir.Operation, args: Sequence[Argument]) -> Node:
    """Argument to its values and their last days, or to where it is said now."""
    called = {a.wire.wire: a.name for a in args if a.where == "body"}
    rows: list[tuple[str, Node]] = []
    for member, said in operation.retiring:
        if isinstance(said, ir.Moved):
            now: Node = f"({lit(called[said.into.wire])}, {lit(said.member)})"
        else:
            now = table((lit(value), lit(day)) for value, day in said)
        rows.append((lit(called[member.wire]), now))
    return table(rows)


def _replaced(operation: ir.Operation, args: Sequence[Argument]) -> Node:
    """Argument to part, value, the better value, and the argument and values for it."""
    called = {a.wire.wire: a.name for a in args if a.where == "body"}
    rows: list[tuple[str, Node]] = []
    for member, one in operation.replaced:
        values = sequence([lit(value) for value in one.values])
        parts = [lit(one.part), lit(one.value), lit(one.instead)]
        parts.append(lit(called[one.by.wire]))
        rows.append((lit(called[member.wire]), sequence([*parts, values])))
    return table(rows)


def _members(args: Sequence[Argument]) -> Node:
    """Wire names alone where the runtime can tell the arguments from them."""
    if args and all(a.name == a.wire.wire.replace("-", "_").lower() for a in args):
        return sequence([lit(a.wire) for a in args])
    return table((lit(a.name), lit(a.wire)) for a in args)


def auth(needs: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Anonymous last, so that a key that is at hand is used; alone it is ``()``."""
    named = tuple(need for need in needs if need)
    if not named:
        return ()
    return (*named, ()) if () in needs else named


def _path(operation: ir.Operation, args: Sequence[Argument]) -> str:
    """The template with Python argument names in the places."""
    called = {a.wire.wire: a.name for a in args if a.where == "path"}
    pieces = _PLACE.split(operation.path.wire)
    return "".join(
        f"{{{called[piece]}}}" if number % 2 else path_literal(piece)
        for number, piece in enumerate(pieces)
    )


def path_literal(text: str) -> str:
    """What stands between the places, with what no URL may hold percent-encoded."""
    return quote(text, safe="/:@!$&'()*+,;=-._~%", errors="replace")


def _body(operation: ir.Operation, args: Sequence[Argument]) -> list[Node]:
    body = operation.body
    if body is None:
        return []
    items: list[Node] = []
    own = [a for a in args if a.where == "body"]
    if body.fields is None:
        items.append(f"body={lit(own[0].name)}")
    else:
        items.append(Pair("body=", _members(own)))
    if body.media.wire != "application/json":
        items.append(f"media={lit(body.media)}")
    if body.may_be_missing:
        items.append(Pair("optional_body=", _needed(body, own)))
    called = {a.wire.wire: a.name for a in own}
    media = [(e.wire.wire, e.media) for e in body.encoding if e.media is not None]
    parts = [(lit(called[k]), lit(v)) for k, v in media if k in called]
    if parts:
        items.append(Pair("parts=", table(parts)))
    files = [lit(a.name) for a in own if a.is_file]
    if files:
        items.append(f"files=frozenset({{{', '.join(files)}}})")
    return items


def _encodings(
    operation: ir.Operation, args: Sequence[Argument]
) -> list[tuple[str, str]]:
    """The styles of members of a form, by argument; by member where one is it all."""
    body = operation.body
    if body is None:
        return []
    called = {a.wire.wire: a.name for a in args if a.where == "body"}
    found = [(e.wire, e.style) for e in body.encoding if e.style]
    if body.fields is None:
        return [(lit(wire), lit(Raw(style))) for wire, style in found]
    known = [(called.get(wire.wire), style) for wire, style in found]
    return [(lit(name), lit(Raw(style))) for name, style in known if name]


def _needed(body: ir.Body, own: Sequence[Argument]) -> Node:
    """What a body that may be missing needs once there is one."""
    called = {a.wire.wire: a.name for a in own}
    return table(
        (
            lit(called[member.wire.wire]),
            lit(member.type.value)
            if isinstance(member.type, ir.Const) and not member.nullable
            else "_r.UNSET",
        )
        for member in body.fields or ()
        if member.required
    )


def _style(argument: Argument) -> Raw | None:
    param = argument.param
    if param is None or (param.style, param.explode) == _USUAL[param.where]:
        return None
    style = f"{param.style},{str(param.explode).lower()}"
    # The name stands in the path itself, and the template has the argument's.
    if param.style == "matrix" and param.wire != argument.name:
        style = f"{style},{param.wire.wire}"
    return Raw(style)


# -- results ---------------------------------------------------------------------


def result(found: ir.Result, args: Sequence[Argument], value: TypeText) -> Node:
    """The ``_results`` expression."""
    if isinstance(found, ir.Json):
        return _json(found, args, value)
    if isinstance(found, ir.Nothing):
        return "_results.Nothing()"
    if isinstance(found, ir.Text):
        return "_results.Text()"
    if isinstance(found, ir.Bytes):
        return "_results.Bytes()"
    if isinstance(found, ir.Lines):
        return call("_results.Lines", lazy(found.type, value))
    if isinstance(found, ir.Events):
        return _events(found, value)
    if isinstance(found, ir.Either):
        flag = next(a.name for a in args if a.wire == found.flag and a.where == "body")
        return call(
            "_results.Either",
            lit(flag),
            result(found.off, args, value),
            result(found.on, args, value),
        )
    if isinstance(found, ir.ByMedia):
        others = [(lit(media), result(r, args, value)) for media, r in found.others]
        usual = result(found.usual, args, value)
        return call("_results.ByMedia", usual, table(others))
    rows = table((lit(status), result(r, args, value)) for status, r in found.table)
    return call("_results.ByStatus", rows)


def lazy(kind: ir.Type, value: TypeText) -> Node:
    body = value.value(kind)
    if isinstance(body, str):
        return f"lambda: {body}"
    return Pair("lambda: ", body)


def _json(found: ir.Json, args: Sequence[Argument], value: TypeText) -> Node:
    paging = found.paging
    if paging is None:
        inside = [f"member={lit(found.member)}"] if found.member else []
        return call("_results.Json", lazy(found.type, value), *inside)
    called = {a.wire.wire: a.name for a in args}
    cursors = [
        (lit(called[sent.wire]), lit(reply))
        for sent, reply in paging.cursors
        if sent.wire in called
    ]
    items: list[Node] = [lazy(paging.item, value), f"items={lit(paging.items)}"]
    if paging.more:
        items.append(f"more={lit(paging.more)}")
    items.append(Pair("cursors=", table(cursors)))
    return call("_results.Pages", *items)


def _events(found: ir.Events, value: TypeText) -> Node:
    items: list[Node] = [lazy(found.type, value)]
    if found.tag:
        items.append(f"tag={lit(found.tag)}")
    lists: Mapping[str, tuple[Raw, ...]] = {
        "end": found.end,
        "error": found.error,
        "skip": found.skip,
        "done": found.done,
    }
    for name, texts in lists.items():
        if texts:
            items.append(Pair(f"{name}=", sequence([lit(t) for t in texts])))
    return call("_results.Events", *items)


def is_paged(found: ir.Result) -> bool:
    """Whether a call gives a page, whatever comes."""
    usual = found.usual if isinstance(found, ir.ByMedia) else found
    return isinstance(usual, ir.Json) and usual.paging is not None


def returned(found: ir.Result, text: TypeText, imports: dict[str, None]) -> list[Node]:
    """What a call gives back, as annotations; several where it depends."""
    if isinstance(found, ir.ByMedia):
        # Who asks for another media type knows what that is.
        return returned(found.usual, text, imports)
    if isinstance(found, ir.Nothing):
        return ["None"]
    if isinstance(found, ir.Text):
        return [text.builtin("str")]
    if isinstance(found, ir.Bytes):
        imports["_Download"] = None
        return ["_Download"]
    if isinstance(found, ir.Json) and found.paging is None:
        return [text.annotation(found.type)]
    if isinstance(found, ir.Json) and found.paging is not None:
        imports["_Page"] = None
        return [
            Group("_Page[", (text.annotation(found.paging.item),), "]", comma=False)
        ]
    if isinstance(found, (ir.Events, ir.Lines)):
        imports["_Stream"] = None
        return [Group("_Stream[", (text.annotation(found.type),), "]", comma=False)]
    if isinstance(found, ir.Either):
        inner = [found.off, found.on]
    else:
        assert isinstance(found, ir.ByStatus)
        inner = [each for _, each in found.table]
    out: list[Node] = []
    for each in inner:
        out += [node for node in returned(each, text, imports) if node not in out]
    return out
