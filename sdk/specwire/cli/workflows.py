"""``specwire workflows``: run a deployed workflow, at once or in the background."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Final

from . import inputs
from .exits import FAILED, INTERRUPTED, TOLD
from .interrupts import held, named
from .jobs import ended, shown, waited
from .output import Flow, document, item, say, talk
from .parsing import Parser, add, add_call, add_wait
from .settings import Settings

_EXAMPLES: Final = (
    ('specwire workflows run ID --input \'{"message": "Hi"}\'', "its output"),
    ("specwire workflows run ID --input @input.json --stream", "as it arrives"),
    ("specwire workflows run ID --watch", "in the background, and wait for it"),
    ("specwire workflows run ID --background", "only the job's ID"),
    ("specwire workflows status ID", "whether it is deployed"),
)


def parser() -> Parser:
    whole = Parser(prog="specwire workflows", examples=_EXAMPLES, epilog=TOLD)
    commands = whole.commands()
    run = add(commands, "run", _run, "run a deployed workflow", _EXAMPLES[:4])
    more = run.add_argument
    more("id", metavar="ID", help="of the workflow")
    more("-i", "--input", metavar="JSON", help="its input; @FILE, or - to read it")
    how = run.add_mutually_exclusive_group()
    told = "start it in the background, tell the job's ID, wait for its end"
    how.add_argument("--watch", action="store_true", help=told)
    told = "start it and print the job's ID"
    how.add_argument("--background", action="store_true", help=told)
    how.add_argument("--stream", action="store_true", help="print text as it arrives")
    more("--json", action="store_true", help="print JSON; of --stream an event a line")
    more("-q", "--quiet", action="store_true", help="no progress")
    add_wait(run)
    add_call(run)
    told = "say whether a workflow is deployed"
    status = add(commands, "status", _status, told, _EXAMPLES[4:])
    status.add_argument("id", metavar="ID", help="of the workflow")
    status.add_argument("--json", action="store_true", help="print JSON")
    add_call(status)
    return whole


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    return parser().run(argv)


def _status(options: argparse.Namespace) -> int:
    with Settings.of(options).client("sim") as client:
        status = client.get_workflow_status(options.id)
    if options.json:
        document(status)
    else:
        say("deployed" if status.is_deployed else "not deployed")
    return 0 if status.is_deployed else FAILED


def _run(options: argparse.Namespace) -> int:
    given: Any = {}
    if options.input is not None:
        given = inputs.json_of(options.input, "--input")
    with Settings.of(options).client("sim") as client:
        if options.watch or options.background:
            return _started(client, options, given)
        if options.stream:
            return _streamed(client, options, given)
        result = client.execute_workflow(options.id, given)
    return _ended(result, as_json=options.json)


def _ended(result: Any, *, as_json: bool) -> int:
    if as_json:
        document(result)
    elif result.success:
        shown(result.output)
    if result.success and result.status in (None, "completed"):
        return 0
    why = f": {result.error}" if result.error else ""
    talk(f"the run is {result.status or 'failed'}{why}")
    return FAILED


def _started(client: Any, options: argparse.Namespace, given: Any) -> int:
    with held():  # once it is started, its name must be told
        receipt = client.execute_workflow(options.id, given, async_execution=True)
        id = receipt.task_id or receipt.job_id
        if options.background:
            named(receipt, id, "job", as_json=options.json)
        else:
            talk(f"job {id}")
    if options.background:
        return 0
    job = waited(client, id, options.id, options)
    return INTERRUPTED if job is None else ended(job, as_json=options.json)


def _streamed(client: Any, options: argparse.Namespace, given: Any) -> int:
    with client.execute_workflow(options.id, given, stream=True) as stream:
        try:
            if options.json:
                for event in stream:
                    item(event)
            else:
                with Flow() as flow:
                    for text in stream.text_stream:
                        flow.say(text)
        except KeyboardInterrupt:
            talk("interrupted")
            return INTERRUPTED
        if stream.success:
            return 0
        talk(f"the run failed: {stream.error}")
        return FAILED
