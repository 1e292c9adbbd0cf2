"""What the tests of the command share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox

from .command import Shell


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox whose batches and jobs end soon."""
    with Sandbox(seed=7, batch_steps=1, job_steps=1) as sandbox:
        yield sandbox


@pytest.fixture
def shell(box: Sandbox, tmp_path: Path) -> Shell:
    """Where commands are run, each in a process of its own."""
    return Shell(box, tmp_path)


@pytest.fixture
def here(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The same for ``main`` in this process: an empty folder, and the sandbox."""
    made = Shell(box, tmp_path)
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield tmp_path
