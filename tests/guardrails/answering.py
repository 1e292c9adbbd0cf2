"""A hook that plays the server: no connection is made, all else is the client's own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from specwire import AiClient, Answer, Client, Hook
from specwire.core.wire import Headers, Reply

WANT: dict[str, Any] = {"model": "m", "max_tokens": 9}
USAGE = {"input_tokens": 1, "output_tokens": 1}
OPENING: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": USAGE,
}


class Server(Hook):
    """Answers with ``body`` each time; ``sent`` is what would have been sent."""

    def __init__(self, body: bytes, media: str, status: int = 200) -> None:
        self.body, self.media, self.status = body, media, [status]
        self.sent: list[Any] = []

    def before_attempt(self, call: Any) -> Answer:
        self.sent.append(json.loads(call.request.body or b"null"))
        status = self.status.pop(0) if len(self.status) > 1 else self.status[0]
        headers = Headers.of([("content-type", self.media)])
        return Answer(Reply(status, headers, self.body))


def whole(*texts: str, **more: Any) -> Server:
    """An answer with these text blocks."""
    content = [{"type": "text", "text": text} for text in texts]
    said = {**OPENING, "content": content, "stop_reason": "end_turn", **more}
    return Server(json.dumps(said).encode(), "application/json")


def streamed(events: Iterable[Any], end: str = "") -> Server:
    """An event stream."""
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return Server(("".join(lines) + end).encode(), "text/event-stream")


def block(index: int, kind: str, member: str, pieces: Iterable[str]) -> Iterator[Any]:
    """The events of one block of a streamed message."""
    start: dict[str, Any] = {"type": kind}
    if kind == "tool_use":
        start |= {"id": "t1", "name": "find", "input": {}}
    else:
        start |= {member: ""} | ({"signature": ""} if kind == "thinking" else {})
    yield {"type": "content_block_start", "index": index, "content_block": start}
    delta = {"thinking": "thinking_delta", "text": "text_delta"}
    for piece in pieces:
        said = {"type": delta.get(member, "input_json_delta"), member: piece}
        yield {"type": "content_block_delta", "index": index, "delta": said}
    yield {"type": "content_block_stop", "index": index}


def message(*blocks: Iterable[Any]) -> Server:
    """A streamed message of Anthropic's."""
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    return streamed(
        [
            {"type": "message_start", "message": OPENING},
            *itertools.chain.from_iterable(blocks),
            {"type": "message_delta", "delta": ending, "usage": USAGE},
            {"type": "message_stop"},
        ]
    )


def says(*pieces: str) -> Server:
    """A streamed message whose text comes in ``pieces``."""
    return message(block(0, "text", "text", pieces))


def chunks(pieces: Iterable[str], candidate: int = 0, **more: Any) -> list[Any]:
    """Pieces of an answer in OpenAI's shape, without its end."""
    return [
        {"choices": [{"index": candidate, "delta": {"content": piece}, **more}]}
        for piece in pieces
    ]


def chat_says(*frames: Any) -> Server:
    """A streamed answer in OpenAI's shape."""
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return streamed([*frames, end], "data: [DONE]\n\n")


def client(*hooks: Hook, **more: Any) -> Client:
    """A client with ``hooks``, the server among them."""
    return Client(api_keys={"anthropic": "k", "sim": "k"}, hooks=list(hooks), **more)


def chat(*hooks: Hook) -> AiClient:
    """A client of chat, the same way."""
    return AiClient("openai/gpt-4o", api_key="k" * 20, hooks=list(hooks))


def splits(text: str) -> Iterator[list[str]]:
    """Every way to cut ``text``."""
    for cuts in itertools.product((False, True), repeat=len(text) - 1):
        pieces, piece = [], text[0]
        for cut, char in zip(cuts, text[1:], strict=True):
            if cut:
                pieces.append(piece)
                piece = ""
            piece += char
        yield [*pieces, piece]
