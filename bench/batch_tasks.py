"""A run of many calls in tasks against the same run in threads, in turn.

``python bench/batch_tasks.py [--items N] [--rounds N]``. Both write a journal to the
disk and ask the loopback server of the other benchmarks: at once, and 20 ms late. The
figure of each is the median of its rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import environment

sys.path.insert(0, str(environment.ROOT / "sdk"))
import replies
import serving

WIDTHS = (32, 256)
REQUEST = {
    "model": "m",
    "max_tokens": 16,
    "messages": [{"role": "user", "content": "Say hi"}],
}


def in_threads(settings: dict[str, Any], count: int, **how: Any) -> int:
    """How many items succeeded."""
    from specwire import Client
    from specwire.batch import BatchRunner

    with Client(**settings) as client:
        runner = BatchRunner(client, **how)
        return sum(each.success for each in runner.run(REQUEST for _ in range(count)))


def in_tasks(settings: dict[str, Any], count: int, **how: Any) -> int:
    """How many items succeeded."""
    from specwire.aio import AsyncBatchRunner, AsyncClient

    async def main() -> int:
        async with AsyncClient(**settings) as client:
            runner = AsyncBatchRunner(client, **how)
            results = runner.run(REQUEST for _ in range(count))
            return sum([each.success async for each in results])

    return asyncio.run(main())


def measured(run: Any, url: str, count: int, width: int) -> tuple[float, float]:
    """Items a second, and microseconds of CPU an item."""
    settings = {"api_keys": {"anthropic": "k"}, "base_urls": {"anthropic": url}}
    with tempfile.TemporaryDirectory() as folder:
        how = {"journal": f"{folder}/journal", "max_in_flight": width}
        cpu, began = _cpu_s(), time.perf_counter()
        done = run(settings, count, **how)
        seconds, cpu = time.perf_counter() - began, _cpu_s() - cpu
    if done != count:
        raise SystemExit(f"{done} of {count} items succeeded")
    return count / seconds, cpu / count * 1e6


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="bench/batch_tasks.py", description=__doc__)
    parser.add_argument("--items", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    chose = parser.parse_args(arguments)
    print("| server | at a time | in | items a second | µs of CPU |")
    print("| --- | --: | --- | --: | --: |")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replies"
        path.mkdir()
        replies.write(path, events=10, lines=10, file_size=1_000)
        start, kind = serving.command(Path(folder) / "build")
        with serving.serve(start, kind, path) as server:
            base = f"http://127.0.0.1:{server.port}"
            for prefix in ("", replies.LATE):
                for width in WIDTHS:
                    _compared(f"{base}{prefix}", prefix, width, chose)


def _compared(url: str, prefix: str, width: int, chose: argparse.Namespace) -> None:
    runs = {"threads": in_threads, "tasks": in_tasks}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(chose.rounds):
        for name, run in runs.items():
            found[name].append(measured(run, url, chose.items, width))
    title = f"{replies.LATE_MS} ms" if prefix else "at once"
    for name, rounds in found.items():
        rate, cpu = (statistics.median(each) for each in zip(*rounds, strict=True))
        print(f"| {title} | {width} | {name} | {rate:,.0f} | {cpu:,.0f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
