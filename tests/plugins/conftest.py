"""Fixtures for tests of plugins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from specwire.plugins.registering import registry

from .packages import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Where packages are installed; the shared registry is a new one."""
    monkeypatch.delenv("SPECWIRE_PLUGINS", raising=False)
    registry.cache_clear()
    path = tmp_path / "site"
    path.mkdir()
    found = Place(path, monkeypatch)
    yield found
    found.forget()
    registry.cache_clear()
