"""Fixtures of the embedding tests: a sandbox for all of them, and clients of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from specwire.embeddings import EmbeddingClient
from specwire.sandbox import Sandbox

Embedding = Callable[..., EmbeddingClient]


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        ends = name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy"))
        if ends or name.startswith("AI_PROTOCOL_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def box(shared_box: Sandbox) -> Sandbox:
    """A sandbox that has heard nothing yet."""
    shared_box.reset()
    return shared_box


@pytest.fixture
def embedding(box: Sandbox) -> Iterator[Embedding]:
    """``embedding("cohere/embed-v4.0")``: a client that asks the sandbox."""
    with contextlib.ExitStack() as stack:

        def make(model: str = "openai/m", **settings: Any) -> EmbeddingClient:
            settings = {**place(box, model), "max_retries": 0, **settings}
            return stack.enter_context(EmbeddingClient(model, **settings))

        yield make


def place(box: Sandbox, model: str) -> dict[str, Any]:
    """Key and address of a model's provider."""
    name = model.partition("/")[0]
    return {"api_key": box.chat_keys[name], "base_url": box.chat_urls[name]}
