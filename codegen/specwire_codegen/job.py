"""One run of the generator: a plan, and where its output and its locks belong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from .plan import Plan, ServicePlan, read_plan
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


def with_variables(plan: Plan, schemes: dict[str, list[str]]) -> Plan:
    """``plan`` with a variable for every credential that has none.

    ``schemes`` are the scheme ids of each service. ``SHOP_API_KEY`` for the only
    scheme of ``shop``, ``SHOP_USER`` for its scheme ``user`` beside others.
    """
    services = dict(plan.services)
    for service, ids in schemes.items():
        known = services.get(service, ServicePlan())
        prefix = module(service, "api").upper()
        alone = len(ids) == 1
        env = {
            each: f"{prefix}_{'API_KEY' if alone else module(each, 'key').upper()}"
            for each in ids
        }
        services[service] = evolve(known, env={**env, **known.env})
    return evolve(plan, services=services)
