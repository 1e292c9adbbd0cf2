"""``Tracer`` of ai-lib-python: spans by hand and, as a hook, one a call.

With ``endpoint`` or ``tracer_provider`` its spans are OpenTelemetry's; else they are
the plain ones of :mod:`.spans`, and go to an exporter of the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ....telemetry import tracing as _tracing
from .spans import Span, SpanContext, SpanExporter, SpanKind, SpanStatus

_current: ContextVar[Span | None] = ContextVar("ai_lib_span", default=None)


class _Plain:
    """What our tracer asks of OpenTelemetry, for plain spans."""

    CLIENT = SpanKind.CLIENT

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self.propagator = self

    def tracer(self, name: str, provider: Any) -> _Plain:
        return self

    def start_span(self, name: str, *, kind: SpanKind, start_time: int) -> Span:
        span = self._tracer.start_span(name, kind)
        span.start_time = start_time / 1e9
        return span

    def set_span_in_context(self, span: Span) -> Span:
        return span

    def inject(self, carrier: dict[str, str], context: Span) -> None:
        carrier["traceparent"] = context.context.to_w3c_traceparent()

    def set_error(self, span: Span, told: str) -> None:
        span.set_status(SpanStatus.ERROR, told)


class Tracer(_tracing.Tracer):
    """Starts spans; see :class:`specwire.telemetry.Tracer` for what it is as a hook."""

    def __init__(
        self,
        name: str = "ai_lib_python",
        exporter: SpanExporter | None = None,
        *,
        service_name: str | None = None,
        **settings: Any,
    ) -> None:
        self._exporter = exporter
        known = settings.get("endpoint") or settings.get("tracer_provider")
        self._plain = not known
        super().__init__(service_name or name, **settings)

    def settings(self) -> dict[str, Any]:
        if self._plain:
            return {"name": self.service_name, "exporter": self._exporter}
        return super().settings()

    def _api(self) -> Any:
        return _Plain(self) if self._plain else super()._api()

    @property
    def name(self) -> str:
        return self.service_name

    def set_exporter(self, exporter: SpanExporter) -> None:
        """Where spans go from now on."""
        self._exporter = exporter

    def start_span(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: SpanContext | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """A span, to be ended by ``end()``; a child of the current one by default."""
        current = _current.get()
        if parent is None and current is not None:
            parent = current.context
        return Span(
            name,
            SpanContext.generate(parent),
            parent,
            kind,
            attributes=dict(attributes or {}),
            exporter=self._exporter,
        )

    @contextmanager
    def span(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
    ) -> Iterator[Span]:
        """The current span, for the block."""
        span = self.start_span(name, kind, attributes=attributes)
        token = _current.set(span)
        try:
            yield span
            if span.status is SpanStatus.UNSET:
                span.set_status(SpanStatus.OK)
        except BaseException as error:
            span.record_exception(error)
            raise
        finally:
            _current.reset(token)
            span.end()


def get_current_span() -> Span | None:
    """The block's that this is in."""
    return _current.get()


def get_current_trace_id() -> str | None:
    """Its trace."""
    span = _current.get()
    return None if span is None else span.trace_id


def get_current_span_id() -> str | None:
    """Its id."""
    span = _current.get()
    return None if span is None else span.span_id


_usual: Tracer | None = None


def get_tracer(name: str = "ai_lib_python") -> Tracer:
    """The program's one tracer; another one where the name is another."""
    global _usual
    if _usual is None or _usual.name != name:
        _usual = Tracer(name)
    return _usual


def set_tracer(tracer: Tracer) -> None:
    """Have that be the program's one tracer."""
    global _usual
    _usual = tracer
