"""Async resources: faces of the resources, written from the same methods.

A face says the same names and types and decides nothing: each method runs that of the
resource it stands for. What types are called in a module is alike on both sides, so
only the imports differ: ``_Stream`` here is the async one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from .blocks import from_import
from .emit_derived import Reference
from .lines import Group, Lines, call, table
from .methods import Method, write_async
from .names import Names
from .raw import lit
from .resource_writer import PART, Path, Writer
from .types_text import IMPORTS

_TYPES = {
    "_FileInput": "from specwire.core.multipart import FileInput as _FileInput",
    "_Download": "from specwire.aio.download import AsyncDownload as _Download",
    "_Page": "from specwire.aio.paging import AsyncPage as _Page",
    "_Stream": "from specwire.aio.stream import AsyncStream as _Stream",
}


def async_classes(names: Names) -> dict[Path, str]:
    """Resource to the name of its face, which no request type of the document has."""
    taken = set(names.params.values())
    found: dict[Path, str] = {}
    for path, name in names.classes.items():
        wanted = f"Async{name}"
        while wanted in taken:
            wanted += "Resource"
        taken.add(wanted)
        found[path] = wanted
    return found


@frozen
class Face:
    """One module of a resource's async side, all but its text.

    :ivar name: of the class.
    :ivar stands_for: the name of the resource's own class; empty for a part of one.
    :ivar bases: what it inherits, by its name here.
    :ivar is_open: whether the resource has methods besides, of which nothing is said.
    :ivar types: what the module calls types of the runtime, of :data:`_TYPES`.
    :ivar known: other types by their names here.
    :ivar standard: modules of the standard library, by their names here.
    :ivar models: whether one is named.
    :ivar params: request types by their module.
    """

    path: Path
    name: str
    stands_for: str
    told: str
    methods: Sequence[Method]
    children: Mapping[str, Path]
    bases: Mapping[str, Reference]
    is_open: bool
    types: frozenset[str]
    known: Mapping[str, Reference]
    standard: frozenset[str]
    models: bool
    params: Mapping[str, Iterable[str]]


def face_of(
    methods: Sequence[Method],
    children: Mapping[str, Path],
    classes: Mapping[Path, str],
    writer: Writer,
) -> Face:
    """What the async side says of the same."""
    extras, part = writer.context.extras, writer.part
    first = writer.first
    bases: dict[str, Reference] = {}
    mixin = extras.mixins.get(writer.path) if first else None
    mixed = extras.faces.get(mixin) if mixin else None
    if mixed is not None:
        bases["_Mixin0"] = mixed
    if first:
        for number, module in enumerate(part.modules):
            bases[f"_Part{number + 2}"] = (f".{module}", PART)
    references = writer.references
    named = _results(methods)
    known = {
        alias: extras.faces.get(one, one)
        for one, alias in (*references.wraps.items(), *references.gives.items())
        if alias in named
    }
    imports = writer.read.used.imports
    return Face(
        writer.path,
        classes[writer.path] if first else PART,
        writer.context.names.classes[writer.path] if first else "",
        writer.purpose,
        methods,
        children,
        bases,
        mixin is not None and mixed is None,
        frozenset([*writer.faced, *imports]),
        known,
        frozenset(imports),
        bool(writer.read.used.refs),
        writer.params(),
    )


def _results(methods: Sequence[Method]) -> set[str]:
    """What methods give that is a name, whatever it is generic in."""
    found = [method.result for method in methods]
    found += [result for method in methods for _, result in method.overloads]
    return {one.partition("[")[0] for one in found if isinstance(one, str)}


def face_module(
    face: Face, names: Names, classes: Mapping[Path, str], header: Sequence[str]
) -> str:
    """The text of the module."""
    groups = _checked(face, names, classes)
    overloaded = any(method.overloads for method in face.methods)
    out = Lines()
    out.add(*header)
    out.docstring(f"Resource ``{'.'.join(face.path)}``, for tasks.")
    out.add("", "from __future__ import annotations", "")
    if groups or overloaded or face.is_open or "_t" in face.standard:
        out.add(IMPORTS["_t"], "")
    out.add("from specwire.aio import resource as _a")
    if face.methods or face.children:
        out.add("from specwire.core import resource as _r")
    _bases(out, face.bases)
    if groups:
        out.add("", "if _t.TYPE_CHECKING:")
        for number, lines in enumerate(groups):
            if number:
                out.add("")
            out.add(*lines, indent=4)
    out.blank(2)
    _class(out, face, names, classes)
    return out.text()


def _bases(out: Lines, bases: Mapping[str, Reference]) -> None:
    """Those of other packages first."""
    near = False
    for alias, (module, name) in bases.items():
        if module.startswith(".") and not near:
            out.blank()
            near = True
        from_import(out, module, [f"{name} as {alias}"])


def _class(out: Lines, face: Face, names: Names, classes: Mapping[Path, str]) -> None:
    bases = (*face.bases, "_a.AsyncResource")
    head = Group(f"{face.name}(", bases, ")", comma=len(bases) > 1)
    out.statement("class ", head, tail=":")
    like = f"As :class:`{face.stands_for}`, which says more of the arguments; awaited."
    out.docstring(face.told, rest=[like] if face.stands_for else (), indent=4)
    for attribute, target in face.children.items():
        async_child(out, attribute, target, names, classes)
    for method in face.methods:
        write_async(out, method)
    if face.is_open:
        out.blank()
        out.add("if _t.TYPE_CHECKING:", indent=4)
        out.add("# Methods of a mixin: to be awaited.", indent=8)
        out.add("def __getattr__(self, name: str) -> _t.Any: ...", indent=8)


def async_child(
    out: Lines,
    attribute: str,
    target: Path,
    names: Names,
    classes: Mapping[Path, str],
) -> None:
    """The property that leads to the face of another resource."""
    name = classes[target]
    out.blank()
    out.add("@_r.child", indent=4)
    out.signature(f"def {attribute}", ["self"], name, indent=4)
    from_import(out, f".{names.modules[target]}", [name], indent=8)
    out.add("")
    made = Group(f"{name}(", (f"self._of.{attribute}",), ")")
    out.statement("return ", made, indent=8)


def _checked(face: Face, names: Names, classes: Mapping[Path, str]) -> list[list[str]]:
    """Imports that only type checkers follow, in groups."""
    lazy = face.standard - {"_t"}
    types = [text for name, text in _TYPES.items() if name in face.types]
    types += [
        f"from {module} import {name} as {alias}"
        for alias, (module, name) in face.known.items()
    ]
    near = Lines()
    if face.models:
        near.add("from ... import models as _models")
    for home in sorted(face.params):
        from_import(near, f"...models.{home}", face.params[home], indent=4)
    targets = {(names.modules[t], classes[t]) for t in face.children.values()}
    for module, name in sorted(targets - {(names.modules[face.path], face.name)}):
        from_import(near, f".{module}", [name], indent=4)
    groups = [
        [text for name, text in IMPORTS.items() if name in lazy],
        sorted(types),
        # Measured where they will stand, which is one level further in.
        [line.removeprefix("    ") for line in near.text().splitlines() if line],
    ]
    return [group for group in groups if group]


def async_surface(
    children: Mapping[str, Path],
    names: Names,
    classes: Mapping[Path, str],
    faces: Mapping[Reference, Reference],
    header: Sequence[str],
) -> str:
    """``aio/resources/_surface.py``; ``faces`` are those that the runtime must know."""
    out = Lines()
    out.add(*header)
    out.docstring("What an async client offers: a resource an attribute.")
    out.add("", "from __future__ import annotations", "")
    out.add("import typing as _t", "")
    if faces:
        out.add("from specwire.aio import resource as _a")
    if children:
        out.add("from specwire.core import resource as _r", "")
        out.add("if _t.TYPE_CHECKING:")
        found = {(names.modules[t], classes[t]) for t in children.values()}
        for module, name in sorted(found):
            from_import(out, f".{module}", [name], indent=4)
    if faces:
        rows = [(lit(".".join(of)), lit(":".join(face))) for of, face in faces.items()]
        out.blank()
        out.statement("", call("_a.add_faces", table(rows)))
    out.blank(2)
    out.add("class AsyncSurface:")
    out.docstring("Every resource of the package, for tasks.", indent=4)
    out.add("", "    _of: _t.Any")
    for attribute, target in children.items():
        async_child(out, attribute, target, names, classes)
    return out.text()
