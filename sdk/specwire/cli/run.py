"""``specwire run``: many prompts from a file, a result each, resumed where it stopped.

Results go to the output, everything else to standard error. The journal lies beside the
output (``out.jsonl.journal``) unless it is named.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from . import inputs
from .exits import FAILED, INTERRUPTED, SOME_FAILED, TOLD, USAGE, told
from .interrupts import say_inside
from .output import counted, document, item, json_file, talk, terminal
from .parsing import Parser, add_call, count
from .settings import DEFAULT, Settings

_EXAMPLES: Final = (
    ("specwire run prompts.jsonl -o out.jsonl", "a result a line"),
    ("specwire run prompts.jsonl -o out.jsonl --resume", "go on where it stopped"),
    ("specwire run in.jsonl -o out.jsonl --model openai/gpt-4o", "any provider"),
    ("specwire run in.jsonl -o out.jsonl --workflow ID", "a workflow, by its inputs"),
    ("specwire run in.jsonl -o out.jsonl --via batches", "at half the price"),
)


def main(argv: Sequence[str]) -> int:
    """Run them. 0 done, 1 failed, 2 wrong usage or input, 3 some items failed, 4 no
    valid key, 5 rate limit or budget, 6 time-out, 130 interrupted."""
    asked = parser()
    options = asked.parse_args(argv)
    journal = _journal_of(options, asked)
    from ..batch import InputChangedError, ItemError, JournalError

    try:
        if _begun(journal) and not options.resume:
            asked.error(
                f"{journal} is the journal of an earlier run: --resume goes on with "
                "it; or remove it, or name another with --journal"
            )
        return _run(options, journal, asked)
    except (InputChangedError, ItemError) as error:
        _talk(told(error))
        return USAGE
    except JournalError as error:
        _talk(told(error))
        return FAILED


def _begun(journal: str) -> bool:
    """Whether a run has sent anything: one whose first line was none has not."""
    from ..batch.stored import Stored

    stored = Stored(journal)
    return stored.mark() is not None and stored.status().total > 0


def _run(
    options: argparse.Namespace, journal: str, parser: argparse.ArgumentParser
) -> int:
    from ..batch import BatchRunner

    settings = Settings.of(options)
    defaults = _defaults(settings, batches=options.via == "batches")
    services = dict.fromkeys(("anthropic", "sim", *_provider(defaults)))
    with settings.client(*services) as client:
        try:
            runner = BatchRunner(
                client,
                journal=journal,
                kind=options.kind,
                defaults=defaults,
                max_in_flight=options.workers,
                rate_limit=options.rate,
                budget=options.budget,
                via=options.via,
                progress=not options.quiet,
                on_batch=_named,
            )
        except ValueError as error:
            parser.error(str(error))
        return _results(runner, options, journal)


def _provider(defaults: dict[str, Any]) -> tuple[str, ...]:
    provider, slash, _ = str(defaults.get("model", "")).partition("/")
    return (provider,) if slash else ()


def _results(runner: Any, options: argparse.Namespace, journal: str) -> int:
    failed = 0
    requests = _requests(options.input, options.workflow)
    with _Output(options.output) as output, _asked_to_stop(runner, options) as asked:
        for result in runner.run(requests, retry_failed=options.retry_failed):
            failed += not result.success
            output.write(result.to_dict())
    status = runner.status()
    if options.json:
        facts: dict[str, Any] = {"succeeded": status.succeeded, "open": status.open}
        facts |= {"failed": status.failed, "journal": journal}
        document(facts, sys.stderr if options.output == "-" else None)
    elif not options.quiet and terminal(sys.stderr):
        _talk(f"{status.succeeded:,} done, {status.failed:,} failed")
    if asked:
        _talk(f"stopped; {journal} has what is done, --resume goes on")
        return INTERRUPTED
    return SOME_FAILED if failed else 0


@contextlib.contextmanager
def _asked_to_stop(runner: Any, options: argparse.Namespace) -> Iterator[list[int]]:
    """Ctrl-C lets the calls under way end; a second one gives them up."""
    asked: list[int] = []

    def stop(number: int, _: Any) -> None:
        if options.via == "batches":
            raise KeyboardInterrupt  # the batches go on at the server
        again = bool(asked)
        asked.append(number)  # the next may come while this one is told
        if not again:
            say_inside(
                "specwire run: stopping when the calls under way have ended; again to "
                "give them up"
            )
        runner.stop(now=again)

    numbers = (signal.SIGINT, signal.SIGTERM)
    try:
        before = [signal.signal(number, stop) for number in numbers]
    except ValueError:  # not the main thread: nothing to listen to
        yield asked
        return
    try:
        yield asked
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


# -- what goes in and out --------------------------------------------------------------


def _requests(path: str, workflow: str | None) -> Iterator[Any]:
    """A request a line: an object, or text as JSON; with ``workflow``, its input."""
    for line in inputs.lines(path):
        found = inputs.parsed(line.text, line.place)
        if workflow is not None:
            named = isinstance(found, dict) and "custom_id" in found
            custom_id = {"custom_id": found.pop("custom_id")} if named else {}
            found = {**custom_id, "workflow_id": workflow, "input": found}
        yield found


class _Output:
    """Written anew each time, as the journal gives results of earlier runs as well; but
    not before there is one: until then another run may be at work on it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stream: Any = sys.stdout if name == "-" else None

    def write(self, row: dict[str, Any]) -> None:
        if self._stream is None:
            self._stream = json_file(self._name)
        item(row, self._stream)

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.flush()
            if self._name != "-":
                self._stream.close()


def _defaults(settings: Settings, *, batches: bool) -> dict[str, Any]:
    """What counts for requests that do not say it themselves."""
    model = settings.get("model")
    found = {name: settings.get(name).value for name in ("max_tokens", "system")}
    found["model"] = model.value
    if model.source == DEFAULT or batches:  # messages, which both ways can send
        found["model"] = str(model.value).removeprefix("anthropic/")
    return {"max_tokens": 1024, **{k: v for k, v in found.items() if v}}


def _journal_of(options: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    if options.journal:
        return str(options.journal)
    if options.output == "-":
        parser.error("-o is standard output: name a journal with --journal FILE")
    return f"{options.output}.journal"


# -- words -----------------------------------------------------------------------------


def parser() -> Parser:
    parser = Parser(
        prog="specwire run",
        description="Send the requests of a JSON Lines file and write a result each. "
        'A line is {"prompt": "…"}, or a whole request with "messages", or '
        '{"workflow_id": "…", "input": {…}}; "custom_id" names it.',
        epilog=TOLD,
        examples=_EXAMPLES,
    )
    add = parser.add_argument
    add("input", metavar="FILE", help="the requests; - is standard input")
    add("-o", "--output", default="-", metavar="FILE", help="results; else printed")
    told = "for requests without one (claude-sonnet-4-5); provider/model asks by chat"
    add("-m", "--model", help=told)
    add("--max-tokens", type=count, metavar="N", help="for requests without it (1024)")
    add("--system", metavar="TEXT", help="for requests without it")
    add("--workflow", metavar="ID", help="run this workflow; a line is its input")
    add("--kind", choices=("messages", "chat", "workflow"), help=argparse.SUPPRESS)
    add("--workers", type=count, default=16, metavar="N", help="calls at once (16)")
    add("--rate", help="at most, such as 50/s or 3000/min")
    add("--budget", help="at most, such as 5usd")
    add("--journal", metavar="FILE", help="where is kept what is done")
    add("--resume", action="store_true", help="go on with the journal")
    add("--retry-failed", action="store_true", help="and do again what failed")
    told = "calls, or batches, which are cheaper"
    add("--via", choices=("calls", "batches"), default="calls", help=told)
    add("--json", action="store_true", help="say how it ended as JSON")
    add("-q", "--quiet", action="store_true", help="no progress")
    add_call(parser)
    return parser


def _named(batch_id: str, items: int) -> None:
    """Before anything is waited for: whatever happens, the batch can be found."""
    _talk(f"batch {batch_id}, {counted(items, 'request')}")


def _talk(line: str) -> None:
    talk(f"specwire run: {line}")
