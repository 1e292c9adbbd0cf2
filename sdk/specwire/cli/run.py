"""``specwire run``: many prompts from a file, a result each, resumed where it stopped.

Results go to the output, everything else to standard error. The journal lies beside the
output (``out.jsonl.journal``) unless it is named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..core.errors import (
    APITimeoutError,
    AuthenticationError,
    BudgetExceededError,
    MissingCredentialError,
    RateLimitError,
    SpecwireError,
)

_CODES: Final = (
    ((AuthenticationError, MissingCredentialError), 4),
    ((RateLimitError, BudgetExceededError), 5),
    ((APITimeoutError,), 6),
)
SOME_FAILED: Final = 3
INTERRUPTED: Final = 130


def main(argv: Sequence[str]) -> int:
    """Run them. 0 done, 1 failed, 2 wrong usage or input, 3 some items failed, 4 no
    valid key, 5 rate limit or budget, 6 time-out, 130 interrupted."""
    parser = _parser()
    options = parser.parse_args(argv)
    journal = _journal_of(options, parser)
    if os.path.exists(journal) and not options.resume:
        parser.error(
            f"{journal} is the journal of an earlier run: --resume goes on with it; or "
            "remove it, or name another with --journal"
        )
    from ..batch import InputChangedError, ItemError, JournalError

    try:
        return _run(options, journal, parser)
    except (InputChangedError, ItemError, _LineError) as error:
        return _say(error, 2)
    except JournalError as error:
        return _say(error, 1)
    except SpecwireError as error:
        codes = [code for kinds, code in _CODES if isinstance(error, kinds)]
        return _say(error, codes[0] if codes else 1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _say(error, 1)


def _run(
    options: argparse.Namespace, journal: str, parser: argparse.ArgumentParser
) -> int:
    from ..batch import BatchRunner, Settings
    from .plugged import registry

    hooks: Any = registry().hooks()
    try:
        runner = BatchRunner(
            Settings(
                timeout=options.timeout,
                max_retries=options.max_retries,
                hooks=hooks,
            ),
            journal=journal,
            kind=options.kind,
            defaults=_defaults(options),
            max_in_flight=options.workers,
            rate_limit=options.rate,
            budget=options.budget,
            via=options.via,
            progress=not options.quiet,
            on_batch=_named,
        )
    except ValueError as error:
        parser.error(str(error))
    failed = 0
    with (
        _input(options) as requests,
        _Output(options.output) as output,
        _asked_to_stop(runner, options) as asked,
    ):
        for result in runner.run(requests, retry_failed=options.retry_failed):
            failed += not result.success
            output.write(result.to_dict())
    status = runner.status()
    if options.json:
        facts: dict[str, Any] = {"succeeded": status.succeeded, "open": status.open}
        facts |= {"failed": status.failed, "journal": journal}
        print(json.dumps(facts), file=sys.stderr)
    elif not options.quiet and sys.stderr.isatty():
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
        if not asked:
            _talk("stopping when the calls under way have ended; again to give them up")
        runner.stop(now=bool(asked))
        asked.append(number)

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


class _LineError(ValueError):
    """A line of the input that is no request."""


@contextlib.contextmanager
def _input(options: argparse.Namespace) -> Iterator[Iterator[Any]]:
    if options.input == "-":
        yield _requests(sys.stdin, "standard input", options.workflow)
        return
    with open(options.input, encoding="utf-8-sig") as stream:
        yield _requests(stream, options.input, options.workflow)


def _requests(stream: Any, name: str, workflow: str | None) -> Iterator[Any]:
    """A request a line: an object, or text as JSON; with ``workflow``, its input."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise _LineError(
                f"{name}, line {number}: expected JSON, such as "
                f'{{"prompt": "…"}}: {error}'
            ) from None
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
            self._stream = open(self._name, "w", encoding="utf-8")  # noqa: SIM115
        self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.flush()
            if self._name != "-":
                self._stream.close()


def _defaults(options: argparse.Namespace) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    if options.model:
        defaults["model"] = options.model
    if options.max_tokens:
        defaults["max_tokens"] = options.max_tokens
    if options.system:
        defaults["system"] = options.system
    return defaults


def _journal_of(options: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    if options.journal:
        return str(options.journal)
    if options.output == "-":
        parser.error("-o is standard output: name a journal with --journal FILE")
    return f"{options.output}.journal"


# -- words -----------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="specwire run",
        description="Send the requests of a JSON Lines file and write a result each. "
        'A line is {"prompt": "…"}, or a whole request with "messages", or '
        '{"workflow_id": "…", "input": {…}}; "custom_id" names it.',
        epilog="Keys are those of the environment. Exit codes: 0 done, 1 failed, 2 "
        "usage or input, 3 some items failed, 4 key, 5 rate limit or budget, 6 "
        "time-out, 130 interrupted.",
    )
    add = parser.add_argument
    add("input", help="the file; - is standard input")
    add("-o", "--output", default="-", help="results; - is standard output")
    add("--model", help="for requests without one; provider/model asks by chat")
    add("--max-tokens", type=_count, default=1024, help="for requests without it")
    add("--system", help="for requests without it")
    add("--workflow", metavar="ID", help="run this workflow; a line is its input")
    add("--kind", choices=("messages", "chat", "workflow"), help=argparse.SUPPRESS)
    add("--workers", type=_count, default=16, help="calls at once")
    add("--rate", help="at most, such as 50/s or 3000/min")
    add("--budget", help="at most, such as 5usd")
    add("--journal", metavar="FILE", help="where is kept what is done")
    add("--resume", action="store_true", help="go on with the journal")
    add("--retry-failed", action="store_true", help="and do again what failed")
    add("--via", choices=("calls", "batches"), default="calls", help="batches: cheaper")
    add("--timeout", type=float, default=600.0, help="seconds of each call")
    add("--max-retries", type=int, default=2, help="of each call")
    add("--json", action="store_true", help="say how it ended as JSON")
    add("-q", "--quiet", action="store_true", help="no progress")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def _named(batch_id: str, items: int) -> None:
    """Before anything is waited for: whatever happens, the batch can be found."""
    _talk(f"batch {batch_id}, {items:,} requests")


def _say(error: BaseException, code: int) -> int:
    _talk(str(error))
    return code


def _talk(line: str) -> None:
    print(f"specwire run: {line}", file=sys.stderr, flush=True)
