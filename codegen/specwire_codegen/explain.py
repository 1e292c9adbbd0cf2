"""``explain``: what a schema or an operation became, and why.

Reads a finished :class:`~specwire_codegen.build.Understood`; decides nothing itself.
What is asked for may be a JSON pointer, an operationId, ``METHOD /path``, the name of a
component or a Python name of the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from . import ir
from .build import Understood
from .emit import places
from .explain_operation import operation_facts
from .lines import flat
from .positions import split
from .problems import Locate, Problem, Problems, did_you_mean, shown
from .types_text import TypeText
from .usage import Way

Fact: TypeAlias = tuple[str, str]


class NotThere(Exception):
    """Nothing of that name; the message says what was near."""


@frozen
class Explained:
    """One thing of the document and what became of it."""

    kind: str
    at: ir.Pointer
    facts: tuple[Fact, ...]
    findings: tuple[Problem, ...] = field(default=())

    def lines(self, locate: Locate) -> list[str]:
        """For people."""
        file, _, pointer = self.at.partition("#")
        place = locate(self.at)
        where = f"{shown(file)}:{place[0]}:{place[1]}" if place else shown(file)
        out = [f"{self.kind} {shown(pointer or file)} ({where})"]
        wide = max((len(label) for label, _ in self.facts), default=0)
        out += [f"  {label:<{wide}}  {shown_text(text)}" for label, text in self.facts]
        kept = Problems()
        for one in self.findings:
            kept.add(one.severity, one.code, one.at, one.message, one.hint)
        return out + [f"  {line}" for line in kept.render(locate)]

    def as_json(self, locate: Locate) -> dict[str, Any]:
        """``{"kind", "pointer", "file", "line", "facts": [[label, text]], ...}``"""
        file, _, pointer = self.at.partition("#")
        place = locate(self.at)
        kept = Problems()
        for one in self.findings:
            kept.add(one.severity, one.code, one.at, one.message, one.hint)
        return {
            "kind": self.kind,
            "file": file,
            "pointer": pointer,
            "line": place[0] if place else None,
            "facts": [list(fact) for fact in self.facts],
            "findings": kept.as_json(locate),
        }


def shown_text(text: str) -> str:
    """A fact on one line; longer than a message may be, as types are."""
    return text.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")


def explain(wanted: str, found: Understood, problems: Problems) -> list[Explained]:
    """What ``wanted`` means: one thing, or several of that name.

    :raises NotThere: with what may have been meant.
    """
    index = _index(found)
    pointers = index.get(wanted) or _by_pointer(wanted, found, index)
    homes = places(found.api, found.used, found.names, found.header)
    return [_one(at, found, homes, problems) for at in pointers]


# -- finding it ------------------------------------------------------------------


def _index(found: Understood) -> dict[str, list[ir.Pointer]]:
    """Everything that may be asked for by name."""
    out: dict[str, list[ir.Pointer]] = {}
    names = found.names
    for operation in found.api.operations:
        keys = [
            f"{operation.method} {operation.path.wire}",
            f"{operation.method} {_tokens(operation.at)[1]}",
            names.methods[operation.at].dotted,
            *([operation.id.wire] if operation.id else []),
        ]
        for key in dict.fromkeys(keys):
            out.setdefault(key, []).append(operation.at)
    for at in found.api.decls:
        tokens = _tokens(at)
        keys = [names.models.get(at, ""), names.params.get(at, "")]
        if tokens[:2] == ("components", "schemas") and len(tokens) == 3:
            keys.append(str(tokens[2]))
        for key in dict.fromkeys(filter(None, keys)):
            if at not in out.setdefault(key, []):
                out[key].append(at)
    return out


def _tokens(at: ir.Pointer) -> tuple[str, ...]:
    return split(at.partition("#")[2])


def _by_pointer(
    wanted: str, found: Understood, index: Mapping[str, list[ir.Pointer]]
) -> list[ir.Pointer]:
    file, mark, pointer = wanted.rpartition("#")
    known = dict.fromkeys(_known(found))
    files = [file] if file else [document.file for document in found.opened]
    if pointer.startswith("/"):
        exact = [f"{one}#{pointer}" for one in files if f"{one}#{pointer}" in known]
        # Swagger 2.0 keeps its schemas elsewhere; the output knows one place.
        moved = pointer.replace("/definitions/", "/components/schemas/", 1)
        exact = exact or [f"{o}#{moved}" for o in files if f"{o}#{moved}" in known]
        around = [at for one in files if (at := _around(f"{one}#{pointer}", found))]
        if exact or around:
            return exact or around
        near = [at.partition("#")[2] for at in known]
        hint = did_you_mean(pointer, near)
    else:
        hint = did_you_mean(wanted, index)
    if not mark and hint is None:
        hint = (
            "expected a JSON pointer, an operationId, METHOD /path or a schema's name"
        )
    raise NotThere(f"the input has no '{shown(wanted)}'{f', {hint}' if hint else ''}")


def _known(found: Understood) -> Iterator[ir.Pointer]:
    for operation in found.api.operations:
        yield operation.at
        for param in operation.params:
            yield param.at
        if operation.body is not None:
            yield operation.body.at
            for member in operation.body.fields or ():
                yield member.at
    for at, decl in found.api.decls.items():
        yield at
        if isinstance(decl, ir.Model):
            for member in decl.fields:
                yield member.at


def _around(at: ir.Pointer, found: Understood) -> ir.Pointer | None:
    """What a place that exists in the document, but has no name, is a part of."""
    file = at.partition("#")[0]
    data: Any = next((d.data for d in found.opened if d.file == file), None)
    for token in _tokens(at):
        if isinstance(data, Mapping) and str(token) in data:
            data = data[str(token)]
        elif isinstance(data, list) and str(token).isdigit() and int(token) < len(data):
            data = data[int(token)]
        else:
            return None
    known = set(_known(found))
    while at not in known:
        at, slash, _ = at.rpartition("/")
        if not slash or "#" not in at:
            return None
    return at


# -- saying it -------------------------------------------------------------------

Homes: TypeAlias = tuple[Mapping[ir.Pointer, str], Mapping[ir.Pointer, str]]


def _one(
    at: ir.Pointer, found: Understood, homes: Homes, problems: Problems
) -> Explained:
    for operation in found.api.operations:
        if operation.at == at:
            parts = [at, *(param.at for param in operation.params)]
            facts = operation_facts(operation, found)
            about = _about(parts, problems)
            return Explained("operation", at, tuple(facts), about)
    about = _about([at], problems)
    decl = found.api.decls.get(at)
    if decl is not None:
        return Explained("schema", at, tuple(_decl(decl, found, homes)), about)
    return Explained("part", at, tuple(_part(at, found)), about)


def _about(parts: Sequence[ir.Pointer], problems: Problems) -> tuple[Problem, ...]:
    """What was found at these places and below them."""
    below = tuple(f"{part}/" for part in parts)
    return tuple(p for p in problems if p.at in parts or p.at.startswith(below))


def _decl(decl: ir.Decl, found: Understood, homes: Homes) -> Iterator[Fact]:
    names, at = found.names, decl.id
    both: tuple[tuple[Way, Mapping[str, str], str], ...] = (
        ("read", names.models, "received as"),
        ("write", names.params, "sent as"),
    )
    for (way, called, label), home in zip(both, homes, strict=True):
        if at in called:
            yield label, called[at]
            yield "module", f"models/{home[at]}.py"
            yield from _shape(decl, TypeText(called, way), found)
    if at not in names.models and at not in names.params:
        why = "merged or spread into others" if at in found.api.absorbed else "unused"
        yield "no name", f"{why}: nothing refers to it"
    users = sorted(found.used.read.get(at, set()) | found.used.write.get(at, set()))
    methods = [names.methods[user].dotted for user in users]
    yield "used by", ", ".join(methods) or "no operation"


def _shape(decl: ir.Decl, text: TypeText, found: Understood) -> Iterator[Fact]:
    if isinstance(decl, ir.Alias):
        yield "type", flat(text.value(decl.type))
        if isinstance(decl.type, ir.Union):
            yield "why", _told_apart(decl.type)
        return
    yield "type", "a class" if text.way == "read" else "a TypedDict"
    called = found.names.fields.get(decl.id, {}) if text.way == "read" else {}
    for member in decl.fields:
        wire = member.wire.wire
        if member.access not in ("both", text.way):
            side = "requests" if member.access == "write" else "replies"
            yield "member", f"{wire}: only in {side}"
            continue
        kind = flat(text.annotation(member.type, nullable=member.nullable))
        name = called.get(wire, wire)
        renamed = f" (on the wire {wire})" if name != wire else ""
        need = "required" if member.required else "optional"
        yield "member", f"{name}{renamed}: {kind}, {need}"


def _told_apart(kind: ir.Union) -> str:
    if kind.tag is not None:
        values = ", ".join(value.wire for value, _ in kind.tag.table)
        return f"members are told apart by {kind.tag.wire.wire!r}: {values}"
    return "no common tag: by JSON kind, then by required members, else kept raw"


def _part(at: ir.Pointer, found: Understood) -> Iterator[Fact]:
    """A parameter, a body or a member: what it is a part of."""
    for operation in found.api.operations:
        dotted = found.names.methods[operation.at].dotted
        called = found.names.arguments[operation.at]
        text = TypeText(found.names.params, "write")
        parts: list[ir.Param | ir.Field] = [*operation.params]
        parts += (operation.body.fields if operation.body else None) or ()
        for part in parts:
            if part.at == at:
                where = part.where if isinstance(part, ir.Param) else "body"
                yield "argument", f"{called[where, part.wire.wire]} of {dotted}"
                kind = text.annotation(part.type, nullable=part.nullable)
                yield "on the wire", f"{part.wire.wire} in {where}"
                yield "type", flat(kind)
        if operation.body is not None and operation.body.at == at:
            yield "body of", dotted
            yield "media", operation.body.media.wire
    for decl in found.api.decls.values():
        if isinstance(decl, ir.Model):
            for member in decl.fields:
                if member.at == at:
                    yield from _member(member, decl, found)


def _member(member: ir.Field, decl: ir.Model, found: Understood) -> Iterator[Fact]:
    names, wire = found.names, member.wire.wire
    yield "on the wire", wire
    if decl.id in names.models:
        name = names.fields[decl.id][wire]
        kind = TypeText(names.models, "read").annotation(
            member.type, nullable=member.nullable
        )
        yield "received as", f"{names.models[decl.id]}.{name}: {flat(kind)}"
    if decl.id in names.params:
        kind = TypeText(names.params, "write").annotation(
            member.type, nullable=member.nullable
        )
        yield "sent as", f"{names.params[decl.id]}[{wire!r}]: {flat(kind)}"
