"""How the generator's commands are typed: help with examples first, "did you mean".

It is as the ``specwire`` command has it, which this program cannot lean on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """Help begins with examples; a mistyped word is answered with the one meant."""

    examples: Sequence[str] = ()

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(**settings)
        self.color = False  # Python 3.14 would colour it
        self._inside = False

    def format_help(self) -> str:
        lines = [f"  {example}" for example in self.examples]
        return "\n".join(["examples:", *lines, "", super().format_help()])

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        """Flags may stand anywhere between what is given by place."""
        if self._inside or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            found, more = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False
        if more:
            self._strange(more)
        return found, more

    def _strange(self, words: Sequence[str]) -> NoReturn:
        flag = next((word for word in words if word.startswith("-")), "")
        known = [text for action in self._actions for text in action.option_strings]
        near = get_close_matches(flag.partition("=")[0], known, n=1) if flag else []
        hint = f"; did you mean {near[0]}?" if near else ""
        self.error(f"unrecognized arguments: {' '.join(words)}{hint}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        known = list(map(str, action.choices or ()))
        if action.choices is None or value in action.choices:
            return
        near = get_close_matches(str(value), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        raise argparse.ArgumentError(action, f"invalid choice: {value!r}; {hint}")
