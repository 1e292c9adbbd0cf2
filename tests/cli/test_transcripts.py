"""Whole sessions on a real terminal, compared as text with ``golden/``.

``python -m tests.cli.transcripts`` writes them anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .transcripts import ALL, GOLDEN, transcript

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no terminal to play")


@pytest.mark.parametrize("name", ALL)
def test_a_session_prints_what_it_printed(name: str, tmp_path: Path) -> None:
    """Commands, output and exit codes; no key among them."""
    assert transcript(name, tmp_path) == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_every_transcript_has_a_session() -> None:
    """No text is left over from a session that is gone."""
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(ALL)
