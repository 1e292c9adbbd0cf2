"""A server that counts what it is asked, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .asked import Asked


@pytest.fixture
def asked() -> Iterator[Asked]:
    """A server of messages that remembers each request's words and key."""
    with Asked() as server:
        yield server


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "run.db"
