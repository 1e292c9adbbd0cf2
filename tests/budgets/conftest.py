"""Fixtures of the budgets' tests: a file, and nothing of the machine's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("SPECWIRE_PRICES", raising=False)
    monkeypatch.setenv("SPECWIRE_LEDGER", str(tmp_path / "usual.db"))


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "usage.db")
