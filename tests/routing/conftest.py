"""Fixtures of the routing tests: time that passes when told to, chance as it is set."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import pytest

from specwire.routing import HealthCheckConfig, ModelEndpoint, Router
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

Routed = Callable[..., tuple[Router, dict[str, Sandbox]]]


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        ends = name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy"))
        if ends or name.startswith("AI_PROTOCOL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(chance=0.0)


@pytest.fixture
def routed(clock: FakeClock) -> Iterator[Routed]:
    """``routed("a", "b")``: a router of one model at so many sandboxes, and those."""
    with contextlib.ExitStack() as stack:

        def make(
            *names: str, strategy: str = "round_robin", **health: float
        ) -> tuple[Router, dict[str, Sandbox]]:
            boxes = {name: stack.enter_context(Sandbox()) for name in names}
            places = [
                ModelEndpoint(name, "openai/gpt-4o", box.base_urls["openai"])
                for name, box in boxes.items()
            ]
            router = Router(
                places,
                strategy=strategy,
                health_check=HealthCheckConfig(**health),  # type: ignore[arg-type]
                api_keys={"openai": boxes[names[0]].api_keys["openai"]},
                _clock=clock,
            )
            return stack.enter_context(router), boxes

        yield make
