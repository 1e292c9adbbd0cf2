"""A sandbox for all tests of a module, and clients of its providers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest

from specwire.chat import AiClient
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

Ask: TypeAlias = Callable[..., AiClient]


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Iterator[Sandbox]:
    running.reset()
    yield running


@pytest.fixture
def ask(box: Sandbox) -> Iterator[Ask]:
    """``ask("openai/whisper-1", **settings)``: a client whose waits take no time."""
    with ExitStack() as stack:

        def make(model: str = "openai/gpt-4o", **settings: Any) -> AiClient:
            id = model.partition("/")[0]
            settings.setdefault("_clock", FakeClock())
            client = AiClient(
                model, api_key=box.api_keys[id], base_url=box.chat_urls[id], **settings
            )
            return stack.enter_context(client)

        yield make
