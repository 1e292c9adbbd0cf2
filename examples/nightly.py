"""A workflow every night from cron: never two at once, never one night's run twice.

    15 2 * * *  cd /srv/nightly && .venv/bin/python nightly.py WORKFLOW 2>>nightly.log

Without SIM_API_KEY, and with `--sandbox`, a sandbox is asked and no state is kept.
The output goes to standard output, one line of JSON about the start to standard error.
Exit 0 done (or done before, or still being done by an earlier start), 1 failed, 5 the
service is at its limit or the budget is used up, 6 time ran out, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

from specwire import Client, errors
from specwire.ledger import LedgerBusyError, RunLedger
from specwire.sandbox import Sandbox, fallback

DONE, FAILED, AT_LIMIT, OUT_OF_TIME, INTERRUPTED = 0, 1, 5, 6, 130


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    line: dict[str, Any] = {"job": "nightly", "workflow": args.workflow}
    begun = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            code = start(args, line, stack)
    except KeyboardInterrupt:
        code = INTERRUPTED
        line["outcome"] = "interrupted"
    except Exception as error:
        code = exit_code(error)
        line["outcome"] = {AT_LIMIT: "at limit", OUT_OF_TIME: "out of time"}.get(
            code, "failed"
        )
        line["error"] = f"{type(error).__name__}: {error}"
        for fact in ("retry_after_s", "request_id", "run_id"):
            if getattr(error, fact, None) is not None:
                line[fact] = getattr(error, fact)
    line["exit"] = code
    line["seconds"] = round(time.monotonic() - begun, 3)
    line["time"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    print(json.dumps(line), file=sys.stderr)
    return code


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("workflow", nargs="?", default="workflow-id")
    parser.add_argument("--key", help="what this run is for; today's date by default")
    parser.add_argument("--limit", type=float, default=900, help="seconds for it all")
    parser.add_argument("--state", type=Path, default=Path("nightly-state"))
    parser.add_argument("--again", action="store_true", help="run again what failed")
    parser.add_argument("--sandbox", action="store_true", help="no server, no key")
    return parser.parse_args(argv)


def start(
    args: argparse.Namespace, line: dict[str, Any], stack: contextlib.ExitStack
) -> int:
    """Take the lock, run what was not run yet, and say how it went in ``line``."""
    line["key"] = key = args.key or f"nightly-{date.today()}"
    given: dict[str, Any] = {}
    if args.sandbox:
        box = stack.enter_context(Sandbox())
        given = {"api_keys": box.api_keys, "base_urls": box.base_urls}
    else:
        given = fallback("sim")
    if given:
        args.state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    args.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not stack.enter_context(lock(args.state / "lock")):
        line["outcome"] = "an earlier start is still at it"
        return DONE
    stack.enter_context(signals(args.limit))
    client = stack.enter_context(Client(**given))
    ledger = RunLedger(args.state / "runs.db")
    entry = ledger.run(
        key,
        client,
        args.workflow,
        {"job": "nightly", "for": key},
        timeout=args.limit,
        max_retries=5,
        retry_failed=args.again,
    )
    line["outcome"] = "done before" if entry.recorded else entry.status
    line["run_id"] = entry.run_id
    line["attempts"] = entry.attempts
    if not entry.success:
        line["outcome"], line["error"] = entry.status, entry.error
        return FAILED
    print(json.dumps(entry.output))
    return DONE


@contextlib.contextmanager
def lock(path: Path) -> Iterator[bool]:
    """Whether this start has the lock; the system gives it back at any death."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextlib.contextmanager
def signals(limit_s: float) -> Iterator[None]:
    """SIGTERM is an interruption. SIGALRM is for what no time limit of ours reaches,
    such as the system's look-up of a name."""

    def late(*_: object) -> NoReturn:
        raise errors.APITimeoutError(f"not done after {limit_s:g} s")

    def ended(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, late), signal.signal(signal.SIGTERM, ended)
    signal.setitimer(signal.ITIMER_REAL, limit_s + 5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])


def exit_code(error: Exception) -> int:
    """What cron's caller may tell apart: come back later, look at it, or neither."""
    if isinstance(error, (errors.APITimeoutError, LedgerBusyError)):
        return OUT_OF_TIME
    limits = (errors.RateLimitError, errors.OverloadedError, errors.BudgetExceededError)
    if isinstance(error, limits) or getattr(error, "status_code", 0) in (402, 503):
        return AT_LIMIT
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
