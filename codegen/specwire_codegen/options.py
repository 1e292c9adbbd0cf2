"""The words of the command line: what may be given, and what goes together."""

from __future__ import annotations

import argparse
import keyword
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from .inputs import named
from .parsing import Parser
from .remote import Allowed
from .url import BadUrl, Url, is_url

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

_PROGRAM = "specwire codegen"
_EXITS = """\
exit codes: 0 done, 1 drift, files edited by hand or what --fail-on names,
2 the input or the output folder cannot be used, or the command is wrong
"""
_WORDS: dict[str, tuple[str, str]] = {
    "build": (
        "write the package",
        "build openapi.yaml -o sdk --package shop",
    ),
    "check": (
        "print what build would change; exit 1 if anything",
        "check openapi.yaml -o sdk --package shop",
    ),
    "explain": (
        "say what a schema or an operation became, and why",
        "explain openapi.yaml 'POST /pets'",
    ),
    "diff": (
        "list what a new version of a document adds, changes and breaks",
        "diff old.yaml new.yaml --fail-on breaking",
    ),
}


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; combinations that mean nothing end the program with code 2."""
    options = _read(argv)
    if options.command != "diff":
        if bool(options.plan) == bool(options.specs):
            options.parser.error("give either SPEC files or --plan FILE")
        if options.package and not _is_name(options.package):
            options.parser.error(f"--package: {options.package!a} is no Python name")
        if options.service and not _is_name(options.service):
            options.parser.error(f"--service: {options.service!a} is no Python name")
    if (options.update_urls or options.allow_private) and not options.allow_url:
        flag = "--update-urls" if options.update_urls else "--allow-private"
        options.parser.error(f"{flag} means nothing without --allow-url")
    return options


def _read(argv: Sequence[str] | None) -> argparse.Namespace:
    options = parser().parse_args(argv)
    if options.command == "diff":
        return options
    given = options.specs
    if options.command == "explain" and given and _turned(given[0], options.pointer):
        options.pointer, given = given[0], [*given[1:], options.pointer]
    try:
        options.specs = [named(text) for text in given]
    except BadUrl as error:
        options.parser.error(str(error))
    return options


def _turned(first: str, last: str) -> bool:
    """Whether the pointer stands in front of the files."""
    return Path(last).is_file() and not Path(first).is_file()


def allowed(options: argparse.Namespace) -> Allowed:
    """What may be asked of a network."""
    hosts = frozenset(host.lower().strip("[]") for host in options.allow_private)
    return Allowed(options.allow_url, options.update_urls, hosts)


def parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=_PROGRAM,
        description="Generate a typed Python package from OpenAPI documents.",
        epilog=f"{_PROGRAM} COMMAND --help tells more.",
    )
    parser.examples = tuple(f"{_PROGRAM} {example}" for _, example in _WORDS.values())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in ("build", "check"):
        command = _command(commands, name)
        _add_input(command)
        _add_out(command)
        _add_output(command)
    command = _command(commands, "explain")
    _add_input(command)
    command.add_argument(
        "pointer",
        metavar="POINTER",
        help="a JSON pointer, an operationId, 'METHOD /path', or a name",
    )
    _add_out(command)
    command.set_defaults(notes=False)
    _add_diff(_command(commands, "diff"))
    return parser


def _command(commands: Commands, name: str) -> Parser:
    text, example = _WORDS[name]
    command = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=_EXITS,
    )
    command.examples = (f"{_PROGRAM} {example}",)
    command.set_defaults(parser=command)
    return command


def _add_input(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "specs",
        nargs="*",
        metavar="SPEC",
        help="an OpenAPI document: a JSON or YAML file, or its URL",
    )
    command.add_argument(
        "--package", metavar="NAME", help="import name; the first SPEC's by default"
    )
    command.add_argument(
        "--service",
        metavar="NAME",
        help="the documents are parts of one service: one server, one set of keys",
    )
    _add_overlay(command)
    command.add_argument(
        "--plan", type=Path, metavar="FILE", help="plan.toml, instead of SPEC files"
    )
    _add_network(command)
    command.add_argument(
        "--json", action="store_true", help="findings as JSON on standard output"
    )


def _add_overlay(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--overlay",
        type=_overlay,
        action="append",
        default=[],
        metavar="[SPEC=]FILE",
        help="put an overlay on every document, or on the one named; may be repeated",
    )


def _add_network(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-url",
        action="store_true",
        help="fetch documents, overlays and $refs that are http(s) URLs, and lock them",
    )
    command.add_argument(
        "--update-urls",
        action="store_true",
        help="take what the URLs hold now, whatever the lock says",
    )
    command.add_argument(
        "--allow-private",
        action="append",
        default=[],
        metavar="HOST",
        help="let $refs lead to this host though its address is private",
    )


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="folder that the package is in; the working directory by default",
    )


def _add_output(command: argparse.ArgumentParser) -> None:
    flags = {
        "--notes": "show notes too, which say what was decided",
        "--keep-going": "go on after errors; what they are about becomes Any",
        "--force": "overwrite files edited by hand",
    }
    for flag, text in flags.items():
        command.add_argument(flag, action="store_true", help=text)
    command.add_argument(
        "--no-tests",
        dest="tests",
        action="store_false",
        help="leave out the package's offline tests",
    )
    command.add_argument(
        "--no-async",
        dest="aio",
        action="store_false",
        help="leave out AsyncClient and the async resources",
    )


def _add_diff(command: argparse.ArgumentParser) -> None:
    for name in ("old", "new"):
        command.add_argument(
            name,
            type=_document,
            metavar=name.upper(),
            help=f"the {name} version: a document, its URL, or a plan (.toml)",
        )
    _add_overlay(command)
    command.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="plan.toml whose overlays and names hold for OLD and NEW",
    )
    _add_network(command)
    command.add_argument(
        "--json",
        action="store_true",
        help="the version step and every change as JSON on standard output",
    )
    command.add_argument(
        "--fail-on", choices=["breaking"], help="exit 1 where there is such a change"
    )


def _document(text: str) -> Path | Url:
    try:
        return named(text)
    except BadUrl as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _overlay(text: str) -> tuple[str | None, Path | Url]:
    """An overlay and the document it is for, if one is named."""
    name, mark, file = text.partition("=")
    if not mark or is_url(text) or Path(text).exists():
        return None, _document(text)
    return name, _document(file)


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
