"""Kept inputs: those that failed once, and one for each path that fuzzing has found."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS, check_of

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(CORPUS.glob("*/*"))


@pytest.mark.parametrize(
    "path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_a_kept_input_holds(path: Path) -> None:
    """What failed once does not fail again."""
    check_of(path.parent.name)(path.read_bytes())


def test_kept_inputs_are_small_and_belong_to_a_target() -> None:
    """Each target has some, and a reviewer can look at them."""
    assert {path.parent.name for path in KEPT} == set(TARGETS)
    assert max(path.stat().st_size for path in KEPT) <= 16_384
