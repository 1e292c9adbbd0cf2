"""A run of many items on a Dask cluster, with a journal here.

    python dask_run.py 200                           # a small cluster in this process
    python dask_run.py 10000 tcp://scheduler:8786    # yours

Needs the extra `dask`, and says so without it. Exit 0 all done, 3 some failed. Asks a
sandbox where there is no ANTHROPIC_API_KEY: workers look for keys and addresses in
their environment.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from specwire.batch import BatchRunner, Settings
from specwire.sandbox import fallback

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SCHEDULER = sys.argv[2] if len(sys.argv) > 2 else None


def prompts() -> Iterator[dict[str, str]]:
    for number in range(COUNT):
        yield {"custom_id": f"story-{number}", "prompt": f"A story of {number} words"}


def main() -> int:
    try:
        from distributed import Client as Cluster
    except ImportError:
        print("skipped: this needs pip install 'specwire[dask]'")
        return 0
    for name, values in fallback().items():
        variable = {"api_keys": "API_KEY", "base_urls": "BASE_URL"}[name]
        os.environ[f"ANTHROPIC_{variable}"] = values["anthropic"]
    where = {} if SCHEDULER else {"processes": False, "dashboard_address": None}
    with (
        Cluster(SCHEDULER, **where) as cluster,
        tempfile.TemporaryDirectory() as folder,
    ):
        runner = BatchRunner(
            Settings(max_retries=5),
            journal=Path(folder, "stories.db"),
            defaults={"model": "claude-haiku-4-5", "max_tokens": 200},
            executor=cluster.get_executor(),
            max_in_flight=50,
        )
        done = sum(result.success for result in runner.run(prompts()))
        print(f"{done} of {COUNT} done")
        return 0 if done == COUNT else 3


if __name__ == "__main__":
    sys.exit(main())
