"""References and the files they lead to: found, judged and followed, never inlined.

A reference keeps its identity, the absolute pointer ``file#/json/pointer``; what stands
there is looked up each time. Files are read only below the folder of the document that
was opened (after symbolic links are resolved), and nothing is read from a network.
Every reference is judged when its document is taken in, so that :meth:`resolve` and
:meth:`follow` meet nothing that has not been reported.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from .check import clean_part, stated_grammar
from .dialect import is_annotation, normalise_part
from .grammar import REFERABLE, THREE, TWO, Grammar, parts, step
from .ir import Pointer
from .positions import split
from .problems import Problems, Unusable, did_you_mean, shown
from .source import load
from .swagger2 import convert_part, moved

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
DEEP = 100_000
"""Steps along such chains that all schemas of a run together may take."""
_HINTS = 50
"""References that get a "did you mean"; each is compared with all names there are."""
_LOCAL = re.compile(r"#/[^~%#]*\Z")
"""A reference into its own file that is spelled as pointers are."""
_NOTHING = object()
_NULL = {"type": "null"}


@frozen
class _Use:
    """One ``$ref``: its text, the kind that is expected there, and where it stands."""

    ref: str
    kind: str
    at: Pointer


@frozen(eq=False)
class _File:
    """One file: its data, the folder it may not leave, and the words it uses."""

    data: Any
    jail: Path
    grammar: Grammar = THREE
    bodies: frozenset[str] | None = None
    """Set for a converted Swagger 2.0 document: see :func:`swagger2.moved`."""


class Documents:
    """All files of one run, by the names that pointers give them."""

    def __init__(self, problems: Problems, *, root: Path | None = None) -> None:
        self.problems = problems
        self.root = Path.cwd() if root is None else root
        self._files: dict[str, _File] = {}
        self._opened: set[str] = set()
        self._refused: dict[str, tuple[str, str, str | None]] = {}
        self._taken: set[Pointer] = set()
        self._missing = 0
        self._deep_left = DEEP
        self._anchors: dict[str, dict[str, Pointer]] = {}
        self._ends: dict[Pointer, tuple[Any, Pointer] | None] = {}

    # -- taking in ---------------------------------------------------------------

    def take(
        self,
        file: str,
        data: dict[str, Any],
        *,
        jail: Path,
        bodies: frozenset[str] | None = None,
    ) -> None:
        """Add a document (checked, in the one dialect) and all files it refers to.

        ``jail`` is the folder that references may not leave; ``bodies`` is for a
        document that was Swagger 2.0, see :func:`~specwire_codegen.swagger2.moved`.
        """
        self._opened.add(file)
        self._ends.clear()
        self._files[file] = _File(data, jail.resolve(), bodies=bodies)
        waiting = list(self._uses(data, "document", f"{file}#", THREE))
        judged: list[_Use] = []
        while waiting:
            use = waiting.pop()
            judged.append(use)
            waiting += self._judge(use)
        for use in judged:
            self.follow({"$ref": use.ref}, use.at)

    def holds(self, file: str) -> bool:
        """Whether a document of this name was opened."""
        return file in self._opened

    def data(self, file: str) -> Any:
        """The data of a file that was taken in."""
        return self._files[file].data

    def _uses(
        self, value: Any, kind: str, at: Pointer, grammar: Grammar
    ) -> Iterator[_Use]:
        for part in parts(value, kind, at, grammar):
            self._taken.add(part.at)
            ref = part.value.get("$ref")
            if isinstance(ref, str) and part.kind in REFERABLE:
                yield _Use(ref, part.kind, part.at)
            mapping = part.value.get("mapping")
            if part.kind == "discriminator" and isinstance(mapping, Mapping):
                for key, target in mapping.items():
                    if "#" in target or "/" in target:
                        place = step(step(part.at, "mapping"), key)
                        yield _Use(target, "schema", place)

    def _judge(self, use: _Use) -> list[_Use]:
        """Report a reference that leads nowhere; else the references behind it."""
        base = _file(use.at)
        target = self.identity(use.ref, base)
        file = _file(target)
        if file not in self._files and file not in self._refused:
            self._load(use, base, file)
        if file in self._refused:
            code, message, hint = self._refused[file]
            self.problems.error(code, use.at, message, hint)
            return []
        # Once more: an anchor is known only after its file is.
        target = self.identity(use.ref, base)
        value = self._find(target)
        if value is _NOTHING:
            self._missing += 1
            hint = self._hint(use.ref, target) if self._missing <= _HINTS else None
            message = f"$ref '{shown(use.ref)}' not found"
            self.problems.error("R004", use.at, message, hint)
            return []
        if target in self._taken:
            return []
        return self._adopt(value, use.kind, target)

    def _adopt(self, value: Any, kind: str, at: Pointer) -> list[_Use]:
        """Make a part that stands outside the described places like all others."""
        self._taken.add(at)
        grammar = self._files[_file(at)].grammar
        value = clean_part(value, kind, at, grammar, self.problems)
        if grammar is TWO:
            value = convert_part(value, kind, self.problems, at=at)
        normalise_part(value, kind, at)
        self._store(at, value)
        return list(self._uses(value, kind, at, THREE))

    def _store(self, at: Pointer, value: Any) -> None:
        file, tokens = _file(at), split(at.partition("#")[2])
        if not tokens:
            old = self._files[file]
            self._files[file] = _File(value, old.jail, old.grammar, old.bodies)
            return
        parent = self._find(at.rpartition("/")[0])
        if isinstance(parent, list):
            parent[int(tokens[-1])] = value
        elif isinstance(parent, dict) and tokens[-1] in parent:
            parent[tokens[-1]] = value

    # -- files -------------------------------------------------------------------

    def _load(self, use: _Use, base: str, file: str) -> None:
        jail = self._files[base].jail
        refused = _outside(use.ref)
        path = self.root / file.replace("%23", "#")
        if refused is None:
            try:
                inside = path.resolve().is_relative_to(jail)
                found = inside and path.is_file()
            except (OSError, ValueError, RuntimeError):
                inside, found = True, False
            if not inside:
                refused = (
                    "R001",
                    f"$ref '{shown(use.ref)}' leaves the folder of the document",
                    "files are read only below it",
                )
            elif not found:
                message = f"$ref '{shown(use.ref)}': there is no such file"
                refused = ("R003", message, self._bare(use.ref, base))
        if refused is None:
            refused = self._read(use, base, file, path)
        if refused is not None:
            self._refused[file] = refused

    def _read(
        self, use: _Use, base: str, file: str, path: Path
    ) -> tuple[str, str, str | None] | None:
        try:
            source = load(path, self.problems, root=self.root)
        except Unusable:
            return "R003", f"$ref '{shown(use.ref)}': the file cannot be used", None
        above = self._files[base]
        grammar = stated_grammar(source.data) or above.grammar
        if above.bodies is not None and stated_grammar(source.data) is None:
            grammar = TWO
        self._files[file] = _File(source.data, above.jail, grammar)
        return None

    # -- looking up --------------------------------------------------------------

    def identity(self, ref: str, base_file: str) -> Pointer:
        """The absolute pointer of a reference that stands in ``base_file``.

        For a reference that was refused it is a pointer that leads nowhere.
        """
        known = self._files.get(base_file)
        if _LOCAL.match(ref) and known is not None and known.bodies is None:
            return base_file + ref
        name, _, fragment = ref.partition("#")
        file = base_file
        if name:
            name = unquote(name) if not _SCHEME.match(name) else name
            folder = posixpath.dirname(base_file)
            file = name if _SCHEME.match(name) else posixpath.join(folder, name)
            file = file if _SCHEME.match(name) else posixpath.normpath(file)
            file = file.replace("#", "%23")
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchor(file, fragment)
        known = self._files.get(file)
        if known is not None and known.bodies is not None:
            fragment = moved(f"#{fragment}", known.bodies)[1:]
        at = f"{file}#"
        for token in split(fragment):
            at = step(at, token)
        return at

    def step_deep(self) -> bool:
        """Take one step along a chain of bases that is deeper than any real one."""
        self._deep_left -= 1
        return self._deep_left >= 0

    def resolve(self, pointer: Pointer) -> Any:
        """What stands at an absolute pointer; ``None`` where nothing does."""
        found = self._find(pointer)
        return None if found is _NOTHING else found

    def follow(self, value: Any, at: Pointer) -> tuple[Any, Pointer] | None:
        """What the ``$ref`` of ``value`` leads to, and where that stands.

        Goes on through parts that are nothing but references themselves. ``value`` as
        it is if it has no ``$ref``; ``None`` where the way ends in nothing or a circle.
        """
        if not (isinstance(value, Mapping) and isinstance(value.get("$ref"), str)):
            return value, at
        at = self.identity(value["$ref"], _file(at))
        way: dict[Pointer, None] = {}
        while at not in self._ends and at not in way:
            way[at] = None
            value = self._find(at)
            refers = isinstance(value, Mapping) and isinstance(value.get("$ref"), str)
            if not refers or not is_pure(value):
                self._ends[at] = None if value is _NOTHING else (value, at)
                break
            at = self.identity(value["$ref"], _file(at))
        if at not in self._ends:
            circle = list(way)[list(way).index(at) :]
            message = "these references lead only to each other; anything goes"
            self.problems.error("R005", min(circle), message)
            self._ends[at] = None
        end = self._ends[at]
        # Every step of a long chain is asked for: the way is walked only once.
        self._ends.update(dict.fromkeys(way, end))
        return end

    def _find(self, pointer: Pointer) -> Any:
        file, _, fragment = pointer.partition("#")
        if file not in self._files or (fragment and fragment[0] != "/"):
            return _NOTHING
        value = self._files[file].data
        for token in split(fragment):
            value = _member(value, token)
            if value is _NOTHING:
                return _NOTHING
        return value

    def _anchor(self, file: str, name: str) -> Pointer:
        """Where ``$anchor: name`` stands in a file."""
        if file not in self._files:
            return f"{file}#{name}"
        if file not in self._anchors:
            self._anchors[file] = dict(_anchors(self._files[file].data, f"{file}#"))
        return self._anchors[file].get(name, f"{file}#{name}")

    # -- hints -------------------------------------------------------------------

    def _hint(self, ref: str, target: Pointer) -> str | None:
        file, tokens = _file(target), split(target.partition("#")[2])
        value = self._files[file].data
        for token in tokens:
            below = _member(value, token)
            if below is _NOTHING:
                names = value if isinstance(value, Mapping) else ()
                near = did_you_mean(token, names)
                return near or self._elsewhere(file, tokens[-1])
            value = below
        return self._bare(ref, file)

    def _elsewhere(self, file: str, name: str) -> str | None:
        data = self._files[file].data
        components = data.get("components") if isinstance(data, Mapping) else None
        for kind, table in (components or {}).items():
            if isinstance(table, Mapping) and name in table:
                return f"did you mean '#/components/{kind}/{shown(name)}'?"
        return None

    def _bare(self, ref: str, file: str) -> str | None:
        """A reference that is only a name, as Swagger 1 had them."""
        return self._elsewhere(file, ref.removeprefix("#"))


def is_pure(value: Mapping[str, Any]) -> bool:
    """Whether a part is a reference and says nothing else about what is allowed."""
    return "$ref" in value and all(k == "$ref" or is_annotation(k) for k in value)


def _file(pointer: Pointer) -> str:
    return pointer.partition("#")[0]


def _outside(ref: str) -> tuple[str, str, str | None] | None:
    """Why a reference is not to a file that may be read, by its spelling alone."""
    name = ref.partition("#")[0]
    said = f"$ref '{shown(ref)}'"
    found = _SCHEME.match(name)
    if found and found[0].lower() in ("http:", "https:", "//"):
        hint = "save the file next to the document and refer to that"
        return "R002", f"{said} is on the network, which is not asked", hint
    if found or unquote(name).startswith(("/", "\\")):
        hint = "write the path relative to the document"
        return "R001", f"{said} leaves the folder of the document", hint
    return None


def _member(value: Any, token: str) -> Any:
    if isinstance(value, list):
        known = token.isascii() and token.isdigit() and len(token) < 10
        return value[int(token)] if known and int(token) < len(value) else _NOTHING
    if not isinstance(value, Mapping):
        return _NOTHING
    if token in value:
        return value[token]
    # What the dialect moved: see dialect._wrapped and prefixItems.
    choice = value.get("anyOf")
    if isinstance(choice, list) and len(choice) == 2 and choice[1] == _NULL:
        return _member(choice[0], token)
    return (
        value["prefixItems"]
        if token == "items" and "prefixItems" in value
        else (_NOTHING)
    )


def _anchors(data: Any, at: Pointer) -> Iterator[tuple[str, Pointer]]:
    waiting = [(data, at)]
    while waiting:
        value, at = waiting.pop()
        if isinstance(value, Mapping):
            if isinstance(value.get("$anchor"), str):
                yield value["$anchor"], at
            waiting += [(inner, step(at, key)) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, step(at, i)) for i, inner in enumerate(value)]
