"""The call that a ledger makes, and the time that it has for everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..core.errors import APITimeoutError
from ..core.hooks import Hook
from .errors import LedgerBusyError

if TYPE_CHECKING:
    from ..client import Client
    from .store import Entry


class Sending(Hook):
    """Knows whether a request was made, for errors that do not say so."""

    begun = False

    def before_attempt(self, call: Any) -> None:
        self.begun = True


@frozen
class Call:
    """What is to be sent, whenever it is."""

    client: Client
    input_data: Any
    limit: Limit
    options: dict[str, Any]

    def ready(self, entry: Entry) -> tuple[Callable[[], Any], Sending]:
        """The call, and what knows whether it was sent."""
        sending = Sending()
        client = self.client.with_options(hooks=[*self.client._hooks, sending])
        options = {**self.options, "run_id": entry.run_id}
        where = (entry.workflow_id, self.input_data, self.limit.left())
        return partial(client.execute_with_retry, *where, **options), sending


class Limit:
    """The time for everything, and the waits for another process within it."""

    def __init__(self, client: Client, key: str, timeout: float | None) -> None:
        self._engine = client._engine
        self._key = key
        now = self._engine.clock.monotonic()
        self._end = None if timeout is None else now + timeout
        self._delay_s = 0.02

    def now(self) -> float:
        """The time of day, for the record only: it may jump."""
        return self._engine.clock.time()

    def left(self) -> float | None:
        if self._end is None:
            return None
        left = self._end - self._engine.clock.monotonic()
        if left <= 0:
            raise APITimeoutError("ledger.run: time ran out before the run was sent")
        return left

    def pause(self) -> None:
        now = self._engine.clock.monotonic()
        if self._end is not None and now + self._delay_s >= self._end:
            raise LedgerBusyError(
                f"ledger: another process is running {self._key!r}; ask again later",
                key=self._key,
            )
        if self._engine.clock.sleep(self._delay_s, self._engine.closed):
            self._engine.check_open("ledger.run")
        self._delay_s = min(self._delay_s * 1.5, 0.5)
