"""The requests of submitted batches, kept so that failed ones can be sent again.

The service tells results only. What was submitted from here lies for 29 days, as long
as results do, in a folder that only its owner can read; ``--no-keep`` leaves it out.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from ..budgets.ledger import default_path
from .exits import UsageError

_LASTS_S: Final = 29 * 86_400.0
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


def folder() -> str:
    """Where they lie: beside the ledger of usage."""
    return os.path.join(os.path.dirname(os.path.abspath(default_path())), "batches")


class Kept:
    """Requests that are written down before they are sent, and named afterwards."""

    def __init__(self, rows: Sequence[Any]) -> None:
        os.makedirs(folder(), mode=0o700, exist_ok=True)
        self._path = os.path.join(folder(), f".{os.getpid()}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with open(os.open(self._path, flags, 0o600), "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=True) + "\n")

    def named(self, batch_id: str) -> None:
        """They are those of this batch."""
        if _NAME.match(batch_id):
            os.replace(self._path, os.path.join(folder(), f"{batch_id}.jsonl"))
        else:
            self.forget()

    def forget(self) -> None:
        """They were not taken."""
        with suppress(OSError):
            os.unlink(self._path)


def requests_of(batch_id: str) -> Iterator[Any]:
    """The requests of a batch that was submitted from here.

    :raises UsageError: where they are not known.
    """
    path = os.path.join(folder(), f"{batch_id}.jsonl")
    if not _NAME.match(batch_id) or not os.path.isfile(path):
        raise UsageError(
            f"the requests of {batch_id} are not known here; name the file that they "
            "were in with --input FILE"
        )
    with open(path, encoding="utf-8") as file:
        yield from map(json.loads, file)


def tidy() -> None:
    """Forget those whose results are gone as well."""
    with suppress(OSError):
        for entry in os.scandir(folder()):
            if entry.stat().st_mtime < time.time() - _LASTS_S:
                os.unlink(entry.path)
