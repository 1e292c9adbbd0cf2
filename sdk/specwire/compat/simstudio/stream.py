"""A streamed run as programs for the official client meet it.

The guide treats what ``stream=True`` returns as a result and prints it. So this is read
by iterating over it, and whoever asks for its result first gets the rest read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ...core.types import Replied
from .errors import EXECUTION_ERROR, speaking
from .values import WorkflowExecutionResult, finished

if TYPE_CHECKING:
    from ...mixins.workflow_stream import WorkflowStream as _Stream


class WorkflowStream(Replied):
    """Events as they arrive, and a result when they are over.

    ``success``, ``output``, ``error``, ``metadata``, ``status`` and the other members
    of a result wait for the end and read what is left; so does ``print``. ``text`` is
    what has arrived and waits for nothing.

    :raises SimStudioError: ``EXECUTION_ERROR`` where the run fails or the stream is
        cut; what had arrived was handed out before.
    """

    def __init__(self, source: _Stream) -> None:
        self._source = source
        self._reply = source._reply
        self._result: WorkflowExecutionResult | None = None

    def __iter__(self) -> Iterator[Any]:
        """The events. One that says how the run failed comes before its error."""
        return _speaking(self._source)

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of all blocks, piece by piece, in the order it arrives."""
        return _speaking(self._source.text_stream)

    @property
    def text(self) -> str:
        """The text that has arrived, block after block."""
        return self._source.text

    def until_done(self) -> WorkflowStream:
        """Read the stream to its end."""
        self._finished()
        return self

    def close(self) -> None:
        """Stop reading; the server may go on with the run."""
        self._source.close()

    def __enter__(self) -> WorkflowStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name in WorkflowExecutionResult.__dataclass_fields__:
            return getattr(self._finished(), name)
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._source, name)

    def _finished(self) -> WorkflowExecutionResult:
        if self._result is None:
            with speaking(EXECUTION_ERROR):
                self._result = finished(self._source.result())
        return self._result

    def __str__(self) -> str:
        return str(self._finished())

    def __repr__(self) -> str:
        return repr(self._source if self._result is None else self._result)


def _speaking(items: Iterable[Any]) -> Iterator[Any]:
    with speaking(EXECUTION_ERROR):
        yield from items
