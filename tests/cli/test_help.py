"""``--help``: examples first, and cheap."""

from __future__ import annotations

import re

import pytest

from specwire.cli import _COMMANDS, main
from specwire.cli.completion import words

from ..house.test_imports import heavy, loaded

OURS = {name: module for name, (_, module) in _COMMANDS.items() if module[0] == "."}


def said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    try:
        main([*args, "--help"])
    except SystemExit as end:
        assert end.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["", *_COMMANDS])
def test_examples_come_first(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Then how it is used, then what each word means."""
    text = said(capsys, *filter(None, [name]))
    assert text.startswith("examples:\n  ")
    assert text.index("examples:") < text.index("usage:")
    examples = text.partition("usage:")[0].splitlines()[1:]
    assert all("specwire" in line for line in examples if line.strip())


def test_so_they_do_of_commands_below(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of them has one."""
    for place in words():
        if len(place.path) > 1:
            text = said(capsys, *place.path)
            assert text.startswith("examples:\n  specwire "), place.path


def test_every_example_is_a_command() -> None:
    """Its words are known."""
    known = {place.path for place in words()}
    from specwire.cli import _EXAMPLES

    for line, _ in _EXAMPLES:
        assert (line.partition("specwire ")[2].split()[0],) in known


def test_help_is_of_any_command(capsys: pytest.CaptureFixture[str]) -> None:
    """``specwire help ask`` is ``specwire ask --help``."""
    try:
        main(["help", "ask"])
    except SystemExit as end:
        assert end.code == 0
    assert "usage: specwire ask" in capsys.readouterr().out


def test_the_front_page_loads_next_to_nothing() -> None:
    """No parser, no core, no library."""
    code = "import specwire.cli; specwire.cli.main(['--help'])"
    added = loaded(code) - loaded("pass")
    assert heavy(added) == []
    ours = {name for name in added if name.startswith("specwire")}
    assert ours <= {"specwire", "specwire.cli", "specwire.cli.output"}
    assert "argparse" not in added


@pytest.mark.parametrize("name", OURS)
def test_a_commands_help_is_cheap(name: str) -> None:
    """argparse and some small modules: no library, no model, no client."""
    code = (
        "import specwire.cli\n"
        f"try: specwire.cli.main([{name!r}, '--help'])\nexcept SystemExit: pass"
    )
    added = loaded(code) - loaded("import argparse, json")
    assert heavy(added) == []
    assert len(added) <= 60, sorted(added)
    parts = {
        m for m in added if re.match(r"specwire\.(models|resources|chat|sandbox)", m)
    }
    assert parts == set()
