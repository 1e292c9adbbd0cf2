"""The workflow API's cases of ``sim_runs.json``, by the drop-in and by ``Client``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .sim_play import by_async_client, by_client, by_drop_in, play

CASES: list[Any] = json.loads(
    Path(__file__).with_name("sim_runs.json").read_text("utf-8")
)["cases"]
PLAYED = [
    pytest.param(case, version, make, id=f"{case['name']}-{version}-{make.__name__}")
    for case in CASES
    for version in case["versions"]
    for make in (by_drop_in, by_client, by_async_client)
    if make is by_drop_in or not case.get("drop_in")
]


@pytest.mark.parametrize(("case", "version", "make"), PLAYED)
def test_a_case(case: Any, version: str, make: Any) -> None:
    """What is sent, what is waited and what comes back are as the case says."""
    play(case, version, make=make)
