"""Request types: ``TypedDict`` classes with the wire's keys, and aliases.

Only type checkers read these modules; resources import them under ``TYPE_CHECKING``.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Sequence

from attrs import evolve

from . import ir
from .blocks import Aliases, Block, alias_block
from .emit_models import marked
from .lines import Group, Lines, Node, call, flat, table
from .names import Names
from .raw import Raw, doc, lit
from .types_text import TypeText, Used
from .usage import Usage, visible


def param_blocks(
    api: ir.Api, names: Names, used: Usage, graph: Aliases
) -> dict[ir.Pointer, Block]:
    """A block for everything that is sent."""
    text = TypeText(names.params, "write")
    out: dict[ir.Pointer, Block] = {}
    for name in used.write:
        decl = api.decls[name]
        if name in used.neutral:
            continue
        if isinstance(decl, ir.Alias):
            out[name] = alias_block(decl, text, graph.late(name), doc(decl.doc))
        else:
            out[name] = _typed_dict(decl, text)
    return out


def _typed_dict(decl: ir.Model, text: TypeText) -> Block:
    fields = visible(decl, "write")
    members = frozenset(field.wire.wire for field in fields)
    writer = evolve(text.inside(members), used=Used())
    writer.used.imports["_t"] = None
    name = writer.names[decl.id]
    required = [field for field in fields if field.required]
    optional = [field for field in fields if not field.required]
    described = marked(doc(decl.doc), decl.deprecated)
    out = Lines()
    if all(is_key(field.wire) for field in fields):
        _classes(out, name, required, optional, described, writer)
    else:
        _calls(
            out,
            name,
            required,
            optional,
            described,
            evolve(writer, shadowed=frozenset()),
        )
    return Block(decl.id, tuple(out.text().splitlines()), writer.used, False)


def is_key(wire: Raw) -> bool:
    """Whether class syntax can spell this key without changing it."""
    text = wire.wire
    return (
        text.isidentifier()
        and not keyword.iskeyword(text)
        # Two underscores in front would be mangled, other forms normalised.
        and not text.startswith("__")
        and unicodedata.normalize("NFKC", text) == text
    )


def _classes(
    out: Lines,
    name: str,
    required: Sequence[ir.Field],
    optional: Sequence[ir.Field],
    described: str,
    text: TypeText,
) -> None:
    base = "_t.TypedDict"
    if required and optional:
        head = Group(f"_{name}(", (base,), ")", comma=False)
        out.statement("class ", head, tail=":")
        _members(out, required, text)
        out.blank(2)
        base = f"_{name}"
    args: tuple[Node, ...] = (base, "total=False") if optional else (base,)
    out.statement("class ", Group(f"{name}(", args, ")"), tail=":")
    shown = optional or required
    if described:
        out.docstring(described, indent=4)
        if shown:
            out.blank()
    _members(out, shown, text)
    if not shown and not described:
        out.add("pass", indent=4)


def _members(out: Lines, fields: Sequence[ir.Field], text: TypeText) -> None:
    for field in fields:
        # Wire keys are identifiers here (is_key), so they are their own spelling.
        kind = text.annotation(field.type, nullable=field.nullable)
        out.annotated(_key(field.wire), kind, indent=4)
        told = marked(doc(field.doc), field.deprecated)
        if told:
            out.docstring(told, indent=4)


def _key(wire: Raw) -> str:
    if not is_key(wire):
        raise AssertionError(f"{wire.shown()} is no identifier")
    return wire.wire


def _calls(
    out: Lines,
    name: str,
    required: Sequence[ir.Field],
    optional: Sequence[ir.Field],
    described: str,
    text: TypeText,
) -> None:
    both = bool(required and optional)
    if both:
        out.statement(f"_{name} = ", _call(f"_{name}", required, text))
        out.statement(
            f"_{name}Optional = ", _call(f"_{name}Optional", optional, text, False)
        )
        out.blank(2)
        bases = (f"_{name}", f"_{name}Optional")
        out.statement("class ", Group(f"{name}(", bases, ")"), tail=":")
        out.add("pass", indent=4) if not described else out.docstring(
            described, indent=4
        )
        return
    fields = required or optional
    out.statement(f"{name} = ", _call(name, fields, text, bool(required)))
    if described:
        out.docstring(described)


def _call(
    name: str, fields: Sequence[ir.Field], text: TypeText, total: bool = True
) -> Group:
    rows = table(
        (lit(f.wire), lit(flat(text.annotation(f.type, nullable=f.nullable))))
        for f in fields
    )
    args: list[Node] = [lit(name), rows]
    if not total:
        args.append("total=False")
    return call("_t.TypedDict", *args)
