"""A streamed message from bytes that arrive as the test says, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from specwire import Client
from specwire.core.errors import SpecwireError
from specwire.core.results import Arrived
from specwire.core.stream import Stream
from specwire.core.wire import Headers, Reply
from specwire.mixins.messages import MessageStream
from specwire.resources.messages import _CREATE

NONE: Any = (None, None, None)
CLIENT = Client(api_keys={"anthropic": "sk-1"})


class Arriving:
    """What the transport hands out: chunks, and an error where they break off."""

    def __init__(self, chunks: Iterable[bytes], error: SpecwireError | None) -> None:
        self._chunks = chunks
        self._error = error
        self.hurried: list[float] = []

    def chunks(self) -> Iterator[bytes]:
        yield from self._chunks
        if self._error is not None:
            raise self._error

    def hurry(self, seconds: float) -> None:
        self.hurried.append(seconds)

    def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


def arrived(
    chunks: Iterable[bytes],
    *,
    error: SpecwireError | None = None,
    client: Client = CLIENT,
    **options: Any,
) -> Stream[Any]:
    """The stream of raw events in ``chunks``."""
    ask = {"model": "m", "messages": [], "max_tokens": 9, "stream": True}
    names = _CREATE.body if isinstance(_CREATE.body, dict) else {}
    from specwire.core.types import UNSET

    args = {name: ask.get(name, UNSET) for name in (*names, *_CREATE.headers)}
    limits: Any = (options.get("timeout", UNSET), 0, None)
    extras: Any = (options.get("extra_headers"), None, None)
    call = client.messages._prepare(_CREATE, args, limits, extras)
    reply = Reply(200, Headers({"content-type": "text/event-stream"}))
    opened: Any = Arriving(chunks, error)
    result: Any = _CREATE.result
    return result.value(  # type: ignore[no-any-return]
        Arrived(client._engine, call, (), reply, opened)
    )


def message_stream(chunks: Iterable[bytes], **options: Any) -> MessageStream:
    """The streamed message in ``chunks``."""
    events = arrived(chunks, **options)
    return MessageStream(events, events._call)


def wire(events: Iterable[dict[str, Any]]) -> bytes:
    """``events`` as they go over the wire."""
    return b"".join(
        f"event: {event.get('type')}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]
