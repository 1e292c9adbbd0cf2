"""Where feedback goes: nowhere, memory, standard output, a file, a function."""

from __future__ import annotations

import json
import os
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.crew import asked
from ..core.hooks import logger

if TYPE_CHECKING:
    from .feedback import FeedbackEvent, FeedbackType


class FeedbackSink(ABC):
    """Base of the sinks; threads may share one."""

    @abstractmethod
    def report(self, event: FeedbackEvent) -> None:
        """Take one event."""

    def report_batch(self, events: Iterable[FeedbackEvent]) -> None:
        """Take several."""
        for event in events:
            self.report(event)

    def close(self) -> None:  # noqa: B027 (most hold nothing)
        """Let go of what it holds."""


class NoopFeedbackSink(FeedbackSink):
    """Takes nothing down."""

    def report(self, event: FeedbackEvent) -> None:
        """Nothing."""


class InMemoryFeedbackSink(FeedbackSink):
    """Keeps the last events.

    :param max_events: so many.
    """

    def __init__(self, max_events: int = 10_000) -> None:
        self._events: deque[FeedbackEvent] = deque(maxlen=max_events)

    def report(self, event: FeedbackEvent) -> None:
        self._events.append(event)

    def get_events(self) -> list[FeedbackEvent]:
        """All that are kept, the oldest first."""
        return list(self._events)

    def get_events_by_request(self, request_id: str) -> list[FeedbackEvent]:
        """Those of one call."""
        return [each for each in self.get_events() if each.request_id == request_id]

    def get_events_by_type(
        self, feedback_type: FeedbackType | str
    ) -> list[FeedbackEvent]:
        """Those of one kind."""
        return [each for each in self.get_events() if each.type == feedback_type]

    def clear(self) -> None:
        """Forget them."""
        self._events.clear()

    def __len__(self) -> int:
        return len(self._events)


class ConsoleFeedbackSink(FeedbackSink):
    """Prints events to standard output, a line each."""

    def __init__(self, prefix: str = "[Feedback]") -> None:
        self._prefix = prefix

    def report(self, event: FeedbackEvent) -> None:
        print(f"{self._prefix} {_line(event)}")


class JsonlFeedbackSink(FeedbackSink):
    """Appends events to a file that only its owner can read, a JSON object a line.

    Each is one write, so that processes may share the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._file: int | None = None
        self._lock = threading.Lock()

    def report(self, event: FeedbackEvent) -> None:
        line = (_line(event) + "\n").encode("utf-8", "replace")
        with self._lock:
            if self._file is None:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                self._file = os.open(self.path, flags, 0o600)
            os.write(self._file, line)

    def close(self) -> None:
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            os.close(file)


class CallableFeedbackSink(FeedbackSink):
    """Calls a function with each event."""

    def __init__(self, function: Callable[[FeedbackEvent], object]) -> None:
        self._function = function

    def report(self, event: FeedbackEvent) -> None:
        self._function(event)


class CompositeFeedbackSink(FeedbackSink):
    """Reports to several sinks; one that fails does not keep it from the others."""

    def __init__(self, sinks: Iterable[FeedbackSink] | None = None) -> None:
        self._sinks = list(sinks or ())

    def add_sink(self, sink: FeedbackSink) -> CompositeFeedbackSink:
        """Add one more."""
        self._sinks.append(sink)
        return self

    def report(self, event: FeedbackEvent) -> None:
        self._all(lambda sink: sink.report(event))

    def close(self) -> None:
        self._all(lambda sink: sink.close())

    def _all(self, ask: Callable[[FeedbackSink], object]) -> None:
        for sink in self._sinks:
            try:
                asked(ask, sink)
            except Exception as error:
                kind = type(error).__name__
                logger.warning("feedback: %s failed: %s", type(sink).__name__, kind)


def sink_of(given: Sequence[Any]) -> FeedbackSink:
    """One sink of sinks, functions and paths.

    :raises TypeError: for what is none of them.
    """
    found = [_one(each) for each in given]
    return found[0] if len(found) == 1 else CompositeFeedbackSink(found)


def _one(given: Any) -> FeedbackSink:
    if isinstance(given, (str, os.PathLike)):
        return JsonlFeedbackSink(given)
    if hasattr(given, "report"):
        sink: FeedbackSink = given
        return sink
    if callable(given):
        return CallableFeedbackSink(given)
    raise TypeError(
        f"feedback: expected a sink, a function or a path, got {type(given).__name__}"
    )


def _line(event: FeedbackEvent) -> str:
    return json.dumps(event.to_dict(), ensure_ascii=False, default=str)
