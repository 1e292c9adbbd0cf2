"""What the command says: data on standard output, everything else on standard error.

A reader that leaves early (``| head``) is no error, and neither is a stream that was
closed before the program began. Text of documents is shown as ASCII.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable
from typing import Any


def data(lines: Iterable[str]) -> None:
    """Lines of the answer; raises ``OSError`` where they cannot be written."""
    try:
        for line in lines:
            print(ascii_of(line))
        flush()
    except BrokenPipeError:
        _leave()


def as_json(value: Any) -> None:
    """The answer as JSON, sorted as that of every command is."""
    data([json.dumps(value, indent=2, sort_keys=True)])


def counted(number: int, thing: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {thing}{'s' * (number != 1)}"


def say(line: str) -> None:
    """A line about the work."""
    if sys.stderr is None:  # print() would take standard output instead
        return
    with contextlib.suppress(OSError):  # there is nowhere left to say so
        print(line, file=sys.stderr, flush=True)


def flush() -> None:
    """Write what is left while somebody can still answer for it."""
    if sys.stdout is not None and not sys.stdout.closed:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _leave()


def _leave() -> None:
    # The interpreter flushes once more at its end and would complain of the same.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ascii_of(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")
