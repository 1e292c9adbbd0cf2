"""Contracts, manifests and registries of a folder, compiled to the files of a package.

``providers/<id>.json`` is a record, ``providers/models/<id>.json`` its models,
``providers/index.json`` says which there are; the contracts and schemas go beside them
for manifests that are compiled at run time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import frozen

from .manifest_reading import Reader, merged
from .manifests import (
    FORMAT,
    compile_dialects,
    compile_manifest,
    compile_models,
)
from .plan import ProtocolPlan
from .problems import Problems, Unusable, shown
from .source import Source, load

FOLDER = "providers"
_DIALECTS = "_dialects.json"
_SCHEMAS = "_schemas.json"
_TAKEN = ("index", "models")
_ENDINGS = (".yaml", ".yml", ".json")


@frozen
class Compiled:
    """Files of the package, by name, and what was read for them."""

    files: Mapping[str, str]
    inputs: Mapping[str, str]
    providers: int


def compile_protocol(plan: ProtocolPlan, problems: Problems, *, root: Path) -> Compiled:
    """All files below ``providers/``.

    :raises Unusable: where there are no contracts at all.
    """
    run = _Run(problems, root)
    dialects = run.dialects(plan.contracts)
    records = run.records(plan.providers, dialects)
    registries = run.registries(plan.models, records)
    files = {f"{identity}.json": lines(record) for identity, record in records.items()}
    files |= {f"models/{one}.json": lines(data) for one, data in registries.items()}
    files["index.json"] = lines(_index(records, run))
    files["models/index.json"] = lines(_by_model(registries))
    if plan.contracts is not None:
        files[_DIALECTS] = lines(dialects, depth=2)
    if plan.schemas is not None:
        files[_SCHEMAS] = lines(run.schemas(plan.schemas))
    placed = {f"{FOLDER}/{name}": text for name, text in files.items()}
    return Compiled(placed, run.inputs, len(records))


def builtin_dialects() -> dict[str, Any] | None:
    """The contracts of an installed specwire."""
    return _builtin(_DIALECTS)


def builtin_schemas() -> dict[str, Any] | None:
    """The schemas ``manifest``, ``model`` and ``contract`` of an installed specwire."""
    return _builtin(_SCHEMAS)


def _builtin(name: str) -> dict[str, Any] | None:
    """A file of an installed specwire, as data: nothing of it is imported."""
    found = find_spec("specwire")
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder, FOLDER, name)
        if path.is_file():
            data: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return data
    return None


class _Run:
    """Reads folders; every file that cannot be used is reported and left out."""

    def __init__(self, problems: Problems, root: Path) -> None:
        self.problems = problems
        self.root = root
        self.inputs: dict[str, str] = {}

    def dialects(self, folder: Path | None) -> dict[str, Any]:
        if folder is None:
            found = builtin_dialects()
            if found is None:
                message = "there are no contracts, and specwire is not installed"
                self.problems.error("M002", "#", message)
                raise Unusable(self.problems)
            return found
        sources = {one.file: one.data for one in self._read(folder)}
        return compile_dialects(sources, self.problems)

    def records(self, folder: Path, dialects: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for source in self._read(folder):
            try:
                record = compile_manifest(
                    source.data,
                    dialects,
                    source=source.file,
                    sha256=source.sha256,
                    problems=self.problems,
                )
            except Unusable:
                continue
            if record["id"] in _TAKEN:
                message = f"'{record['id']}' is the name of a file of all providers"
                self.problems.error("M005", f"{source.file}#/id", message)
            if record["id"] != source.path.stem:
                said = Reader(source.data, f"{source.file}#", self.problems)
                message = f"the file is called '{shown(source.path.name)}'"
                said.bad("M013", message, "id")
            made[record["id"]] = record
        self._check_aliases(made)
        return made

    def _check_aliases(self, records: Mapping[str, Any]) -> None:
        taken = dict.fromkeys(records, "")
        for identity, record in records.items():
            for alias in record["aliases"]:
                if alias in taken:
                    at = f"{record['source']}#/aliases"
                    message = f"'{shown(alias)}' already names another provider"
                    self.problems.error("M013", at, message)
                taken[alias] = identity

    def registries(
        self, folder: Path | None, records: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Models by provider: the registry's, and what the manifest says of its own."""
        made = {
            identity: {"format": FORMAT, "provider": identity, "source": None}
            | {"models": record["models"]}
            for identity, record in records.items()
            if record["models"]
        }
        for source in self._read(folder) if folder else ():
            data = compile_models(
                source.data, source=source.file, problems=self.problems
            )
            identity = data["provider"] or ""
            if identity not in records:
                at = f"{source.file}#/provider"
                message = f"there is no provider '{shown(identity)}'"
                self.problems.error("M002", at, message)
                continue
            made[identity] = merged(made.get(identity, {}), data)
        return made

    def schemas(self, folder: Path) -> dict[str, Any]:
        return {one.path.stem: one.data for one in self._read(folder)}

    def _read(self, folder: Path) -> Iterator[Source]:
        if not folder.is_dir():
            at = f"{_shown(folder, self.root)}#"
            self.problems.error("S001", at, "there is no such folder")
            return
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in _ENDINGS:
                continue
            try:
                source = load(path, self.problems, root=self.root)
            except Unusable:
                continue
            if isinstance(source.data, dict):
                self.inputs[source.file] = source.sha256
                yield source
            else:
                self.problems.error("M001", f"{source.file}#", "expected a mapping")


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name


def _index(records: Mapping[str, Any], run: _Run) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "providers": {
            identity: {"name": record["name"], "dialect": record["dialect"]}
            for identity, record in records.items()
        },
        "aliases": {
            alias: identity
            for identity, record in records.items()
            for alias in record["aliases"]
        },
    }


def _by_model(registries: Mapping[str, Any]) -> dict[str, Any]:
    """Which providers have a model of a name."""
    found: dict[str, list[str]] = {}
    for identity, data in registries.items():
        for name, model in data["models"].items():
            for one in {name, model["id"], *model["aliases"]}:
                found.setdefault(one, []).append(identity)
    return {name: sorted(found[name]) for name in found}


def lines(data: Mapping[str, Any], depth: int = 1) -> str:
    """JSON with a line for each member, so that a difference can be read."""
    return f"{_object(data, depth, '')}\n"


def _object(data: Mapping[str, Any], depth: int, indent: str) -> str:
    rows = []
    for key in sorted(data):
        value = data[key]
        deeper = depth > 1 and isinstance(value, dict)
        text = _object(value, depth - 1, indent + " ") if deeper else _compact(value)
        rows.append(f"{indent} {json.dumps(key)}: {text}")
    inner = ",\n".join(rows)
    return f"{{\n{inner}\n{indent}}}" if rows else "{}"


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
