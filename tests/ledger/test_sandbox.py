"""The ledger against the sandbox: what it asks there is what today's servers have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire import Client, Hook
from specwire.ledger import RunLedger, RunUnknownError
from specwire.sandbox import Sandbox


class DiesWithTheAnswer(Hook):
    """The job ends when the run's answer is here, and not written down."""

    def after_attempt(self, call: Any, outcome: Any) -> None:
        if getattr(outcome, "status_code", 500) < 300 and call.request.method == "POST":
            raise KeyboardInterrupt


def started_twice(ledger: RunLedger, box: Sandbox, workflow_id: str) -> Any:
    options: Any = {"api_keys": box.api_keys, "base_urls": box.base_urls}
    with (
        pytest.raises(KeyboardInterrupt),
        Client(**options, hooks=[DiesWithTheAnswer()]) as first,
    ):
        ledger.run("k", first, workflow_id, {"a": 1})
    with Client(**options) as second:
        return ledger.run("k", second, workflow_id, {"a": 1})


@pytest.mark.parametrize("served", ["both", "v2"])
@pytest.mark.parametrize("workflow_id", ["wf_1", "wf_pause"])
def test_a_run_is_found_again(served: Any, workflow_id: str, tmp_path: Path) -> None:
    """By its identifier, on servers that have the newer contract, as it ended."""
    with Sandbox(sim=served) as box:
        entry = started_twice(RunLedger(tmp_path / "runs.db"), box, workflow_id)
        posts = [r for r in box.requests if r.method == "POST" and r.status == 200]
    assert entry.status == ("paused" if workflow_id == "wf_pause" else "completed")
    assert (entry.recorded, entry.given_id, len(posts)) == (True, entry.run_id, 1)


def test_the_first_contract_alone_cannot_be_asked(tmp_path: Path) -> None:
    """The documented servers of 2025 leave it to the caller."""
    with Sandbox(sim="v1") as box, pytest.raises(RunUnknownError):
        started_twice(RunLedger(tmp_path / "runs.db"), box, "wf_1")
