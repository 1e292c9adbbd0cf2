"""Streams for tests: frames as each dialect has them, and bytes that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from specwire.chat.decoding import ChatDecoder
from specwire.core.wire import Reply


def sse(*frames: Any) -> bytes:
    """Frames as events; a text stands for itself."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in frames]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def openai(
    content: str | None = None, finish: str | None = None, index: int = 0, **delta: Any
) -> dict[str, Any]:
    """One chunk of OpenAI's."""
    if content is not None:
        delta["content"] = content
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def piece(
    index: int | None = None,
    id: str | None = None,
    name: str | None = None,
    arguments: Any = None,
) -> dict[str, Any]:
    """A piece of a tool call in OpenAI's shape."""
    inner = {"name": name, "arguments": arguments}
    return {
        **{k: v for k, v in {"index": index, "id": id}.items() if v is not None},
        "function": {k: v for k, v in inner.items() if v is not None},
    }


def decoder(manifest: Any, model: str = "") -> ChatDecoder:
    """A decoder as a call would have it."""
    call: Any = SimpleNamespace(name="chat.create")
    return ChatDecoder(call, Reply(200), manifest, lambda _: (), model)


def decoded(manifest: Any, chunks: bytes | Iterable[bytes]) -> list[Any]:
    """Events and errors of a body, whole or in chunks, up to its end."""
    return list(_items(decoder(manifest), chunks))


def _items(reader: ChatDecoder, chunks: bytes | Iterable[bytes]) -> Iterator[Any]:
    for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
        yield from reader.feed(chunk)
        if reader.finished:
            return
    yield from reader.end()


def text_of(events: Iterable[Any]) -> str:
    """The text of the first candidate; errors are passed over."""
    return "".join(
        event.text
        for event in events
        if getattr(event, "is_content_delta", False) and event.candidate_index == 0
    )
