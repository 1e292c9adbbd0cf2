"""``resources/_webhooks.py``: bodies that the API sends, and ``unwrap`` for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from . import ir
from .blocks import from_import
from .lines import Lines, Node, Pair, call, subscript, table
from .names import Names
from .raw import Raw, lit
from .records import lazy
from .types_text import IMPORTS, TypeText, Used

MODULE, MIXIN = "_webhooks", "Unwrap"
_MOST_OVERLOADS = 200


def webhooks_module(
    found: ir.Webhooks,
    names: Names,
    homes: Mapping[ir.Pointer, str],
    header: Sequence[str],
) -> str:
    """A table of the bodies, and a class with one method that the resource takes up."""
    read = TypeText(names.models, "read")
    value = evolve(read, prefix="_models.", used=Used())
    body = Lines()
    rows = table((lit(name), lazy(kind, value)) for name, kind in found.bodies)
    body.annotated("_BODIES", "dict[str, _w.Body]", rows)
    if found.whole is not None:
        body.annotated("_WHOLE", "_w.Body", lazy(found.whole, value))
    body.blank(2)
    body.add(f"class {MIXIN}:")
    body.docstring("Gives what the API sends to a subscriber its type.", indent=4)
    _unwrap(body, found, read)
    return _assembled(body, read, value, names, homes, header)


def _unwrap(body: Lines, found: ir.Webhooks, read: TypeText) -> None:
    by_kind: dict[ir.Type, list[Raw]] = {}
    for name, kind in found.bodies:
        by_kind.setdefault(kind, []).append(name)
    every: list[Node] = []
    for kind in [found.whole] if found.whole is not None else by_kind:
        every.append(read.annotation(kind))
    result = every[0] if len(every) == 1 else subscript("_t.Union", *every)
    plain: list[Node] = ["self", "payload: bytes | str", "name: str | None = None"]
    if 1 < len(by_kind) <= _MOST_OVERLOADS:
        for kind, called in by_kind.items():
            one = subscript("_t.Literal", *map(lit, called))
            params: list[Node] = ["self", "payload: bytes | str", Pair("name: ", one)]
            _overload(body, params, read.annotation(kind))
        _overload(body, plain, result)
    body.blank()
    body.signature("def unwrap", plain, result, indent=4)
    body.docstring("The body of a webhook as its type.", rest=_rest(found), indent=8)
    whole = "_WHOLE" if found.whole is not None else "None"
    made = call("_w.unwrap", "_BODIES", whole, "payload", "name")
    body.annotated("_found", result, made, indent=8)
    body.add("return _found", indent=8)


def _rest(found: ir.Webhooks) -> list[str]:
    which = "which webhook it is; else the body says"
    if found.whole is None:
        which = "which webhook it is; these bodies do not say it"
    return [
        "A signature is not checked: do that before, over the bytes that came.",
        ":param payload: the body as it came.",
        f":param name: {which}.",
        ":raises specwire.errors.DecodeError: where it is not of that type.",
    ]


def _overload(body: Lines, params: Sequence[Node], result: Node) -> None:
    body.blank()
    body.add("@_t.overload", indent=4)
    body.signature("def unwrap", params, result, tail=": ...", indent=4)


def _assembled(
    body: Lines,
    read: TypeText,
    value: TypeText,
    names: Names,
    homes: Mapping[ir.Pointer, str],
    header: Sequence[str],
) -> str:
    modules = {*read.used.imports, *value.used.imports, "_t"} & IMPORTS.keys()
    out = Lines()
    out.add(*header)
    out.docstring("What the API sends by itself.")
    out.add("", "from __future__ import annotations", "")
    out.add(*(text for name, text in IMPORTS.items() if name in modules))
    out.add("", "from specwire.core import webhooks as _w")
    if value.used.refs:
        out.add("", "from .. import models as _models")
    by_home: dict[str, set[str]] = {}
    for ref in read.used.refs:
        by_home.setdefault(homes[ref], set()).add(names.models[ref])
    if by_home:
        out.add("", "if _t.TYPE_CHECKING:")
        for home in sorted(by_home):
            from_import(out, f"..models.{home}", by_home[home], indent=4)
    out.blank()
    out.add(*body.text().rstrip("\n").split("\n"))
    return out.text()
