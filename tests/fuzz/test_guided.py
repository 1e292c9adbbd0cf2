"""The guided run says what became of it; ``make fuzz`` and the checks run it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from . import guided


def test_without_atheris_it_says_so_and_ends_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine for which there is no wheel passes the checks."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert guided.main(["--runs", "1"]) == 0
    assert "atheris is not installed" in capsys.readouterr().out


def test_a_property_that_does_not_hold_fails_the_run(tmp_path: Path) -> None:
    """The input is kept, and the exit code is not 0."""
    pytest.importorskip("atheris", reason="there is no atheris here: make fuzz")
    assert guided.main(["broken", "--runs", "10", "--out", str(tmp_path)]) == 1
    assert list(tmp_path.glob("failed/broken-crash-*"))
