"""A workflow's output as it arrives, and its result at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..core.types import Replied

if TYPE_CHECKING:
    from ..core.stream import Stream


class WorkflowStream(Replied):
    """Typed events; iterate for them, or read ``text_stream``.

    After the end it reads like a result: ``success``, ``output``, ``error``,
    ``metadata``, ``status``; before it they are ``None``.
    """

    def __init__(self, events: Stream[Any]) -> None:
        self._events = events
        self._reply = events._reply
        self._text: dict[str, list[str]] = {}
        self.success: bool | None = None
        self.output: Any = None
        self.error: str | None = None
        self.metadata: dict[str, Any] | None = None
        self.status: str | None = None

    def __iter__(self) -> Iterator[Any]:
        for event in self._events:
            self._take(event)
            yield event

    def _take(self, event: Any) -> None:
        kind = getattr(event, "event", None)
        if kind is None and hasattr(event, "chunk"):
            self._text.setdefault(event.block_id, []).append(event.chunk)
        elif kind == "chunk_reset":
            self._text.pop(event.block_id, None)
        elif kind in ("final", "done"):
            result = event.data if kind == "final" else event
            self.success = result.success
            self.output = result.output
            self.error = getattr(result, "error", None)
            self.metadata = getattr(result, "metadata", None)
            self.status = getattr(result, "status", None)

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of all blocks, piece by piece, in the order it arrives."""
        for event in self:
            if getattr(event, "event", None) is None and hasattr(event, "chunk"):
                yield event.chunk

    @property
    def text(self) -> str:
        """The text that has arrived, block after block."""
        return "".join("".join(pieces) for pieces in self._text.values())

    def until_done(self) -> WorkflowStream:
        """Read the stream to its end.

        :raises specwire.errors.StreamError: where it is cut before its end.
        :raises specwire.errors.APIStatusError: where the run failed.
        """
        for _ in self:
            pass
        return self

    def close(self) -> None:
        """Stop reading."""
        self._events.close()

    def __enter__(self) -> WorkflowStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<WorkflowStream success={self.success} text={self.text[:40]!r}>"
