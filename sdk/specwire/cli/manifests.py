"""``specwire manifests``: chat providers as data, looked at, checked and compiled.

``check`` and ``compile`` are the generator's, which is loaded when one is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

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
        known = ", ".join(_COMMANDS)
        print(
            f"specwire manifests: no command {argv[0]!r}; known: {known}",
            file=sys.stderr,
        )
        return _USAGE
    code: int = import_module(command[1], __package__).main(list(argv))
    return code


def _help() -> str:
    rows = [f"  {name:<10} {text}" for name, (text, _) in _COMMANDS.items()]
    return "\n".join(
        [
            "usage: specwire manifests COMMAND [options]",
            "",
            "commands:",
            *rows,
            "",
            "specwire manifests COMMAND --help tells more.",
        ]
    )
