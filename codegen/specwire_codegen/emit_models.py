"""Response models: plain annotated classes on the runtime's base, and aliases."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from . import ir
from .blocks import Aliases, Block, alias_block
from .lines import Group, Lines, Node, Or, table
from .names import Names
from .raw import doc, lit
from .types_text import TypeText, Used
from .usage import Usage, visible


def model_blocks(
    api: ir.Api, names: Names, used: Usage, graph: Aliases
) -> dict[ir.Pointer, Block]:
    """A block for everything that is received."""
    text = TypeText(names.models, "read")
    out: dict[ir.Pointer, Block] = {}
    for name in used.read:
        decl = api.decls[name]
        if isinstance(decl, ir.Alias):
            out[name] = alias_block(decl, text, graph.late(name), doc(decl.doc))
        else:
            out[name] = _class(decl, names, text, api.decls)
    return out


def _class(
    decl: ir.Model,
    names: Names,
    text: TypeText,
    decls: Mapping[ir.Pointer, ir.Decl],
) -> Block:
    fields = visible(decl, "read")
    called = names.fields[decl.id]
    members = frozenset(called[field.wire.wire] for field in fields)
    writer = evolve(text.inside(members), used=Used())
    writer.used.imports["_types"] = None
    out = Lines()
    head = f"{writer.names[decl.id]}("
    base = Group(head, ("_types.Model",), ")", comma=False)
    out.statement("class ", base, tail=":")
    described = marked(doc(decl.doc), decl.deprecated)
    if described:
        out.docstring(described, indent=4)
    elif not fields:
        out.add("pass", indent=4)
    renamed = [(called[f.wire.wire], f.wire) for f in fields]
    renamed = [(name, wire) for name, wire in renamed if name != wire.wire]
    if (renamed or fields) and described:
        out.blank()
    if renamed:
        out.statement(
            "_wire = ",
            table((lit(name), lit(wire)) for name, wire in renamed),
            indent=4,
        )
    for field in fields:
        kind, default = _field(field, writer, decls)
        out.annotated(called[field.wire.wire], kind, default, indent=4)
        told = marked(doc(field.doc), field.deprecated)
        if told:
            out.docstring(told, indent=4)
    return Block(decl.id, tuple(out.text().splitlines()), writer.used, False)


def _field(
    field: ir.Field, text: TypeText, decls: Mapping[ir.Pointer, ir.Decl]
) -> tuple[Node, str | None]:
    """A member's annotation and default."""
    if field.required and not field.nullable and not takes_null(field.type, decls):
        default = lit(field.type.value) if isinstance(field.type, ir.Const) else None
        return text.annotation(field.type), default
    kind = text.annotation(field.type)
    if kind == "_t.Any":
        return kind, "None"
    if isinstance(kind, Or):
        members = [member for member in kind.members if member != "None"]
        return Or((*members, "None")), "None"
    return Or((kind, "None")), "None"


def takes_null(kind: ir.Type, decls: Mapping[ir.Pointer, ir.Decl]) -> bool:
    """Whether null is a value of ``kind``, through named types."""
    seen: set[ir.Pointer] = set()
    open_ = [kind]
    while open_:
        kind = open_.pop()
        if kind == ir.Scalar("null"):
            return True
        if isinstance(kind, ir.Union):
            open_ += kind.members
        elif isinstance(kind, ir.Ref) and kind.to not in seen:
            seen.add(kind.to)
            decl = decls[kind.to]
            if isinstance(decl, ir.Alias):
                open_.append(decl.type)
    return False


def marked(text: str, deprecated: bool) -> str:
    """``text`` with a word in front where the thing is deprecated."""
    return f"Deprecated. {text}".rstrip() if deprecated else text
