"""Thirty-two threads, one client with all parts: nothing lost, nothing exceeded."""

from __future__ import annotations

import threading
from typing import Any

from specwire.resilience import ResilientConfig
from tests.core.sample import client

from .answering import Server

THREADS, CALLS, PLACES = 32, 8, 4


class Counting(Server):
    """Counts how many are being answered at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._counting = threading.Lock()
        self.inside = self.most = 0

    def before_attempt(self, call: Any) -> Any:
        with self._counting:
            self.inside += 1
            self.most = max(self.most, self.inside)
            return super().before_attempt(call)

    def after_attempt(self, call: Any, outcome: Any) -> None:
        with self._counting:
            self.inside -= 1


def test_all_calls_are_answered_within_the_limits() -> None:
    """At most so many at a time, and in the end nobody holds or waits for anything."""
    config = ResilientConfig(
        max_retries=2,
        rate_limit_rps=20_000,
        circuit_breaker_threshold=5,
        max_inflight=PLACES,
    )
    server = Counting()
    made = client(hooks=[*config.hooks(), server])
    start = threading.Barrier(THREADS)
    answers: list[str] = []

    def run() -> None:
        start.wait(20)
        for _ in range(CALLS):
            answers.append(made.notes.create().id)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == ["n1"] * (THREADS * CALLS)
    assert 1 <= server.most <= PLACES
    shown = made.signals_snapshot()
    assert (shown.current_inflight, shown.circuit_state) == (0, "closed")
    assert shown.inflight is not None
    assert shown.inflight["waiting"] == 0
