"""The ``messages`` operations: answer, stream, count.

The answer depends on the request and the seed alone. It quotes what the user said,
calls a tool where tools are given and none has answered, fills a schema where one is
asked for, and keeps to ``max_tokens`` and ``stop_sequences``. A token is a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..shapes import sse
from ..state import State
from ..values import Request, Response, event_response, json_response
from . import conversation
from .reply import Draft, write_reply

_PIECE = 12


def create_message(request: Request, state: State) -> Response:
    """One message, whole or as a stream."""
    message = message_of(request.json, state)
    if request.json.get("stream") and not request.as_json:
        return event_response(stream_of(message))
    return json_response(message)


def count_message_tokens(request: Request, state: State) -> Response:
    """The same number that a message made of it would report as its input."""
    conversation.check(request.json)
    return json_response({"input_tokens": conversation.input_tokens(request.json)})


def message_of(params: Any, state: State) -> dict[str, Any]:
    """The message that answers ``params``.

    :raises Refused: for a conversation that the schema allows and the API does not.
    """
    conversation.check(params)
    draft: Draft = write_reply(params, state)
    return {
        "id": state.ids.new("msg_"),
        "type": "message",
        "role": "assistant",
        "model": params["model"],
        "content": draft.blocks,
        "stop_reason": draft.stop_reason,
        "stop_sequence": draft.stop_sequence,
        "stop_details": None,
        "container": None,
        "usage": _usage(conversation.input_tokens(params), draft),
    }


def _usage(input_tokens: int, draft: Draft) -> dict[str, Any]:
    return {
        "input_tokens": input_tokens,
        "output_tokens": draft.output_tokens,
        "output_tokens_details": {"thinking_tokens": draft.thinking_tokens},
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 0,
            "ephemeral_1h_input_tokens": 0,
        },
        "server_tool_use": None,
        "inference_geo": None,
        "service_tier": "standard",
    }


def stream_of(message: dict[str, Any]) -> Iterator[bytes]:
    """The events that build ``message`` up, in the API's order."""
    usage = message["usage"]
    opening = {
        **message,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1, "output_tokens_details": None},
    }
    yield _event("message_start", message=opening)
    yield _event("ping")
    for index, block in enumerate(message["content"]):
        empty, deltas = _taken_apart(block)
        yield _event("content_block_start", index=index, content_block=empty)
        for delta in deltas:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    ending = ("stop_reason", "stop_sequence", "stop_details", "container")
    counts = (
        "input_tokens",
        "output_tokens",
        "output_tokens_details",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "server_tool_use",
    )
    yield _event(
        "message_delta",
        delta={name: message[name] for name in ending},
        usage={name: usage[name] for name in counts},
    )
    yield _event("message_stop")


def _event(kind: str, **members: Any) -> bytes:
    return sse({"type": kind, **members}, event=kind)


def _taken_apart(block: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Any]]:
    """``block`` as it starts, and the deltas that complete it."""
    if block["type"] == "tool_use":
        text = json.dumps(block["input"], ensure_ascii=False)
        # The first delta is empty on the wire, too.
        pieces = iter(["", *_cut(text)])
        return {**block, "input": {}}, _deltas("input_json_delta", pieces)
    if block["type"] == "thinking":
        return {**block, "thinking": "", "signature": ""}, _thought(block)
    return {**block, "text": ""}, _deltas("text_delta", _cut(block["text"]))


def _thought(block: dict[str, Any]) -> Iterator[Any]:
    yield from _deltas("thinking_delta", _cut(block["thinking"]))
    yield {"type": "signature_delta", "signature": block["signature"]}


def _deltas(kind: str, pieces: Iterator[str]) -> Iterator[Any]:
    member = {"input_json_delta": "partial_json"}.get(kind, kind.partition("_")[0])
    for piece in pieces:
        yield {"type": kind, member: piece}


def _cut(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


HANDLERS = {
    "createMessage": create_message,
    "countMessageTokens": count_message_tokens,
}
