"""What keeps time limits is run by itself, and all of it is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .modules import ROOT

MARK = re.compile(r"\bmark\.timed\b")


def forgotten(root: Path) -> list[str]:
    """Modules that the mark takes from the first run, and the second is not given."""
    named = re.search(r"^TIMED := (.*)$", (root / "Makefile").read_text(), re.M)
    assert named is not None
    places = [root / word for word in named[1].split()]
    assert [place for place in places if not place.exists()] == []
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / "tests").rglob("test_*.py")
        if path != Path(__file__) and MARK.search(path.read_text("utf-8"))
        if not any(path.is_relative_to(place) for place in places)
    )


def test_nothing_is_left_out_of_both_runs() -> None:
    """Each module with the mark is in the list that the test command runs last."""
    assert forgotten(ROOT) == []


@pytest.mark.parametrize(
    "named, left", [("tests/b", ["tests/a/test_x.py"]), ("tests/a", [])]
)
def test_a_module_that_is_left_out_is_found(
    tmp_path: Path, named: str, left: list[str]
) -> None:
    """One that no word of the list leads to."""
    for folder in ("a", "b"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "tests/a/test_x.py").write_text("pytestmark = pytest.mark.timed\n")
    (tmp_path / "Makefile").write_text(f"TIMED := {named}\n")
    assert forgotten(tmp_path) == left
