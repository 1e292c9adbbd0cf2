"""``specwire manifests``: chat providers as data, looked at, checked and compiled.

``check`` and ``compile`` are the generator's, which is loaded when one is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from .parsing import Parser

_COMMANDS = {
    "list": ("the providers that chat can speak to", ".manifest_views"),
    "show": ("what is known of one provider", ".manifest_views"),
    "check": ("say all that is wrong with a manifest", "specwire_codegen.manifest_cli"),
    "compile": ("write a manifest as data", "specwire_codegen.manifest_cli"),
}
_USAGE = 2


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        print(_help())
        return 0 if argv else _USAGE
    command = _COMMANDS.get(argv[0])
    if command is None:
        near = get_close_matches(argv[0], _COMMANDS, n=1)
        known = f"known: {', '.join(_COMMANDS)}"
        hint = f"did you mean {near[0]!r}?" if near else known
        print(f"specwire manifests: no command {argv[0]!r}; {hint}", file=sys.stderr)
        return _USAGE
    code: int = import_module(command[1], __package__).main(list(argv))
    return code


def parser() -> Parser:
    """All four commands, for what completes words."""
    whole = Parser(prog="specwire manifests")
    commands = whole.commands()
    for name, (told, module) in _COMMANDS.items():
        found = import_module(module, __package__).parser()
        (below,) = found._subparsers._group_actions
        commands.add_parser(
            name, help=told, parents=[below.choices[name]], add_help=False
        )
    return whole


def _help() -> str:
    rows = [f"  {name:<10} {text}" for name, (text, _) in _COMMANDS.items()]
    return "\n".join(
        [
            "examples:",
            "  specwire manifests list               whom chat can speak to",
            "  specwire manifests show openai        what is known of one",
            "  specwire manifests check my.yaml      what is wrong with yours",
            "",
            "usage: specwire manifests COMMAND [options]",
            "",
            "commands:",
            *rows,
            "",
            "specwire manifests COMMAND --help tells more.",
        ]
    )
