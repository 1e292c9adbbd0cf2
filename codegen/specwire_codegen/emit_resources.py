"""Resources: a class each, a method an operation, a record of data a method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve

from . import ir
from .blocks import from_import
from .emit_async import face_module, face_of
from .emit_derived import Derived, derived_method
from .lines import Group, Lines, Node, Or, Params, call, subscript
from .method_doc import method_doc
from .methods import Kind, Method, write_method
from .names import Names
from .records import is_paged, record, returned
from .resource_writer import PART, Context, Part, Path, Writer
from .signatures import options, overload_of, params, values
from .types_text import IMPORTS, TypeText, Used

_LONGEST = 1300
"""Lines of a module, a little below the limit: pieces are not equally long."""


def resource_modules(
    path: Path,
    operations: Sequence[ir.Operation],
    context: Context,
    header: Callable[[Iterable[ir.Pointer]], Sequence[str]],
) -> dict[str, str]:
    """File to text: a module for a resource, more where that would be too long.

    The others hold bases of its class, so that nobody who calls it sees the cut. Its
    async face has as many modules.
    """
    name = context.names.modules[path]
    whole = _module(path, operations, context, header([o.at for o in operations]))
    lines = max(text.count("\n") for text in whole)
    count = min(len(operations), -(-lines // _LONGEST))
    if count < 2:
        return _files(name, whole)
    size = -(-len(operations) // count)
    pieces = [operations[n : n + size] for n in range(0, len(operations), size)]
    found: dict[str, str] = {}
    for number, piece in enumerate(pieces):
        part = Part(number, tuple(f"_{name}_{n + 1}" for n in range(1, len(pieces))))
        key = part.modules[number - 1] if number else name
        at = header([o.at for o in piece])
        found |= _files(key, _module(path, piece, context, at, part))
    return found


def _files(module: str, texts: Sequence[str]) -> dict[str, str]:
    folders = ("resources", "aio/resources")
    return {
        f"{folder}/{module}.py": text
        for folder, text in zip(folders, texts, strict=False)
    }


def _module(
    path: Path,
    operations: Sequence[ir.Operation],
    context: Context,
    header: Sequence[str],
    part: Part | None = None,
) -> list[str]:
    """The text of the module, and where it is wanted that of the async side."""
    names = context.names
    part = part or Part()
    children = context.extras.children.get(path, {}) if part.number == 0 else {}
    derived = context.extras.derived.get(path, ())
    members = frozenset(
        [names.methods[o.at].name for o in operations]
        + [*children, *(each.name for each in derived)]
    )
    read = TypeText(names.models, "read", prefix="_models.").inside(members)
    writer = Writer(
        path,
        context,
        read,
        evolve(
            TypeText(names.params, "write").inside(members),
            used=Used(imports=read.used.imports),
        ),
        TypeText(names.models, "read", prefix="_models.", used=Used(imports={})),
        part,
    )
    body = Lines()
    records = _records(body, operations, writer)
    methods = _methods(operations, derived, records, writer)
    _class(body, methods, children, writer)
    texts = [_assembled(writer, body, children, header)]
    if context.faces is not None:
        face = face_of(methods, children, context.faces, writer)
        texts.append(face_module(face, names, context.faces, header))
    return texts


# -- records ---------------------------------------------------------------------


def _records(
    out: Lines, operations: Sequence[ir.Operation], writer: Writer
) -> dict[ir.Pointer, str]:
    """Write the records; operation to the name of its record."""
    found: dict[ir.Pointer, str] = {}
    taken: set[str] = set()
    for operation in operations:
        name = f"_{writer.context.names.methods[operation.at].name.strip('_').upper()}"
        while name in taken:
            name += "_"
        taken.add(name)
        found[operation.at] = name
        # Records stand outside the class: nothing hides a builtin there.
        plain = evolve(writer.read, shadowed=frozenset())
        args = writer.arguments(operation)
        kinds = returned(operation.result, plain, writer.streams)
        kind = kinds[0] if len(kinds) == 1 else _or(kinds)
        out.annotated(
            name,
            subscript("_r.Operation", kind),
            record(operation, args, writer.context.names, writer.value),
        )
    return found


def _or(kinds: Sequence[Node]) -> Node:
    flat: list[Node] = []
    for kind in kinds:
        members = kind.members if isinstance(kind, Or) else (kind,)
        flat += [member for member in members if member not in flat]
    return Or(tuple(flat)) if len(flat) > 1 else flat[0]


# -- the class -------------------------------------------------------------------


def _class(
    out: Lines,
    methods: Sequence[Method],
    children: Mapping[str, Path],
    writer: Writer,
) -> None:
    names, extras = writer.context.names, writer.context.extras
    first = writer.first
    bases = ["_Mixin0"] if first and writer.path in extras.mixins else []
    if first:
        bases += [f"_Part{n + 2}" for n in range(len(writer.part.modules))]
    head = f"{names.classes[writer.path] if first else PART}("
    out.blank(2)
    whole = Group(head, (*bases, "_r.Resource"), ")", comma=bool(bases))
    out.statement("class ", whole, tail=":")
    out.docstring(writer.purpose, indent=4)
    for attribute, target in children.items():
        child(out, attribute, target, names)
    for method in methods:
        write_method(out, method)


def _methods(
    operations: Sequence[ir.Operation],
    derived: Sequence[Derived],
    records: Mapping[ir.Pointer, str],
    writer: Writer,
) -> list[Method]:
    """Each operation's, and behind it those that are derived from it."""
    texts = writer.read, writer.write
    found: list[Method] = []
    for operation in operations:
        record_ = records[operation.at]
        found.append(_method(operation, record_, writer))
        for each in derived:
            if each.of == operation.at:
                names = writer.context.names
                parts = (each, operation, record_, names, texts, writer.references)
                found.append(derived_method(*parts))
    return found


def child(out: Lines, attribute: str, target: Path, names: Names) -> None:
    """The property that leads to another resource."""
    name = names.classes[target]
    out.blank()
    out.add("@_r.child", indent=4)
    out.signature(f"def {attribute}", ["self"], name, indent=4)
    from_import(out, f".{names.modules[target]}", [name], indent=8)
    out.add("")
    out.statement("return ", call(name, "self._client"), indent=8)


def _method(operation: ir.Operation, record_: str, writer: Writer) -> Method:
    names = writer.context.names
    args = writer.arguments(operation)
    found = operation.result
    kind: Kind = "pages" if is_paged(found) else "waits"
    streams: dict[str, None] = {}
    overloads: list[tuple[Params, Node]] = []
    if isinstance(found, ir.Either):
        writer.read.used.imports["_t"] = None
        for value, each in ((True, found.on), (False, found.off)):
            overloaded = [overload_of(a, found.flag, value) for a in args]
            one = _or(returned(each, writer.read, streams))
            overloads.append((Params(params(overloaded, writer.write)), one))
    result = _or(returned(found, writer.read, streams))
    writer.streams.update(streams)
    if kind == "waits":
        writer.faced.update(streams)
    summary, rest = method_doc(operation, args)
    return Method(
        names.methods[operation.at].name,
        Params(params(args, writer.write)),
        result,
        summary,
        rest,
        [a.name for a in args],
        call("self._call", record_, values(args), *options()),
        kind,
        overloads,
        operation.deprecated,
    )


# -- the module ------------------------------------------------------------------


def _assembled(
    writer: Writer, body: Lines, children: Mapping[str, Path], header: Sequence[str]
) -> str:
    extras = writer.context.extras
    modules = {*writer.read.used.imports, *writer.value.used.imports}
    # What only annotations need costs nothing at run time.
    lazy = set(IMPORTS) - {"_t", *writer.value.used.imports}
    checked = _checked(writer, children, modules & lazy)
    if checked or "_t." in body.text():
        modules.add("_t")
    else:
        modules.discard("_t")
    out = Lines()
    out.add(*header)
    out.docstring(f"Resource {writer.dotted}.")
    out.add("", "from __future__ import annotations", "")
    out.add(*(t for n, t in IMPORTS.items() if n in modules - lazy))
    out.blank()
    out.add("from specwire.core import resource as _r")
    if len(body) and "_results." in body.text():
        out.add("from specwire.core import results as _results")
    if writer.path in extras.mixins and writer.first:
        module, name = extras.mixins[writer.path]
        if module.startswith("."):
            out.add("")
        from_import(out, module, [f"{name} as _Mixin0"])
    for (module, name), alias in writer.references.wraps.items():
        from_import(out, module, [f"{name} as {alias}"])
    if writer.value.used.refs or writer.read.used.refs:
        out.add("", "from .. import models as _models")
    if writer.part.modules and writer.first:
        out.blank()
        for number, module in enumerate(writer.part.modules):
            out.add(f"from .{module} import {PART} as _Part{number + 2}")
    if checked:
        out.add("", "if _t.TYPE_CHECKING:")
        for number, lines in enumerate(checked):
            if number:
                out.add("")
            out.add(*lines, indent=4)
    text = body.text().rstrip("\n").split("\n")
    while text and not text[0]:
        text.pop(0)
    out.blank(2 if text[0].startswith("class ") else 1)
    out.add(*text)
    return out.text()


_RUNTIME = {
    "_FileInput": "from specwire.core.multipart import FileInput as _FileInput",
    "_Download": "from specwire.core.download import Download as _Download",
    "_Page": "from specwire.core.paging import Page as _Page",
    "_Stream": "from specwire.core.stream import Stream as _Stream",
}


def _checked(
    writer: Writer, children: Mapping[str, Path], modules: set[str]
) -> list[list[str]]:
    """Imports that only type checkers follow, in groups."""
    names = writer.context.names
    groups = [
        [text for name, text in IMPORTS.items() if name in modules],
        sorted(
            text
            for name, text in _RUNTIME.items()
            if name in writer.streams or name in writer.write.used.imports
        ),
    ]
    homes = {f"..models.{home}": found for home, found in writer.params().items()}
    for target in children.values():
        if target != writer.path:
            homes.setdefault(f".{names.modules[target]}", set()).add(
                names.classes[target]
            )
    own = Lines()
    for home in sorted(homes):
        from_import(own, home, homes[home], indent=4)
    groups.append(
        [
            f"from {module} import {name} as {alias}"
            for (module, name), alias in sorted(writer.references.gives.items())
        ]
    )
    if homes:
        # Measured where they will stand, which is one level further in.
        groups.append([line[4:] for line in own.text().rstrip("\n").split("\n")])
    return [group for group in groups if group]
