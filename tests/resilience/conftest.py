"""Fixtures of the resilience tests: time that passes by waiting."""

from __future__ import annotations

import pytest

from specwire.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
