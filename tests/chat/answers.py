"""Replies of providers, as small as they can be."""

from __future__ import annotations

import json
from typing import Any

from tests.scripted import chunked, reply


def openai(content: str = "Hi", finish: str = "stop", **message: Any) -> bytes:
    """A whole answer in OpenAI's shape."""
    said = {"role": "assistant", "content": content, **message}
    return reply(
        200,
        {
            "id": "chatcmpl-1",
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": said, "finish_reason": finish}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        },
        {"x-request-id": "req_1"},
    )


def openai_events(*pieces: str, done: bool = True) -> bytes:
    """A streamed answer in OpenAI's shape."""
    frames: list[Any] = [
        {"choices": [{"index": 0, "delta": {"content": p}, "finish_reason": None}]}
        for p in pieces
    ]
    if done:
        frames += [
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        ]
    sent = [b"data: %s\n\n" % json.dumps(frame).encode() for frame in frames]
    return chunked(*sent, *([b"data: [DONE]\n\n"] if done else []), end=done)


def anthropic(content: str = "Hi") -> bytes:
    """A whole answer in Anthropic's shape."""
    return reply(
        200,
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": content}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
    )


def refused(status: int, message: str = "no", /, **error: Any) -> bytes:
    """An error in OpenAI's shape."""
    return reply(status, {"error": {"message": message, **error}})
