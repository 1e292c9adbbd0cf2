"""``specwire jobs``: look at a run in the background, and wait for its end."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Final

from .exits import FAILED, INTERRUPTED, TOLD
from .output import document, say, talk
from .parsing import Parser, add, add_call, add_wait
from .progress import Progress
from .settings import Settings

_EXAMPLES: Final = (
    ("specwire jobs wait ID", "its output, once it has ended"),
    ("specwire jobs wait ID --timeout 60", "exit code 6 where that is not enough"),
    ("specwire jobs get ID --json", "how far it is"),
)


def parser() -> Parser:
    whole = Parser(prog="specwire jobs", examples=_EXAMPLES, epilog=TOLD)
    commands = whole.commands()
    told = "wait for a run in the background, and print its output"
    wait = add(commands, "wait", _wait, told, _EXAMPLES[:2])
    wait.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_wait(wait)
    get = add(commands, "get", _get, "say how far a run is", _EXAMPLES[2:])
    for each in (wait, get):
        each.add_argument("id", metavar="ID", help="of the job")
        each.add_argument(
            "--workflow", metavar="ID", help="whose run it is; newer servers want it"
        )
        each.add_argument("--json", action="store_true", help="print JSON")
        add_call(each)
    return whole


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    return parser().run(argv)


def _client(options: argparse.Namespace) -> Any:
    client = Settings.of(options).client("sim")
    if options.workflow:
        client._contracts.started(options.id, options.workflow)
    return client


def _get(options: argparse.Namespace) -> int:
    with _client(options) as client:
        job = client.get_job_status(options.id)
    if options.json:
        document(dict(job))
    else:
        say(str(job["status"]))
    return 0


def _wait(options: argparse.Namespace) -> int:
    with _client(options) as client:
        job = waited(client, options.id, options.workflow, options)
    return INTERRUPTED if job is None else ended(job, as_json=options.json)


def waited(
    client: Any, id: str, workflow: str | None, options: argparse.Namespace
) -> Any:
    """The job at its end; ``None`` where Ctrl-C came first."""
    looks = 0

    def look(job: Any) -> None:
        nonlocal looks
        looks += 1
        progress.to(looks, None, str(job.status))

    with Progress(f"job {id}", unit="looks", quiet=options.quiet) as progress:
        try:
            return client.jobs.wait(
                id,
                timeout=options.timeout,
                on_progress=look,
                first_delay=options.poll,
            )
        except KeyboardInterrupt:
            pass
    more = f" --workflow {workflow}" if workflow else ""
    talk(f"interrupted; it goes on: specwire jobs wait {id}{more}")
    return None


def ended(job: Any, *, as_json: bool) -> int:
    """Print what became of it; 0 where it was completed."""
    if as_json:
        document(job)
    elif job.status == "completed":
        shown(job.output)
    if job.status == "completed":
        return 0
    why = getattr(job.error, "message", None) or job.error
    talk(f"the run is {job.status}" + (f": {why}" if why else ""))
    return FAILED


def shown(output: Any) -> None:
    """The output of a run: its text where it is one, else JSON."""
    content = output.get("content") if isinstance(output, dict) else output
    if isinstance(content, str):
        say(content)
    else:
        document(output)
