"""Calls with a cache against a scripted server, and what it replies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from specwire import Client, Hook
from specwire.cache import Cache
from tests.budgets.asking import ASKED, CUT, STREAM, message
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

__all__ = ["ASKED", "CUT", "KEY", "STREAM", "answer", "asking", "chunked", "said"]
KEY = "sk-secret-0001"


def answer(text: str = "Hello", **headers: str) -> bytes:
    """A reply with a message that says ``text``."""
    made = {**message(), "content": [{"type": "text", "text": text}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reply(200, json.dumps(made), named)


@contextmanager
def asking(
    cache: Cache, *script: Step, hooks: list[Hook] | None = None, **settings: Any
) -> Iterator[tuple[Client, ScriptedServer]]:
    """A client with ``cache`` before ``hooks``, and its server, that plays a script."""
    with serving(*script) as server:
        settings = {"api_keys": {"anthropic": KEY}, "max_retries": 0, **settings}
        with Client(
            base_urls={"anthropic": server.url},
            hooks=[cache, *(hooks or [])],
            **settings,
        ) as client:
            yield client, server


def said(client: Client, **more: Any) -> str:
    """What the server says to the usual question."""
    block: Any = client.messages.create(**{**ASKED, **more}).content[0]
    return str(block.text)
