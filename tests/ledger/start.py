"""A start of a job as cron makes it, which may kill itself on the way.

``python -m tests.ledger.start FILE URL POINT [VERSION]``: POINT is ``sending`` (the
entry is written, nothing is sent), ``answered`` (the answer is here, not written) or
``-``.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from specwire import Client, Hook
from specwire.ledger import RunLedger, RunUnknownError


class Killer(Hook):
    """Dies at its point of the call that starts a run."""

    def __init__(self, point: str) -> None:
        self.point = point

    def before_attempt(self, call: Any) -> None:
        self._die_at("sending", call)

    def after_attempt(self, call: Any, outcome: Any) -> None:
        self._die_at("answered", call)

    def _die_at(self, point: str, call: Any) -> None:
        if self.point == point and call.request.method == "POST":
            os.kill(os.getpid(), signal.SIGKILL)


def main(path: str, url: str, point: str, version: Any = "auto") -> None:
    print("started", flush=True)
    client = Client(
        api_keys={"sim": "sk-1"},
        base_urls={"sim": url},
        hooks=[Killer(point)],
        api_version=version,
    )
    try:
        entry = RunLedger(path).run("k", client, "wf_1", {"a": 1}, timeout=20)
    except RunUnknownError:
        print("unknown")
    else:
        print(entry.status, entry.run_id, "recorded" if entry.recorded else "sent")


if __name__ == "__main__":
    main(*sys.argv[1:])
