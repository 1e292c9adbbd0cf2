"""References and the files they lead to: found, judged and followed, never inlined.

A reference keeps its identity, the absolute pointer ``file#/json/pointer``; what stands
there is looked up each time. Files are read only below the folder of the document that
was opened, and from a network only where that is allowed: see
:mod:`~specwire_codegen.ref_files`. Every reference is judged when its document is
settled, so that :meth:`resolve` and :meth:`follow` meet nothing that has not been
reported.
"""

from __future__ import annotations

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
from .pointers import NOTHING, file_part, member
from .positions import split
from .problems import Problems, Unusable, did_you_mean, shown
from .ref_files import Files, file_of
from .remote import Refused, Remote
from .schema_ids import SchemaIds, anchors
from .source import Source
from .swagger2 import convert_part, moved
from .url import is_url

DEEP = 100_000
"""Steps along such chains that all schemas of a run together may take."""
_HINTS = 50
"""References that get a "did you mean"; each is compared with all names there are."""
_LOCAL = re.compile(r"#/[^~%#]*\Z")
"""A reference into its own file that is spelled as pointers are."""


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
    jail: Path | None
    """``None`` for what came from a network: it reaches no file at all."""
    grammar: Grammar = THREE
    bodies: frozenset[str] | None = None
    """Set for a converted Swagger 2.0 document: see :func:`swagger2.moved`."""


class Documents:
    """All files of one run, by the names that pointers give them."""

    def __init__(
        self,
        problems: Problems,
        *,
        root: Path | None = None,
        remote: Remote | None = None,
    ) -> None:
        self.problems = problems
        folder = Path.cwd() if root is None else root
        self.files = Files(problems, folder, Remote() if remote is None else remote)
        self.referred: list[Source] = []
        """Files that were read only because something refers to them."""
        self._files: dict[str, _File] = {}
        self._opened: set[str] = set()
        self._unsettled: list[str] = []
        self._refused: dict[str, Refused] = {}
        self._taken: set[Pointer] = set()
        self._missing = 0
        self._deep_left = DEEP
        self._anchors: dict[str, dict[str, Pointer | None]] = {}
        self._ids: SchemaIds | None = None
        self._by_id: dict[tuple[Pointer, str], Pointer] = {}
        self._ends: dict[Pointer, tuple[Any, Pointer] | None] = {}

    # -- taking in ---------------------------------------------------------------

    def take(
        self,
        file: str,
        data: dict[str, Any],
        *,
        jail: Path | None,
        bodies: frozenset[str] | None = None,
    ) -> None:
        """Add a document: checked, in the one dialect.

        ``jail`` is the folder that references may not leave; ``bodies`` is for a
        document that was Swagger 2.0, see :func:`~specwire_codegen.swagger2.moved`.
        """
        self._opened.add(file)
        self._unsettled.append(file)
        self._ends.clear()
        self._ids = None
        self._files[file] = _File(data, jail and jail.resolve(), bodies=bodies)

    def settle(self) -> None:
        """Judge every reference of the documents added, and add the files behind them.

        Documents that refer to each other are all added first: what one of them means
        is known only when it has its overlays and is in the one dialect.
        """
        waiting: list[_Use] = []
        for file in self._unsettled:
            data = self._files[file].data
            waiting += self._uses(data, "document", f"{file}#", THREE)
        self._unsettled.clear()
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
        target = self._target(use.ref, use.at)
        value = self._find(target)
        if value is NOTHING:
            target = self._sought(use, target)
            value = self._find(target)
        if value is NOTHING or target in self._taken:
            return []
        return self._adopt(value, use.kind, target)

    def _sought(self, use: _Use, target: Pointer) -> Pointer:
        """Where a reference leads that does not lead to anything at hand."""
        file = file_part(target)
        if file not in self._files:
            jail = self._files[file_part(use.at)].jail
            on_disk = not is_url(file) and self.files.is_there(use.ref, file, jail)
            if not on_disk and self._has_id(use):
                return self._target(use.ref, use.at)
            if file not in self._refused:
                self._load(use, file)
            refused = self._refused.get(file)
            if refused is not None:
                message = f"$ref '{shown(use.ref)}': {refused}"
                self.problems.error(refused.code, use.at, message, refused.hint)
                return target
        # Once more: an anchor is known only after its file is.
        target = self._target(use.ref, use.at)
        if self._find(target) is NOTHING:
            if self._has_id(use):
                return self._target(use.ref, use.at)
            self._not_found(use, target)
        return target

    def _not_found(self, use: _Use, target: Pointer) -> None:
        said = f"$ref '{shown(use.ref)}'"
        name = unquote(use.ref.partition("#")[2])
        if name in self._anchors.get(file_part(target), ()):
            message = f"{said} depends on where it is reached from; anything goes"
            self.problems.warning("R004", use.at, message)
            return
        self._missing += 1
        hint = self._hint(use.ref, target) if self._missing <= _HINTS else None
        self.problems.error("R004", use.at, f"{said} not found", hint)

    def _adopt(self, value: Any, kind: str, at: Pointer) -> list[_Use]:
        """Make a part that stands outside the described places like all others."""
        self._taken.add(at)
        grammar = self._files[file_part(at)].grammar
        value = clean_part(value, kind, at, grammar, self.problems)
        if grammar is TWO:
            value = convert_part(value, kind, self.problems, at=at)
        normalise_part(value, kind, at)
        self._store(at, value)
        return list(self._uses(value, kind, at, THREE))

    def _store(self, at: Pointer, value: Any) -> None:
        file, tokens = file_part(at), split(at.partition("#")[2])
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

    def _load(self, use: _Use, file: str) -> None:
        above = self._files[file_part(use.at)]
        try:
            source = self.files.referred(use.ref, use.at, file, above.jail)
        except Refused as refused:
            hint = refused.hint or self._bare(use)
            self._refused[file] = Refused(refused.code, str(refused), hint)
            return
        except Unusable:
            self._refused[file] = Refused("R003", "the file cannot be used")
            return
        grammar = stated_grammar(source.data) or above.grammar
        if above.bodies is not None and stated_grammar(source.data) is None:
            grammar = TWO
        jail = None if is_url(file) else above.jail
        self._files[file] = _File(source.data, jail, grammar)
        self._ids = None
        self.referred.append(source)

    # -- looking up --------------------------------------------------------------

    def identity(self, ref: str, base_file: str) -> Pointer:
        """The absolute pointer of a reference that stands in ``base_file``.

        For a reference that was refused it is a pointer that leads nowhere.
        """
        known = self._files.get(base_file)
        if _LOCAL.match(ref) and known is not None and known.bodies is None:
            return base_file + ref
        fragment = ref.partition("#")[2]
        file = file_of(ref, base_file)
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

    def _target(self, ref: str, at: Pointer) -> Pointer:
        """The same for a reference that stands at ``at``, perhaps in an $id."""
        file = file_part(at)
        known = self._by_id and (
            self._by_id.get((at, ref)) or self._by_id.get((file, ref))
        )
        return known or self.identity(ref, file)

    def _has_id(self, use: _Use) -> bool:
        """Whether a reference means the ``$id`` of a schema at hand; remembered."""
        if self._ids is None:
            self._ids = SchemaIds((name, one.data) for name, one in self._files.items())
        found = self._ids.find(use.ref, use.at) or self._escaped_twice(use)
        if found is None or self._find(found) is NOTHING:
            return False
        self._by_id[use.at, use.ref] = found
        self._by_id.setdefault((file_part(use.at), use.ref), found)
        return True

    def _escaped_twice(self, use: _Use) -> Pointer | None:
        """``%2F`` for a slash inside a name, where only ``~1`` is right."""
        fragment = use.ref.partition("#")[2]
        if "%2f" not in fragment.lower() or not fragment.startswith("/"):
            return None
        at = f"{file_of(use.ref, file_part(use.at))}#"
        for token in split(fragment):
            at = step(at, unquote(token))
        return at

    def resolve(self, pointer: Pointer) -> Any:
        """What stands at an absolute pointer; ``None`` where nothing does."""
        found = self._find(pointer)
        return None if found is NOTHING else found

    def follow(self, value: Any, at: Pointer) -> tuple[Any, Pointer] | None:
        """What the ``$ref`` of ``value`` leads to, and where that stands.

        Goes on through parts that are nothing but references themselves. ``value`` as
        it is if it has no ``$ref``; ``None`` where the way ends in nothing or a circle.
        """
        if not (isinstance(value, Mapping) and isinstance(value.get("$ref"), str)):
            return value, at
        at = self._target(value["$ref"], at)
        way: dict[Pointer, None] = {}
        while at not in self._ends and at not in way:
            way[at] = None
            value = self._find(at)
            refers = isinstance(value, Mapping) and isinstance(value.get("$ref"), str)
            if not refers or not is_pure(value):
                self._ends[at] = None if value is NOTHING else (value, at)
                break
            at = self._target(value["$ref"], at)
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
            return NOTHING
        value = self._files[file].data
        for token in split(fragment):
            value = member(value, token)
            if value is NOTHING:
                return NOTHING
        return value

    def _anchor(self, file: str, name: str) -> Pointer:
        """Where ``$anchor: name`` stands in a file."""
        if file not in self._files:
            return f"{file}#{name}"
        if file not in self._anchors:
            self._anchors[file] = anchors(self._files[file].data, f"{file}#")
        return self._anchors[file].get(name) or f"{file}#{name}"

    # -- hints -------------------------------------------------------------------

    def _hint(self, ref: str, target: Pointer) -> str | None:
        file, tokens = file_part(target), split(target.partition("#")[2])
        value = self._files[file].data
        for token in tokens:
            below = member(value, token)
            if below is NOTHING:
                names = value if isinstance(value, Mapping) else ()
                near = did_you_mean(token, names)
                return near or self._elsewhere(file, tokens[-1])
            value = below
        return self._elsewhere(file, ref.removeprefix("#"))

    def _elsewhere(self, file: str, name: str) -> str | None:
        data = self._files[file].data
        components = data.get("components") if isinstance(data, Mapping) else None
        for kind, table in (components or {}).items():
            if isinstance(table, Mapping) and name in table:
                return f"did you mean '#/components/{shown(kind)}/{shown(name)}'?"
        return None

    def _bare(self, use: _Use) -> str | None:
        """A reference that is only a name, as Swagger 1 had them."""
        return self._elsewhere(file_part(use.at), use.ref)


def is_pure(value: Mapping[str, Any]) -> bool:
    """Whether a part is a reference and says nothing else about what is allowed."""
    return "$ref" in value and all(k == "$ref" or is_annotation(k) for k in value)
