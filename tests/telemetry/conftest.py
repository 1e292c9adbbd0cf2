"""Fixtures of the telemetry tests: one sandbox a module, and calls to make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from specwire import AiClient, Client
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

MODEL = "claude-sonnet-4-5"
HELLO = [{"role": "user", "content": "hello there"}]
Make: TypeAlias = Callable[..., Client]
Chat: TypeAlias = Callable[..., AiClient]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def make(box: Sandbox) -> Iterator[Make]:
    """``make(*hooks)``: a client of the sandbox, whose waits take no time."""
    made: list[Client] = []

    def client(*hooks: Any, **settings: Any) -> Client:
        settings.setdefault("_clock", FakeClock())
        urls, keys = box.base_urls, box.api_keys
        made.append(Client(api_keys=keys, base_urls=urls, hooks=hooks, **settings))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def chat(box: Sandbox) -> Iterator[Chat]:
    """``chat(*hooks)``: a client of one chat model in the sandbox."""
    made: list[AiClient] = []

    def client(*hooks: Any, model: str = "openai/gpt-4o") -> AiClient:
        id = model.partition("/")[0]
        made.append(
            AiClient(
                model, api_key=box.api_keys[id], base_url=box.base_urls[id], hooks=hooks
            )
        )
        return made[-1]

    yield client
    for each in made:
        each.close()


def ask(client: Client, **settings: Any) -> Any:
    """One message, the whole answer."""
    return client.messages.create(
        model=MODEL, max_tokens=50, messages=HELLO, **settings
    )


def listen(client: Client) -> Any:
    """One message, streamed."""
    return client.messages.create(
        model=MODEL, max_tokens=50, messages=HELLO, stream=True
    )
