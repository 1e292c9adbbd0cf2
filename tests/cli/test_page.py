"""``docs/command.md``: every command is there, and every example is one."""

from __future__ import annotations

import re
import shlex

import pytest

from specwire.cli import _COMMANDS, _OTHER_NAMES
from specwire.cli.completion import _parser_of, words
from specwire.cli.config_files import TYPES

from ..house.modules import ROOT

PAGE = (ROOT / "docs" / "command.md").read_text("utf-8")
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```", PAGE)
LINES = [line for block in BLOCKS for line in block.splitlines()]


def commands(line: str) -> list[str]:
    """The words behind ``specwire`` in a line of a shell."""
    line = re.split(r"\$\(|\| ", line)[-1].rstrip(')"')
    found = shlex.split(line, comments=True)
    found = found[: found.index(">")] if ">" in found else found
    assert found[0] == "specwire", line
    return found[1:]


@pytest.mark.parametrize("line", LINES)
def test_an_example_can_be_typed(line: str) -> None:
    """Its command takes its words."""
    name, *rest = commands(line)
    name = _OTHER_NAMES.get(name, name)
    parser = _parser_of(_COMMANDS[name][1])
    assert parser is not None
    parser.parse_known_args(rest)


def test_every_command_has_an_example() -> None:
    """And so have those below another."""
    typed = {tuple(commands(line)) for line in LINES}
    shown = {words[:n] for words in typed for n in (1, 2)}
    shown = {(_OTHER_NAMES.get(w[0], w[0]), *w[1:]) for w in shown}
    missing = [
        place.path
        for place in words()
        if place.path[:1] != ("codegen",)
        and place.path[:1] not in {(name,) for name in _OTHER_NAMES}
        and place.path not in shown
        and place.path
        and place.path not in {("manifests", "check"), ("manifests", "compile")}
    ]
    assert missing == []


def test_every_setting_is_told() -> None:
    """With its variable."""
    for name in TYPES:
        assert f"| `{name}` |" in PAGE


def test_every_exit_code_is_told() -> None:
    """With what it means."""
    assert re.findall(r"(?m)^\| (\d+) \|", PAGE) == [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "130",
    ]
