"""A streamed message: its events, its text as it arrives, and the whole at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..core.types import Replied

if TYPE_CHECKING:
    from ..core.client import BaseClient
    from ..core.stream import Stream
    from ..core.wire import Call
    from ..models import Message, MessageStreamEvent


class MessageStreamManager:
    """What ``messages.stream(...)`` gives: the request is made on entering ``with``."""

    def __init__(self, client: BaseClient, call: Call) -> None:
        self._client = client
        self._call = call
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        client = self._client
        events = client._engine.send(self._call, client._hooks)
        self._stream = MessageStream(events)
        return self._stream

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()


class MessageStream(Replied):
    """The events of one message; iterate for them, or read ``text_stream``.

    Both read from the same stream, and the message is put together meanwhile: linear
    in what arrives, however small the pieces.
    """

    def __init__(self, events: Stream[MessageStreamEvent]) -> None:
        from .accumulation import MessageAccumulator

        self._events = events
        self._reply = events._reply
        self._message = MessageAccumulator()

    def __iter__(self) -> Iterator[MessageStreamEvent]:
        for event in self._events:
            self._message.take(event)
            yield event

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of the message, piece by piece, without anything else."""
        for event in self:
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                yield event.delta.text

    @property
    def request_id(self) -> str | None:
        """The server's name for the request."""
        return self._request_id

    @property
    def current_message_snapshot(self) -> Message:
        """The message as far as it has arrived; readable after a cut as well.

        :raises specwire.errors.StreamError: before its beginning has arrived.
        """
        message = self._message.snapshot()
        message._reply = self._reply
        return message

    def until_done(self) -> None:
        """Read the stream to its end."""
        for _ in self:
            pass

    def get_final_message(self) -> Message:
        """Read to the end; the whole message.

        :raises specwire.errors.StreamError: where the stream is cut before its end.
        """
        self.until_done()
        return self.current_message_snapshot

    def get_final_text(self) -> str:
        """Read to the end; the text of all text blocks."""
        blocks: list[Any] = list(self.get_final_message().content)
        return "".join(block.text for block in blocks if block.type == "text")

    def close(self) -> None:
        """Stop reading; what has arrived stays readable."""
        self._events.close()

    def __enter__(self) -> MessageStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
