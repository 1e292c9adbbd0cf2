"""Tests of a user's package: one an operation, offline.

Each calls a method with sample arguments and says which request must come of it. What
is expected is computed here from the document, not from the records the runtime reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from . import ir
from .lines import Group, Lines, Node, Pair, call, sequence, table
from .names import Names
from .raw import lit
from .records import path_literal
from .samples import Given, givens, literal, sample_call

_PLACE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


def tests_of(
    api: ir.Api, names: Names, header: Sequence[str], *, aio: bool = True
) -> dict[str, str]:
    """``tests/test_<resource>.py`` of every resource that has operations."""
    by_resource: dict[tuple[str, ...], list[ir.Operation]] = {}
    for operation in api.operations:
        by_resource.setdefault(names.methods[operation.at].resource, []).append(
            operation
        )
    files = {"tests/__init__.py": _init(header)}
    for path, operations in by_resource.items():
        name = f"tests/test_{names.modules[path]}.py"
        files[name] = _module(path, operations, api, names, header)
    if aio and by_resource:
        firsts = [operations[0] for operations in by_resource.values()]
        files["tests/test__aio.py"] = _awaited(firsts, api, names, header)
    return files


def _init(header: Sequence[str]) -> str:
    out = Lines()
    out.add(*header)
    out.docstring("What each operation sends; nothing here needs a network or a key.")
    return out.text()


def _module(
    path: tuple[str, ...],
    operations: Sequence[ir.Operation],
    api: ir.Api,
    names: Names,
    header: Sequence[str],
) -> str:
    out = Lines()
    out.add(*header)
    out.docstring(f"What the operations of ``{'.'.join(path)}`` send.")
    out.add("", "from __future__ import annotations", "")
    out.add("from specwire.testing import recorded as _recorded", "")
    out.add("from .. import Client as _Client")
    for operation in operations:
        given = givens(operation, api, names)
        method = names.methods[operation.at]
        out.blank(2)
        out.add(f"def test_{method.name}() -> None:")
        out.docstring(f"``{method.dotted}`` sends what the document says.", indent=4)
        out.add("with _recorded(_Client) as sent:", indent=4)
        out.statement("", sample_call("sent.client", operation, given, names), indent=8)
        out.statement("", expectation(operation, given), indent=4)
    return out.text()


def _awaited(
    operations: Sequence[ir.Operation],
    api: ir.Api,
    names: Names,
    header: Sequence[str],
) -> str:
    """One call of each resource by the async client: its arguments and its wiring.

    That it sends what the other sends is the runtime's to hold, once for all.
    """
    out = Lines()
    out.add(*header)
    out.docstring("What the first operation of each resource sends, awaited.")
    out.add("", "from __future__ import annotations", "", "import asyncio as _asyncio")
    out.add("", "import pytest as _pytest")
    out.add("from specwire.testing import recorded as _recorded")
    out.add("", "from .. import AsyncClient as _AsyncClient", "")
    out.add("# The extra async of specwire.")
    for needed in ("aiohttp", "greenlet"):
        out.add(f'_{needed} = _pytest.importorskip("{needed}")')
    for operation in operations:
        given = givens(operation, api, names)
        method = names.methods[operation.at]
        out.blank(2)
        out.add(f"def test_{names.modules[method.resource]}() -> None:")
        told = f"``{method.dotted}``, awaited, sends what the document says."
        out.docstring(told, indent=4)
        out.add("", indent=0)
        out.add("async def call() -> None:", indent=4)
        out.add("async with _recorded(_AsyncClient) as sent:", indent=8)
        made = sample_call("sent.client", operation, given, names)
        out.statement("await ", made, indent=12)
        out.statement("", expectation(operation, given), indent=8)
        out.add("")
        out.add("_asyncio.run(call())", indent=4)
    return out.text()


# -- what must be sent -----------------------------------------------------------


def expectation(operation: ir.Operation, given: Sequence[Given]) -> Group:
    """``sent.expect(...)``."""
    path = _path(operation, given)
    items: list[Node] = [lit(operation.method), lit(path)]
    query = [(k.wire, v.wire) for k, v in operation.const_query]
    query += _pairs(given, "query")
    if query:
        items.append(Pair("query=", _rows(query)))
    headers = _headers(operation, given)
    if headers:
        rows = table((lit(name), lit(value)) for name, value in headers.items())
        items.append(Pair("headers=", rows))
    cookies = _pairs(given, "cookie")
    if cookies:
        items.append(Pair("cookies=", _rows(cookies)))
    return call("sent.expect", *items, *_body(operation, given))


def _rows(pairs: Sequence[tuple[str, str]]) -> Node:
    rows = [Group("(", (lit(k), lit(v)), ")", fill=False) for k, v in pairs]
    return Group("[", tuple(rows), "]", fill=False)


def _path(operation: ir.Operation, given: Sequence[Given]) -> str | None:
    """The path with samples in its places; ``None`` where a place has parts."""
    texts = {g.wire: _place(g) for g in given if g.where == "path"}
    places = _PLACE.findall(operation.path.wire)
    if any(texts.get(name) is None for name in places):
        return None
    pieces = _PLACE.split(operation.path.wire)
    return "".join(
        (texts[piece] or "") if number % 2 else path_literal(piece)
        for number, piece in enumerate(pieces)
    )


def _place(given: Given) -> str | None:
    text = _text(given.value)
    if text is None:
        return None
    style = given.param.style if given.param else "simple"
    if style == "label":
        return "." + quote(text, safe="")
    if style == "matrix":
        plain = _NAME.match(given.wire)
        return f";{given.wire}={quote(text, safe='')}" if plain else None
    return quote(text, safe="") if style == "simple" else None


def _text(value: Any) -> str | None:
    """A scalar as it stands in a URL or a header; ``None`` for anything else."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _pairs(given: Sequence[Given], where: str) -> list[tuple[str, str]]:
    """(wire name, text) of what is one pair whatever the style."""
    found = []
    for each in given:
        text = _text(each.value)
        style = each.param.style if each.param else "form"
        if each.where == where and text is not None and style == "form":
            found.append((each.wire, text))
    return found


def _headers(operation: ir.Operation, given: Sequence[Given]) -> dict[str, str]:
    """Header values; one that is joined with a constant of its name is left out."""
    found = {k.wire: v.wire for k, v in operation.const_headers}
    for each in given:
        text = _text(each.value)
        if each.where != "header" or (each.param and each.param.style != "simple"):
            continue
        if found.pop(each.wire, None) is None and text is not None:
            found[each.wire] = text
    return found


def _body(operation: ir.Operation, given: Sequence[Given]) -> list[Node]:
    body = operation.body
    own = [each for each in given if each.where == "body"]
    if body is None or (not own and (body.fields is None or not body.required)):
        return []
    if body.fields is None:
        value = own[0].value
        if body.kind in ("text", "bytes"):
            return ['content=b"content"' if value == b"content" else 'content=b"text"']
    else:
        value = {each.wire: each.value for each in own}
    if body.kind == "json":
        shown = "..." if _has_bytes(value) else literal(value)
        return [] if shown == "..." else [Pair("json=", shown)]
    return _form(body, own)


def _form(body: ir.Body, own: Sequence[Given]) -> list[Node]:
    if body.kind == "multipart":
        parts = [lit(each.wire) for each in own if _NAME.match(each.wire)]
        return [Pair("parts=", sequence(parts))] if parts else []
    styled = {each.wire.wire for each in body.encoding}
    plain = [each for each in own if each.wire not in styled]
    pairs = _pairs(plain, "body") if body.fields is not None else []
    return [Pair("form=", _rows(pairs))] if pairs else []


def _has_bytes(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_bytes(each) for each in value.values())
    if isinstance(value, list):
        return any(_has_bytes(each) for each in value)
    return isinstance(value, bytes)
