"""``specwire usage``: a table, CSV, JSON and pictures of a ledger."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from specwire.budgets import Counts, Entry, UsageLedger
from specwire.budgets.summary import Line
from specwire.cli import main
from specwire.cli.usage_views import sparkline

from ..house.modules import SDK

Said = Callable[[], tuple[str, str]]


def at(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


ENTRIES = [
    Entry(
        at("2026-11-19T12:00"), "anthropic", "opus", Counts(5, 2, 1, 0, 9), 5 * 10**8
    ),
    Entry(at("2026-11-20T23:30"), "openai", "gpt", Counts(1000), 250_000, key="a"),
    Entry(at("2026-11-21T00:30"), "openai", "gpt", Counts(1, output=1), None, key="=b"),
    Entry(at("2026-11-21T00:31"), "openai", "gpt", Counts(1), 0, told=False),
]


@pytest.fixture
def ledger(path: str) -> str:
    made = UsageLedger(path)
    with made.writing() as db:
        for entry in ENTRIES:
            made.add(db, entry)
    made._files.close()
    return path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["usage", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_table_by_model(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The dearest first, a sum below, and what the sum leaves out."""
    lines = said(capsys, "--ledger", ledger)
    assert [line.split() for line in lines[:4]] == [
        ["model", "calls", "input", "cache", "read", "cache", "write", "output", "USD"],
        ["anthropic/opus", "1", "8", "2", "1", "9", "0.50"],
        ["openai/gpt", "3", "1,002", "0", "0", "1", "0.00025"],
        ["total", "4", "1,010", "2", "1", "10", "0.50025"],
    ]
    assert lines[4:] == [
        "of these, 1 without a known price count as 0",
        "of these, 1 by what had arrived: no usage was told",
    ]


def test_days_are_those_of_the_zone(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """UTC unless another is named."""
    days = said(capsys, "--ledger", ledger, "--by", "day")
    assert [line.split()[0] for line in days[1:4]] == [
        *("2026-11-19", "2026-11-20", "2026-11-21"),
    ]


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        (["--since", "2026-11-20"], 3),
        (["--until", "2026-11-20"], 2),
        (["--since", "2026-11-20T23:30:00Z", "--until", "2026-11-21T00:31"], 2),
        (["--since", "2026-11-20T23:31"], 2),
        (["--since", "1m"], 0),
    ],
)
def test_a_stretch_of_time(
    words: list[str], calls: int, ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day is meant with all of it; an end is not part of it."""
    found = json.loads("\n".join(said(capsys, "--ledger", ledger, "--json", *words)))
    assert found["total"]["calls"] == calls


def test_csv_is_exact_and_holds_no_formula(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nine decimals; a name that a spreadsheet would reckon is text."""
    text = "\n".join(said(capsys, "--ledger", ledger, "--csv", "--by", "key"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["key"]: row["cost_usd"] for row in rows} == {
        "(none)": "0.500000000",
        "a": "0.000250000",
        "'=b": "0.000000000",
    }


def test_json_has_whole_numbers(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nano-USD beside USD."""
    found = json.loads("\n".join(said(capsys, "--ledger", ledger, "--json")))
    assert (found["by"], found["total"]["cost_nano_usd"]) == ("model", 500_250_000)
    assert found["lines"][0]["name"] == "anthropic/opus"
    assert found["total"]["cost_usd"] == 0.50025


def test_a_drawing_of_the_days(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Well-formed, a bar a day, the amount as its title."""
    file = tmp_path / "out.svg"
    said(capsys, "--ledger", ledger, "--plot", str(file))
    root = ElementTree.fromstring(file.read_text())
    space = "{http://www.w3.org/2000/svg}"
    bars = root.findall(f"{space}g/{space}rect")
    assert [bar.findtext(f"{space}title") for bar in bars] == [
        *("2026-11-19: 0.50 USD", "2026-11-20: 0.00025 USD", "2026-11-21: 0.00 USD"),
    ]


def test_a_line_of_blocks() -> None:
    """As high as the cost; what costs anything shows."""
    lines = [Line("", nano=nano) for nano in (0, 1, 50, 100)]
    assert sparkline(lines) == "▁▂▅█"
    assert sparkline([Line("")]) == "▁"


@pytest.mark.parametrize("no_color", [False, True])
@pytest.mark.skipif(os.name == "nt", reason="no terminal to play there")
def test_colour_and_picture_are_for_terminals(no_color: bool, ledger: str) -> None:
    """NO_COLOR takes the first away."""
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    env.update({"PYTHONPATH": str(SDK), **({"NO_COLOR": "1"} if no_color else {})})
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "specwire", "usage", "--ledger", ledger]
    subprocess.run(command, env=env, stdout=theirs, check=True, timeout=30)
    os.close(theirs)
    text = os.read(ours, 10_000).decode()
    os.close(ours)
    assert ("\033[1m" in text) is not no_color
    assert "█▂▁  2026-11-19 to 2026-11-21" in text


def test_a_ledger_that_cannot_be_written_can_be_read(
    ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a folder in which nothing can be made."""
    folder = Path(ledger).parent
    for name in folder.glob("usage.db-*"):
        name.unlink()
    os.chmod(ledger, 0o400)
    os.chmod(folder, 0o500)
    try:
        assert len(said(capsys, "--ledger", ledger)) == 6
    finally:
        os.chmod(folder, 0o700)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--plot", "usage.png"], 2, "ends in .svg"),
        (["--ledger", "/nowhere/usage.db"], 1, "there is no such file"),
        (["--since", "yesterday"], 2, "expected a day such as"),
        (["--by", "colour"], 2, "invalid choice"),
        (["--tz", "Mars/Base"], 2, "no time zone"),
        (["--csv", "--json"], 2, "not allowed with"),
    ],
)
def test_what_is_wrong_is_said(
    words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with the exit code of its kind."""
    try:
        assert main(["usage", *words]) == code
    except SystemExit as end:
        assert end.code == code
    shown = capsys.readouterr()
    assert (shown.out, told in shown.err) == ("", True)


def test_a_torn_file_is_said(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And left as it is."""
    Path(path).write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    assert main(["usage", "--ledger", path]) == 1
    assert "specwire usage: usage" in capsys.readouterr().err
