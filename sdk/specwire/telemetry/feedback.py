"""What users think of answers: seven kinds of events, and where they are reported.

An event names the call by the id that its answer has (``response.request_id``, or
``stats.client_request_id`` of a chat). Of corrections only hashes are kept. A sink that
fails is logged; no program stops because of what somebody thinks of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar

from attrs import asdict, field, frozen

from ..core.crew import asked
from ..core.hooks import logger
from .sinks import FeedbackSink, NoopFeedbackSink, sink_of


class FeedbackType(str, Enum):
    """The kinds of events."""

    CHOICE_SELECTION = "choice_selection"
    RATING = "rating"
    THUMBS = "thumbs"
    TEXT = "text"
    CORRECTION = "correction"
    REGENERATE = "regenerate"
    STOP = "stop"

    __str__ = str.__str__


class FeedbackEvent:
    """Base of the events.

    :cvar type: which kind.
    """

    __slots__ = ()
    type: ClassVar[FeedbackType]
    request_id: str
    timestamp: float

    def to_dict(self) -> dict[str, Any]:
        """As plain data, with its ``type``."""
        return {"type": str(self.type), **asdict(self)}  # type: ignore[arg-type]


@frozen
class ChoiceSelectionFeedback(FeedbackEvent):
    """One of several candidates was chosen; indices begin at 0."""

    type = FeedbackType.CHOICE_SELECTION
    request_id: str
    chosen_index: int
    rejected_indices: Sequence[int] | None = None
    latency_to_select_ms: float | None = None
    ui_context: Mapping[str, Any] | None = None
    candidate_hashes: Sequence[str] | None = None
    timestamp: float = field(factory=time.time)


@frozen
class RatingFeedback(FeedbackEvent):
    """So many of ``max_rating`` stars."""

    type = FeedbackType.RATING
    request_id: str
    rating: int
    max_rating: int = 5
    category: str | None = None
    comment: str | None = None
    timestamp: float = field(factory=time.time)


@frozen
class ThumbsFeedback(FeedbackEvent):
    """A thumb up, or down."""

    type = FeedbackType.THUMBS
    request_id: str
    is_positive: bool
    reason: str | None = None
    timestamp: float = field(factory=time.time)


@frozen
class TextFeedback(FeedbackEvent):
    """What somebody has written of an answer."""

    type = FeedbackType.TEXT
    request_id: str
    text: str
    category: str | None = None
    timestamp: float = field(factory=time.time)


@frozen
class CorrectionFeedback(FeedbackEvent):
    """An answer was edited; :meth:`of` makes the hashes."""

    type = FeedbackType.CORRECTION
    request_id: str
    original_hash: str
    corrected_hash: str
    edit_distance: int | None = None
    correction_type: str | None = None
    timestamp: float = field(factory=time.time)

    @classmethod
    def of(
        cls, request_id: str, original: str, corrected: str, **members: Any
    ) -> CorrectionFeedback:
        """The event of two texts, of which it keeps the SHA-256."""
        return cls(request_id, _hash(original), _hash(corrected), **members)


@frozen
class RegenerateFeedback(FeedbackEvent):
    """Another answer was asked for."""

    type = FeedbackType.REGENERATE
    request_id: str
    regeneration_count: int = 1
    reason: str | None = None
    timestamp: float = field(factory=time.time)


@frozen
class StopFeedback(FeedbackEvent):
    """An answer was stopped while it came."""

    type = FeedbackType.STOP
    request_id: str
    tokens_generated: int | None = None
    reason: str | None = None
    timestamp: float = field(factory=time.time)


class FeedbackCollector:
    """Reports what users think to a sink.

    >>> from specwire.telemetry import InMemoryFeedbackSink
    >>> sink = InMemoryFeedbackSink()
    >>> feedback = FeedbackCollector(sink)
    >>> feedback.thumbs("req_1", True).rating("req_1", 4)
    <FeedbackCollector, 2 reported>
    >>> [str(event.type) for event in sink.get_events()]
    ['thumbs', 'rating']

    :param sinks: where events go: sinks, functions, or paths of JSONL files; none are
        those of :func:`set_feedback_sink`.
    """

    def __init__(self, *sinks: Any) -> None:
        self._sink = sink_of(sinks) if sinks else None
        self.reported = self.failed = 0

    def report(self, event: FeedbackEvent) -> FeedbackCollector:
        """Hand one event on; never raises by a sink's fault."""
        sink = get_feedback_sink() if self._sink is None else self._sink
        if _reported(sink, event):
            self.reported += 1
        else:
            self.failed += 1
        return self

    record = report

    def thumbs(
        self, request_id: str, is_positive: bool, reason: str | None = None
    ) -> FeedbackCollector:
        """See :class:`ThumbsFeedback`."""
        return self.report(ThumbsFeedback(request_id, is_positive, reason))

    def rating(
        self, request_id: str, rating: int, max_rating: int = 5, **members: Any
    ) -> FeedbackCollector:
        """See :class:`RatingFeedback`."""
        return self.report(RatingFeedback(request_id, rating, max_rating, **members))

    def text(self, request_id: str, text: str, **members: Any) -> FeedbackCollector:
        """See :class:`TextFeedback`."""
        return self.report(TextFeedback(request_id, text, **members))

    def choice(
        self, request_id: str, chosen_index: int, **members: Any
    ) -> FeedbackCollector:
        """See :class:`ChoiceSelectionFeedback`."""
        return self.report(ChoiceSelectionFeedback(request_id, chosen_index, **members))

    def correction(
        self, request_id: str, original: str, corrected: str, **members: Any
    ) -> FeedbackCollector:
        """See :class:`CorrectionFeedback`; the texts are not kept."""
        made = CorrectionFeedback.of(request_id, original, corrected, **members)
        return self.report(made)

    def regenerate(self, request_id: str, **members: Any) -> FeedbackCollector:
        """See :class:`RegenerateFeedback`."""
        return self.report(RegenerateFeedback(request_id, **members))

    def stop(self, request_id: str, **members: Any) -> FeedbackCollector:
        """See :class:`StopFeedback`."""
        return self.report(StopFeedback(request_id, **members))

    def close(self) -> None:
        """Close the sink, where it is this collector's own."""
        if self._sink is not None:
            self._sink.close()

    def __repr__(self) -> str:
        return f"<FeedbackCollector, {self.reported} reported>"


_sink: FeedbackSink = NoopFeedbackSink()


def get_feedback_sink() -> FeedbackSink:
    """Where :func:`report_feedback` reports to; nowhere, unless it was set."""
    return _sink


def set_feedback_sink(sink: Any) -> None:
    """Have :func:`report_feedback` report there: a sink, a function or a file's path;
    ``None`` is nowhere."""
    global _sink
    _sink = NoopFeedbackSink() if sink is None else sink_of((sink,))


def report_feedback(event: FeedbackEvent) -> None:
    """Report an event; never raises by a sink's fault."""
    _reported(_sink, event)


def _reported(sink: FeedbackSink, event: FeedbackEvent) -> bool:
    try:
        asked(sink.report, event)
    except Exception as error:
        kind = type(error).__name__
        logger.warning("feedback: %s failed: %s", type(sink).__name__, kind)
        return False
    return True


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
