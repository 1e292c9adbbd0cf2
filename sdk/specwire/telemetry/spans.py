"""OpenTelemetry as :class:`~.tracing.Tracer` needs it; the one door to its packages.

The API is what the extra ``otel`` brings. Who gives an ``endpoint`` needs the SDK and
the OTLP exporter as well, which the extra ``telemetry`` brings.
"""

from __future__ import annotations

from typing import Any

from ..core.extras import needed


class _Api:
    """The few names of the API that are used, looked up once."""

    def __init__(self) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import (
            TraceContextTextMapPropagator,
        )

        self._trace = trace
        self.CLIENT = trace.SpanKind.CLIENT
        self.set_span_in_context = trace.set_span_in_context
        self.propagator = TraceContextTextMapPropagator()

    def tracer(self, name: str, provider: Any) -> Any:
        return self._trace.get_tracer(name, tracer_provider=provider)

    def set_error(self, span: Any, told: str) -> None:
        span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, told))


def api() -> _Api:
    """:raises ImportError: without the extra ``otel``."""
    with needed("otel", "Tracer"):
        return _Api()


def exporting(service_name: str, endpoint: str) -> Any:
    """A provider whose spans go to the OTLP collector at ``endpoint``, in batches.

    :raises ImportError: without the extra ``telemetry``.
    """
    with needed("telemetry", "Tracer(endpoint=...)"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    place = endpoint.rstrip("/")
    if not place.endswith("/v1/traces"):
        place += "/v1/traces"
    provider = TracerProvider(resource=Resource.create({"service.name": service_name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=place)))
    return provider
