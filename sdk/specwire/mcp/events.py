"""Messages in an event stream, and where the stream can be gone on with.

The stream of a request is over when its answer has come; another end is a break, which
the server may let the client go on behind (``Last-Event-ID``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core.records import Decoder
from ..core.sse import EventTooLarge, SSEParser
from ..core.stream import Stream
from . import messages
from .messages import Message

if TYPE_CHECKING:
    from ..core.engine import Engine
    from ..core.errors import SpecwireError
    from ..core.wire import Call, Reply


class EventMessages(Decoder):
    """The messages of one event stream."""

    def __init__(self, call: Call, reply: Reply, engine: Engine) -> None:
        super().__init__(call, reply, Any, engine.secrets)
        sent = call.args.get("message") or {}
        self._awaited = sent.get("id")
        self.parser = SSEParser(
            max_event_bytes=engine.max_body_bytes,
            last_event_id=str(call.args.get("after") or ""),
        )
        self.seen = 0

    @property
    def held_bytes(self) -> int:
        return self.parser.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        try:
            events = self.parser.feed(chunk)
        except EventTooLarge as error:
            self.finished = True
            yield self._shape("an event", "", str(error))
            return
        for event in events:
            self.seen += 1
            if event.event != "message" or not event.data:
                continue  # only an id, to go on from
            try:
                found = messages.read(event.data.encode())
            except ValueError as error:
                yield self._shape("an event", event.data, str(error))
                continue
            yield from self._each(found)
            if self.finished:
                return

    def _each(self, found: list[Message]) -> Iterator[Message]:
        for message in found:
            awaited = self._awaited
            if awaited is not None and messages.is_answer(message, awaited):
                self.complete = self.finished = True
            yield message

    def end(self) -> Iterable[SpecwireError]:
        return ()


class MessageStream(Stream[Message]):
    """Messages as they arrive."""

    _decoder: EventMessages

    @property
    def place(self) -> str:
        """The id to go on behind; empty where the server gave none."""
        return self._decoder.parser.last_event_id

    @property
    def retry_s(self) -> float | None:
        """How long the server wants to be left alone before that, where it says."""
        milliseconds = self._decoder.parser.retry
        return None if milliseconds is None else milliseconds / 1000

    @property
    def brought(self) -> bool:
        """Whether any event came."""
        return self._decoder.seen > 0
