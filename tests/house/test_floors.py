"""The oldest libraries that are promised are the ones that are tested."""

from __future__ import annotations

import re
from pathlib import Path

from .modules import ROOT


def promised(pyproject: str) -> dict[str, str]:
    """Library -> lowest version, from the run-time dependencies."""
    block = pyproject.split("\ndependencies = [", 1)[1].split("]", 1)[0]
    return dict(re.findall(r'"([a-z0-9-]+)>=([0-9.]+)"', block))


def pinned(floors: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)$", floors, re.MULTILINE))


def test_floors_are_the_tested_ones() -> None:
    """tests/floors.txt pins each dependency to the floor in pyproject.toml."""
    floors = promised((ROOT / "pyproject.toml").read_text("utf-8"))
    assert pinned(Path(ROOT / "tests/floors.txt").read_text("utf-8")) == floors
    assert len(floors) == 6


def test_a_lowered_floor_is_found() -> None:
    """A floor that nobody tests is seen."""
    text = '\ndependencies = [\n    "requests>=2.0",\n]\n'
    assert promised(text) != pinned("requests==2.32.4\n")
