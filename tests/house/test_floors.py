"""The oldest libraries that are promised are the ones that are tested."""

from __future__ import annotations

import re
from pathlib import Path

from .modules import ROOT


def promised(pyproject: str, of: str = "dependencies") -> dict[str, str]:
    """Library -> lowest version, from the run-time dependencies or an extra's."""
    block = pyproject.partition(f"\n{of} = [")[2].partition("]")[0]
    return dict(re.findall(r'"([a-z0-9-]+)>=([0-9.]+)(?:,<[0-9]+)?"', block))


def pinned(floors: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)$", floors, re.MULTILINE))


def test_floors_are_the_tested_ones() -> None:
    """tests/floors.txt pins each dependency to the floor in pyproject.toml.

    Those of async, too.
    """
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    floors = promised(text) | promised(text, "async")
    assert pinned(Path(ROOT / "tests/floors.txt").read_text("utf-8")) == floors
    assert len(floors) == 8


def test_a_lowered_floor_is_found() -> None:
    """A floor that nobody tests is seen."""
    text = '\ndependencies = [\n    "requests>=2.0",\n]\n'
    assert promised(text) != pinned("requests==2.32.4\n")
