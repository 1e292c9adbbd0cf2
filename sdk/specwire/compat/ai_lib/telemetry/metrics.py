"""``MetricsCollector`` with the methods of ai-lib-python beside ours."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from ....core.hooks import logger
from ....telemetry import metrics as _metrics
from ....telemetry.series import BUCKETS_S, Series
from ....telemetry.subject import Subject

if TYPE_CHECKING:
    from ....core.wire import Call

_SAMPLES: Final = 1000


@define
class MetricLabels:
    """What is counted apart."""

    provider: str | None = None
    model: str | None = None
    endpoint: str | None = None
    status: str | None = None
    error_class: str | None = None

    def to_dict(self) -> dict[str, str]:
        """Those that are given."""
        names = ("provider", "model", "endpoint", "status", "error_class")
        return {n: getattr(self, n) for n in names if getattr(self, n) is not None}

    def to_key(self) -> str:
        """One text for them."""
        pairs = sorted(self.to_dict().items())
        return ",".join(f"{name}={value}" for name, value in pairs) or "_default_"


@define
class HistogramBuckets:
    """Bounds of a histogram, in seconds."""

    boundaries: Sequence[float] = BUCKETS_S


@define
class MetricSnapshot:
    """Sums at one moment; latencies of the last calls in seconds."""

    total_requests: int = 0
    successful_requests: int = 0
    failed_requests: int = 0
    total_tokens_in: int = 0
    total_tokens_out: int = 0
    latency_samples: list[float] = field(factory=list)
    retry_count: int = 0
    rate_limit_waits: float = 0.0
    circuit_breaker_opens: int = 0

    @property
    def error_rate(self) -> float:
        """Of all calls, from 0 to 1."""
        total = self.total_requests
        return self.failed_requests / total if total else 0.0

    def _quantile(self, part: int) -> float:
        samples = self.latency_samples
        if len(samples) < 2:
            return samples[0] * 1000 if samples else 0.0
        return statistics.quantiles(samples, n=100)[part - 1] * 1000

    @property
    def latency_p50_ms(self) -> float:
        return self._quantile(50)

    @property
    def latency_p90_ms(self) -> float:
        return self._quantile(90)

    @property
    def latency_p99_ms(self) -> float:
        return self._quantile(99)

    @property
    def avg_latency_ms(self) -> float:
        samples = self.latency_samples
        return statistics.mean(samples) * 1000 if samples else 0.0


class MetricsCollector(_metrics.MetricsCollector):
    """Counts calls by itself, as a hook, and what it is told.

    See :class:`specwire.telemetry.MetricsCollector`; names begin with ``ai_lib``.
    """

    def __init__(
        self, histogram_buckets: HistogramBuckets | None = None, **settings: Any
    ) -> None:
        if histogram_buckets is not None:
            settings["buckets"] = histogram_buckets.boundaries
        super().__init__(**{"prefix": "ai_lib", **settings})
        self._samples: deque[tuple[Subject, float]] = deque(maxlen=_SAMPLES)
        self._waits: dict[Subject, float] = {}
        self._opens: dict[Subject, int] = {}
        self._set: dict[Subject, set[object]] = {}
        self._callbacks: list[Callable[[str, dict[str, Any]], object]] = []

    def leave(self, call: Call, seen: Any, ending: Any, reply: Any) -> None:
        super().leave(call, seen, ending, reply)
        self._samples.append((seen.series.subject, self.elapsed_s(call)))

    # -- what it is told -------------------------------------------------------------

    def record_request(
        self,
        labels: MetricLabels,
        latency: float,
        status: str = "success",
        tokens_in: int = 0,
        tokens_out: int = 0,
    ) -> None:
        """A call that was made otherwise; ``latency`` in seconds."""
        with self._lock:
            series = self._of(labels)
            if status == "success":
                series.ok += 1
            else:
                kind = (labels.error_class or status, "")
                series.errors[kind] = series.errors.get(kind, 0) + 1
            series.attempts += 1
            series.tokens[0] += tokens_in
            series.tokens[1] += tokens_out
            series.duration.add(latency)
            self._samples.append((series.subject, latency))
        told = {"latency": latency, "status": status}
        self._notify(
            "request", labels, **told, tokens_in=tokens_in, tokens_out=tokens_out
        )

    def record_retry(self, labels: MetricLabels, attempt: int) -> None:
        """Another attempt was made."""
        with self._lock:
            self._of(labels).retries += 1
        self._notify("retry", labels, attempt=attempt)

    def record_rate_limit_wait(self, labels: MetricLabels, wait_time: float) -> None:
        """A limit was waited for, in seconds."""
        with self._lock:
            subject = self._of(labels).subject
            self._waits[subject] = self._waits.get(subject, 0.0) + wait_time
        self._notify("rate_limit_wait", labels, wait_time=wait_time)

    def record_circuit_open(self, labels: MetricLabels) -> None:
        """A circuit has opened."""
        with self._lock:
            subject = self._of(labels).subject
            self._opens[subject] = self._opens.get(subject, 0) + 1
        self._notify("circuit_open", labels)

    def set_inflight(self, labels: MetricLabels, count: int) -> None:
        """So many calls are under way, beside those that are counted here."""
        with self._lock:
            series = self._of(labels)
            series.flying -= self._set.get(series.subject, set())
            marks: set[object] = {object() for _ in range(count)}
            self._set[series.subject] = marks
            series.flying |= marks

    def _of(self, labels: MetricLabels) -> Series:
        key = Subject(labels.provider or "", labels.model or "", labels.endpoint or "")
        return self._series.get(key) or self._add(key)

    # -- what it says ----------------------------------------------------------------

    def get_snapshot(self, labels: MetricLabels | None = None) -> MetricSnapshot:
        """The sums, of all or of what has these labels."""
        with self._lock:
            found = [s for s in self.series if labels is None or _has(s, labels)]
            subjects = {each.subject for each in found}
            return MetricSnapshot(
                sum(each.ok + each.closed + each.failed for each in found),
                sum(each.ok for each in found),
                sum(each.failed for each in found),
                sum(each.tokens[0] + sum(each.tokens[2:]) for each in found),
                sum(each.tokens[1] for each in found),
                [s for subject, s in list(self._samples) if subject in subjects],
                sum(each.retries for each in found),
                sum(self._waits.get(each, 0.0) for each in subjects),
                sum(self._opens.get(each, 0) for each in subjects),
            )

    def get_all_labels(self) -> list[MetricLabels]:
        """Of what was counted."""
        return [MetricLabels(*each.subject) for each in self.series]

    def to_prometheus(self) -> str:
        """See ``export_prometheus``."""
        return self.export_prometheus()

    def reset(self) -> None:
        super().reset()
        for kept in (self._samples, self._waits, self._opens, self._set):
            kept.clear()

    def add_callback(self, callback: Callable[[str, dict[str, Any]], object]) -> None:
        """Have ``callback(kind, data)`` called with what is recorded."""
        self._callbacks.append(callback)

    def remove_callback(
        self, callback: Callable[[str, dict[str, Any]], object]
    ) -> None:
        """Take one away; also one that is not there."""
        if callback in self._callbacks:
            self._callbacks.remove(callback)

    def _notify(self, kind: str, labels: MetricLabels, **told: Any) -> None:
        for callback in list(self._callbacks):
            try:
                callback(kind, {"labels": labels.to_dict(), **told})
            except Exception as error:
                logger.warning("a callback failed: %s", type(error).__name__)


def _has(series: Series, labels: MetricLabels) -> bool:
    asked = (labels.provider, labels.model, labels.endpoint)
    pairs = zip(asked, series.subject, strict=True)
    return all(wanted is None or wanted == own for wanted, own in pairs)


_usual: MetricsCollector | None = None


def get_metrics_collector() -> MetricsCollector:
    """The program's one collector."""
    global _usual
    if _usual is None:
        _usual = MetricsCollector()
    return _usual


def set_metrics_collector(collector: MetricsCollector) -> None:
    """Have that be the program's one collector."""
    global _usual
    _usual = collector
