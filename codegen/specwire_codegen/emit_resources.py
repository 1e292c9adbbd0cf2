"""Resources: a class each, a method an operation, a record of data a method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve, field, frozen

from . import ir
from .blocks import from_import
from .emit_async import Face, face_module
from .emit_derived import Derived, Reference, References, derived_method
from .lines import Group, Lines, Node, Or, Params, call, subscript
from .method_doc import method_doc
from .methods import Kind, Method, write_method
from .names import Names
from .records import is_paged, record, returned
from .signatures import arguments, options, overload_of, params, values
from .types_text import IMPORTS, TypeText, Used

Path = tuple[str, ...]


@frozen
class Extras:
    """What a plan adds to a resource."""

    children: Mapping[Path, Mapping[str, Path]] = field(factory=dict)
    """Resource to (attribute -> resource), aliases among them; ``()`` is the client."""
    mixins: Mapping[Path, tuple[str, str]] = field(factory=dict)
    """Resource to (module, class)."""
    derived: Mapping[Path, Sequence[Derived]] = field(factory=dict)
    """Resource to the methods made of operations."""
    faces: Mapping[Reference, Reference] = field(factory=dict)
    """What is written by hand to its async face."""
    docs: Mapping[Path, str] = field(factory=dict)


@frozen
class Context:
    """What every resource module is written from."""

    names: Names
    param_homes: Mapping[ir.Pointer, str]
    extras: Extras
    faces: Mapping[Path, str] | None = None
    """Resource to the name of its async face; ``None`` to leave those out."""


_LONGEST = 1300
"""Lines of a module, a little below the limit: pieces are not equally long."""
_PART = "Part_"
"""No name that comes from a document ends like this."""


@frozen
class _Writer:
    """One resource module on its way."""

    path: Path
    context: Context
    read: TypeText
    write: TypeText
    value: TypeText
    part: Part
    streams: dict[str, None] = field(factory=dict)
    faced: dict[str, None] = field(factory=dict)
    """Those of ``streams`` that the async side names too."""
    references: References = field(factory=References)


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


@frozen
class Part:
    """A piece of a resource: the first has the class, the others its bases."""

    number: int = 0
    modules: tuple[str, ...] = ()
    """Where the others are."""


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
    writer = _Writer(
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
        face = _face(methods, children, context.faces, writer)
        texts.append(face_module(face, names, context.faces, header))
    return texts


# -- records ---------------------------------------------------------------------


def _records(
    out: Lines, operations: Sequence[ir.Operation], writer: _Writer
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
        inner = evolve(writer.write, shadowed=frozenset(), used=Used())
        args = arguments(operation, writer.context.names, inner)
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
    writer: _Writer,
) -> None:
    names, extras = writer.context.names, writer.context.extras
    first = writer.part.number == 0
    bases = ["_Mixin0"] if first and writer.path in extras.mixins else []
    if first:
        bases += [f"_Part{n + 2}" for n in range(len(writer.part.modules))]
    head = f"{names.classes[writer.path] if first else _PART}("
    out.blank(2)
    whole = Group(head, (*bases, "_r.Resource"), ")", comma=bool(bases))
    out.statement("class ", whole, tail=":")
    out.docstring(_purpose(writer), indent=4)
    for attribute, target in children.items():
        child(out, attribute, target, names)
    for method in methods:
        write_method(out, method)


def _purpose(writer: _Writer) -> str:
    """The first line of a class's docstring."""
    first = writer.part.number == 0
    told = writer.context.extras.docs.get(writer.path) if first else None
    return told or f"Operations of {_dotted(writer.path)}."


def _methods(
    operations: Sequence[ir.Operation],
    derived: Sequence[Derived],
    records: Mapping[ir.Pointer, str],
    writer: _Writer,
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


def _dotted(path: Path) -> str:
    return f"``{'.'.join(path)}``"


def child(out: Lines, attribute: str, target: Path, names: Names) -> None:
    """The property that leads to another resource."""
    name = names.classes[target]
    out.blank()
    out.add("@_r.child", indent=4)
    out.signature(f"def {attribute}", ["self"], name, indent=4)
    from_import(out, f".{names.modules[target]}", [name], indent=8)
    out.add("")
    out.statement("return ", call(name, "self._client"), indent=8)


def _method(operation: ir.Operation, record_: str, writer: _Writer) -> Method:
    names = writer.context.names
    args = arguments(operation, names, writer.write)
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
    writer: _Writer, body: Lines, children: Mapping[str, Path], header: Sequence[str]
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
    out.docstring(f"Resource {_dotted(writer.path)}.")
    out.add("", "from __future__ import annotations", "")
    out.add(*(t for n, t in IMPORTS.items() if n in modules - lazy))
    out.blank()
    out.add("from specwire.core import resource as _r")
    if len(body) and "_results." in body.text():
        out.add("from specwire.core import results as _results")
    if writer.path in extras.mixins and writer.part.number == 0:
        module, name = extras.mixins[writer.path]
        if module.startswith("."):
            out.add("")
        from_import(out, module, [f"{name} as _Mixin0"])
    for (module, name), alias in writer.references.wraps.items():
        from_import(out, module, [f"{name} as {alias}"])
    if writer.value.used.refs or writer.read.used.refs:
        out.add("", "from .. import models as _models")
    if writer.part.modules and writer.part.number == 0:
        out.blank()
        for number, module in enumerate(writer.part.modules):
            out.add(f"from .{module} import {_PART} as _Part{number + 2}")
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
    writer: _Writer, children: Mapping[str, Path], modules: set[str]
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
    homes = {f"..models.{home}": found for home, found in _params(writer).items()}
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


def _params(writer: _Writer) -> dict[str, set[str]]:
    """The request types that annotations name, by module."""
    context, found = writer.context, dict[str, set[str]]()
    for ref in writer.write.used.refs:
        home = context.param_homes[ref]
        found.setdefault(home, set()).add(context.names.params[ref])
    return found


# -- the async side ----------------------------------------------------------------


def _face(
    methods: Sequence[Method],
    children: Mapping[str, Path],
    classes: Mapping[Path, str],
    writer: _Writer,
) -> Face:
    """What the async side says of the same."""
    extras, part = writer.context.extras, writer.part
    first = part.number == 0
    bases: dict[str, Reference] = {}
    mixin = extras.mixins.get(writer.path) if first else None
    mixed = extras.faces.get(mixin) if mixin else None
    if mixed is not None:
        bases["_Mixin0"] = mixed
    if first:
        for number, module in enumerate(part.modules):
            bases[f"_Part{number + 2}"] = (f".{module}", _PART)
    references = writer.references
    known = {
        alias: extras.faces.get(one, one)
        for one, alias in {**references.wraps, **references.gives}.items()
        if alias in _results(methods)
    }
    imports = writer.read.used.imports
    return Face(
        writer.path,
        classes[writer.path] if first else _PART,
        writer.context.names.classes[writer.path] if first else "",
        _purpose(writer),
        methods,
        children,
        bases,
        mixin is not None and mixed is None,
        frozenset([*writer.faced, *imports]),
        known,
        frozenset(imports),
        bool(writer.read.used.refs),
        _params(writer),
    )


def _results(methods: Sequence[Method]) -> set[str]:
    """What methods give that is a name, whatever it is generic in."""
    found = [method.result for method in methods]
    found += [result for method in methods for _, result in method.overloads]
    return {one.partition("[")[0] for one in found if isinstance(one, str)}
