"""Parts of telemetry in other processes: copies with the same settings."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from specwire.telemetry import Logger, MetricsCollector, ProviderHealthTracker, Tracer
from tests.core.sample import client as notes_client
from tests.resilience.answering import Server


def copied(part: Any) -> Any:
    return pickle.loads(pickle.dumps(part))


def test_metrics_begin_anew() -> None:
    """With the same prefix, bounds and prices, and nothing counted."""
    metrics = MetricsCollector(prefix="own", buckets=[1, 2], prices={"m": {"input": 1}})
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
    other = copied(metrics)
    assert other.snapshot()["requests"] == 0
    with notes_client(hooks=[other, Server()]) as client:
        client.notes.create()
    assert "own_request_duration_seconds_bucket" in other.export_prometheus()
    assert other.snapshot()["requests"] == metrics.snapshot()["requests"] == 1


def test_the_others_are_made_again() -> None:
    """A logger by its name, a tracker with its thresholds."""
    assert copied(Logger("own.calls")).logger.name == "own.calls"
    tracker = copied(ProviderHealthTracker(window_size=2))
    for _ in range(3):
        tracker.record_success("p")
    assert tracker.get_details("p")["sample_count"] == 2


def test_a_tracer_takes_its_process_provider() -> None:
    """Its name goes with it; a provider of spans is each process's own."""
    pytest.importorskip("opentelemetry.trace", reason="pip install 'specwire[otel]'")
    assert copied(Tracer("shop")).service_name == "shop"
