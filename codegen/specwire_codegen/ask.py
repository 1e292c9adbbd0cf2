"""The commands that only read: ``explain`` and ``diff``, from options to exit code."""

from __future__ import annotations

import argparse
from pathlib import Path, PurePath

from . import reporting, talk
from .build import Understood, understand
from .diff import diff
from .explain import NotThere, explain
from .job import (
    Job,
    job_of_plan,
    job_of_specs,
    networked,
    with_document,
    with_overlays,
)
from .options import allowed
from .positions import Positions
from .problems import Problems, Unusable
from .url import Url

DONE, FAILED, UNUSABLE = 0, 1, 2


def asked_explain(options: argparse.Namespace, job: Job, problems: Problems) -> int:
    """``explain``: what a part of the input became.

    :raises Unusable: where a document cannot be used at all.
    """
    try:
        found = explain(options.pointer, understand(job, problems), problems)
    except NotThere as error:
        talk.say(f"error: {talk.ascii_of(str(error))}")
        return UNUSABLE
    locate = Positions(job.root, job.remote.got)
    if options.json:
        talk.as_json([one.as_json(locate) for one in found])
        return DONE
    for number, one in enumerate(found):
        talk.data(["", *one.lines(locate)] if number else one.lines(locate))
    return DONE


def asked_diff(options: argparse.Namespace) -> int:
    """``diff``: what a new version changes; 1 where ``--fail-on`` says so."""
    old, new = (_version(options, where) for where in _sides(options))
    if old is None or new is None:
        return UNUSABLE
    found = diff(old, new)
    if options.json:
        talk.as_json(found.as_json())
    else:
        talk.data(found.lines())
    return FAILED if options.fail_on and found.is_breaking else DONE


def _sides(options: argparse.Namespace) -> tuple[Path | Url, Path | Url]:
    return options.old, options.new


def _version(options: argparse.Namespace, where: Path | Url) -> Understood | None:
    """One version; its errors are said, and what they are about counts as Any."""
    problems = Problems()
    job = None
    try:
        job = _job(options, where, problems)
        return understand(job, problems)
    except Unusable:
        return None
    finally:
        root = job.root if job else Path()
        for line in reporting.lines(problems, root, job.remote.got if job else {}):
            if ": error " in line:
                talk.say(talk.ascii_of(line))


def _job(options: argparse.Namespace, where: Path | Url, problems: Problems) -> Job:
    """A plan, a document in the place of a plan's, or one alone."""
    everywhere = [file for name, file in options.overlay if name is None]
    single = [(name, file) for name, file in options.overlay if name is not None]
    try:
        if isinstance(where, Path) and where.suffix == ".toml":
            job = job_of_plan(where, problems, overlays=everywhere)
        elif options.plan:
            job = job_of_plan(options.plan, problems, overlays=everywhere)
            job = with_document(job, where, [_file(one) for one in _sides(options)])
        else:
            job = job_of_specs([where], Path(), package=None, overlays=everywhere)
        job = with_overlays(job, single)
    except LookupError as error:
        options.parser.error(str(error))
    return networked(job, allowed(options))


def _file(where: Path | Url) -> str:
    return PurePath(str(where)).name
