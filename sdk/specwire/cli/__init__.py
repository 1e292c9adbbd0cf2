"""The ``specwire`` command: data on standard output, talk on standard error.

Only the words of the command are read here; each command's module is imported when it
is the one that was asked for, so ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

USAGE = 2
INTERRUPTED = 130

_COMMANDS = {
    "demo": ("run the guided tour against the embedded sandbox", ".demo"),
    "ask": ("ask a model; the answer is printed as it arrives", ".ask"),
    "messages": ("send a message, whole requests as well", ".messages"),
    "batches": ("many messages in the background, at half the price", ".batches"),
    "files": ("upload, download and list files", ".files"),
    "workflows": ("run a deployed workflow", ".workflows"),
    "jobs": ("wait for a run in the background", ".jobs"),
    "run": ("run many requests of a file, and go on where it stopped", ".run"),
    "usage": ("show what calls with a budget have cost", ".usage"),
    "api": ("send any request, with key, retries and redaction", ".api"),
    "mcp": ("ask a server of the Model Context Protocol, call its tools", ".mcp"),
    "manifests": ("look at chat providers, check and compile manifests", ".manifests"),
    "codegen": ("make a package from OpenAPI documents", "specwire_codegen.cli"),
    "sandbox": ("serve the embedded sandbox until interrupted", ".sandbox"),
    "doctor": ("say what this installation has, and what is wrong", ".doctor"),
    "completion": ("print what completes these words in your shell", ".completion"),
}
_OTHER_NAMES = {"batch": "batches", "message": "messages", "file": "files"}
_OTHER_NAMES |= {"workflow": "workflows", "job": "jobs"}
_EXAMPLES = (
    ("specwire demo", "see it all at work, without a key"),
    ('specwire ask "Why is the sky blue?"', "the answer, as it arrives"),
    ('git diff | specwire ask "Review this"', "what is piped in is asked about"),
    ("specwire run prompts.jsonl -o out.jsonl", "many prompts, a result each"),
    ("specwire doctor", "what is installed, which keys are found"),
)
NAMES = frozenset((*_COMMANDS, *_OTHER_NAMES))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 failed, 2 wrong usage, 3 some items failed, 4 authentication, 5 rate limit
    or budget, 6 time-out, 130 interrupted.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    from . import output

    output.prepare()
    name = args[0] if args else ""
    try:
        code = _run(args)
        output.settle()
        return code
    except SystemExit:
        _settled()
        raise
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left; nothing is wrong here.
        return 0
    except Exception as error:
        return _failed(name, error)
    finally:
        output.abandon()


def _settled() -> None:
    """What a parser has printed may have no reader either."""
    from . import output

    try:
        output.settle()
    except OSError:
        output.abandon()


def _run(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help", "help"):
        if len(args) > 1 and args[0] == "help":
            return _run([*args[1:], "--help"])
        print(_help())
        return 0 if args else USAGE
    if args[0] in ("-V", "--version"):
        from .. import __version__

        print(f"specwire {__version__}")
        return 0
    command = _COMMANDS.get(_OTHER_NAMES.get(args[0], args[0]))
    if command is None:
        from .plugged import run

        ended = run(args[0], args[1:])
        return _unknown(args[0]) if ended is None else ended
    run_it: Callable[[Sequence[str]], int]
    run_it = import_module(command[1], __name__).main
    return run_it(args[1:])


def _failed(name: str, error: Exception) -> int:
    """The exit code of what is foreseen, said in a line; the rest is a traceback."""
    from ..core.errors import SpecwireError
    from . import exits, output

    if not isinstance(error, (SpecwireError, exits.UsageError, OSError, ImportError)):
        raise error
    try:
        output.talk(f"specwire {name}: {exits.told(error)}")
    except OSError:
        pass  # there is nowhere left to say it
    return exits.code_of(error)


def _help() -> str:
    wide = max(len(line) for line, _ in _EXAMPLES)
    lines = [
        "examples:",
        *(f"  {line:<{wide}}  {text}" for line, text in _EXAMPLES),
        "",
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
