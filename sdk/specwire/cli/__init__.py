"""The ``specwire`` command: data on standard output, talk on standard error.

Only the words of the command are read here; each command's module is imported when it
is the one that was asked for, so ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

USAGE = 2
INTERRUPTED = 130

_COMMANDS = {
    "demo": ("run the guided tour against the embedded sandbox", ".demo"),
    "run": ("run many requests of a file, and go on where it stopped", ".run"),
    "sandbox": ("serve the embedded sandbox until interrupted", ".sandbox"),
    "manifests": ("look at chat providers, check and compile manifests", ".manifests"),
    "mcp": ("ask a server of the Model Context Protocol, call its tools", ".mcp"),
    "usage": ("show what calls with a budget have cost", ".usage"),
    "doctor": ("say what this installation has, and what is wrong", ".doctor"),
    "codegen": ("make a package from OpenAPI documents", "specwire_codegen.cli"),
}
NAMES = frozenset(_COMMANDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 failed, 2 wrong usage, 130 interrupted; ``run`` has others besides.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if args else USAGE
    if args[0] in ("-V", "--version"):
        from .. import __version__

        print(f"specwire {__version__}")
        return 0
    command = _COMMANDS.get(args[0])
    try:
        if command is None:
            from .plugged import run

            ended = run(args[0], args[1:])
            return _unknown(args[0]) if ended is None else ended
        module = import_module(command[1], __name__)
        code: int = module.main(args[1:])
        return code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left; nothing is wrong here. What is buffered still
        # has to go somewhere when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _help() -> str:
    lines = [
        "usage: specwire COMMAND [options]",
        "",
        "commands:",
        *(f"  {name:<10} {text}" for name, (text, _) in _COMMANDS.items()),
        "",
        "specwire COMMAND --help tells more; specwire --version names this version;",
        "specwire doctor lists the commands that plugins bring.",
    ]
    return "\n".join(lines)


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    from .plugged import registry

    known = [*_COMMANDS, *registry().commands()]
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
    print(f"specwire: no command {name!r}{hint}", file=sys.stderr)
    return USAGE
