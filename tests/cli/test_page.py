"""``docs/command.md``: every command, setting and exit code is there."""

from __future__ import annotations

import re

from specwire.cli import _OTHER_NAMES
from specwire.cli.completion import words
from specwire.cli.config_files import TYPES

from ..docs.written import typed, words_of
from ..house.modules import ROOT

PAGE = (ROOT / "docs" / "command.md").read_text("utf-8")
LINES = [words_of(line) for line in typed(PAGE)]


def test_every_command_has_an_example() -> None:
    """And so have those below another."""
    shown = {tuple(words[:n]) for words in LINES if words for n in (1, 2)}
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
