"""The spans of ai-lib-python: plain values, W3C context, exporters in the program."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import define, field

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")


class SpanKind(str, Enum):
    """Whose work a span is."""

    CLIENT = "CLIENT"
    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"
    INTERNAL = "INTERNAL"


class SpanStatus(str, Enum):
    """How it ended."""

    UNSET = "UNSET"
    OK = "OK"
    ERROR = "ERROR"


@define
class SpanContext:
    """Which span of which trace."""

    trace_id: str
    span_id: str
    trace_flags: int = 1
    trace_state: str = ""

    @property
    def is_valid(self) -> bool:
        """As OpenTelemetry asks it; one that was made is."""
        return True

    @classmethod
    def generate(cls, parent: SpanContext | None = None) -> SpanContext:
        """A new span, of the parent's trace where there is one."""
        trace = secrets.token_hex(16) if parent is None else parent.trace_id
        return cls(trace, secrets.token_hex(8))

    def to_w3c_traceparent(self) -> str:
        """As a header."""
        return f"00-{self.trace_id}-{self.span_id}-{self.trace_flags:02x}"

    @classmethod
    def from_w3c_traceparent(cls, header: str) -> SpanContext | None:
        """Of a header, ``None`` for one that is none."""
        found = _TRACEPARENT.match(header)
        return found and cls(found[1], found[2], int(found[3], 16))


@define
class SpanEvent:
    """Something that happened in a span."""

    name: str
    timestamp: float = field(factory=time.time)
    attributes: dict[str, Any] = field(factory=dict)


@define(eq=False)
class Span:
    """A piece of work; times in seconds since the epoch."""

    name: str
    context: SpanContext
    parent_context: SpanContext | None = None
    kind: SpanKind = SpanKind.INTERNAL
    status: SpanStatus = SpanStatus.UNSET
    status_message: str = ""
    start_time: float = field(factory=time.time)
    end_time: float | None = None
    attributes: dict[str, Any] = field(factory=dict)
    events: list[SpanEvent] = field(factory=list)
    exporter: SpanExporter | None = field(default=None, repr=False)

    def set_attribute(self, key: str, value: Any) -> Span:
        self.attributes[key] = value
        return self

    def set_attributes(self, attributes: Mapping[str, Any]) -> Span:
        self.attributes.update(attributes)
        return self

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> Span:
        self.events.append(SpanEvent(name, attributes=dict(attributes or {})))
        return self

    def set_status(self, status: SpanStatus, message: str = "") -> Span:
        self.status, self.status_message = status, message
        return self

    def record_exception(self, exception: BaseException) -> Span:
        """That it failed, and of what; never what the exception says."""
        kind = type(exception).__name__
        self.set_status(SpanStatus.ERROR, kind)
        return self.add_event("exception", {"exception.type": kind})

    def end(self) -> None:
        """Once; it goes to the exporter then."""
        if self.end_time is None:
            self.end_time = time.time()
            if self.exporter is not None:
                self.exporter.export(self)

    def is_recording(self) -> bool:
        return self.end_time is None

    def get_span_context(self) -> SpanContext:
        return self.context

    @property
    def duration_ms(self) -> float:
        end = time.time() if self.end_time is None else self.end_time
        return (end - self.start_time) * 1000

    @property
    def trace_id(self) -> str:
        return self.context.trace_id

    @property
    def span_id(self) -> str:
        return self.context.span_id

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        parent = self.parent_context
        return {
            "name": self.name,
            "trace_id": self.trace_id,
            "span_id": self.span_id,
            "parent_span_id": None if parent is None else parent.span_id,
            "kind": self.kind.value,
            "status": self.status.value,
            "status_message": self.status_message,
            "start_time": self.start_time,
            "end_time": self.end_time,
            "duration_ms": self.duration_ms,
            "attributes": dict(self.attributes),
            "events": [
                {"name": e.name, "timestamp": e.timestamp, "attributes": e.attributes}
                for e in self.events
            ],
        }


class SpanExporter:
    """Base of the exporters."""

    def export(self, span: Span) -> None:
        """Take a span that has ended."""
        raise NotImplementedError

    def shutdown(self) -> None:
        """Let go of what it holds."""


class InMemoryExporter(SpanExporter):
    """Keeps them."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def export(self, span: Span) -> None:
        self._spans.append(span)

    def get_spans(self) -> list[Span]:
        return list(self._spans)

    def clear(self) -> None:
        self._spans.clear()


class ConsoleExporter(SpanExporter):
    """Prints them as JSON."""

    def export(self, span: Span) -> None:
        told = json.dumps(span.to_dict(), indent=2, default=str)
        sys.stdout.write(f"{told}\n")
