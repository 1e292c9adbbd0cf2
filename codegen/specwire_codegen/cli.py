"""The command line: ``build`` writes a package, ``check`` says whether it is fresh.

``explain`` says what a part of a document became, ``diff`` what a new version of one
changes. Exit codes: 0 done, 1 drift, files edited by hand or what ``--fail-on`` names,
2 the input cannot be used or the command is wrong. Findings go to standard error; with
``--json``, what the command found goes to standard output.
"""

from __future__ import annotations

import argparse
import json
import keyword
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from .build import Output, generate, owned
from .job import Job, job_of_plan, job_of_specs
from .lock import NAME, NAMES, read_lock
from .positions import Positions
from .problems import Problems, Unusable
from .write import Edited, drift, write

USED, DRIFT, UNUSABLE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parsed(argv)
    if options.command in ("explain", "diff"):
        return _asked(options)
    problems = Problems()
    try:
        job = evolve(_job(options, problems), tests=options.tests)
        output = generate(job, problems)
    except Unusable as unusable:
        _report(unusable.problems, None, options)
        return UNUSABLE
    _report(problems, job, options)
    if problems.has_errors and not options.keep_going:
        print("nothing written; --keep-going makes the best of it", file=sys.stderr)
        return UNUSABLE
    if options.command == "check":
        return _check(job, output)
    return _build(job, output, force=options.force)


def _asked(options: argparse.Namespace) -> int:
    """The commands that only read; imported when they are asked for."""
    from .ask import asked_diff, asked_explain

    if options.command == "diff":
        return asked_diff(options)
    problems = Problems()
    try:
        job = _job(options, problems)
    except Unusable as unusable:
        _report(unusable.problems, None, options)
        return UNUSABLE
    return asked_explain(options, job, problems)


def _job(options: argparse.Namespace, problems: Problems) -> Job:
    if options.plan:
        return job_of_plan(options.plan, problems)
    return job_of_specs(
        options.specs, options.out, package=options.package, overlays=options.overlay
    )


def _build(job: Job, output: Output, *, force: bool) -> int:
    try:
        done = write(
            job.package, output.files, read_lock(job.locks / NAME), force=force
        )
    except Edited as edited:
        print(f"error: {edited}", file=sys.stderr)
        return DRIFT
    locks = {NAME: output.lock.text(), NAMES: output.names}
    for name, text in locks.items():
        path = job.locks / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    print(
        f"{output.operations} operations: {len(done.written)} files written, "
        f"{done.unchanged} unchanged, {len(done.deleted)} deleted",
        file=sys.stderr,
    )
    return USED


def _check(job: Job, output: Output) -> int:
    lock = read_lock(job.locks / NAME)
    lines = drift(job.package, output.files, lock, owned=owned(job))
    locks = {NAME: output.lock.text(), NAMES: output.names}
    lines += drift(job.locks, locks, read_lock(job.locks / "none"), owned=())
    for line in lines:
        print(line.encode("ascii", "backslashreplace").decode("ascii"))
    return DRIFT if lines else USED


def _report(problems: Problems, job: Job | None, options: argparse.Namespace) -> None:
    root = job.root if job else _root(options)
    locate = Positions(root)
    try:
        prefix = root.resolve().relative_to(Path.cwd())
    except ValueError:
        prefix = Path()
    else:
        problems, locate = _moved(problems, prefix), Positions(Path.cwd())
    if options.json:
        print(json.dumps(problems.as_json(locate), indent=1))
        return
    shown = problems.render(locate)
    if not options.notes:
        shown = [line for line in shown if ": note " not in line]
    for line in shown:
        print(line, file=sys.stderr)


def _moved(problems: Problems, prefix: Path) -> Problems:
    """The same findings with file names from the working directory."""
    out = Problems()
    for one in problems:
        at = (prefix / one.at).as_posix() if prefix.parts else one.at
        out.add(one.severity, one.code, at, one.message, one.hint, place=one.place)
    return out


def _root(options: argparse.Namespace) -> Path:
    first: Path = options.plan or options.specs[0]
    return first.resolve().parent


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="specwire codegen",
        description="Generate a typed Python package from OpenAPI documents.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("build", "write the package"),
        ("check", "print what build would change; exit 1 if anything"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        _add_input(command)
        command.add_argument("-o", "--out", type=Path, default=Path("."), metavar="DIR")
        command.add_argument("--notes", action="store_true", help="show notes too")
        command.add_argument(
            "--keep-going",
            action="store_true",
            help="go on after errors; what they are about becomes Any",
        )
        command.add_argument(
            "--force", action="store_true", help="overwrite files edited by hand"
        )
        command.add_argument(
            "--no-tests",
            dest="tests",
            action="store_false",
            help="leave out the package's offline tests",
        )
        command.set_defaults(parser=command)
    _add_questions(commands)
    return parser


def _add_input(command: argparse.ArgumentParser) -> None:
    command.add_argument("specs", nargs="*", metavar="SPEC")
    command.add_argument("--package", metavar="NAME", help="import name")
    command.add_argument(
        "--overlay", type=Path, action="append", default=[], metavar="FILE"
    )
    command.add_argument("--plan", type=Path, metavar="FILE")
    command.add_argument("--json", action="store_true", help="findings as JSON")


def _add_questions(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    text = "say what a schema or an operation became, and why"
    command = commands.add_parser("explain", help=text, description=text)
    _add_input(command)
    command.add_argument(
        "pointer",
        metavar="POINTER",
        help="a JSON pointer, an operationId, 'METHOD /path', or a name",
    )
    command.add_argument("-o", "--out", type=Path, default=Path("."), metavar="DIR")
    command.set_defaults(parser=command, notes=False)
    text = "list what a new version of a document adds, changes and breaks"
    command = commands.add_parser("diff", help=text, description=text)
    command.add_argument("old", type=Path, metavar="OLD")
    command.add_argument("new", type=Path, metavar="NEW")
    command.add_argument("--json", action="store_true", help="changes as JSON")
    command.add_argument(
        "--fail-on", choices=["breaking"], help="exit 1 where there is such a change"
    )


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; combinations that mean nothing end the program with code 2."""
    options = _parser().parse_args(argv)
    if options.command == "diff":
        return options
    if options.command == "explain" and options.specs:
        options.specs, options.pointer = _in_order(options.specs, options.pointer)
    options.specs = list(map(Path, options.specs))
    if bool(options.plan) == bool(options.specs):
        options.parser.error("give either SPEC files or --plan FILE")
    if options.package and not _is_name(options.package):
        options.parser.error(f"--package: {options.package!a} is no Python name")
    return options


def _in_order(specs: list[str], pointer: str) -> tuple[list[str], str]:
    """The pointer may stand in front of the files as well."""
    if Path(pointer).is_file() and not Path(specs[0]).is_file():
        return [*specs[1:], pointer], specs[0]
    return specs, pointer


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
