"""Replies of the Messages API, as a scripted server plays them."""

from __future__ import annotations

import json
from typing import Any

from specwire import Client

from ..scripted import ScriptedServer, chunked, reply

ASK: Any = [{"role": "user", "content": "What is the weather in Kyoto and Nara?"}]
WANT: Any = {"model": "claude-sonnet-4-5", "messages": ASK}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(id: str, name: str, **input: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def message(
    *content: Any, stop: str = "", tokens: int = 10, **more: Any
) -> dict[str, Any]:
    """A message; it stops for its calls where it has some."""
    calls = any(block["type"] == "tool_use" for block in content)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": list(content),
        "stop_reason": stop or ("tool_use" if calls else "end_turn"),
        "stop_sequence": None,
        "usage": {"input_tokens": tokens, "output_tokens": 1},
        **more,
    }


def replied(*content: Any, **more: Any) -> bytes:
    return reply(200, message(*content, **more))


def streamed(*content: Any, end: bool = True) -> bytes:
    """The same message as an event stream; without ``end`` it is cut."""
    whole = message(*content)
    empty = {**whole, "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": empty}]
    for index, block in enumerate(content):
        start, delta = dict(block), {"type": "text_delta", "text": block.get("text")}
        if block["type"] == "tool_use":
            pieces = json.dumps(block["input"])
            start["input"] = {}
            delta = {"type": "input_json_delta", "partial_json": pieces}
        else:
            start["text"] = ""
        events += [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    if end:
        events.append({"type": "message_delta", "delta": stop, "usage": whole["usage"]})
        events.append({"type": "message_stop"})
    data = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]
    return chunked(*data)


def asking(server: ScriptedServer) -> Client:
    """A client of ``server`` that tries nothing twice."""
    return Client(
        api_keys={"anthropic": "k"},
        base_urls={"anthropic": server.url},
        max_retries=0,
    )
