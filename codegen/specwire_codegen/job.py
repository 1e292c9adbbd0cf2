"""One run of the generator: a plan, and where its output and its locks belong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from .ir import Scheme, Service
from .plan import OAUTH, Plan, ServicePlan, read_plan
from .problems import Problems
from .words import module


@frozen
class Job:
    """What to build.

    :ivar package: the folder to write, which is the package's own.
    :ivar locks: the folder of the lock files.
    :ivar root: input names in the output are relative to it.
    :ivar command: what a reader of the output may run to make it again.
    :ivar tests: whether a user's package gets a test for each operation.
    """

    plan: Plan
    package: Path
    locks: Path
    root: Path
    command: str
    tests: bool = True


def job_of_specs(
    specs: Sequence[Path], out: Path, *, package: str | None, overlays: Sequence[Path]
) -> Job:
    """A user's package ``out/package``; its name is the first document's by default."""
    name = package or module(specs[0].stem, "api")
    folders = [spec.resolve().parent for spec in specs]
    root = folders[0]
    while not all(folder.is_relative_to(root) for folder in folders):
        root = root.parent
    plan = Plan.default(specs, name, overlays)
    return Job(plan, out / name, out / name, root, "specwire codegen build")


def job_of_plan(path: Path, problems: Problems) -> Job:
    """What a plan file says; everything in it is relative to it.

    :raises Unusable: where the plan cannot be read.
    """
    root = path.resolve().parent
    plan = read_plan(path, problems, root=root)
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
