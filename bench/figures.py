"""The figures: what is measured, in which unit, and how much of it.

How a figure is taken stands in ``child.py`` (inside the measured process) and in
``measure.py`` (from outside); how a client does the work in ``peers.py``.
"""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """How much work one measurement does, and how often it is repeated."""

    rounds: int
    calls: int
    long_calls: int
    events: int
    lines: int
    file_size: int
    items: int
    tasks: int = 1_000
    many: int = 5_000


FULL = Scale(5, 1000, 60, 20_000, 20_000, 256 * 1024 * 1024, 100_000)
QUICK = Scale(3, 200, 15, 4_000, 4_000, 64 * 1024 * 1024, 10_000, 300, 1_000)


class Row(NamedTuple):
    """One line of the table."""

    key: str
    title: str
    unit: str
    better: str = "lower"
    compared: bool = True
    """Whether a ratio to the raw HTTP library means anything."""


class Figure(NamedTuple):
    """One kind of measurement; a run of it gives a value for each row."""

    name: str
    method: str
    """The adapter's method that a peer needs for it; "" when every peer has it."""
    amount: str
    """The field of the scale that says how much."""
    rows: tuple[Row, ...]
    once: bool = False
    """It takes long and hardly varies: one round, and none to fill the caches."""
    plain_malloc: bool = False
    """What is kept is meant: glibc gives its threads no caches and arenas of their own,
    which fill up over half a million items and then stay."""


CPU = "CPU µs"

FIGURES = (
    Figure(
        "import",
        "",
        "",
        (Row("import", "import the package, over a bare interpreter", "CPU ms"),),
    ),
    Figure(
        "front",
        "",
        "",
        (Row("front", "import its client class, over bare", "CPU ms"),),
    ),
    Figure(
        "start",
        "",
        "",
        (
            Row("start_wall", "process start to first reply", "wall ms"),
            Row("start_cpu", "the whole process of one call", "CPU ms"),
        ),
    ),
    Figure("call", "call", "calls", (Row("call", "one small call", CPU),)),
    Figure(
        "long",
        "call",
        "long_calls",
        (Row("long", "one call with 200 turns (61 KB)", CPU),),
    ),
    Figure(
        "large",
        "call",
        "long_calls",
        (Row("large", "one reply with 400 blocks (200 KB)", CPU),),
    ),
    Figure(
        "workflow", "workflow", "calls", (Row("workflow", "one workflow run", CPU),)
    ),
    Figure(
        "events",
        "events",
        "events",
        (Row("events", "a stream's event, large writes", CPU),),
    ),
    Figure(
        "drip",
        "events",
        "events",
        (Row("drip", "a stream's event, one a write", CPU),),
    ),
    Figure(
        "final",
        "final",
        "events",
        (Row("final", "an event, final message put together", CPU),),
    ),
    Figure(
        "delivery",
        "texts",
        "",
        (
            Row("delivery_chunked", "an event's way, chunked, p50", "µs"),
            Row("delivery_length", "the same, body by length", "µs"),
            Row("delivery_close", "the same, ended by the close", "µs"),
            Row("delivery_p99", "the slowest 1 % of the three", "µs"),
        ),
    ),
    Figure(
        "crowd",
        "threaded",
        "calls",
        (Row("crowd", "8 threads, instant server", "calls/s", "higher"),),
    ),
    Figure(
        "wide",
        "threaded",
        "calls",
        (
            Row("wide", "32 threads, server of 20 ms", "calls/s", "higher"),
            Row("wide_connections", "connections made in it", "", compared=False),
        ),
    ),
    Figure(
        "run",
        "run",
        "calls",
        (
            Row("run_late", "a run of items, 32 at a time, 20 ms", "items/s", "higher"),
            Row("run", "the same, instant server", "items/s", "higher"),
            Row("run_more", "an item, over a call in a thread", CPU, compared=False),
        ),
    ),
    Figure(
        "run_journal",
        "forgotten",
        "calls",
        (Row("run_journal", "the journal, for an item of a run", "µs"),),
    ),
    Figure(
        "layers",
        "layers",
        "calls",
        (
            Row("layer_tracing", "tracing without a provider adds to a call", CPU),
            Row("layer_metrics", "metrics add", CPU),
            Row("layer_cache", "an answer from the cache in memory adds", CPU),
            Row("layer_guardrails", "ten guardrails on a request of a kilobyte", CPU),
        ),
    ),
    Figure(
        "run_memory",
        "kept",
        "items",
        (
            Row("run_memory", "growth of memory, 1,000 to 100,000 items", "MB"),
            Row("run_growth", "of it, from 10,000 items on", "MB", compared=False),
        ),
        once=True,
        plain_malloc=True,
    ),
    Figure(
        "memory",
        "call",
        "",
        (
            Row("memory", "memory of the process after a call", "MB"),
            Row("client_memory", "another client, made", "KB", compared=False),
            Row("client_time", "time to make it", "CPU ms", compared=False),
        ),
    ),
    Figure(
        "streams",
        "opened",
        "",
        (Row("stream_memory", "an open stream", "KB", compared=False),),
    ),
    Figure(
        "async_calls",
        "tasks",
        "tasks",
        (
            Row(
                "async_calls",
                "1,000 tasks at once, server of 20 ms",
                "calls/s",
                "higher",
            ),
            Row("async_cpu", "a call of them", CPU),
        ),
    ),
    Figure(
        "async_steady",
        "tasks",
        "calls",
        (
            Row("async_steady", "50 tasks, call after call", "calls/s", "higher"),
            Row("async_steady_cpu", "a call of them", CPU),
        ),
    ),
    Figure(
        "async_streams",
        "tasks",
        "tasks",
        (
            Row("async_stream_memory", "an open stream in a task", "KB"),
            Row("async_stream_cpu", "to open it", CPU),
        ),
        plain_malloc=True,
    ),
    Figure(
        "async_many",
        "many",
        "many",
        (
            Row("async_many", "5,000 tasks at once", "calls/s", "higher"),
            Row("async_many_cpu", "a call of them", CPU),
            Row("async_many_memory", "an open stream, of 2,000", "KB"),
        ),
        plain_malloc=True,
    ),
    Figure(
        "tls", "secure", "", (Row("tls", "a new TLS connection and a call", "CPU ms"),)
    ),
    Figure(
        "lines",
        "lines",
        "lines",
        (Row("lines", "lines of results (1.2 KB)", "lines/CPU s", "higher"),),
    ),
    Figure(
        "upload",
        "upload",
        "file_size",
        (
            Row("upload", "upload a file", "MB/s", "higher"),
            Row("upload_memory", "growth of memory in it", "MB", compared=False),
        ),
    ),
    Figure(
        "download",
        "download",
        "file_size",
        (
            Row("download", "download to a file", "MB/s", "higher"),
            Row("download_memory", "growth of memory in it", "MB", compared=False),
        ),
    ),
)


def chosen(names: list[str]) -> list[Figure]:
    """Give the figures of these names, or all when there are none.

    :raises ValueError: a name is not that of a figure.
    """
    known = {figure.name: figure for figure in FIGURES}
    for name in names:
        if name not in known:
            raise ValueError(f"no figure {name!r}; there are: {', '.join(known)}")
    return [known[name] for name in names] or list(FIGURES)
