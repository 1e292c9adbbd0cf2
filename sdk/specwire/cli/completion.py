"""``specwire completion``: what completes the command's words, made of its parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from .output import say
from .parsing import Parser

_EXAMPLES: Final = (
    ('eval "$(specwire completion bash)"', "in ~/.bashrc"),
    ('eval "$(specwire completion zsh)"', "in ~/.zshrc, after compinit"),
    ("specwire completion fish | source", "in config.fish"),
)


class Words(NamedTuple):
    """What may stand at a place: ``path`` is the words that lead there.

    ``commands`` and ``flags`` map to what they do, ``choices`` flags to their values;
    ``""`` is what is given by place. ``valued`` are the flags that want a value, and
    ``free`` says that something besides words may stand there, such as a file's name.
    """

    path: tuple[str, ...]
    commands: dict[str, str]
    flags: dict[str, str]
    choices: dict[str, list[str]]
    valued: set[str]
    free: bool = False


def parser() -> Parser:
    parser = Parser(
        prog="specwire completion",
        description="Print what completes the words of this command in a shell.",
        examples=_EXAMPLES,
    )
    shells = ("bash", "zsh", "fish")
    parser.add_argument(
        "shell", choices=shells, metavar="SHELL", help="; ".join(shells)
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the script of a shell."""
    from . import completion_shells as shells

    options = parser().parse_args(argv)
    say(getattr(shells, options.shell)(list(words())), end="")
    return 0


def words() -> Iterator[Words]:
    """Everything that can be typed, place by place."""
    from . import _COMMANDS, _OTHER_NAMES
    from .plugged import registry

    top = {name: told for name, (told, _) in _COMMANDS.items()}
    plugged = [name for name in registry().commands() if name not in top]
    top |= dict.fromkeys(plugged, "of a plugin")
    yield Words((), top, {"--help": "", "--version": ""}, {}, set())
    for name in plugged:
        yield Words((name,), {}, {}, {}, set(), free=True)
    for name, (_, module) in _COMMANDS.items():
        others = [other for other, meant in _OTHER_NAMES.items() if meant == name]
        for each in (name, *others):
            yield from _below((each,), _parser_of(module))


def _parser_of(module: str) -> argparse.ArgumentParser | None:
    found: Any = import_module(module, __package__)
    make = getattr(found, "parser", None)
    return None if make is None else make()


def _below(
    path: tuple[str, ...], parser: argparse.ArgumentParser | None
) -> Iterator[Words]:
    if parser is None:
        yield Words(path, {}, {"--help": ""}, {}, set())
        return
    found = Words(path, {}, {}, {}, set())
    below: list[tuple[str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {a.dest: a.help or "" for a in action._choices_actions}
            found.commands.update({n: told.get(n, "") for n in action.choices})
            below += action.choices.items()
            continue
        if action.help == argparse.SUPPRESS:
            continue
        flags = action.option_strings or [""]
        for flag in flags:
            if action.choices:
                found.choices[flag] = [str(each) for each in action.choices]
            if flag:
                found.flags[flag] = (action.help or "").replace("%%", "%")
            if flag and action.nargs != 0:
                found.valued.add(flag)
        if not action.option_strings and not action.choices:
            found = found._replace(free=True)
    yield found
    for name, each in below:
        yield from _below((*path, name), each)
