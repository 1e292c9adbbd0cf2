"""``specwire manifests check`` and ``compile``: manifests looked at, or made data.

Exit codes: 0 nothing is wrong, 1 something is, 2 a file cannot be read or the command
is wrong. Findings go to standard error, with ``--json`` to standard output.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import reporting, talk
from .manifest_build import builtin_dialects, builtin_schemas, lines
from .manifest_schema import check_schema
from .manifests import compile_dialects, compile_manifest, compile_models, read_manifest
from .parsing import Parser
from .problems import Problems, Unusable

FINE, WRONG, UNUSABLE = 0, 1, 2
_PROGRAM = "specwire manifests"
_EXITS = "exit codes: 0 nothing is wrong, 1 something is, 2 cannot be read\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = parser().parse_args(argv)
    problems = Problems()
    try:
        return (
            _check(options, problems) if options.check else _compile(options, problems)
        )
    finally:
        talk.flush()


def _check(options: argparse.Namespace, problems: Problems) -> int:
    unread = 0
    for path in options.files:
        try:
            _checked(path, strict=options.strict, problems=problems)
        except _Unread:
            unread += 1
        except Unusable:
            pass
    _report(problems, options)
    said = ", ".join(
        talk.counted(sum(one.severity == kind for one in problems), kind)
        for kind in ("error", "warning")
    )
    talk.say(f"{len(options.files)} checked: {said}")
    return UNUSABLE if unread else WRONG if problems.has_errors else FINE


def _compile(options: argparse.Namespace, problems: Problems) -> int:
    record: dict[str, Any] = {}
    unread = False
    try:
        record = _checked(options.file, strict=options.strict, problems=problems)
    except _Unread:
        unread = True
    except Unusable:
        pass
    _report(problems, options)
    if unread:
        return UNUSABLE
    if problems.has_errors:
        talk.say("nothing written")
        return WRONG
    text = lines(record)
    if options.out is None:
        talk.data(text.splitlines())
        return FINE
    try:
        options.out.write_text(text, "utf-8")
    except OSError as error:
        talk.say(f"error: {options.out}: {error.strerror or error}")
        return UNUSABLE
    talk.say(f"{options.out} written")
    return FINE


class _Unread(Exception):
    """A file of which nothing could be read."""


def _checked(path: Path, *, strict: bool, problems: Problems) -> dict[str, Any]:
    """What a file becomes; what it is, a manifest mostly, is seen by its shape."""
    file = path.as_posix().replace("#", "%23")
    try:
        data = read_manifest(path, problems, file=file)
    except Unusable as error:
        raise _Unread from error
    kind = _kind(data)
    if strict:
        schema = _needed(builtin_schemas(), "schemas", problems)[kind]
        check_schema(data, schema, f"{file}#", problems)
    if kind == "contract":
        return compile_dialects({file: data}, problems)
    if kind == "model":
        return compile_models(data, source=file, problems=problems)
    dialects = _needed(builtin_dialects(), "contracts", problems)
    return compile_manifest(data, dialects, source=file, problems=problems)


def _kind(data: Mapping[str, Any]) -> str:
    if "dialect" in data and "known_as" in data:
        return "contract"
    if "models" in data and "id" not in data:
        return "model"
    return "manifest"


def _needed(found: dict[str, Any] | None, what: str, problems: Problems) -> Any:
    if found is None:
        message = f"there are no {what}: specwire itself is not installed"
        problems.error("M002", "#", message)
        raise Unusable(problems)
    return found


def _report(problems: Problems, options: argparse.Namespace) -> None:
    root = Path.cwd()
    if options.json:
        talk.as_json(reporting.objects(problems, root))
        return
    for line in reporting.lines(problems, root, notes=options.notes):
        talk.say(line)


def parser() -> Parser:
    parser = Parser(prog=_PROGRAM, epilog=_EXITS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="say all that is wrong", epilog=_EXITS)
    check.examples = (f"{_PROGRAM} check my.yaml", f"{_PROGRAM} check --strict *.yaml")
    check.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a manifest, YAML or JSON"
    )
    check.set_defaults(check=True)
    make = commands.add_parser(
        "compile", help="write what the runtime reads", epilog=_EXITS
    )
    make.examples = (f"{_PROGRAM} compile my.yaml -o my.json",)
    make.add_argument("file", type=Path, metavar="FILE", help="a manifest")
    make.add_argument(
        "-o", "--out", type=Path, metavar="OUT", help="instead of standard output"
    )
    make.set_defaults(check=False)
    for command in (check, make):
        flags = {
            "--strict": "check it by the full JSON Schema as well",
            "--notes": "show notes too, which say what was decided",
        }
        for flag, text in flags.items():
            command.add_argument(flag, action="store_true", help=text)
    check.add_argument(
        "--json", action="store_true", help="findings as JSON on standard output"
    )
    make.set_defaults(json=False)
    return parser
