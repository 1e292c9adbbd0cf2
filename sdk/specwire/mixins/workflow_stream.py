"""A workflow's output as it arrives, and its result at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..core.errors import APIStatusError, DecodeError, SpecwireError
from ..core.types import Replied, Unknown

if TYPE_CHECKING:
    from ..core.stream import Stream
    from ..models import WorkflowExecutionResult

_RESULT = (
    "success",
    "output",
    "error",
    "logs",
    "metadata",
    "trace_spans",
    "total_duration",
    "status",
    "execution_id",
)


class WorkflowStream(Replied):
    """Typed events; iterate for them, or read ``text_stream``.

    After the end it reads like a result: ``success``, ``output``, ``error``,
    ``metadata``, ``status`` and the others; before it they are ``None``. Events are a
    :class:`~specwire.models.WorkflowChunk`, ``WorkflowFinal`` (or ``WorkflowDone``),
    ``WorkflowStreamBlockError``, ``WorkflowThinking``, ``WorkflowTool``,
    ``WorkflowChunkReset``; a kind that is not known is an
    :class:`~specwire.Unknown`. A run that fails gives its ``WorkflowError`` and
    raises it then.

    :ivar skipped: frames that could not be read and were passed over.
    :ivar block_errors: by block, why its stream broke while the run went on.
    :ivar plain: the result, where the server answered with it in place of a stream.
    """

    def __init__(self, events: Stream[Any] | None) -> None:
        self._events = events
        self._reply = events._reply if events is not None else None
        self._text: dict[str, list[str]] = {}
        self._failure: SpecwireError | None = None
        self._waiting: list[Any] = []
        self._result: WorkflowExecutionResult | None = None
        self.plain: WorkflowExecutionResult | None = None
        self.skipped = 0
        self.block_errors: dict[str, str] = {}
        self.success: bool | None = None
        self.output: Any = None
        self.error: str | None = None
        self.logs: list[Any] | None = None
        self.metadata: dict[str, Any] | None = None
        self.trace_spans: list[Any] | None = None
        self.total_duration: float | None = None
        self.status: str | None = None
        self.execution_id: str | None = None

    @classmethod
    def of_result(cls, result: WorkflowExecutionResult) -> WorkflowStream:
        """A stream that is over: the server answered with ``result`` at once."""
        from ..models import WorkflowFinal, WorkflowFinalData

        stream = cls(None)
        stream._reply = result._reply
        stream.plain = stream._result = result
        stream._end(result)
        data = WorkflowFinalData(
            success=result.success, output=result.output, error=result.error
        )
        stream._waiting.append(WorkflowFinal(event="final", data=data))
        return stream

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._waiting:
            return self._waiting.pop()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        while self._events is not None:
            try:
                event = next(self._events)
            except DecodeError as error:
                if self._events._decoder.finished and not self._marked():
                    error.message_object = self.blocks  # nothing follows what it was
                    raise
                event = _of_odd_shape(error.body)
                if event is None:
                    self.skipped += 1
                    continue
            except APIStatusError as error:
                return self._failed(error)
            except SpecwireError as error:
                error.message_object = self.blocks
                raise
            except StopIteration:
                break
            self._take(event)
            return event
        if self.success is None and self._events is not None and self._marked():
            self.success = not self.block_errors
        raise StopIteration

    def _marked(self) -> bool:
        return bool(self._events is not None and self._events._decoder.complete)

    def _failed(self, error: APIStatusError) -> Any:
        """The event that says the run failed; the error comes after it."""
        if not error.in_stream:
            raise error
        from ..core.codec import Mismatch, load
        from ..models import WorkflowError

        self.success, self.status = False, "failed"
        body = error.body if isinstance(error.body, dict) else {"error": error.body}
        self.error = _text_of(body.get("error"))
        error.message_object = self.blocks
        self._failure = error
        try:
            return load(WorkflowError, {**body, "event": "error", "error": self.error})
        except Mismatch:
            return Unknown(body)

    def _take(self, event: Any) -> None:
        kind = getattr(event, "event", None)
        block = getattr(event, "block_id", None) or ""
        if kind in (None, "chunk") and isinstance(getattr(event, "chunk", None), str):
            self._text.setdefault(block, []).append(event.chunk)
        elif kind == "chunk_reset":
            self._text[block] = []  # its place among the blocks stays
        elif kind == "stream_error":
            self.block_errors[block] = str(getattr(event, "error", None))
        elif kind in ("final", "done"):
            self._end(getattr(event, "data", event) if kind == "final" else event)

    def _end(self, result: Any) -> None:
        if isinstance(result, Mapping):  # of a frame that is of no known shape
            result = SimpleNamespace(**_members(result))
        for name in _RESULT:
            value = getattr(result, name, None)
            if value is not None:
                setattr(self, name, value)
        if self.success is None:
            self.success = self.error is None
        if self.status is None:
            self.status = "completed" if self.success else "failed"

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of all blocks, piece by piece, in the order it arrives.

        What was given cannot be taken back: where a block begins anew, ``text`` has
        only what counts.
        """
        for event in self:
            kind = getattr(event, "event", None)
            if kind in (None, "chunk") and isinstance(
                getattr(event, "chunk", None), str
            ):
                yield event.chunk

    @property
    def text(self) -> str:
        """The text that has arrived, block after block."""
        return "".join(self.blocks.values())

    @property
    def blocks(self) -> dict[str, str]:
        """The text that has arrived by block, in the order in which they began."""
        return {block: "".join(pieces) for block, pieces in self._text.items()}

    @property
    def run_id(self) -> str | None:
        """The run's identifier, where the server told it."""
        headers = self._reply.headers if self._reply is not None else {}
        return (
            self.execution_id
            or headers.get("x-run-id")
            or headers.get("x-execution-id")
            or None
        )

    def until_done(self) -> WorkflowStream:
        """Read the stream to its end.

        :raises specwire.errors.StreamError: where it is cut before its end.
        :raises specwire.errors.APIStatusError: where the run failed.
        """
        for _ in self:
            pass
        return self

    def result(self) -> WorkflowExecutionResult:
        """The result, once the rest was read; raises as :meth:`until_done`."""
        from ..models import WorkflowExecutionResult

        if self._result is None:
            self.until_done()
            told = {name: getattr(self, name) for name in _RESULT}
            told["success"] = bool(told["success"])
            self._result = WorkflowExecutionResult(**told)
            self._result._reply = self._reply
        return self._result

    def close(self) -> None:
        """Stop reading; the server may go on with the run."""
        if self._events is not None:
            self._events.close()

    def __enter__(self) -> WorkflowStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        """As the result reads, for which the rest is read."""
        return str(self.result())

    def __repr__(self) -> str:
        if self.success is None:
            return f"<WorkflowStream under way, text={self.text[:40]!r}>"
        told = ", ".join(
            f"{name}={getattr(self, name)!r}"
            for name in _RESULT
            if getattr(self, name) is not None
        )
        return f"<WorkflowStream {told}>"


def _of_odd_shape(text: Any) -> Unknown | None:
    """A frame that is not as it should be, but an object; ``None`` for others."""
    from ..core.codec import loads_text

    try:
        told = loads_text(text)
    except (TypeError, ValueError):
        return None
    return Unknown(told) if isinstance(told, dict) else None


def _members(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a result, as far as it can be used."""
    from .run_answers import result

    usable = result({"success": told.get("error") is None, "output": None, **told})
    return {name: getattr(usable, name) for name in _RESULT}


def _text_of(error: Any) -> str:
    from .run_answers import error_text

    return error_text(error)
