"""``specwire batches``: submit many messages, watch them, read results, repeat failed.

The identifier is the first thing on standard output, before anything else can fail, and
Ctrl-C waits for it: whatever happens then, the batch can be found.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from .exits import INTERRUPTED, SOME_FAILED, TOLD, told
from .output import counted, document, item, json_file, say, table, talk
from .parsing import Parser, add, add_call, add_wait, count
from .settings import Settings

_EXAMPLES: Final = (
    ("specwire batch submit prompts.jsonl", "its ID"),
    ("specwire batch watch ID", "until it has ended"),
    ("specwire batch results ID > results.jsonl", "a line a result"),
    ("specwire batch retry-failed ID", "a new batch of what failed"),
)


def parser() -> Parser:
    whole = Parser(prog="specwire batches", examples=_EXAMPLES, epilog=TOLD)
    commands = whole.commands()
    told = "start a batch of the requests in a file of JSON Lines, and print its ID"
    submit = add(commands, "submit", _submit, told, _EXAMPLES[:1])
    submit.add_argument("file", metavar="FILE", help="the requests; - reads them")
    told = "wait until a batch has ended"
    watch = add(commands, "watch", _watch, told, _EXAMPLES[1:2])
    watch.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_wait(watch)
    told = "print the results of a batch, a line of JSON each"
    results = add(commands, "results", _results, told, _EXAMPLES[2:3])
    results.add_argument("-o", "--output", metavar="FILE", help="write them there")
    told = "start a new batch of the requests that failed, and print its ID"
    again = add(commands, "retry-failed", _retry_failed, told, _EXAMPLES[3:])
    told = "where the requests are, for a batch that was not submitted from here"
    again.add_argument("--input", metavar="FILE", help=told)
    example = ("specwire batch list --limit 5", "")
    shown = add(commands, "list", _list, "list batches, newest first", [example])
    shown.add_argument("--limit", type=count, default=20, metavar="N", help="(20)")
    example = ("specwire batch cancel ID", "what is done is kept")
    cancel = add(commands, "cancel", _cancel, "ask a batch to stop", [example])
    for each in (watch, results, again, cancel):
        each.add_argument("id", metavar="ID", help="of the batch")
    for each in (submit, again):
        each.add_argument("-m", "--model", help="for requests without one")
        each.add_argument("--max-tokens", type=count, metavar="N", help="the same")
        told = "keep no copy of the requests for retry-failed"
        each.add_argument("--no-keep", action="store_true", help=told)
    for each in (submit, watch, results, again, shown, cancel):
        each.add_argument("--json", action="store_true", help="print JSON")
        add_call(each)
    return whole


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    return parser().run(argv)


def _defaults(settings: Settings) -> dict[str, Any]:
    model = str(settings.get("model").value).removeprefix("anthropic/")
    max_tokens = settings.get("max_tokens").value
    return {"model": model} | ({"max_tokens": max_tokens} if max_tokens else {})


# -- starting --------------------------------------------------------------------------


def _submit(options: argparse.Namespace) -> int:
    from .batch_rows import rows_of

    settings = Settings.of(options)
    rows = rows_of(options.file, _defaults(settings))
    with settings.client("anthropic") as client:
        return _started(client, rows, options)


def _started(client: Any, rows: list[Any], options: argparse.Namespace) -> int:
    from .interrupts import held, named

    with held(), _kept(rows, wanted=not options.no_keep) as kept:
        batch = client.batches.create(requests=rows)
        named(batch, batch.id, "batch", as_json=options.json)
        kept(batch.id)
    talk(f"{counted(len(rows), 'request')}; specwire batch watch {batch.id}")
    return 0


@contextmanager
def _kept(rows: list[Any], *, wanted: bool) -> Iterator[Any]:
    """Gives what is to be told the name; a full disk keeps nothing from being sent."""
    from .kept_batches import Kept, tidy

    kept = None
    if wanted:
        tidy()
        try:
            kept = Kept(rows)
        except OSError as error:
            talk(f"the requests are not kept for retry-failed: {told(error)}")
    try:
        yield kept.named if kept else lambda _: None
    except BaseException:
        if kept:
            kept.forget()
        raise


def _retry_failed(options: argparse.Namespace) -> int:
    from .batch_rows import rows_of
    from .kept_batches import requests_of

    settings = Settings.of(options)
    if options.input:
        rows = rows_of(options.input, _defaults(settings))
    else:
        rows = list(requests_of(options.id))
    with settings.client("anthropic") as client:
        good = {
            row.custom_id
            for row in client.batches.results(options.id).readable([])
            if row.result.type == "succeeded"
        }
        failed = [row for row in rows if row["custom_id"] not in good]
        if not failed:
            talk(f"nothing failed of {options.id}")
            return 0
        return _started(client, failed, options)


# -- looking ---------------------------------------------------------------------------


def _watch(options: argparse.Namespace) -> int:
    from .progress import Progress

    with (
        Settings.of(options).client("anthropic") as client,
        Progress("batch", unit="done", quiet=options.quiet) as progress,
    ):

        def look(batch: Any) -> None:
            counts = batch.request_counts
            ended = _ended(counts)
            progress.to(ended, ended + counts.processing, batch.processing_status)

        try:
            batch = client.batches.wait(
                options.id,
                timeout=options.timeout,
                on_progress=look,
                first_delay=options.poll,
            )
        except KeyboardInterrupt:
            batch = None
    if batch is None:
        talk(f"interrupted; it goes on: specwire batch watch {options.id}")
        return INTERRUPTED
    failed = _ended(batch.request_counts) - batch.request_counts.succeeded
    if options.json:
        document(batch)
    else:
        say(f"{batch.id}: {batch.request_counts.succeeded:,} done, {failed:,} failed")
    return SOME_FAILED if failed else 0


def _ended(counts: Any) -> int:
    done: int = counts.succeeded + counts.errored + counts.canceled + counts.expired
    return done


def _results(options: argparse.Namespace) -> int:
    problems: list[Any] = []
    failed = 0
    with (
        Settings.of(options).client("anthropic") as client,
        _lines(options.output) as write,
    ):
        for row in client.batches.results(options.id).readable(problems):
            failed += row.result.type != "succeeded"
            write(row)
    for problem in problems:
        talk(f"specwire batches: {problem}")
    return SOME_FAILED if failed or problems else 0


@contextmanager
def _lines(path: str | None) -> Iterator[Any]:
    """Gives what writes a row: to standard output, or to a file that is whole or not
    there at all."""
    if path is None or path == "-":
        yield item
        sys.stdout.flush()
        return
    part = f"{path}.part"
    try:
        with json_file(part) as file:
            yield lambda row: item(row, file)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


def _list(options: argparse.Namespace) -> int:
    rows = []
    with Settings.of(options).client("anthropic") as client:
        for batch in client.batches.list(limit=min(options.limit, 1000)):
            if options.json:
                item(batch)
            rows.append(batch)
            if len(rows) == options.limit:
                break
    if options.json:
        return 0
    head = ("ID", "STATUS", "DONE", "FAILED", "CREATED")
    for line in table(head, map(_cells, rows)):
        say(line)
    return 0


def _cells(batch: Any) -> tuple[str, ...]:
    counts = batch.request_counts
    failed = _ended(counts) - counts.succeeded
    created = f"{batch.created_at:%Y-%m-%d %H:%M}"
    numbers = (f"{counts.succeeded:,}", f"{failed:,}")
    return (batch.id, batch.processing_status, *numbers, created)


def _cancel(options: argparse.Namespace) -> int:
    with Settings.of(options).client("anthropic") as client:
        batch = client.batches.cancel(options.id)
    document(batch) if options.json else say(batch.processing_status)
    return 0
