"""Structured inputs: each target's property holds for as many as there is time for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from .shapes import SHAPES
from .targets import TARGETS, check_of

SLOWER = {"documents": 60, "literals": 150, "models": 300, "overlays": 200}


@pytest.mark.soak
@pytest.mark.parametrize("target", TARGETS)
def test_the_property_holds(target: str) -> None:
    """For the same inputs at each run."""
    bounded = settings(
        max_examples=SLOWER.get(target, 400),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    check = check_of(target)

    def holds(data: bytes) -> None:
        check(data)

    bounded(given(SHAPES[target])(holds))()


def test_every_target_has_shapes() -> None:
    """A new target is not forgotten."""
    assert set(SHAPES) == set(TARGETS)
