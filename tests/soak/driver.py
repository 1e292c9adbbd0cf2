"""A run of items as a program of its own, to be killed: ``python driver.py SETTINGS``.

SETTINGS is JSON: ``journal``, ``items``, ``base_url``, ``executor`` (``threads``,
``tasks``, ``processes`` or ``dask``) and ``workers``. Prints the ids of the worker
processes, and ends once each item has its result. It can be started again on the same
journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

THREADS_EACH = 8


def requests(count: int) -> Iterator[dict[str, Any]]:
    """The input, made as it is read."""
    for number in range(count):
        yield {
            "custom_id": f"n{number}",
            "model": "claude-sonnet-4-5",
            "max_tokens": 64,
            "messages": [{"role": "user", "content": f"this is <{number}> of many"}],
        }


@contextlib.contextmanager
def executing(kind: str, workers: int) -> Iterator[dict[str, Any]]:
    """The settings of a runner that say where its calls are made."""
    if kind in ("threads", "tasks"):
        say([])
        yield {"max_in_flight": workers}
    elif kind == "processes":
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(abs, range(workers * 4)))
            say(list(pool._processes))
            yield {"executor": pool, "max_in_flight": workers * 2}
    else:
        from distributed import Client, LocalCluster

        with (
            LocalCluster(
                workers, threads_per_worker=THREADS_EACH, dashboard_address=None
            ) as cluster,
            Client(cluster) as client,
        ):
            say(list(client.run(_own_id).values()))
            window = workers * THREADS_EACH * 2
            yield {"executor": client.get_executor(), "max_in_flight": window}


def _own_id() -> int:
    import os

    return os.getpid()


def say(line: Any) -> None:
    """Print one line at once."""
    print(json.dumps(line), flush=True)


def main(settings: dict[str, Any]) -> None:
    """Run until each item has its result."""
    from specwire.batch import BatchRunner, Settings

    with executing(settings["executor"], settings["workers"]) as where:
        client = Settings(base_urls={"anthropic": settings["base_url"]}, timeout=30.0)
        where["journal"] = settings["journal"]
        if settings["executor"] == "tasks":
            from specwire.aio import AsyncBatchRunner

            runs = AsyncBatchRunner(client, **where)
            asyncio.run(runs.execute(requests(settings["items"])))
        else:
            BatchRunner(client, **where).execute(requests(settings["items"]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
