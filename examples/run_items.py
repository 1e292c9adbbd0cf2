"""Many prompts, a result each, in a run that survives.

    python run_items.py 10000 stories

Kill it at any moment and start it again with the same folder: it goes on. Ctrl-C waits
for the answers that are on their way, which are paid for. Exit 0 all done, 3 some
failed, 130 interrupted. Asks a sandbox where there is no ANTHROPIC_API_KEY.
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
    try:
        for result in runner.run(prompts()):
            error = result.error or {}
            print(result.custom_id, result.text or error.get("message"))
    except KeyboardInterrupt:
        done = runner.status().succeeded
        print(f"{done} of {COUNT} done; go on with {FOLDER}", file=sys.stderr)
        sys.exit(130)
    runner.export_jsonl(FOLDER / "stories.jsonl")
    done = runner.status().succeeded
    print(f"{done} of {COUNT} done, in {FOLDER / 'stories.jsonl'}")
    sys.exit(0 if done == COUNT else 3)
