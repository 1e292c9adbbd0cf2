"""Generated packages of whole documents, and a client of each that never connects."""

from __future__ import annotations

import functools
import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from specwire.core import resource
from specwire.core.hooks import Answer, Hook
from specwire.core.wire import Call, Headers, Reply
from specwire_codegen.build import Output, generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.problems import Problems

from . import reading

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"
ROOT = HERE.parents[2]
SHARED = (ROOT / "../shared/specs").resolve()


class Recorder(Hook):
    """Answers every call with ``reply`` and remembers it."""

    reply = Reply(204)
    call: Call | None = None

    def before_attempt(self, call: Call) -> Answer:
        self.call = call
        return Answer(self.reply)

    def will_answer(self, status: int, media: str, body: bytes) -> None:
        headers = Headers.of([("content-type", media)]) if media else Headers()
        self.reply = Reply(status, headers, body)


@attrs.frozen(eq=False)
class Package:
    """One document and what was made of it."""

    name: str
    data: dict[str, Any]
    output: Output
    records: dict[str, resource.Operation[Any]]
    """By the pointer of the operation."""
    methods: dict[str, Any]
    recorder: Recorder
    client: Any

    @property
    def operations(self) -> list[reading.Operation]:
        return list(reading.operations(self.data))


def own() -> list[Path]:
    return sorted(path for path in DOCUMENTS.iterdir() if path.is_file())


def shared() -> list[Path]:
    """Documents of other people; none where the folder is missing."""
    found = SHARED.glob("*") if SHARED.is_dir() else ()
    return sorted(path for path in found if path.suffix in (".json", ".yaml"))


def generated(spec: Path, name: str) -> Output:
    problems = Problems()
    overlays = sorted(DOCUMENTS.glob(f"overlays/{spec.stem}.*"))
    job = job_of_specs([spec], Path("out"), package=name, overlays=overlays)
    output = generate(job, problems)
    assert not problems.has_errors
    return output


def package_name(spec: Path) -> str:
    return "corpus_" + re.sub(r"\W+", "_", spec.stem)


@contextmanager
def built(spec: Path, folder: Path) -> Iterator[Package]:
    """The package of ``spec``, importable from ``folder`` while the block runs."""
    name = package_name(spec)
    output = generated(spec, name)
    written(output, folder / name)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield package_of(name, reading.load(spec), output)
    finally:
        sys.path.remove(str(folder))
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]


def written(output: Output, folder: Path) -> None:
    for file, text in output.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def modules(name: str, output: Output) -> list[ModuleType]:
    """Every module of the package, imported."""
    dotted = (f[:-3].replace("/", ".") for f in output.files if f.endswith(".py"))
    return [
        importlib.import_module(f"{name}.{each}".removesuffix(".__init__"))
        for each in dotted
    ]


def package_of(name: str, data: dict[str, Any], output: Output) -> Package:
    """The package ``name``, which is importable, and the document ``data`` of it."""
    package = importlib.import_module(name)
    found = {
        value.name: value
        for module in modules(name, output)
        for value in vars(module).values()
        if isinstance(value, resource.Operation)
    }
    import json

    lock = json.loads(output.names)["operations"]
    recorder = Recorder()
    services = importlib.import_module(f"{name}.resources._surface").SERVICES
    client = package.Client(
        hooks=[recorder],
        base_urls={service: f"https://{service}.example/root" for service in services},
        max_retries=0,
    )
    pointers = {f"#{at.partition('#')[2]}": dotted for at, dotted in lock.items()}
    return Package(
        name,
        data,
        output,
        {at: found[dotted] for at, dotted in pointers.items()},
        {
            at: functools.reduce(getattr, d.split("."), client)
            for at, d in pointers.items()
        },
        recorder,
        client,
    )
