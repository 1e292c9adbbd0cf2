"""One run of the generator: a plan, and where its output and its locks belong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from attrs import evolve, field, frozen

from .ir import Scheme, Service
from .lock import NAME as LOCK
from .lock import read_lock
from .plan import OAUTH, Plan, ServicePlan, read_plan
from .problems import Problems
from .remote import FOLDER, Allowed, Remote
from .url import Url
from .words import module


@frozen
class Job:
    """What to build.

    :ivar package: the folder to write, which is the package's own.
    :ivar locks: the folder of the lock files.
    :ivar root: input names in the output are relative to it.
    :ivar command: what a reader of the output may run to make it again.
    :ivar tests: whether a user's package gets a test for each operation.
    :ivar aio: whether there is an async side, where the plan does not leave it out.
    :ivar remote: where documents from a network come from; see :func:`networked`.
    """

    plan: Plan
    package: Path
    locks: Path
    root: Path
    command: str
    tests: bool = True
    aio: bool = True
    remote: Remote = field(factory=Remote)


def job_of_specs(
    specs: Sequence[Path | Url],
    out: Path,
    *,
    package: str | None,
    overlays: Sequence[Path | Url],
    service: str | None = None,
) -> Job:
    """A user's package ``out/package``; its name is the first document's by default.

    With ``service`` the documents are parts of one service of that name.
    """
    name = package or module(specs[0].stem, "api")
    files = [spec for spec in specs if isinstance(spec, Path)]
    folders = [file.resolve().parent for file in files] or [Path.cwd()]
    root = folders[0]
    while not all(folder.is_relative_to(root) for folder in folders):
        root = root.parent
    plan = Plan.default(specs, name, overlays, service=service)
    return Job(plan, out / name, out / name, root, "specwire codegen build")


def networked(job: Job, allowed: Allowed) -> Job:
    """``job`` with the documents that its lock knows and what ``allowed`` says."""
    locked = read_lock(job.locks / LOCK).urls
    return evolve(job, remote=Remote(locked, job.locks / FOLDER, allowed))


def with_document(job: Job, where: Path | Url, names: Sequence[str]) -> Job:
    """``job`` with another version of its only document, or of the one so called.

    :raises LookupError: where that is not clear.
    """
    documents = list(job.plan.documents)
    found = [
        number
        for number, one in enumerate(documents)
        if len(documents) == 1 or PurePath(str(one.file)).name in names
    ]
    if len(found) != 1:
        known = ", ".join(PurePath(str(one.file)).name for one in documents)
        raise LookupError(f"which document of the plan is {where}? It has {known}")
    documents[found[0]] = evolve(documents[found[0]], file=where)
    return evolve(job, plan=evolve(job.plan, documents=tuple(documents)))


def with_overlays(job: Job, more: Sequence[tuple[str, Path | Url]]) -> Job:
    """``job`` with overlays for single documents, each with the name of its document.

    :raises LookupError: where no document is called so.
    """
    documents = list(job.plan.documents)
    for name, overlay in more:
        found = [
            number
            for number, one in enumerate(documents)
            if name in (one.service, str(one.file), PurePath(str(one.file)).name)
        ]
        if len(found) != 1:
            known = ", ".join(one.service for one in documents)
            raise LookupError(f"no document is called {name!a}; known are: {known}")
        one = documents[found[0]]
        documents[found[0]] = evolve(one, overlays=(*one.overlays, overlay))
    return evolve(job, plan=evolve(job.plan, documents=tuple(documents)))


def job_of_plan(
    path: Path, problems: Problems, *, overlays: Sequence[Path | Url] = ()
) -> Job:
    """What a plan file says; everything in it is relative to it.

    ``overlays`` are put on every document, after those of the plan.

    :raises Unusable: where the plan cannot be read.
    """
    root = path.resolve().parent
    plan = read_plan(path, problems, root=root)
    documents = tuple(
        evolve(one, overlays=(*one.overlays, *overlays)) for one in plan.documents
    )
    plan = evolve(plan, documents=documents)
    locks = plan.out if plan.client else path.parent
    # A plan without a client is our own, which the Makefile builds.
    command = f"specwire codegen build --plan {path.name}"
    command = command if plan.client else "make codegen"
    return Job(plan, plan.out, locks, root, command)


def with_variables(plan: Plan, services: Sequence[Service]) -> Plan:
    """``plan`` with a variable for every credential that has none.

    ``SHOP_API_KEY`` for the only scheme of ``shop``, ``SHOP_USER`` for its scheme
    ``user`` beside others; ``SHOP_CLIENT_ID`` and ``SHOP_CLIENT_SECRET`` for the one
    that gives tokens. A service at another place than the document's has the same keys.
    """
    found = dict(plan.services)
    for service in services:
        known = found.get(service.id, ServicePlan())
        prefix = module(service.keys or service.id, "api").upper()
        env = _variables(prefix, service.schemes)
        found[service.id] = evolve(known, env={**env, **known.env})
    return evolve(plan, services=found)


def _variables(prefix: str, schemes: Sequence[Scheme]) -> dict[str, str]:
    env: dict[str, str] = {}
    tokens = [scheme for scheme in schemes if scheme.kind == "oauth2"]
    for scheme in schemes:
        own = module(scheme.id, "key").upper()
        env[scheme.id] = f"{prefix}_{'API_KEY' if len(schemes) == 1 else own}"
        if scheme in tokens:
            middle = "" if len(tokens) == 1 else f"{own}_"
            for part in OAUTH:
                env[f"{scheme.id}.{part}"] = f"{prefix}_{middle}{part.upper()}"
    return env
