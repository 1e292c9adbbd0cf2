"""The command line: ``build`` writes a package, ``check`` says whether it is fresh.

``explain`` says what a part of a document became, ``diff`` what a new version of one
changes. Exit codes: 0 done, 1 drift, files edited by hand or what ``--fail-on`` names,
2 the input or the output folder cannot be used or the command is wrong, 130
interrupted. Findings go to standard error; with ``--json``, what the command found goes
to standard output.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from . import reporting, talk
from .build import Output, generate, owned
from .job import Job, job_of_plan, job_of_specs, networked, with_overlays
from .lock import NAME, NAMES, read_lock
from .options import allowed, parsed
from .options import parser as parser
from .problems import Problems, Unusable
from .remote import FOLDER
from .url import Url
from .write import Edited, drift, write

USED, DRIFT, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    try:
        with _uncollected():
            return _run(parsed(argv))
    except OSError as error:
        # Whatever was read has been reported where it was: this is about writing.
        where = f"{error.filename}: " if error.filename else ""
        talk.say(f"error: {talk.ascii_of(where)}{error.strerror or error}")
        return UNUSABLE
    except KeyboardInterrupt:
        talk.say("interrupted")
        return INTERRUPTED
    finally:
        talk.flush()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave cycles alone for one command.

    A document and all that is made of it are trees: the collector would walk them over
    and over, for a third of the time, and free nothing.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _run(options: argparse.Namespace) -> int:
    if options.command == "diff":
        from .ask import asked_diff

        return asked_diff(options)
    problems = Problems()
    job = None
    try:
        job = _job(options, problems)
        if options.command == "explain":
            from .ask import asked_explain

            return asked_explain(options, job, problems)
        output = generate(job, problems)
    except Unusable as unusable:
        _report(unusable.problems, job, options)
        return UNUSABLE
    _report(problems, job, options)
    if problems.has_errors and not options.keep_going:
        talk.say("nothing written; --keep-going makes the best of it")
        return UNUSABLE
    if options.command == "check":
        return _check(job, output, as_json=options.json)
    return _build(job, output, force=options.force)


def _job(options: argparse.Namespace, problems: Problems) -> Job:
    everywhere = [file for name, file in options.overlay if name is None]
    if options.plan:
        job = job_of_plan(options.plan, problems, overlays=everywhere)
    else:
        job = job_of_specs(
            options.specs,
            options.out,
            package=options.package,
            overlays=everywhere,
            service=options.service,
        )
    single = [(name, file) for name, file in options.overlay if name is not None]
    try:
        job = with_overlays(job, single)
    except LookupError as error:
        options.parser.error(f"--overlay: {error}")
    tests, aio = (getattr(options, name, True) for name in ("tests", "aio"))
    return networked(evolve(job, tests=tests, aio=aio), allowed(options))


def _build(job: Job, output: Output, *, force: bool) -> int:
    old = read_lock(job.locks / NAME)
    try:
        done = write(
            job.package,
            output.files,
            old,
            force=force,
            beside=_beside(job, output),
            kept=job.locks / FOLDER,
        )
    except Edited as edited:
        talk.say(f"error: {edited}")
        return DRIFT
    talk.say(
        f"{_made(output)}: {talk.counted(len(done.written), 'file')} written, "
        f"{done.unchanged} unchanged, {len(done.deleted)} deleted"
    )
    return USED


def _made(output: Output) -> str:
    operations = talk.counted(output.operations, "operation")
    providers = talk.counted(output.providers, "provider")
    if not output.providers:
        return operations
    return f"{operations} and {providers}" if output.operations else providers


def _beside(job: Job, output: Output) -> dict[Path, bytes]:
    """The locks, and copies of what came from a network."""
    kept = {job.locks / FOLDER / name: raw for name, raw in output.kept.items()}
    locks = {NAME: output.lock.text(), NAMES: output.names}
    return kept | {job.locks / name: text.encode() for name, text in locks.items()}


def _check(job: Job, output: Output, *, as_json: bool) -> int:
    lock = read_lock(job.locks / NAME)
    lines = drift(job.package, output.files, lock, owned=owned(job))
    locks = {NAME: output.lock.text(), NAMES: output.names}
    lines += drift(job.locks, locks, read_lock(job.locks / "none"), owned=())
    if as_json:  # which is the findings, and a document of its own
        for line in lines:
            talk.say(talk.ascii_of(line))
    else:
        talk.data(lines)
    return DRIFT if lines else USED


def _report(problems: Problems, job: Job | None, options: argparse.Namespace) -> None:
    root = job.root if job else _root(options)
    urls = job.remote.got if job else {}
    if options.json:
        talk.as_json(reporting.objects(problems, root, urls))
        return
    for line in reporting.lines(problems, root, urls, notes=options.notes):
        talk.say(line)


def _root(options: argparse.Namespace) -> Path:
    first: Path | Url = options.plan or options.specs[0]
    return first.resolve().parent if isinstance(first, Path) else Path.cwd()
