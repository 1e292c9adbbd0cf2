"""Async faces of hand-written classes, written from their source and ``twins.toml``.

The sync side is the only one with code in it. A face has its methods and types, and
hands each call to the bridge of :mod:`specwire.aio`; a changed signature changes the
face, which is why faces are generated and checked for drift like all else.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from . import __version__
from .lines import Group, Lines, Pair, flat
from .problems import Problems, did_you_mean
from .raw import lit
from .twins_calls import Inexpressible
from .twins_emit import Face, function, is_managed, variables
from .twins_members import Class, class_of, is_variable
from .twins_plan import FacePlan, Named, TwinsPlan, async_name, read_twins
from .twins_source import Module, Sources
from .twins_types import TWIN, Imports, Types

FOLDER: Final = "aio/faces"
_TABLE: Final = "_table"
_UNLIKE: Final = (
    '# mypy: disable-error-code="override"',
    "# pyright: reportIncompatibleMethodOverride=false",
)
_RUNTIME: Final = ("specwire.aio", "twin")


@frozen
class Twins:
    """Files of the package, by name, and what was read for them; class to face.

    The sources are no inputs: what of them matters is in the files.

    :ivar faces: the face of each class, also those by hand.
    """

    files: Mapping[str, str]
    inputs: Mapping[str, str]
    faces: Mapping[Named, Named]


def write_twins(
    path: Path,
    problems: Problems,
    *,
    package: str,
    folder: Path,
    root: Path,
    command: str,
) -> Twins:
    """All faces that the plan at ``path`` tells of, for ``package`` in ``folder``.

    :raises Unusable: where the plan is not TOML.
    """
    plan = read_twins(path, problems, root=root)
    run = _Run(plan, Sources(package, folder), problems, command)
    files = {f"{FOLDER}/{stem}.py": run.module(m) for m, stem in plan.files.items()}
    files[f"{FOLDER}/{_TABLE}.py"] = run.table()
    files[f"{FOLDER}/__init__.py"] = run.package()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Twins(files, {plan.file: digest}, run.faces)


class _Run:
    """Writes the modules; what cannot be written is reported and left out."""

    def __init__(
        self, plan: TwinsPlan, sources: Sources, problems: Problems, command: str
    ) -> None:
        self._plan = plan
        self._sources = sources
        self._problems = problems
        self._command = command
        self._classes: dict[Named, Class] = {}
        home = f"{sources.package}.{FOLDER.replace('/', '.')}"
        self.faces = dict(plan.by_hand)
        self._plans = {(one.module, one.name): one for one in plan.faces}
        for where, one in self._plans.items():
            self.faces[where] = (
                f"{home}.{plan.files[one.module]}",
                one.called or async_name(one.name),
            )
        for where, one in self._plans.items():
            self._read(where, one)
        self._parents = {c.base[0] for c in self._classes.values() if c.base}

    def _read(self, where: Named, one: FacePlan) -> None:
        module = self._sources.module(one.module)
        if module is None:
            self._wrong("T001", one, f"there is no module '{one.module}'")
            return
        found = class_of(self._sources, where, frozenset(self.faces) - {where})
        if found is not None:
            self._classes[where] = found
            self._check(one, found)
        elif not isinstance(module.defined.get(one.name), ast.FunctionDef):
            names = [name for name in module.defined if name[:1] != "_"]
            hint = did_you_mean(one.name, names) or ""
            self._wrong("T001", one, f"'{one.module}' has no '{one.name}' {hint}")

    def _check(self, one: FacePlan, found: Class) -> None:
        for kind, patterns in one.kinds.items():
            for pattern in patterns:
                alone = FacePlan(one.module, one.name, {kind: (pattern,)})
                if not any(alone.kind(name) for name in found.members):
                    hint = did_you_mean(pattern, list(found.members)) or ""
                    message = f"'{one.name}' has no member '{pattern}' {hint}"
                    self._wrong("T002", one, message)

    def _wrong(self, code: str, one: FacePlan, message: str) -> None:
        self._plan.wrong(self._problems, code, one, message.rstrip())

    # -- modules -----------------------------------------------------------------------

    def module(self, name: str) -> str:
        """The faces of one module."""
        source = self._sources.module(name)
        ones = [one for one in self._plan.faces if one.module == name]
        stem = self._plan.files[name]
        home = f"{self._sources.package}.{FOLDER.replace('/', '.')}.{stem}"
        imports = Imports(home)
        types = Types(self._sources, {**self._plan.types, **self.faces}, imports)
        body = Lines()
        for where in self._variables(ones):
            imports.define(where)
        for one in ones:
            imports.reserve(self.faces[one.module, one.name][1])
        for one in sorted(ones, key=lambda one: _line(source, one.name)):
            part = Lines()
            try:
                self._one(part, types, one, source)
            except Inexpressible as error:
                self._wrong("T003", one, str(error))
                continue
            body.blank(2)
            body.add(*part.text().splitlines())
        made = [self._variable(types, where) for where in self._variables(ones)]
        return self._assembled(name, imports, made, body)

    def _assembled(
        self, name: str, imports: Imports, made: list[str], body: Lines
    ) -> str:
        if made:
            imports.running(("typing", "TypeVar"), "TypeVar")
        if f"{TWIN}." in body.text():
            imports.running(_RUNTIME, TWIN)
        unlike = any(one.unlike for one in self._plan.faces if one.module == name)
        lines = self._head(f"Async faces of :mod:`{name}`.", _UNLIKE if unlike else ())
        imports.write(lines, self._sources.package)
        if made:
            lines.blank()
            lines.add(*made)
        lines.blank(2)
        lines.add(*body.text().strip("\n").splitlines())
        return lines.text()

    def _variables(self, ones: list[FacePlan]) -> Iterator[Named]:
        """Type variables of the classes, which the faces' module has too."""
        found = [self._classes.get((one.module, one.name)) for one in ones]
        named = {
            (of.module.name, name): None
            for of in found
            if of is not None
            for name in variables(of)
        }
        return iter(named)

    def _variable(self, types: Types, where: Named) -> str:
        """As the sync side makes it; what binds it is the face of that."""
        module = self._sources.module(where[0])
        node = module.defined[where[1]] if module is not None else None
        assert isinstance(node, ast.Assign) and module is not None
        made = node.value
        assert isinstance(made, ast.Call)
        args = [module.source(each) for each in made.args]
        for keyword in made.keywords:
            said = module.source(keyword.value)
            if keyword.arg == "bound":
                said = lit(flat(types.result(keyword.value, module)))
            args.append(f"{keyword.arg}={said}")
        return f"{where[1]} = {module.source(made.func)}({', '.join(args)})"

    def _one(
        self, lines: Lines, types: Types, one: FacePlan, source: Module | None
    ) -> None:
        where = (one.module, one.name)
        of = self._classes.get(where)
        if of is None:
            if source is not None and one.name in source.defined:
                function(lines, types, one, source)
            return
        face = self.faces[where]
        Face(lines, types, one, of).write(face[1], self._bases(types, one, of))

    def _bases(self, types: Types, one: FacePlan, of: Class) -> list[str]:
        imports = types.imports
        own = list(variables(of))
        base = one.base
        if base is None and of.base is not None:
            base = self.faces[of.base[0]]
        if base is not None:
            name = imports.running(base, base[1])
            args = of.base[1] if of.base is not None and one.base is None else ()
            shown = [_argument(types, each, of.module) for each in args]
            return [f"{name}[{', '.join(shown)}]" if shown else name]
        generic = [f"Generic[{', '.join(own)}]"] if own else []
        if own:
            imports.running(("typing", "Generic"), "Generic")
        where = (one.module, one.name)
        twin = f"{TWIN}.{'Managed' if is_managed(of) else 'Twin'}"
        if one.mixin or where in self._parents:
            imports.running(("typing", "Any"), "Any")
            return [f"{twin}[Any]", *generic]
        sync = imports.checked(where, one.name) + (f"[{', '.join(own)}]" * bool(own))
        return [f"{twin}[{lit(sync)}]", *generic]

    # -- the package -------------------------------------------------------------------

    def table(self) -> str:
        """``FACES``: where the face of each class is."""
        lines = self._head("Which class has which face; read by the names of both.")
        lines.add("from __future__ import annotations")
        lines.blank()
        known = {w: f for w, f in self.faces.items() if w not in self._plans}
        known |= {where: self.faces[where] for where in self._classes}
        rows = tuple(
            Pair(f"{lit('.'.join(where))}: ", lit(":".join(known[where])))
            for where in sorted(known)
        )
        table = Group("{", rows, "}", fill=False)
        lines.annotated("FACES", "dict[str, str]", table)
        return lines.text()

    def package(self) -> str:
        """The package's ``__init__``, which loads nothing."""
        return self._head("Async faces of the hand-written sync classes.").text()

    def _head(self, doc: str, told: tuple[str, ...] = ()) -> Lines:
        lines = Lines()
        lines.add(
            f"# Code generated by specwire-codegen {__version__}; DO NOT EDIT.",
            f"# From: {self._plan.file}, and the modules it names",
            f"# Command: {self._command}",
            *told,
        )
        lines.docstring(doc)
        lines.blank()
        return lines


def _argument(types: Types, node: ast.expr, module: Module) -> str:
    """What a base is subscripted by: a type variable, or a type in quotes."""
    text = flat(types.result(node, module))
    own = isinstance(node, ast.Name) and is_variable(module, node.id)
    return text if own else lit(text)


def _line(source: Module | None, name: str) -> int:
    node = source.defined.get(name) if source is not None else None
    return node.lineno if node is not None else 0
