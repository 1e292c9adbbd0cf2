"""``specwire.compat.ai_lib.telemetry``: the names that ai-lib-python's code has."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from specwire.compat.ai_lib import telemetry as ai
from specwire.telemetry import unconfigure
from tests.core.sample import KEY
from tests.core.sample import client as notes_client
from tests.resilience.answering import Server, failed


def test_every_name_is_there() -> None:
    """Those of its ``__init__``, and those of its feedback module."""
    for name in ai.__all__:
        assert getattr(ai, name) is not None


def test_metrics_that_are_told() -> None:
    """Requests, retries and waits by hand, beside calls that it sees as a hook."""
    metrics = ai.MetricsCollector(ai.HistogramBuckets([0.1, 1.0]))
    told: list[Any] = []
    metrics.add_callback(lambda kind, data: told.append((kind, data)))
    metrics.add_callback(lambda *_: 1 / 0)
    labels = ai.MetricLabels(provider="openai", model="gpt-4o")
    metrics.record_request(labels, 0.5, tokens_in=100, tokens_out=50)
    metrics.record_request(labels, 1.5, status="error")
    metrics.record_retry(labels, 2)
    metrics.record_rate_limit_wait(labels, 1.5)
    metrics.record_circuit_open(labels)
    metrics.set_inflight(labels, 3)
    snapshot = metrics.get_snapshot(labels)
    assert (snapshot.total_requests, snapshot.failed_requests) == (2, 1)
    assert (snapshot.total_tokens_in, snapshot.total_tokens_out) == (100, 50)
    assert (snapshot.error_rate, snapshot.avg_latency_ms) == (0.5, 1000.0)
    assert snapshot.latency_p50_ms == 1000.0
    assert (snapshot.retry_count, snapshot.rate_limit_waits) == (1, 1.5)
    assert snapshot.circuit_breaker_opens == 1
    assert told[0][0] == "request"
    assert told[0][1]["labels"] == {"provider": "openai", "model": "gpt-4o"}
    assert metrics.snapshot()["in_flight"] == 3
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
    assert metrics.get_snapshot().total_requests == 3
    assert len(metrics.get_snapshot().latency_samples) == 3
    assert len(metrics.get_all_labels()) == 2
    assert 'ai_lib_requests_total{provider="openai"' in metrics.to_prometheus()
    metrics.reset()
    assert metrics.get_snapshot().total_requests == 0


def test_spans_by_hand_and_of_calls() -> None:
    """A call's span is a child of the block's; nothing but this package is needed."""
    exporter = ai.InMemoryExporter()
    tracer = ai.Tracer("shop", exporter)
    with notes_client(hooks=[tracer, Server(failed(500))], max_retries=1) as client:
        with tracer.span("work") as work:
            assert ai.get_current_trace_id() == work.trace_id
            client.notes.create()
    call, block = exporter.get_spans()
    assert (call.name, block.name) == ("notes.create m", "work")
    assert call.parent_context == work.context
    assert call.kind is ai.SpanKind.CLIENT
    assert [event.name for event in call.events] == ["specwire.attempt"] * 2
    assert block.status is ai.SpanStatus.OK
    assert json.loads(json.dumps(call.to_dict()))["trace_id"] == work.trace_id
    assert ai.get_current_span() is None


def test_a_block_that_fails() -> None:
    """Is an error, of what kind; what it says stays out."""
    exporter = ai.InMemoryExporter()
    with pytest.raises(ValueError, match="secret"):
        with ai.Tracer(service_name="shop", exporter=exporter).span("work"):
            raise ValueError("secret")
    (span,) = exporter.get_spans()
    assert (span.status, span.status_message) == (ai.SpanStatus.ERROR, "ValueError")
    assert "secret" not in json.dumps(span.to_dict())


@pytest.mark.parametrize("header", ["", "00-x", "01-" + "0" * 32, "00-1-2-3-4"])
def test_a_context_that_is_none(header: str) -> None:
    """A header of another shape is ``None``; one's own is read back."""
    assert ai.SpanContext.from_w3c_traceparent(header) is None
    own = ai.SpanContext.generate()
    assert ai.SpanContext.from_w3c_traceparent(own.to_w3c_traceparent()) == own


def test_the_logger() -> None:
    """Records with members and a context, as JSON, without keys."""
    stream = io.StringIO()
    ai.AiLibLogger.configure(ai.LogLevel.INFO, "json", stream)
    ai.set_log_context(ai.LogContext(request_id="r-1", extra={"user": "u"}))
    try:
        log = ai.get_logger("ai_lib_python.client")
        log.info("asked with 100%", model="gpt-4o", api_key=KEY)
        log.debug("unheard")
        assert ai.get_log_context().with_extra(a=1).extra == {"user": "u", "a": 1}
    finally:
        ai.clear_log_context()
        for name in ("specwire", "ai_lib_python"):
            unconfigure(name)
    (line,) = [json.loads(each) for each in stream.getvalue().splitlines()]
    assert line["message"] == "asked with 100%"
    assert (line["model"], line["api_key"]) == ("gpt-4o", "***")
    assert (line["request_id"], line["user"]) == ("r-1", "u")
    assert ai.LogLevel.ERROR.to_logging_level() == logging.ERROR
    assert ai.SensitiveDataMasker([("moon", "***")]).mask("moon") == "***"


def test_the_programs_own_ones() -> None:
    """One collector, tracer, checker and tracker for all who ask."""
    assert ai.get_metrics_collector() is ai.get_metrics_collector()
    assert ai.get_tracer("a") is ai.get_tracer("a")
    assert ai.get_tracer("b").name == "b"
    assert ai.get_health_checker() is ai.get_health_checker()
    assert ai.get_health_tracker() is ai.get_health_tracker()
