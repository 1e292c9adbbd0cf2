"""Fixtures of the core's tests: a scripted server with a client of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from specwire.testing import FakeClock
from tests.core.sample import NotesClient, client
from tests.scripted import ScriptedServer, Step, serving

Play: TypeAlias = Callable[..., tuple[NotesClient, ScriptedServer]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no proxy of the machine reaches a test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("NOTES_API_KEY", "NOTES_TOKEN", "NOTES_BASE_URL", "NOTES_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def play() -> Iterator[Play]:
    """``play(*script, **settings)``: a client and the server it talks to."""
    with contextlib.ExitStack() as stack:

        def make(*script: Step, **settings: Any) -> tuple[NotesClient, ScriptedServer]:
            server = stack.enter_context(serving(*script))
            made = stack.enter_context(client(server.url, **settings))
            return made, server

        yield make


@pytest.fixture
def clock() -> FakeClock:
    """Time that passes only by waiting; jitter at its highest."""
    return FakeClock()


def hang_up(*pieces: bytes) -> Step:
    """A step that sends ``pieces`` and closes, whatever they announced."""

    def step(conn: Any, request: Any) -> None:
        for piece in pieces:
            conn.sendall(piece)

    return step
