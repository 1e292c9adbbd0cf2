"""``ai_lib_python.telemetry``: the same names, sync, with the parts of ours.

Collectors and tracers are hooks here: ``builder().metrics(m).tracer(t)`` counts calls.
"""

from __future__ import annotations

from ....telemetry import (
    AggregatedHealth,
    ChoiceSelectionFeedback,
    CompositeFeedbackSink,
    ConsoleFeedbackSink,
    CorrectionFeedback,
    FeedbackCollector,
    FeedbackEvent,
    FeedbackSink,
    FeedbackType,
    HealthChecker,
    HealthCheckResult,
    HealthStatus,
    InMemoryFeedbackSink,
    Logger,
    NoopFeedbackSink,
    ProviderHealthTracker,
    RatingFeedback,
    RegenerateFeedback,
    StopFeedback,
    TextFeedback,
    ThumbsFeedback,
    get_feedback_sink,
    report_feedback,
    set_feedback_sink,
)
from .logs import (
    AiLibLogger,
    JsonFormatter,
    LogContext,
    LogLevel,
    SensitiveDataMasker,
    TextFormatter,
    clear_log_context,
    get_log_context,
    get_logger,
    set_log_context,
)
from .metrics import (
    HistogramBuckets,
    MetricLabels,
    MetricsCollector,
    MetricSnapshot,
    get_metrics_collector,
    set_metrics_collector,
)
from .spans import (
    ConsoleExporter,
    InMemoryExporter,
    Span,
    SpanContext,
    SpanEvent,
    SpanExporter,
    SpanKind,
    SpanStatus,
)
from .tracing import (
    Tracer,
    get_current_span,
    get_current_span_id,
    get_current_trace_id,
    get_tracer,
    set_tracer,
)

_checker: HealthChecker | None = None
_tracker: ProviderHealthTracker | None = None


def get_health_checker() -> HealthChecker:
    """The program's one checker."""
    global _checker
    if _checker is None:
        _checker = HealthChecker()
    return _checker


def get_health_tracker() -> ProviderHealthTracker:
    """The program's one tracker."""
    global _tracker
    if _tracker is None:
        _tracker = ProviderHealthTracker()
    return _tracker


__all__ = [
    "AggregatedHealth",
    "AiLibLogger",
    "ChoiceSelectionFeedback",
    "CompositeFeedbackSink",
    "ConsoleExporter",
    "ConsoleFeedbackSink",
    "CorrectionFeedback",
    "FeedbackCollector",
    "FeedbackEvent",
    "FeedbackSink",
    "FeedbackType",
    "HealthCheckResult",
    "HealthChecker",
    "HealthStatus",
    "HistogramBuckets",
    "InMemoryExporter",
    "InMemoryFeedbackSink",
    "JsonFormatter",
    "LogContext",
    "LogLevel",
    "Logger",
    "MetricLabels",
    "MetricSnapshot",
    "MetricsCollector",
    "NoopFeedbackSink",
    "ProviderHealthTracker",
    "RatingFeedback",
    "RegenerateFeedback",
    "SensitiveDataMasker",
    "Span",
    "SpanContext",
    "SpanEvent",
    "SpanExporter",
    "SpanKind",
    "SpanStatus",
    "StopFeedback",
    "TextFeedback",
    "TextFormatter",
    "ThumbsFeedback",
    "Tracer",
    "clear_log_context",
    "get_current_span",
    "get_current_span_id",
    "get_current_trace_id",
    "get_feedback_sink",
    "get_health_checker",
    "get_health_tracker",
    "get_log_context",
    "get_logger",
    "get_metrics_collector",
    "get_tracer",
    "report_feedback",
    "set_feedback_sink",
    "set_log_context",
    "set_metrics_collector",
    "set_tracer",
]
