"""Telemetry: metrics, traces, logs, health and feedback, as hooks of any client.

>>> from specwire.telemetry import MetricsCollector
>>> client = Client(hooks=[MetricsCollector()])  # doctest: +SKIP

Each part looks on: what fails in it is logged and never reaches a caller. None of them
writes down bodies or credentials. See ``docs/telemetry.md``.
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .feedback import ChoiceSelectionFeedback as ChoiceSelectionFeedback
    from .feedback import CorrectionFeedback as CorrectionFeedback
    from .feedback import FeedbackCollector as FeedbackCollector
    from .feedback import FeedbackEvent as FeedbackEvent
    from .feedback import FeedbackType as FeedbackType
    from .feedback import RatingFeedback as RatingFeedback
    from .feedback import RegenerateFeedback as RegenerateFeedback
    from .feedback import StopFeedback as StopFeedback
    from .feedback import TextFeedback as TextFeedback
    from .feedback import ThumbsFeedback as ThumbsFeedback
    from .feedback import get_feedback_sink as get_feedback_sink
    from .feedback import report_feedback as report_feedback
    from .feedback import set_feedback_sink as set_feedback_sink
    from .formatters import JsonFormatter as JsonFormatter
    from .formatters import TextFormatter as TextFormatter
    from .formatters import log_context as log_context
    from .health import AggregatedHealth as AggregatedHealth
    from .health import HealthChecker as HealthChecker
    from .health import HealthCheckResult as HealthCheckResult
    from .health import HealthStatus as HealthStatus
    from .logs import Logger as Logger
    from .logs import configure as configure
    from .logs import unconfigure as unconfigure
    from .metrics import MetricsCollector as MetricsCollector
    from .provider_health import ProviderHealthTracker as ProviderHealthTracker
    from .redaction import Redactor as Redactor
    from .serving import MetricsServer as MetricsServer
    from .sinks import CallableFeedbackSink as CallableFeedbackSink
    from .sinks import CompositeFeedbackSink as CompositeFeedbackSink
    from .sinks import ConsoleFeedbackSink as ConsoleFeedbackSink
    from .sinks import FeedbackSink as FeedbackSink
    from .sinks import InMemoryFeedbackSink as InMemoryFeedbackSink
    from .sinks import JsonlFeedbackSink as JsonlFeedbackSink
    from .sinks import NoopFeedbackSink as NoopFeedbackSink
    from .tracing import Tracer as Tracer

_BY_HOME = {
    ".feedback": """
        ChoiceSelectionFeedback CorrectionFeedback FeedbackCollector FeedbackEvent
        FeedbackType RatingFeedback RegenerateFeedback StopFeedback TextFeedback
        ThumbsFeedback get_feedback_sink report_feedback set_feedback_sink
    """,
    ".formatters": "JsonFormatter TextFormatter log_context",
    ".health": "AggregatedHealth HealthCheckResult HealthChecker HealthStatus",
    ".logs": "Logger configure unconfigure",
    ".metrics": "MetricsCollector",
    ".provider_health": "ProviderHealthTracker",
    ".redaction": "Redactor",
    ".serving": "MetricsServer",
    ".sinks": """
        CallableFeedbackSink CompositeFeedbackSink ConsoleFeedbackSink FeedbackSink
        InMemoryFeedbackSink JsonlFeedbackSink NoopFeedbackSink
    """,
    ".tracing": "Tracer",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}

__all__ = [*_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
