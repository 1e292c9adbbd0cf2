"""The stream of an answer, as the caller has it in hand.

Connection, time limits and new attempts are those of the core's stream. Here is what
chat adds: the answer so far, how the call went, and the end by a token: what had been
read before the cancellation is not handed out after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..core.stream import NOTHING, Stream
from .events import StreamingEvent
from .response import CallStats, ChatResponse

if TYPE_CHECKING:
    from ..core.results import Arrived
    from .decoding import ChatDecoder
    from .heard import Heard


class Words:
    """What stands between the provider's events and the caller's; see
    ``text_turns``."""

    def through(self, events: Iterable[Any]) -> Iterator[Any]:
        raise NotImplementedError

    def response(self, response: ChatResponse) -> ChatResponse:
        raise NotImplementedError


def _heard() -> Heard:
    from .heard import Heard

    return Heard()


class ChatStream(Stream[StreamingEvent]):
    """The events of an answer, as they arrive; see
    :class:`~specwire.core.stream.Stream`.

    Iterate once; close it, or use ``with``, to stop early.

    :ivar stats: how the call went; complete once the stream has ended.
    :ivar target: which endpoint of a router answers; ``None`` without a router.
    """

    stats: CallStats
    target: str | None = None
    _decoder: ChatDecoder
    _read = False

    def __init__(
        self,
        arrived: Arrived,
        decoder: ChatDecoder,
        words: Callable[[], Words] | None = None,
    ) -> None:
        super().__init__(arrived, decoder)
        self._words = None if words is None else words()
        self._heard = _heard() if self._taps else None
        self.stats = CallStats()

    @property
    def response(self) -> ChatResponse:
        """The answer as far as it has come; whole, once the stream has ended."""
        response = self._decoder.assembler.response()
        if self._words is not None:
            response = self._words.response(response)
        if self._heard is not None:
            response = self._heard.response(response)
        response._reply = self._reply
        response.stats = self.stats
        response.target = self.target
        return response

    def _item(self, item: Any) -> Any:
        self._check()
        item = super()._item(item)
        if item is NOTHING:
            self._read = True
            self._count()
        return item

    def _handed(self, item: Any) -> StreamingEvent:
        if self._call.cancel is not None:
            self._check()
        event = super()._handed(item)
        if self._heard is not None:
            self._heard.take(event)
        if self.stats.time_to_first_token_ms is None:
            self._first(event)
        return event

    def _check(self) -> None:
        """:raises CancelledError: what was read before is not handed out any more."""
        token = self._call.cancel
        if token is not None and token.is_cancelled and not self._read:
            self.close()
            token.raise_if_cancelled(self._call.name, self._call.attempts_made)

    def _first(self, event: StreamingEvent) -> None:
        said = event.is_content_delta or event.is_thinking_delta
        if said or event.is_tool_call_started:
            self.stats.time_to_first_token_ms = self._elapsed_ms()

    def _elapsed_ms(self) -> float:
        return (self._engine.clock.monotonic() - self._call.started) * 1000

    def _pull(self) -> None:
        super()._pull()
        if self._words is not None:
            self._ready = self._words.through(self._ready)

    def begin(self) -> None:
        """Wait for the first event, which is handed out all the same.

        :raises SpecwireError: where an error comes in its place, once no other attempt
            is left.
        """
        item = super()._item(NOTHING)
        if item is NOTHING:
            self._read = True
        else:
            self._ready = chain((item,), self._ready)

    def close(self) -> None:
        """Stop; the connection is given up unless the stream was read to its end."""
        super().close()
        if getattr(self, "stats", None) is not None and self.stats.latency_ms is None:
            self._count()

    def _count(self) -> None:
        """Fill in ``stats`` by what has come."""
        stats, response = self.stats, self._decoder.assembler.response()
        stats.latency_ms = self._elapsed_ms()
        stats.retry_count = max(self._call.attempts_made - 1, 0)
        stats.counted(response)
