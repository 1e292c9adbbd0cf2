"""The workflow API's cases that come with the project's task, on loopback sockets.

They are not part of this project: without them these tests are skipped, and
``test_sim_runs.py`` plays our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.house.modules import ROOT

from .sim_play import play

CASES = ROOT.parent / "shared" / "sim" / "scenarios.json"
VERSIONS = {"seed": ("auto", "v1"), "legacy-now": ("auto", "v1"), "v2": ("v2",)}
pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason=f"the cases are not here: {CASES.name} in ../shared/sim"
)


def cases() -> list[Any]:
    if not CASES.exists():
        return []
    return list(json.loads(CASES.read_text("utf-8"))["scenarios"])


PLAYED = [
    pytest.param(case, version, id=f"{case['id']}-{version}")
    for case in cases()
    for version in VERSIONS.get(case["contract"], ("auto", "v1"))
]


def test_there_are_as_many_as_there_were() -> None:
    """Ninety-six, each with an id of its own."""
    assert len({case["id"] for case in cases()}) == len(cases()) == 96


@pytest.mark.parametrize(("case", "version"), PLAYED)
def test_a_case(case: Any, version: str, elsewhere: Callable[[str], Any]) -> None:
    """What is sent, what is waited and what comes back are as the case says."""
    play(case, version, elsewhere)
