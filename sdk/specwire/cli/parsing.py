"""The words of a command: argparse, with examples first and "did you mean".

Help looks the same in every version of Python, as it is compared as text.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

Commands = Any
"""What ``add_subparsers`` gives; its class has no public name."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Options as ``-o, --output FILE``, in columns that do not move."""

    def __init__(self, prog: str, **settings: Any) -> None:
        settings.setdefault("max_help_position", 28)
        settings.setdefault("width", 86)
        super().__init__(prog, **settings)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, action.dest.upper())
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """Examples first, then the rest; errors end with exit code 2.

    :param examples: what can be typed, and what it does.
    """

    def __init__(
        self,
        *,
        examples: Sequence[tuple[str, str]] = (),
        **settings: Any,
    ) -> None:
        settings.setdefault("formatter_class", _Formatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(**settings)
        self.color = False  # Python 3.14 would colour it
        self.examples = tuple(examples)

    def format_usage(self) -> str:
        places = [
            place
            for action in self._get_positional_actions()
            for place in [_place(action)]
            if place
        ]
        return f"usage: {' '.join([self.prog, *places, '[options]'])}\n"

    def format_help(self) -> str:
        parts = [self.format_usage()]
        if self.examples:
            wide = max(len(line) for line, _ in self.examples)
            lines = (f"  {line.ljust(wide)}  {does}" for line, does in self.examples)
            parts = ["\n".join(["examples:", *map(str.rstrip, lines), ""]), *parts]
        formatter = self._get_formatter()
        formatter.add_text(self.description)
        for group in self._action_groups:
            formatter.start_section(group.title)
            formatter.add_text(group.description)
            formatter.add_arguments(group._group_actions)
            formatter.end_section()
        formatter.add_text(self.epilog)
        return "\n".join([*parts, formatter.format_help()])

    def run(self, argv: Sequence[str]) -> int:
        """Run the command that ``argv`` names; its exit code."""
        options = self.parse_args(argv)
        code: int = options.run(options)
        return code

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        """As argparse's, but what is not known is wrong here, where it was said, and
        flags may stand anywhere between what is given by place."""
        words = sys.argv[1:] if args is None else list(args)
        if self._subparsers is None:
            words = self._flags_first(words)
        elif not words:
            (below,) = self._subparsers._group_actions
            self.error(f"expected a command: {', '.join(below.choices or ())}")
        found, more = super().parse_known_args(words, namespace)
        if more:
            self._strange(more)
        return found, more

    def _flags_first(self, words: list[str]) -> list[str]:
        """argparse takes places that a flag divides as if the first part were all."""
        flags, places = [], []
        left = iter(words)
        for word in left:
            if word == "--":
                places += [word, *left]
            elif self._parse_optional(word) is None:
                places.append(word)
            else:
                flags.append(word)
                if self._wants_value(word):
                    value = next(left, None)
                    if value is None:
                        return words  # nothing of the places may become its value
                    flags.append(value)
        return [*flags, *places]

    def _wants_value(self, word: str) -> bool:
        """Whether the next word is the value of the flag ``word``."""
        known = self._option_string_actions
        if word in known:
            return known[word].nargs != 0
        if word.startswith("--"):
            return False
        for at, letter in enumerate(word[1:], 2):  # letters of short flags
            action = known.get(f"-{letter}")
            if action is None or action.nargs != 0:
                return action is not None and at == len(word)
        return False

    def _strange(self, words: Sequence[str]) -> NoReturn:
        flag = next((word for word in words if word.startswith("-")), "")
        known = [text for a in self._actions for text in a.option_strings]
        near = get_close_matches(flag.partition("=")[0], known, n=1) if flag else []
        hint = f"; did you mean {near[0]}?" if near else ""
        self.error(f"unrecognized arguments: {' '.join(words)}{hint}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        near = get_close_matches(str(value), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        raise argparse.ArgumentError(action, f"invalid choice: {value!r}; {hint}")

    def commands(self) -> Commands:
        """What commands below this one are added to."""
        return self.add_subparsers(dest="command", required=True, metavar="COMMAND")


def _place(action: argparse.Action) -> str:
    if action.help == argparse.SUPPRESS:
        return ""
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    few = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}
    return few.get(str(action.nargs), name)


def add(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    told: str,
    examples: Iterable[tuple[str, str]],
) -> Parser:
    """A command below another; ``run`` is what it does."""
    parser: Parser = commands.add_parser(
        name, help=told, description=told, examples=tuple(examples)
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_call(parser: argparse.ArgumentParser) -> None:
    """The options of every command that asks a server."""
    add = parser.add_argument
    add("--timeout", type=seconds, metavar="SECONDS", help="of each call, in all")
    add("--max-retries", type=count_from_0, metavar="N", help="of each call")
    add("--base-url", metavar="URL", help="ask this address instead")


def add_wait(parser: argparse.ArgumentParser) -> None:
    """The option of commands that look again and again."""
    told = "before the second look (1); pauses grow"
    parser.add_argument(
        "--poll", type=seconds, default=1.0, metavar="SECONDS", help=told
    )


def seconds(text: str) -> float:
    """A time limit."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text!r}")
    return number


def count_from_0(text: str) -> int:
    return _count(text, 0)


def count(text: str) -> int:
    return _count(text, 1)


def _count(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < least:
        raise argparse.ArgumentTypeError(f"expected {least} or more, got {text!r}")
    return number
