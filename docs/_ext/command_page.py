"""The reference's page of the command: what ``--help`` prints."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from textwrap import indent

from specwire import cli
from specwire.cli.completion import _parser_of


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command and what is below it, with its parser."""
    for name, (_, module) in cli._COMMANDS.items():
        parser = _parser_of(module)
        if parser is not None:
            yield from _below(f"specwire {name}", parser)


def _below(
    name: str, parser: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, each in action.choices.items():
                yield from _below(f"{name} {word}", each)


def page() -> str:
    """The page, in reStructuredText."""
    title = "The command"
    parts = [
        f"{title}\n{'=' * len(title)}\n\n",
        "What ``--help`` prints; :doc:`/command` says how it is used.\n\n",
    ]
    for name, parser in parsers():
        line = "-" if name.count(" ") == 1 else "~"
        text = indent(parser.format_help(), "   ")
        parts.append(f"{name}\n{line * len(name)}\n\n.. code-block:: none\n\n{text}\n")
    return "".join(parts)
