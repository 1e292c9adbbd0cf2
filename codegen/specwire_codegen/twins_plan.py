"""``twins.toml``: which hand-written classes have an async face, and how it differs.

A table for each module of the sync side, a line for each of its classes and functions.
What is public waits unless a line says otherwise. Whether there is such a class is not
known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

from .plan_file import read_toml
from .plan_values import PlanValues
from .plantext import Lines
from .problems import Problems, shown

Kind: TypeAlias = Literal["awaits", "plain", "iterates", "opens", "leaves_out"]
Named: TypeAlias = tuple[str, str]
"""A module, and the name of something in it."""

KINDS: Final[tuple[Kind, ...]] = (
    *("leaves_out", "plain", "iterates", "opens", "awaits"),
)
_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FLAGS = ("constructs", "mixin", "unlike")


@frozen
class FacePlan:
    """The face of ``name``, a class or a function of ``module``.

    :ivar kinds: patterns of names of members, by what these do.
    :ivar usual: what members do that no pattern names.
    :ivar base: a face that stands in for those of the class's own bases.
    :ivar called: the face's name.
    :ivar constructs: whether users make one by calling it, with the class's arguments.
    :ivar mixin: whether what is faced is more than the class.
    :ivar unlike: whether methods differ in their types from those of the base's face.
    """

    module: str
    name: str
    kinds: Mapping[Kind, tuple[str, ...]] = field(factory=dict)
    usual: Kind = "awaits"
    base: Named | None = None
    called: str = ""
    constructs: bool = False
    mixin: bool = False
    unlike: bool = False

    def kind(self, member: str) -> Kind | None:
        """What the plan says of a member; an exact name goes before a pattern."""
        for fits in (str.__eq__, fnmatchcase):
            for kind in KINDS:
                if any(fits(member, each) for each in self.kinds.get(kind, ())):
                    return kind
        return None


@frozen
class TwinsPlan:
    """All faces: by hand, and those that are to be written, by their modules' files.

    :ivar types: other types than faces that stand for those of the sync side.
    """

    file: str
    by_hand: Mapping[Named, Named]
    types: Mapping[Named, Named]
    faces: tuple[FacePlan, ...]
    files: Mapping[str, str]
    lines: Lines

    def wrong(
        self, problems: Problems, code: str, face: FacePlan | None, message: str
    ) -> None:
        """Report what is wrong with the line of ``face``."""
        at = ("faces", face.module, face.name) if face is not None else ()
        _Reader({}, self.file, self.lines, problems)._wrong(code, at, message)


def read_twins(path: Path, problems: Problems, *, root: Path) -> TwinsPlan:
    """Read ``twins.toml``.

    :raises Unusable: where it is not TOML.
    """
    data, file, lines = read_toml(path, problems, root=root)
    return _Reader(data, file, lines, problems).plan()


def async_name(name: str) -> str:
    """What the face of ``name`` is called."""
    bare = name.lstrip("_")
    return f"{name[: len(name) - len(bare)]}Async{bare}"


class _Reader(PlanValues):
    def plan(self) -> TwinsPlan:
        self._known(self.data, ("by_hand", "types", "faces", "files"), ())
        faces: list[FacePlan] = []
        files: dict[str, str] = {}
        given = self._texts(self.data, "files", ())
        for module in self._table(self.data, "faces", ()):
            at = ("faces", module)
            if not self._is(_MODULE, module, at):
                continue
            stem = given.get(module, module.rpartition(".")[2])
            if stem in files.values() or not self._is(_NAME, stem, at):
                message = f"another module's faces are in '{shown(stem)}'; say in "
                self._wrong("P005", at, message + "[files] where these belong")
                continue
            files[module] = stem
            table = self._table(self.data["faces"], module, ("faces",))
            for name in table:
                one = self._table(table, name, at)
                if self._is(_NAME, name, (*at, name)):
                    faces.append(self._face(module, name, one, (*at, name)))
        by_hand, types = self._pairs("by_hand"), self._pairs("types")
        return TwinsPlan(self.file, by_hand, types, tuple(faces), files, self.lines)

    def _pairs(self, table: str) -> dict[Named, Named]:
        found: dict[Named, Named] = {}
        for key, value in self._texts(self.data, table, ()).items():
            if all(self._is(_CLASS, each, (table, key)) for each in (key, value)):
                found[_named(key)] = _named(value)
        return found

    def _face(
        self, module: str, name: str, one: Mapping[str, Any], at: tuple[str, ...]
    ) -> FacePlan:
        self._known(one, (*KINDS, *_FLAGS, "usual", "base", "called"), at)
        kinds: dict[Kind, tuple[str, ...]] = {}
        for kind in KINDS:
            value = one.get(kind, [])
            if isinstance(value, list) and all(isinstance(v, str) for v in value):
                kinds[kind] = tuple(value)
            else:
                self._wrong("P003", (*at, kind), "expected a list of texts")
        usual = self._text(one, "usual", at) or "awaits"
        if usual not in KINDS:
            message = f"expected one of {', '.join(KINDS)}, got '{shown(usual)}'"
            self._wrong("P005", (*at, "usual"), message)
        base = self._text(one, "base", at)
        if base is not None and not self._is(_CLASS, base, (*at, "base")):
            base = None
        return FacePlan(
            module,
            name,
            kinds,
            next((kind for kind in KINDS if kind == usual), "awaits"),
            _named(base) if base else None,
            self._text(one, "called", at) or "",
            self._flag(one, "constructs", at, default=False),
            self._flag(one, "mixin", at, default=False),
            self._flag(one, "unlike", at, default=False),
        )

    def _is(self, shape: re.Pattern[str], text: str, at: tuple[str, ...]) -> bool:
        if shape.fullmatch(text):
            return True
        expected = {_CLASS: "module:Class", _MODULE: "a module"}.get(shape, "a name")
        self._wrong("P005", at, f"expected {expected}, got '{shown(text)}'")
        return False


def _named(text: str) -> Named:
    module, _, name = text.partition(":")
    return module, name
