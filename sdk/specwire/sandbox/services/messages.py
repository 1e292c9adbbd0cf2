"""The ``messages`` operations: answer, stream, count.

The answer depends on the request and the seed alone (only the cache counters depend on
earlier requests). It quotes what the user said, calls a tool where tools are given and
none has answered, fills a schema where one is asked for, and keeps to ``max_tokens``
and ``stop_sequences``. A token is a word. Plain and beta operations are the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..shapes import sse
from ..state import State
from ..values import Refused, Request, Response, event_response, json_response
from . import conversation
from .caching import use_cache
from .editing import managed
from .reply import Draft, write_reply
from .usage import usage_of

_PIECE = 12
_LATE = ("context_management",)
"""Members of a message that a stream brings with ``message_delta``."""
_COUNTS = (
    "input_tokens",
    "output_tokens",
    "output_tokens_details",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "server_tool_use",
    "iterations",
)


def create_message(request: Request, state: State) -> Response:
    """One message, whole or as a stream."""
    model = request.json["model"]
    if "/" in model or model.startswith("unknown-"):
        raise Refused(404, f"model: {model}")
    message = message_of(request.json, state)
    if request.json.get("stream") and not request.as_json:
        return event_response(stream_of(message))
    return json_response(message)


def count_message_tokens(request: Request, state: State) -> Response:
    """The same number that a message made of it would report as its input."""
    conversation.check(request.json)
    conversation.check_files(request.json, state)
    context = managed(request.json)
    count: dict[str, Any] = {"input_tokens": context.tokens}
    if context.applied is not None:
        before = {"original_input_tokens": context.original_tokens}
        count["context_management"] = before
    return json_response(count)


def message_of(params: Any, state: State) -> dict[str, Any]:
    """The message that answers ``params``.

    :raises Refused: for a conversation that the schema allows and the API does not.
    """
    conversation.check(params)
    conversation.check_files(params, state)
    context = managed(params)
    draft: Draft = write_reply(params, context, state)
    usage = usage_of(params, context, draft, use_cache(params, state))
    message: dict[str, Any] = {
        "id": state.ids.new("msg_"),
        "type": "message",
        "role": "assistant",
        "model": draft.model or params["model"],
        "content": draft.blocks,
        "stop_reason": draft.stop_reason,
        "stop_sequence": draft.stop_sequence,
        "stop_details": draft.stop_details,
        "container": draft.container,
        "usage": usage,
    }
    if params.get("diagnostics") is not None:
        message["diagnostics"] = _diagnostics(params["diagnostics"], state)
    with state.lock:
        state.said.add(message["id"])
    if context.applied is not None:
        message["context_management"] = {"applied_edits": context.applied}
    return message


def _diagnostics(asked: Any, state: State) -> dict[str, Any]:
    """Of the reasons for a miss, the sandbox knows only an answer it never gave."""
    before = asked.get("previous_message_id")
    known = before is None or before in state.said
    reason = None if known else {"type": "previous_message_not_found"}
    return {"cache_miss_reason": reason}


def stream_of(message: dict[str, Any]) -> Iterator[bytes]:
    """The events that build ``message`` up, in the API's order."""
    usage = message["usage"]
    early = {name: each for name, each in usage.items() if name != "iterations"}
    opening = {
        **{name: each for name, each in message.items() if name not in _LATE},
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {**early, "output_tokens": 1, "output_tokens_details": None},
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
    counts = {name: usage[name] for name in _COUNTS if name in usage}
    more = {name: message[name] for name in _LATE if name in message}
    delta = {name: message[name] for name in ending}
    yield _event("message_delta", delta=delta, usage=counts, **more)
    yield _event("message_stop")


def _event(kind: str, **members: Any) -> bytes:
    return sse({"type": kind, **members}, event=kind)


def _taken_apart(block: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Any]]:
    """``block`` as it starts, and the deltas that complete it."""
    kind = block["type"]
    if kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
        text = json.dumps(block["input"], ensure_ascii=False) if block["input"] else ""
        # The first delta is empty on the wire, too.
        pieces = iter(["", *_cut(text)])
        return {**block, "input": {}}, _deltas("input_json_delta", pieces)
    if kind == "thinking":
        return {**block, "thinking": "", "signature": ""}, _thought(block)
    if kind == "text":
        return {**block, "text": "", "citations": None}, _written(block)
    if kind == "compaction":
        parts = {name: block[name] for name in ("content", "encrypted_content")}
        empty = dict.fromkeys(parts)
        return {**block, **empty}, iter([{"type": "compaction_delta", **parts}])
    # Results of server tools come whole.
    return block, iter(())


def _written(block: dict[str, Any]) -> Iterator[Any]:
    for citation in block["citations"] or ():
        yield {"type": "citations_delta", "citation": citation}
    yield from _deltas("text_delta", _cut(block["text"]))


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
    "createBetaMessage": create_message,
    "countMessageTokens": count_message_tokens,
    "countBetaMessageTokens": count_message_tokens,
}
