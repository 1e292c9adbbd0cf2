"""Metric families as prometheus-client has them; the one door to that package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..core.extras import needed
from .exposition import Family
from .series import Histogram


def collected(found: Iterable[Family]) -> Iterator[Any]:
    """What a registry's collector gives.

    :raises ImportError: without the extra ``metrics``.
    """
    with needed("metrics", "a registry (export_prometheus() does without one)"):
        from prometheus_client import core
    return iter([_family(core, each) for each in found])


def _family(core: Any, family: Family) -> Any:
    makes = {
        "counter": core.CounterMetricFamily,
        "gauge": core.GaugeMetricFamily,
        "histogram": core.HistogramMetricFamily,
    }
    names = tuple(family.samples[0].labels) if family.samples else ()
    made = makes[family.kind](family.name, family.help, labels=names)
    for labels, value in family.samples:
        if isinstance(value, Histogram):
            made.add_metric(list(labels.values()), value.cumulative(), value.sum)
        else:
            made.add_metric(list(labels.values()), value)
    return made
