"""The arguments of a generated method, from parameters and a spread body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from . import ir
from .lines import Node, Or, Pair, sequence, table
from .names import EXTRAS, LIMITS, Key, Names
from .raw import Raw, doc, lit
from .types_text import TypeText

UNSET = "_r.UNSET"


def option_params(text: TypeText) -> tuple[Node, ...]:
    """What every method takes besides its own arguments."""
    whole, word = text.builtin("int"), text.builtin("str")
    return (
        f"timeout: _r.TimeoutOption = {UNSET}",
        f"max_retries: {whole} | _r.Unset = {UNSET}",
        f"idempotency_key: {word} | None = None",
        "extra_headers: _r.Headers | None = None",
        "extra_query: _r.Query | None = None",
        "extra_body: _r.Body | None = None",
    )


def options() -> tuple[Node, Node]:
    """The options as they are handed on."""
    # Two short tuples stay on a line each; one long one would take eight.
    return sequence(list(LIMITS)), sequence(list(EXTRAS))


def params(args: Sequence[Argument], text: TypeText) -> list[Node]:
    """All parameters of a method: required ones first, the options last."""
    args = _sorted(args)
    in_path = [a.node() for a in args if a.where == "path"]
    others = [a.node() for a in args if a.where != "path"]
    return ["self", *in_path, "*", *others, *option_params(text)]


def values(args: Iterable[Argument]) -> Node:
    """The arguments by name, as they are handed on."""
    return table((lit(a.name), a.name) for a in args)


def _sorted(args: Iterable[Argument]) -> list[Argument]:
    return sorted(args, key=lambda a: (a.where != "path", a.default is not None))


@frozen
class Argument:
    """One argument: what it is called here and on the wire."""

    name: str
    key: Key
    wire: Raw
    kind: Node
    default: str | None
    told: str
    param: ir.Param | None = None
    is_file: bool = False

    @property
    def where(self) -> str:
        return self.key[0]

    def node(self) -> Node:
        """``name: kind = default`` for a signature."""
        tail = f" = {self.default}" if self.default is not None else ""
        return Pair(f"{self.name}: ", self.kind, tail)


def arguments(operation: ir.Operation, names: Names, text: TypeText) -> list[Argument]:
    """All arguments: the path's, then required ones, then the others."""
    called = names.arguments[operation.at]
    found = [_from_param(p, called, text) for p in operation.params]
    body = operation.body
    if body is not None and body.fields is None:
        found.append(_whole_body(body, called, text))
    elif body is not None:
        found += [_from_field(f, called, text, body) for f in body.fields or ()]
    flag = operation.result
    if isinstance(flag, ir.Either):
        found = [_as_flag(a) if a.wire == flag.flag else a for a in found]
    return _sorted(found)


def _from_param(param: ir.Param, called: Mapping[Key, str], text: TypeText) -> Argument:
    key = (param.where, param.wire.wire)
    kind, default = _kind(param, text)
    if param.where == "path":
        kind, default = text.annotation(param.type), None
    return Argument(
        called[key],
        key,
        param.wire,
        kind,
        default,
        _told(param),
        param,
    )


def _from_field(
    member: ir.Field, called: Mapping[Key, str], text: TypeText, body: ir.Body
) -> Argument:
    key = ("body", member.wire.wire)
    multipart = body.kind == "multipart"
    is_file = multipart and _is_binary(member.type)
    told = _told(member)
    if member.required and body.may_be_missing:
        if not isinstance(member.type, ir.Const):
            told = f"{told} Needed where any part of the body is given.".strip()
        member = evolve(member, required=False)
    kind, default = _kind(member, evolve(text, files=multipart))
    return Argument(
        called[key],
        key,
        member.wire,
        kind,
        default,
        told,
        is_file=is_file,
    )


def _whole_body(body: ir.Body, called: Mapping[Key, str], text: TypeText) -> Argument:
    kind = text.annotation(body.type)
    if body.kind == "bytes":
        kind = text_or_bytes(text)
    if not body.required:
        kind = joined(kind, "_r.Unset")
    return Argument(
        called["body", ""],
        ("body", ""),
        Raw(""),
        kind,
        None if body.required else UNSET,
        doc(body.doc, limit=200),
    )


def text_or_bytes(text: TypeText) -> Node:
    """A raw body: bytes or an open binary file."""
    text.used.imports["_t"] = None
    return Or(("bytes", "_t.BinaryIO"))


def _kind(found: ir.Param | ir.Field, text: TypeText) -> tuple[Node, str | None]:
    """Annotation and default; a required constant is its own default."""
    if found.required and isinstance(found.type, ir.Const) and not found.nullable:
        return text.annotation(found.type), lit(found.type.value)
    kind = text.annotation(found.type, nullable=found.nullable)
    if found.required:
        return kind, None
    return joined(kind, "_r.Unset"), UNSET


def joined(kind: Node, more: str) -> Node:
    """``kind | more``; Any stays Any."""
    if kind == "_t.Any":
        return kind
    if isinstance(kind, Or):
        return Or((*kind.members, more))
    return Or((kind, more))


def _as_flag(argument: Argument) -> Argument:
    return evolve(argument, kind="bool", default="False")


def _told(found: ir.Param | ir.Field) -> str:
    told = _first_sentence(doc(found.doc, limit=300))
    if found.deprecated:
        told = f"Deprecated. {told}".rstrip()
    if found.has_default and not isinstance(found.type, ir.Const):
        shown = lit(found.default) if _is_plain(found.default) else ""
        if shown and len(shown) <= 40:
            said = doc(Raw(f"Server default: {shown}."))
            told = f"{told} {said}".strip()
    return told


def _first_sentence(text: str) -> str:
    """What fits on a line or two; ``explain`` and the document say the rest."""
    first, stop, _ = text.partition(". ")
    short = doc(Raw(first + stop.strip()), limit=100)
    return short if not short or short[-1] in ".!?…:" else f"{short}."


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float)) and value != ""


def _is_binary(kind: ir.Type) -> bool:
    if isinstance(kind, ir.ListOf):
        return _is_binary(kind.item)
    return isinstance(kind, ir.Scalar) and kind.format == "binary"


def overload_of(argument: Argument, flag: Raw, value: bool) -> Argument:
    """The flag's argument in one overload."""
    if argument.wire != flag or argument.where != "body":
        return argument
    default = None if value else "False"
    return evolve(argument, kind=f"_t.Literal[{value}]", default=default)
