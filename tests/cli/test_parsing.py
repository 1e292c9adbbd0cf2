"""Words in any order: flags before, between and behind what is given by place."""

from __future__ import annotations

from argparse import Namespace

import pytest

from specwire.cli import ask, batches, run
from specwire.cli.parsing import Parser


def parsed(parser: Parser, line: str) -> Namespace:
    return parser.parse_args(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "one two --json -m x/y",
        "--json one -m x/y two",
        "one --model=x/y two --json",
        "-mx/y one --json two",
        "-m x/y --json -- one two",
        "one -m x/y --json -- two",
    ],
)
def test_flags_stand_anywhere(line: str) -> None:
    """The places are the same ones, in their order."""
    found = parsed(ask.parser(), line)
    assert (found.text, found.model, found.json) == (["one", "two"], "x/y", True)


def test_of_a_command_below_as_well() -> None:
    """Which is the one that knows its flags."""
    found = parsed(batches.parser(), "watch --json --poll 2 ID -q")
    assert (found.id, found.json, found.poll, found.quiet) == ("ID", True, 2.0, True)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("one -- --json", ["one", "--json"]),
        ("-- --json", ["--json"]),
        ("one -5 --json", ["one", "-5"]),
        ("one -", ["one", "-"]),
    ],
)
def test_what_is_no_flag(line: str, text: list[str]) -> None:
    """Words behind ``--``, numbers, and standard input's sign."""
    assert parsed(ask.parser(), line).text == text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("prompts.jsonl -o", "argument -o/--output: expected one argument"),
        ("prompts.jsonl --quite", "did you mean --quiet?"),
        ("one two", "unrecognized arguments: two"),
    ],
)
def test_what_is_wrong_is_told(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A flag without its value takes none of the places."""
    with pytest.raises(SystemExit) as caught:
        parsed(run.parser(), line)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err
