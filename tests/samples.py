"""A reply of the Messages API that several tests play: its words mean nothing."""

from __future__ import annotations

from typing import Any


def message(text: str = "hi", **members: Any) -> dict[str, Any]:
    """A whole message with ``text``; ``members`` go over its own."""
    own: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return own | members
