"""Kept inputs: those that failed once, and one for each path that fuzzing has found."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS, check_of

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("target", TARGETS)
def test_kept_inputs_hold(target: str) -> None:
    """Each of them, without exception."""
    check = check_of(target)
    kept = sorted((CORPUS / target).iterdir())
    assert kept
    for path in kept:
        try:
            check(path.read_bytes())
        except BaseException as error:
            error.add_note(f"{path}") if hasattr(error, "add_note") else None
            raise


def test_kept_inputs_are_small_and_belong_to_a_target() -> None:
    """A folder for each target, files that a reviewer can look at."""
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    for path in CORPUS.glob("*/*"):
        assert path.stat().st_size <= 16_384, path
