"""Many prompts, a result each, in a run that survives.

    python run_items.py 10000 stories

Asks a sandbox where there is no ANTHROPIC_API_KEY. Kill it at any moment and start it
again with the same folder: it goes on.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from specwire import Client
from specwire.batch import BatchRunner
from specwire.sandbox import fallback

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20
FOLDER = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
FOLDER.mkdir(parents=True, exist_ok=True)


def prompts() -> Iterator[dict[str, str]]:
    for number in range(COUNT):
        yield {"custom_id": f"story-{number}", "prompt": f"A story of {number} words"}


settings = fallback()
# Limits that a service tells of are kept; a sandbox only repeats what the service says.
RATE = None if settings else "50/s"

with Client(**settings) as client:
    runner = BatchRunner(
        client,
        journal=FOLDER / "stories.db",
        defaults={"model": "claude-sonnet-4-5", "max_tokens": 200},
        max_in_flight=8,
        rate_limit=RATE,
        progress=True,
    )
    for result in runner.run(prompts()):
        print(result.custom_id, result.text if result.success else result.error)
    runner.export_jsonl(FOLDER / "stories.jsonl")
    print(f"{runner.status().succeeded} of {COUNT} done")
