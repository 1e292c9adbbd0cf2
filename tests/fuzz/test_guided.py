"""The guided run says what became of it; ``make fuzz`` and the checks run it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from . import guided
from .keeping import keep
from .targets import check_of


def test_without_atheris_it_says_so_and_ends_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine for which there is no wheel passes the checks."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert guided.main(["--runs", "1"]) == 0
    assert "atheris is not installed" in capsys.readouterr().out


def test_an_input_that_opens_a_path_is_kept(tmp_path: Path) -> None:
    """Of those that take the same steps, the smallest; none that is there already."""
    found, corpus = tmp_path / "found", tmp_path / "corpus"
    found.mkdir()
    for name, line in {"a": b"{}\n", "b": b"{ }\n", "c": b"\r\n", "d": b""}.items():
        (found / name).write_bytes(b"\0\0\0" + line)
    assert keep(check_of("jsonl"), found, corpus) == 3
    assert {path.read_bytes() for path in corpus.iterdir()} == {
        b"\0\0\0",
        b"\0\0\0\r\n",
        b"\0\0\0{}\n",
    }
    assert keep(check_of("jsonl"), found, corpus) == 0


def test_a_property_that_does_not_hold_fails_the_run(tmp_path: Path) -> None:
    """The input is kept, and the exit code is not 0."""
    pytest.importorskip("atheris", reason="there is no atheris here: make fuzz")
    assert guided.main(["broken", "--runs", "10", "--out", str(tmp_path)]) == 1
    assert list(tmp_path.glob("failed/broken-crash-*"))
