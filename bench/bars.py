"""What this project asks of itself: the bars, and whether a run's figures keep them."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from figures import Figure
from measure import BASELINE, Results

OURS = "specwire"
USUAL_CALL = 470
"""CPU microseconds."""


class Bar(NamedTuple):
    """A limit of a row: of the figure, or of its ratio to a peer's in the same run."""

    key: str
    limit: float
    peer: str = ""
    """"" where the figure itself is limited, in the row's unit."""
    ours: str = OURS
    """Whose figure it is."""
    usual_speed: bool = False
    """The limit is for a machine on which plain requests takes ``USUAL_CALL`` for a
    small call; machines and their hours differ by more than layers do."""


BARS = (
    Bar("import", 8),
    Bar("start_wall", 1.45, "requests"),
    Bar("call", 0.50, "requests"),
    Bar("call", 0.40, "anthropic"),
    Bar("long", 0.70, "requests"),
    Bar("large", 1.10, "requests"),
    Bar("large", 0.35, "anthropic"),
    Bar("events", 1.0, "requests"),
    Bar("events", 0.30, "anthropic"),
    Bar("drip", 1.5, "requests"),
    Bar("call", 1.0, "ai-lib", "specwire.chat"),
    Bar("events", 12, ours="specwire.chat"),
    Bar("events", 15, ours="specwire.chat (Anthropic)"),
    Bar("events", 1.0, "ai-lib", "specwire.chat"),
    Bar("final", 0.12, "anthropic"),
    Bar("delivery_chunked", 1000),
    Bar("delivery_chunked", 1.0, "anthropic"),
    Bar("delivery_length", 1000),
    Bar("delivery_length", 1.0, "anthropic"),
    Bar("delivery_close", 1000),
    Bar("delivery_close", 1.0, "anthropic"),
    Bar("delivery_p99", 5000),
    Bar("crowd", 1.6, "requests"),
    Bar("wide", 1400),
    Bar("wide_connections", 32),
    Bar("run_late", 0.9, "requests"),
    Bar("run", 0.9, "requests"),
    Bar("run_journal", 150),
    Bar("layer_tracing", 10, usual_speed=True),
    Bar("layer_metrics", 5, usual_speed=True),
    Bar("layer_cache", 40, usual_speed=True),
    Bar("layer_guardrails", 60, usual_speed=True),
    Bar("run_memory", 1),
    Bar("run_growth", 0.5),
    Bar("memory", 1.2, "requests"),
    Bar("client_memory", 40),
    Bar("client_time", 0.2),
    Bar("stream_memory", 36),
    Bar("async_calls", 2, "anthropic"),
    Bar("async_cpu", 0.5, "anthropic"),
    Bar("async_steady", 1, "anthropic"),
    Bar("async_steady_cpu", 0.5, "anthropic"),
    Bar("async_calls", 1, "httpx"),
    Bar("async_cpu", 1, "httpx"),
    Bar("async_stream_memory", 60),
    Bar("async_many_memory", 60),
    Bar("tls", 0.15, "requests"),
    Bar("lines", 3, "anthropic"),
    Bar("upload", 0.95, "requests"),
    Bar("upload", 1.5, "anthropic"),
    Bar("upload_memory", 2),
    Bar("download", 0.95, "requests"),
    Bar("download", 1.5, "anthropic"),
    Bar("download_memory", 2),
)


def reached(bar: Bar, results: Results) -> float | None:
    """Give what was measured, or nothing where a side of it is missing."""
    ours = results.samples.get(bar.key, {}).get(bar.ours, [])
    if ours and bar.usual_speed:
        call = results.samples.get("call", {}).get(BASELINE)
        return median(ours) * USUAL_CALL / median(call) if call else None
    if not ours or not bar.peer:
        return median(ours) if ours else None
    theirs = results.samples[bar.key].get(bar.peer, [])
    pairs = zip(ours, theirs, strict=False)
    ratios = [mine / other for mine, other in pairs if other > 0]
    return median(ratios) if ratios else None


def lines(figures: list[Figure], results: Results) -> list[str]:
    """Give a table of all bars whose figures were measured."""
    rows = {row.key: row for figure in figures for row in figure.rows}
    out = ["| figure | bar | measured | kept |", "| --- | --: | --: | --- |"]
    for bar in BARS:
        value = reached(bar, results) if bar.key in rows else None
        if value is None:
            continue
        row = rows[bar.key]
        more = row.better == "higher"
        kept = value >= bar.limit if more else value <= bar.limit
        unit = f"x {bar.peer}" if bar.peer else f" {row.unit}".rstrip()
        if bar.usual_speed:
            unit += f", where a small call of requests takes {USUAL_CALL}"
        sign = ">=" if more else "<="
        title = row.title if bar.ours == OURS else f"{row.title}, {bar.ours}"
        figure = f"{value:.2f}" if bar.peer or value < 10 else f"{value:,.0f}"
        cells = [
            title,
            f"{sign} {bar.limit:g}{unit}",
            figure,
            "yes" if kept else "NO",
        ]
        out.append(f"| {' | '.join(cells)} |")
    return out
