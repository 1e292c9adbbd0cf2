"""``ai_lib_python.client``: ``AiClient`` and what belongs to it, with its errors.

Differences to :class:`specwire.AiClient`: errors are those of :mod:`.errors`, a stream
whose token was cancelled ends quietly, and ``model_id`` has its provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...chat import builder as _builder
from ...chat import client as _client
from ...chat import turn as _turn
from ...chat.response import CallStats, ChatResponse
from ...core.cancelling import (
    CancelHandle,
    CancellableStream,
    CancelReason,
    CancelState,
    CancelToken,
    create_cancel_pair,
    with_cancellation,
)
from ...core.errors import CancelledError
from .errors import translated

if TYPE_CHECKING:
    from ...chat.events import StreamingEvent
    from ...chat.streaming import ChatStream

__all__ = [
    "AiClient",
    "AiClientBuilder",
    "CallStats",
    "CancelHandle",
    "CancelReason",
    "CancelState",
    "CancelToken",
    "CancellableStream",
    "ChatRequestBuilder",
    "ChatResponse",
    "create_cancel_pair",
    "with_cancellation",
]


class EventStream:
    """The events of an answer; it ends quietly once its token is cancelled."""

    def __init__(self, stream: ChatStream) -> None:
        self._stream = stream
        self.stats = stream.stats

    @property
    def response(self) -> ChatResponse:
        """The answer as far as it has come."""
        return self._stream.response

    def __iter__(self) -> Iterator[StreamingEvent]:
        return self

    def __next__(self) -> StreamingEvent:
        with translated():
            try:
                return next(self._stream)
            except CancelledError as error:
                if error.reason is None:
                    raise
        raise StopIteration

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ChatRequestBuilder(_turn.ChatRequestBuilder):
    """A request in the making; see :class:`specwire.chat.ChatRequestBuilder`."""

    def execute(self, cancel_token: CancelToken | None = None) -> ChatResponse:
        with translated():
            return super().execute(cancel_token)

    def stream(  # type: ignore[override]
        self, cancel_token: CancelToken | None = None
    ) -> EventStream:
        with translated():
            return EventStream(super().stream(cancel_token))

    def stream_with_stats(  # type: ignore[override]
        self, cancel_token: CancelToken | None = None
    ) -> tuple[EventStream, CallStats]:
        stream = self.stream(cancel_token)
        return stream, stream.stats

    def build_payload(self, *, stream: bool = False, **_: Any) -> dict[str, Any]:
        with translated():
            return super().build_payload(stream=stream)


class AiClient(_client.AiClient):
    """Asks one model, whoever offers it; see :class:`specwire.AiClient`."""

    def __init__(self, model: str, **settings: Any) -> None:
        try:
            with translated():
                super().__init__(model, **settings)
        finally:
            settings.clear()  # a key is not to be read from a traceback's frames

    @staticmethod
    def builder() -> AiClientBuilder:
        """Settings one after the other, then ``build()``."""
        return AiClientBuilder()

    def chat(self) -> ChatRequestBuilder:
        """A request to fill and to send."""
        with translated():
            return ChatRequestBuilder(self, self._targets(), policy=self._policy)

    @property
    def model_id(self) -> str:
        """The model with its provider, as it was named."""
        return self._models[0]

    @property
    def is_resilient(self) -> bool:
        """Whether hooks watch over the calls."""
        return bool(self._hooks)

    @property
    def circuit_state(self) -> str:
        return self.signals_snapshot().circuit_state

    @property
    def current_inflight(self) -> int:
        return self.signals_snapshot().current_inflight

    def get_resilience_stats(self) -> dict[str, Any]:
        """What the hooks show of their state."""
        return dict(self.signals_snapshot().parts)

    def reset_resilience(self) -> None:
        """Close the circuits, and forget what was counted."""
        for hook in self._hooks:
            reset = getattr(hook, "reset", None)
            if reset is not None:
                reset()


class AiClientBuilder(_builder.AiClientBuilder):
    """Collects settings; see :class:`specwire.chat.AiClientBuilder`."""

    makes = AiClient

    def build(self) -> AiClient:
        with translated():
            return super().build()  # type: ignore[return-value]
