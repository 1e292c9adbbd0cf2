"""Fixtures of chat's tests: no key, directory or proxy of the machine, and a server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from specwire.chat import AiClient
from specwire.testing import FakeClock
from tests.scripted import ScriptedServer, Step, serving

Play: TypeAlias = Callable[..., tuple[AiClient, ScriptedServer]]


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        ends = name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy"))
        if ends or name.startswith("AI_PROTOCOL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def play() -> Iterator[Play]:
    """``play(*script, **settings)``: a client of a model, and the server it asks."""
    with contextlib.ExitStack() as stack:

        def make(*script: Step, **settings: Any) -> tuple[AiClient, ScriptedServer]:
            server = stack.enter_context(serving(*script))
            model = settings.pop("model", "openai/gpt-4o")
            settings.setdefault("_clock", FakeClock())
            made = AiClient(
                model, api_key="sk-secret-0001", base_url=server.url, **settings
            )
            stack.enter_context(made)
            return made, server

        yield make
