"""Compare our documents with the public ones they were written from.

``python tests/openapi/compare.py`` prints every difference with its reason and exits 1
if one has none. Compared are operations, parameters, bodies, and of each schema the
properties, types, limits, defaults, enumerations, what is required and the tags of
unions. Not compared are words, and which error statuses are listed one by one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from attrs import frozen

if __name__ == "__main__":  # run as a file: the package is two folders up
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    __package__ = "tests.openapi"

from .canonical import Form, Reader, same
from .documents import (
    OPENAPI,
    SHARED_SPECS,
    Document,
    load,
    operations,
    parameters,
    resolve,
)
from .names import ANTHROPIC, ANTHROPIC_BETA, SIM, Comparison, Explained, our_name
from .second import SECOND


@frozen
class Difference:
    """``where`` is our schema or operation, ``what`` is said of it."""

    where: str
    what: str
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}  [{self.reason or 'NOT EXPLAINED'}]"


def compare(plan: Comparison, ours: Document, theirs: Document) -> list[Difference]:
    """All differences between the two documents, explained or not."""
    found = [Difference(*each) for each in _Pair.of(plan, ours, theirs).differences()]
    return [_explain(each, plan.explained) for each in found]


def unused(plan: Comparison, found: list[Difference]) -> list[Explained]:
    """Explanations of differences that are not there (any more)."""
    return [
        each
        for each in plan.explained
        if not any(_fits(each, difference) for difference in found)
    ]


def _explain(found: Difference, table: tuple[Explained, ...]) -> Difference:
    for each in table:
        if _fits(each, found):
            return Difference(found.where, found.what, each.reason)
    return found


def _fits(each: Explained, found: Difference) -> bool:
    return fnmatchcase(found.where, each.where) and fnmatchcase(found.what, each.what)


@frozen
class _Pair:
    """Two documents with a reader each; both readers speak our names."""

    plan: Comparison
    ours: Reader
    theirs: Reader

    @classmethod
    def of(cls, plan: Comparison, ours: Document, theirs: Document) -> _Pair:
        names: dict[str, str] = {}
        for name in _reachable(plan, theirs):
            mine = our_name(name, plan.names)
            if mine is not None:
                names[name] = mine
        shared = {name: name for name in names.values()}
        return cls(plan, Reader(ours, shared), Reader(theirs, names))

    def differences(self) -> Iterator[tuple[str, str]]:
        mine = self.ours.document["components"]["schemas"]
        public = self.theirs.document["components"]["schemas"]
        for theirs, name in sorted(self.theirs.names.items(), key=lambda pair: pair[1]):
            if name not in mine:
                yield name, f"schema is missing (theirs: {theirs})"
            else:
                yield from self._schema(name, mine[name], public[theirs])
        known = {o["operationId"]: (m, p) for m, p, o in operations(self.ours.document)}
        for method, path, operation in operations(self.theirs.document):
            name = self.plan.operations.get(operation.get("operationId", ""), "")
            if name and name not in known:
                yield name, "operation is missing"
            elif name:
                yield from self._operation(name, known[name], (method, path))

    def _schema(
        self, name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        if "properties" in ours and "properties" in theirs:
            yield from _members(
                name, self.ours.members(ours), self.theirs.members(theirs)
            )
        else:
            left, right = self.ours.form(ours), self.theirs.form(theirs)
            if not same(left, right):
                yield name, _unequal("form ", left, right)

    def _operation(
        self, name: str, ours: tuple[str, str], theirs: tuple[str, str]
    ) -> Iterator[tuple[str, str]]:
        if (ours[0], _plain(ours[1])) != (theirs[0], _plain(theirs[1])):
            yield name, _unequal("path ", ours, theirs)
        left, right = (
            self._parameters(self.ours, ours),
            self._parameters(self.theirs, theirs),
        )
        for key in sorted({*left, *right}):
            if not same(left.get(key), right.get(key)):
                yield name, _unequal(f"parameter {key} ", left.get(key), right.get(key))
        for what in ("request", "reply"):
            sent, expected = (
                _contents(reader, place, what)
                for reader, place in ((self.ours, ours), (self.theirs, theirs))
            )
            if not same(sent, expected):
                yield name, _unequal(f"{what} ", sent, expected)

    def _parameters(self, reader: Reader, place: tuple[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        in_path = 0
        for each in parameters(reader.document, place[1], place[0]):
            key = each["name"]
            if each["in"] == "path":  # told apart by place: names in a path are free
                key, in_path = f"path {in_path}", in_path + 1
            required = each.get("required", False)
            found[key] = (each["in"], required, reader.form(each["schema"]))
        return found


def _members(name: str, ours: Form, theirs: Form) -> Iterator[tuple[str, str]]:
    left, right = ours["properties"], theirs["properties"]
    for key in sorted({*left, *right}):
        if not same(left.get(key), right.get(key)):
            yield name, _unequal(f"property {key} ", left.get(key), right.get(key))
    if ours["required"] != theirs["required"]:
        yield name, _unequal("required ", ours["required"], theirs["required"])
    if not same(ours["extra"], theirs["extra"]):
        yield name, _unequal("extra members ", ours["extra"], theirs["extra"])


def _unequal(what: str, ours: Any, theirs: Any) -> str:
    return f"{what}is {_brief(ours)}, theirs is {_brief(theirs)}"


def _brief(form: Any) -> str:
    text = "absent" if form is None else str(form)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _plain(path: str) -> str:
    """A path without the names of its places and without a query."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def _contents(reader: Reader, place: tuple[str, str], what: str) -> dict[str, Any]:
    """Media type -> schema, of the body or of all replies that are not errors."""
    operation = reader.document["paths"][place[1]][place[0]]
    if what == "request":
        wanted = {"": operation.get("requestBody", {})}
    else:
        replies = operation["responses"].items()
        wanted = {status: each for status, each in replies if status[0] == "2"}
    return {
        f"{status} {media}".strip(): reader.form(content["schema"])
        for status, each in wanted.items()
        for media, content in resolve(reader.document, each).get("content", {}).items()
    }


def _reachable(plan: Comparison, theirs: Document) -> list[str]:
    """Names of their schemas that the operations in scope lead to."""
    todo: list[Any] = [
        operation
        for _, _, operation in operations(theirs)
        if operation.get("operationId") in plan.operations
    ]
    names = dict.fromkeys(plan.roots)
    schemas = theirs["components"]["schemas"]
    todo += [schemas[name] for name in plan.roots]
    while todo:
        for ref in _references(todo.pop()):
            name = ref.rsplit("/", 1)[-1]
            if ref.startswith("#/components/schemas/") and name not in names:
                names[name] = None
                todo.append(schemas[name])
    return list(names)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "$ref" and isinstance(below, str):
                yield below
            elif not key.startswith("x-"):
                yield from _references(below)
    elif isinstance(value, list):
        for below in value:
            yield from _references(below)


def main() -> int:
    """Print all differences; 1: one is not explained, 2: nothing to compare with."""
    worst = 0
    for plan in (ANTHROPIC, ANTHROPIC_BETA, SIM, *SECOND):
        source = SHARED_SPECS / plan.theirs
        if not source.exists():
            print(f"{plan.ours}: {plan.theirs} is not there to compare with")
            return 2
        found = compare(plan, load(OPENAPI / plan.ours), load(source))
        for each in found:
            print(f"{plan.ours}: {each}")
        open_ones = [each for each in found if each.reason is None]
        print(f"{plan.ours}: {len(found)} differences, {len(open_ones)} not explained")
        worst = max(worst, int(bool(open_ones)))
    return worst


if __name__ == "__main__":
    sys.exit(main())
