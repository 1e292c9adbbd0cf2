"""``diff``: what a new version of a document adds, changes and breaks.

Compares meanings, not text: two versions are lowered and matched by method and path, by
wire name, and by where a schema stands. What breaks is judged for a caller of the
generated package: what is sent may only be widened, what is received only be added to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import asdict, evolve, frozen

from . import ir
from .build import Understood
from .change import Change, Kind, Step, added, breaks, changed
from .diff_operations import needs, operation_changes
from .diff_schemas import Declared, renames, repointed, schema_changes
from .usage import Way

_ORDER: tuple[Step, ...] = ("none", "patch", "minor", "major")
_KINDS: tuple[Kind, ...] = ("breaks", "renamed", "changed", "added")
_WAYS: tuple[Way, ...] = ("read", "write")


@frozen
class Difference:
    """Everything that differs, and the version step it asks for."""

    changes: tuple[Change, ...]
    step: Step

    @property
    def is_breaking(self) -> bool:
        return self.step == "major"

    def lines(self) -> list[str]:
        """For people, what breaks first."""
        out = [
            f"{kind}: {one.where}: {one.what}"
            for kind in _KINDS
            for one in self.changes
            if one.kind == kind
        ]
        return [*out, f"version step: {self.step}"]

    def as_json(self) -> dict[str, Any]:
        """``{"step": str, "changes": [{"kind", "where", "what", "step"}]}``"""
        return {"step": self.step, "changes": [asdict(one) for one in self.changes]}


def diff(old: Understood, new: Understood) -> Difference:
    """From ``old`` to ``new``, two versions of the same API."""
    before, after = _Version.of(old), _Version.of(new)
    changes = tuple(dict.fromkeys(_changes(before, after)))
    step: Step = max((one.step for one in changes), key=_ORDER.index, default="none")
    if step == "none" and before.texts != after.texts:
        step = "patch"
    return Difference(changes, step)


@frozen
class _Version:
    """What is compared; pointers are without the names of the documents' files."""

    operations: Mapping[str, ir.Operation]
    services: Mapping[str, ir.Service]
    decls: Declared
    names: Mapping[str, str]
    """By operation, where it is on a client."""
    texts: tuple[str, ...]

    @classmethod
    def of(cls, found: Understood) -> _Version:
        files = {
            document.file: each.service
            for document, each in zip(found.opened, found.plan.documents, strict=True)
        }
        alone = len(files) == 1

        def place(at: ir.Pointer) -> str:
            file, _, pointer = at.partition("#")
            known = files.get(file, file)
            return f"#{pointer}" if alone and file in files else f"{known}#{pointer}"

        operations: dict[str, ir.Operation] = {}
        names: dict[str, str] = {}
        for operation in found.api.operations:
            if operation.variant is not None:
                continue  # another kind of body of an operation that is here
            file = files[operation.at.partition("#")[0]]
            key = _key(operation) if alone else f"{file} {_key(operation)}"
            operations[key] = repointed(operation, place)
            names[key] = found.names.methods[operation.at].dotted
        decls: Declared = {
            place(at): (
                repointed(decl, place),
                tuple(way for way in _WAYS if at in found.used.of(way)),
            )
            for at, decl in found.api.decls.items()
        }
        services = {service.id: service for service in found.api.services}
        if alone:  # its name is the file's, which differs
            name = next(iter(files.values()))
            services = {
                key.replace(name, "", 1): evolve(one, id="", keys="")
                for key, one in services.items()
            }
        texts = tuple(sha for _, sha in found.header.inputs)
        return cls(operations, services, decls, names, texts)


def _key(operation: ir.Operation) -> str:
    """Method and path; a constant query is a part of the path."""
    query = "&".join(f"{k.wire}={v.wire}" for k, v in operation.const_query)
    mark = "?" if query else ""
    return f"{operation.method} {operation.path.wire}{mark}{query}"


def _changes(old: _Version, new: _Version) -> Iterator[Change]:
    table, found = renames(old.decls, new.decls)
    yield from found

    def place(at: ir.Pointer) -> str:
        for now, was in table.items():
            if at == now or at.startswith(f"{now}/"):
                return was + at[len(now) :]
        return at

    if table:
        decls = {
            place(at): (repointed(decl, place), ways)
            for at, (decl, ways) in new.decls.items()
        }
        operations = {k: repointed(v, place) for k, v in new.operations.items()}
        new = evolve(new, decls=decls, operations=operations)
    yield from _services(old.services, new.services)
    for key, before in old.operations.items():
        after = new.operations.get(key)
        if after is None:
            yield breaks(key, "the operation is gone")
            continue
        if old.names[key] != new.names[key]:
            was, now = old.names[key], new.names[key]
            yield changed(key, f"client.{was} is client.{now} without names.lock")
        yield from operation_changes(key, before, after)
    for key in new.operations:
        if key not in old.operations:
            yield added(key, "a new operation")
    yield from schema_changes(old.decls, new.decls)


def _services(
    old: Mapping[str, ir.Service], new: Mapping[str, ir.Service]
) -> Iterator[Change]:
    for name, before in old.items():
        after = new.get(name)
        label = f"{name.lstrip('_')} " if name else ""
        if after is None:
            yield changed(f"{label}server", f"{before.base_url.wire} is used no more")
            continue
        if before.base_url != after.base_url:
            was, now = before.base_url.wire, after.base_url.wire
            yield changed(f"{label}server", f"the URL was {was}, is {now}")
        yield from needs(f"{label}security", before.needs, after.needs)
        yield from _schemes(f"{label}security", before, after)
    for name, after in new.items():
        if name not in old:
            yield added("server", f"{after.base_url.wire} is new")


def _schemes(where: str, old: ir.Service, new: ir.Service) -> Iterator[Change]:
    """Credentials of one name: how they are given, and how they are sent."""
    known = {scheme.id: scheme for scheme in new.schemes}
    for before in old.schemes:
        after = known.pop(before.id, None)
        here = f"{where} {before.id}"
        if after is None:
            yield changed(here, "is described no more")
        elif before.kind != after.kind:
            text = {"apiKey", "bearer"}
            same = {before.kind, after.kind} <= text  # one text either way
            said = changed if same else breaks
            yield said(here, f"was {before.kind}, is {after.kind}")
        elif before != after:
            yield changed(here, f"is sent as {_sent(after)}, was {_sent(before)}")
    for scheme in known:
        yield added(f"{where} {scheme}", "is new")


def _sent(scheme: ir.Scheme) -> str:
    if scheme.kind == "oauth2":
        scopes = ", ".join(scope.wire for scope in scheme.scopes) or "none"
        url = scheme.token_url.wire if scheme.token_url else "nowhere"
        return f"a token from {url} with the scopes {scopes}"
    return f"{scheme.where} {scheme.wire.wire if scheme.wire else 'Authorization'}"
