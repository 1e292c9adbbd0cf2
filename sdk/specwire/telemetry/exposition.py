"""Series as metric families, and families as the text that Prometheus scrapes.

The text format is version 0.0.4: label values are escaped, a histogram's buckets add
up and end with ``+Inf``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from ..budgets.money import NANO
from .series import TOKENS, Histogram, Series

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


class Sample(NamedTuple):
    """``value`` is a number, or a :class:`~.series.Histogram`."""

    labels: dict[str, str]
    value: Any


class Family(NamedTuple):
    """One metric: its full name, its kind, what it tells, and its samples."""

    name: str
    kind: str
    help: str
    samples: list[Sample]


Reading = Callable[[Series], Iterable[tuple[dict[str, str], Any]]]


def _outcomes(series: Series) -> Iterable[tuple[dict[str, str], Any]]:
    found = {"ok": series.ok, "error": series.failed, "closed": series.closed}
    return [({"outcome": name}, n) for name, n in found.items() if n]


def _errors(series: Series) -> Iterable[tuple[dict[str, str], Any]]:
    return [
        ({"code": code, "status": status}, count)
        for (code, status), count in sorted(series.errors.items())
    ]


def _tokens(series: Series) -> Iterable[tuple[dict[str, str], Any]]:
    named = zip(TOKENS, series.tokens, strict=True)
    return [({"type": name}, count) for name, count in named if count]


def _cost(series: Series) -> Iterable[tuple[dict[str, str], Any]]:
    return [({}, series.nano / NANO)] if series.priced else ()


def _first(series: Series) -> Iterable[tuple[dict[str, str], Any]]:
    return [({}, series.first)] if series.first.count else ()


_ALL: Final[tuple[tuple[str, str, str, Reading], ...]] = (
    ("requests_total", "counter", "Calls, by how they ended.", _outcomes),
    (
        *("errors_total", "counter"),
        "Calls that failed, by AI-Protocol's code and the HTTP status.",
        _errors,
    ),
    (
        *("attempts_total", "counter", "Requests that were sent for calls."),
        lambda each: [({}, each.attempts)],
    ),
    (
        *("retries_total", "counter", "Requests after a call's first one."),
        lambda each: [({}, each.retries)],
    ),
    (
        *("in_flight", "gauge", "Calls under way."),
        lambda each: [({}, len(each.flying))],
    ),
    (
        *("request_duration_seconds", "histogram"),
        "Whole calls, retries and waits included; streams to their end.",
        lambda each: [({}, each.duration)],
    ),
    (
        *("time_to_first_event_seconds", "histogram"),
        "From the beginning of a call to the first event of its stream.",
        _first,
    ),
    ("tokens_total", "counter", "Tokens, by what they are billed as.", _tokens),
    ("cost_usd_total", "counter", "USD, of models whose prices are known.", _cost),
)
NAMES: Final = tuple(name for name, *_ in _ALL)
"""Of all metrics, behind the prefix."""


def families(prefix: str, found: Sequence[Series]) -> list[Family]:
    """All metrics of the series ``found``."""
    return [
        Family(
            f"{prefix}_{name}",
            kind,
            told,
            [
                Sample({**each.subject._asdict(), **labels}, value)
                for each in found
                for labels, value in read(each)
            ],
        )
        for name, kind, told, read in _ALL
    ]


def text(found: Iterable[Family]) -> str:
    """``found`` in the text format."""
    lines = []
    for family in found:
        lines.append(f"# HELP {family.name} {family.help}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        for labels, value in family.samples:
            if isinstance(value, Histogram):
                lines += _histogram(family.name, labels, value)
            else:
                lines.append(f"{family.name}{_labels(labels)} {_number(value)}")
    return "\n".join(lines) + "\n"


def _histogram(name: str, labels: dict[str, str], value: Histogram) -> list[str]:
    buckets = value.cumulative()
    return [
        *(
            f"{name}_bucket{_labels({**labels, 'le': bound})} {count}"
            for bound, count in buckets
        ),
        f"{name}_sum{_labels(labels)} {_number(value.sum)}",
        f"{name}_count{_labels(labels)} {buckets[-1][1]}",
    ]


def _labels(labels: dict[str, str]) -> str:
    pairs = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str) -> str:
    # A lone surrogate cannot be sent as UTF-8.
    return value.translate(_ESCAPES).encode("utf-8", "replace").decode("utf-8")


def _number(value: float) -> str:
    return repr(value) if isinstance(value, float) else str(value)
