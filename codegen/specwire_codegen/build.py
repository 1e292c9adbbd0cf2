"""The pipeline: a :class:`~specwire_codegen.job.Job` to files in memory.

Reading, overlaying, checking and resolving happen in :mod:`~specwire_codegen.document`;
this module joins those steps with lowering, naming, emitting and verifying.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from . import __version__, ir
from .document import Opened, open_document
from .emit import Settings, emit
from .emit_derived import Derived, Reference
from .emit_webhooks import MIXIN, MODULE
from .job import Job, with_variables
from .lock import NAMES, Lock, digest, dumped, read_table
from .lower import lower
from .manifest_build import FOLDER as PROVIDERS
from .manifest_build import Compiled, compile_protocol
from .names import WEBHOOKS, Names, Wanted, plan_names
from .plan import Plan, ServicePlan
from .problems import Problems, Unusable
from .raw import doc
from .refs import Documents
from .resource_writer import Extras, Path
from .shapes import Spot
from .source import Source
from .twins import FOLDER as FACES
from .twins import Twins, write_twins
from .url import is_url
from .usage import Usage, usage
from .verify import verify

_UNSAFE = re.compile(r"[^A-Za-z0-9._/-]+")
_UNSAFE_URL = re.compile(r"[^A-Za-z0-9._/:-]+")
OWNED = ("models", "resources", "specs")
TESTS = "tests"


@frozen
class Output:
    """A finished run, nothing written yet."""

    files: Mapping[str, str]
    names: str
    """The text of ``names.lock``."""
    lock: Lock
    operations: int
    kept: Mapping[str, bytes] = field(factory=dict)
    """What came from a network, by file name beside the lock."""
    providers: int = 0


@frozen
class Understood:
    """What a job's documents say and how it will be called; nothing emitted yet.

    :ivar aio: there is an async side as well.
    """

    plan: Plan
    opened: Sequence[Opened]
    api: ir.Api
    used: Usage
    names: Names
    header: Header
    aio: bool


def understand(job: Job, problems: Problems) -> Understood:
    """Every step up to the names.

    :raises Unusable: where a document cannot be used at all.
    """
    plan = job.plan
    documents = Documents(problems, root=job.root, remote=job.remote)
    opened = _opened(plan, documents)
    documents.settle()
    roots = [
        (Spot(document.data, document.at), each.service)
        for document, each in zip(opened, plan.documents, strict=True)
    ]
    api = lower(documents, roots, problems)
    used = usage(api)
    wanted = Wanted(
        plan.operations,
        resources=[*plan.alias.values(), *filter(None, map(_parent, plan.alias))],
        attributes=[*plan.alias, *(each.name for each in plan.derive)],
    )
    names = plan_names(api, used, wanted, read_table(job.locks / NAMES), problems)
    header = Header(job, opened, documents.referred)
    return Understood(plan, opened, api, used, names, header, _is_async(job))


def _opened(plan: Plan, documents: Documents) -> list[Opened]:
    """Every document; where one cannot be used, what is wrong with the others too."""
    opened: list[Opened] = []
    unusable: Unusable | None = None
    for each in plan.documents:
        try:
            opened.append(
                open_document(each.file, documents=documents, overlays=each.overlays)
            )
        except Unusable as error:
            unusable = error
    if unusable is not None:
        raise unusable
    return opened


def generate(job: Job, problems: Problems) -> Output:
    """Build everything in memory.

    :raises Unusable: where a document cannot be used at all.
    """
    protocol = _protocol(job, problems)
    if not job.plan.documents and protocol.files:
        return _of_protocol(job, protocol)
    found = understand(job, problems)
    plan, api, names, header = found.plan, found.api, found.names, found.header
    services = _services(plan, api)
    twins = _twins(job, problems)
    extras = _extras(plan, twins.faces, api, names, problems)
    kept = (job.tests, plan.bundle, found.aio)
    settings = Settings(plan.client, services, extras, plan.package, *kept)
    files = emit(api, found.used, names, settings, header)
    verify(files, allowed=_allowed(plan, extras))
    if plan.bundle:
        for document, each in zip(found.opened, plan.documents, strict=True):
            files[f"specs/{each.service}.json"] = _bundle(document.data)
    files |= {**protocol.files, **twins.files}
    names_text = dumped(names.lock)
    lock = Lock(
        __version__,
        {**protocol.inputs, **dict(header.inputs), **twins.inputs},
        {name: digest(text) for name, text in files.items()},
        job.remote.table(),
    )
    usual = [each for each in api.operations if each.variant is None]
    copies = job.remote.files()
    return Output(files, names_text, lock, len(usual), copies, protocol.providers)


def _is_async(job: Job) -> bool:
    return job.aio and job.plan.aio


def _protocol(job: Job, problems: Problems) -> Compiled:
    if job.plan.protocol is None:
        return Compiled({}, {}, 0)
    return compile_protocol(job.plan.protocol, problems, root=job.root)


def _twins(job: Job, problems: Problems) -> Twins:
    plan = job.plan
    if plan.twins is None or not _is_async(job):
        return Twins({}, {}, {})
    return write_twins(
        plan.twins,
        problems,
        package=plan.package,
        folder=job.package,
        root=job.root,
        command=job.command,
    )


def _of_protocol(job: Job, protocol: Compiled) -> Output:
    """A package of provider data alone."""
    files = dict(protocol.files)
    hashes = {name: digest(text) for name, text in files.items()}
    lock = Lock(__version__, protocol.inputs, hashes)
    return Output(files, dumped({}), lock, 0, {}, protocol.providers)


def owned(job: Job) -> tuple[str, ...]:
    """Folders of the package in which there is nothing but what was generated."""
    folders = [PROVIDERS] if job.plan.protocol else []
    folders += [FACES] if job.plan.twins and _is_async(job) else []
    if job.plan.documents:
        folders += [*OWNED, TESTS] if job.plan.client and job.tests else OWNED
    if job.plan.documents and _is_async(job):
        folders += ["aio" if job.plan.client else "aio/resources"]
    return tuple(folders)


def _bundle(data: Any) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n"


def _parent(dotted: str) -> str:
    return dotted.rpartition(".")[0]


def _allowed(plan: Plan, extras: Extras) -> frozenset[str]:
    found = {module for module, _ in plan.mixins.values()}
    for each in plan.derive:
        named = (each.wrap, each.gives, each.streamed)
        found |= {module for module, _ in filter(None, named)}
    found |= {module for module, _ in extras.faces.values()}
    return frozenset(found)


def _services(plan: Plan, api: ir.Api) -> Mapping[str, ServicePlan]:
    """Settings by service; a user's package has a variable for every credential."""
    if not plan.client:
        return plan.services
    return with_variables(plan, api.services).services


class Header:
    """The first lines of a file; input names are kept to harmless characters."""

    def __init__(
        self, job: Job, opened: Sequence[Opened], referred: Sequence[Source] = ()
    ) -> None:
        self._command = job.command
        self._by_file: dict[str, list[tuple[str, str]]] = {}
        taken: dict[str, str] = {}
        for document in opened:
            sources = [document.source, *document.overlays]
            self._by_file[document.file] = [
                (_name(source.file, taken), source.sha256) for source in sources
            ]
        self._referred = [
            (_name(source.file, taken), source.sha256) for source in referred
        ]

    @property
    def inputs(self) -> list[tuple[str, str]]:
        """Name and hash of everything that was read."""
        named = [source for sources in self._by_file.values() for source in sources]
        return [*named, *self._referred]

    def __call__(self, pointers: Iterable[ir.Pointer]) -> list[str]:
        used = {pointer.partition("#")[0] for pointer in pointers}
        files = [file for file in self._by_file if file in used] or list(self._by_file)
        if not used <= self._by_file.keys():
            files = list(self._by_file)
        lines = [f"# Code generated by specwire-codegen {__version__}; DO NOT EDIT."]
        for file in files:
            shown = [f"{name} (sha256 {sha[:12]})" for name, sha in self._by_file[file]]
            lines.append(f"# From: {', '.join(shown)}")
        return [*lines, f"# Command: {self._command}"]


def _name(file: str, taken: dict[str, str]) -> str:
    """An input's name for the output: where it lies outside is nobody's business."""
    base = file.rpartition("/")[2] if file.startswith(("..", "/")) else file
    if is_url(file):
        # Its query may hold what is nobody's business either.
        base = _UNSAFE_URL.sub("_", file.partition("?")[0])
    else:
        base = _UNSAFE.sub("_", base) or "input"
    name = base
    number = 2
    while taken.setdefault(name, file) != file:
        name = f"{base}_{number}"
        number += 1
    return name


# -- what a plan adds ------------------------------------------------------------


def _extras(
    plan: Plan,
    faces: Mapping[Reference, Reference],
    api: ir.Api,
    names: Names,
    problems: Problems,
) -> Extras:
    children: dict[Path, dict[str, Path]] = {}
    for path in names.modules:
        children.setdefault(path[:-1], {})[path[-1]] = path
    for alias, target in plan.alias.items():
        where = tuple(alias.split("."))
        children.setdefault(where[:-1], {})[where[-1]] = tuple(target.split("."))
    by_name = {method.dotted: at for at, method in names.methods.items()}
    derived: dict[Path, list[Derived]] = {}
    for each in plan.derive:
        if each.of not in by_name:
            problems.warning(
                "N402", f"{plan.file}#/derive", f"derive: there is no {each.of!a}"
            )
            continue
        *resource, name = each.name.split(".")
        derived.setdefault(tuple(resource), []).append(
            Derived(name, by_name[each.of], each)
        )
    mixins = {tuple(name.split(".")): mixin for name, mixin in plan.mixins.items()}
    docs = _docs(plan, api, names)
    faces = dict(faces)
    if api.webhooks is not None:
        own = (f".{MODULE}", MIXIN)
        mixins.setdefault(WEBHOOKS, own)
        docs.setdefault(WEBHOOKS, "What the API sends by itself.")
        # It waits for nothing, so the async side has the same.
        faces[own] = (f"...resources.{MODULE}", MIXIN)
    return Extras(children, mixins, derived, faces, docs)


def _docs(plan: Plan, api: ir.Api, names: Names) -> dict[Path, str]:
    """A line for each resource: the plan's, else its tag's description."""
    tags = {name.wire: text for name, text in api.tags}
    found: dict[Path, str] = {}
    for operation in api.operations:
        resource = names.methods[operation.at].resource
        for tag in operation.tags:
            text = doc(tags.get(tag.wire), limit=200)
            if text and resource not in found:
                found[resource] = text
    return found | {tuple(name.split(".")): text for name, text in plan.docs.items()}
