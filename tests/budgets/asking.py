"""Calls with a budget against a scripted server, and what their replies say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from specwire import Client
from specwire.budgets import Budget
from tests.scripted import Step, chunked, reply, serving

MODEL = "claude-sonnet-4-5"  # 3 USD and 15 USD for a million tokens
ASKED: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hi"}],
}


def message(**usage: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 20, **usage},
    }


def event(kind: str, **members: Any) -> bytes:
    data = json.dumps({"type": kind, **members})
    return f"event: {kind}\ndata: {data}\n\n".encode()


BEGUN = event("message_start", message=message(output_tokens=1))
BLOCK = event(
    "content_block_start", index=0, content_block={"type": "text", "text": ""}
)
PIECE = event(
    "content_block_delta", index=0, delta={"type": "text_delta", "text": "x" * 30}
)
END = (
    event("content_block_stop", index=0)
    + event(
        "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 50}
    )
    + event("message_stop")
)
STREAM = chunked(BEGUN, BLOCK, PIECE, END)
CUT = chunked(BEGUN, BLOCK, PIECE, PIECE, end=False)


@contextmanager
def asking(budget: Budget, *script: Step, **settings: Any) -> Iterator[Client]:
    """A client with ``budget``, of a server that plays ``script``."""
    settings.setdefault("max_retries", 0)
    hooks = [budget, *settings.pop("hooks", ())]
    with (
        serving(*script) as server,
        Client(
            api_keys={"anthropic": "sk-1"},
            base_urls={"anthropic": server.url},
            hooks=hooks,
            **settings,
        ) as client,
    ):
        yield client


def ok(**usage: Any) -> bytes:
    return reply(200, message(**usage))


def spent(budget: Budget) -> list[tuple[int | None, bool]]:
    """Nano-USD of each entry, and whether its tokens were told."""
    return [(entry.nano, entry.told) for entry in budget.ledger.each()]
