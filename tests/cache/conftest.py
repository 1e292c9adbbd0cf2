"""Fixtures of the cache's tests: time that moves when told to, nothing of the
machine's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from specwire.testing import FakeClock


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL")):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "answers.db")
