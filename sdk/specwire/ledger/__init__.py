"""A ledger of runs in SQLite: each key is run once, whatever dies in between.

Before a run is sent its identifier is written down, and its result after it; a start
that finds a run without a result asks the server what became of it, by that identifier.
Where the server cannot say, nothing is sent and :class:`RunUnknownError` says what to
do. Sugar over ``Client.execute_with_retry``; it opens no connection of its own.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from ..core.errors import NotFoundError
from ..core.types import UNSET
from ..mixins.polling import wait_for
from .asking import (
    SETTLED,
    UNHEARD,
    UNKNOWN,
    asked,
    failed_run,
    is_conflict,
    nothing_ran,
    said,
)
from .calls import Call, Limit
from .errors import LedgerBusyError, LedgerError, LedgerFileError, RunUnknownError
from .lock import held
from .store import OPEN, Entry, Store

if TYPE_CHECKING:
    from ..client import Client

__all__ = [
    "Entry",
    "LedgerBusyError",
    "LedgerError",
    "LedgerFileError",
    "RunLedger",
    "RunUnknownError",
]

_TRUST_S: Final = 86_400.0


class RunLedger:
    """Runs by key, in a file that several processes may use at once.

    >>> ledger = RunLedger("/var/lib/reports/runs.db")  # doctest: +SKIP
    >>> entry = ledger.run("report-2026-11-21", client, "wf_1", {"day": "2026-11-21"})

    The file is made with the rights 0600, on first use; its folder has to be there, and
    on a disk of this machine (SQLite's WAL does not work over a network).

    :param path: the file.
    :param trust: seconds for which a server's "there is no such run" is believed of a
        run that was written down; later it may only have been forgotten.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, trust: float = _TRUST_S
    ) -> None:
        self._store = Store(os.fsdecode(path))
        self._trust_s = trust

    def __repr__(self) -> str:
        return f"RunLedger({self._store.path!r})"

    def run(
        self,
        key: str,
        client: Client,
        workflow_id: str,
        input_data: Any = UNSET,
        *,
        timeout: float | None = 300.0,
        retry_failed: bool = False,
        **options: Any,
    ) -> Entry:
        """The run of ``key``: done now, or what it came to when it was done before.

        A run that fails is an entry as well (``success``, ``error``), and stays one
        until ``retry_failed`` asks for another.

        :param key: what this run is for, such as ``"report-2026-11-21"``; the input
            takes no part in it.
        :param timeout: seconds for everything: another process that has the key, asking
            what became of an earlier run, and the run.
        :param retry_failed: run again what failed or was cancelled.
        :param options: as :meth:`~specwire.Client.execute_with_retry` has them, without
            ``stream`` and ``run_id``; ``async_execution=True`` runs in the background
            and waits.
        :raises RunUnknownError: where an earlier run may have been done and the server
            cannot say; nothing is sent before :meth:`forget`.
        :raises LedgerBusyError: where another process had the key all the time.
        :raises LedgerFileError: where the file fails; before a run nothing is sent.
        :raises specwire.errors.SpecwireError: as the call does. What was refused leaves
            no entry; what may have begun is looked up by the next call.
        """
        if options.get("stream") or options.get("run_id"):
            raise TypeError(
                "ledger.run: stream: its result cannot be kept; run_id: the ledger "
                "chooses it; leave both out"
            )
        if not isinstance(key, str) or not key:
            raise TypeError(f"ledger.run: key: expected text, got {key!r}")
        limit = Limit(client, key, timeout)
        self._store.made(limit.pause)
        with held(self._lock_of(key), limit.pause):
            found = self._store.get(key)
            _check_workflow(found, key, workflow_id)
            entry = found
            if entry is not None and entry.status in OPEN:
                entry = self._looked_up(entry, client, limit)
            if entry is not None and not _again(entry, retry_failed):
                return entry
            if entry is None and found is not None:
                # It is sent under the same identifier: if the first one comes through
                # after all, the server refuses the second.
                fresh = evolve(found, created_at=limit.now(), recorded=False)
            else:
                fresh = _new(key, workflow_id, client, entry, limit.now())
            call = Call(client, input_data, limit, options)
            return self._sent(fresh, entry or found, call)

    def get(self, key: str) -> Entry | None:
        """What the ledger knows of ``key``; the server is not asked."""
        return self._store.get(key) if os.path.exists(self._store.path) else None

    def entries(self) -> list[Entry]:
        """All that the ledger knows, oldest first."""
        return self._store.all() if os.path.exists(self._store.path) else []

    def forget(self, key: str) -> bool:
        """Take ``key`` out, so that it can be run again; false if it was not there.

        :raises LedgerBusyError: while a process is running it.
        """
        if not os.path.exists(self._store.path):
            return False

        def busy() -> None:
            raise LedgerBusyError(f"ledger: {key!r} is being run just now", key=key)

        with held(self._lock_of(key), busy):
            return self._store.remove(key)

    # -- the steps of a run ------------------------------------------------------------

    def _lock_of(self, key: str) -> str:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return f"{self._store.path}.{name}.lock"

    def _sent(self, entry: Entry, before: Entry | None, call: Call) -> Entry:
        """Write ``entry`` down, then send it; ``before`` is what stood there."""
        client = call.client
        send, sending = call.ready(entry)
        self._store.put(entry)
        try:
            result = send()
        except BaseException as error:
            known = self._after(error, entry, call) if sending.begun else None
            if known is not None:
                return known
            if not sending.begun or nothing_ran(error):
                self._undone(entry, before)
            raise
        task_id = getattr(result, "task_id", None)
        if task_id is not None:
            entry = evolve(entry, task_id=task_id)
            self._store.put(entry)
            return self._awaited(entry, client, call.limit)
        return self._ended(entry, _plain(result), client)

    def _after(self, error: BaseException, entry: Entry, call: Call) -> Entry | None:
        """What the run came to, where its error tells."""
        if is_conflict(error):
            return self._known(entry, call.client, call.limit)
        failed = failed_run(error)
        if failed is None:
            return None
        return self._kept(entry, "failed", failed, call.client)

    def _undone(self, entry: Entry, before: Entry | None) -> None:
        if before is None:
            self._store.remove(entry.key)
        else:
            self._store.put(before)

    def _looked_up(self, entry: Entry, client: Client, limit: Limit) -> Entry | None:
        """What became of a run without a result; ``None`` where it was never heard."""
        if entry.server != _server(client):
            raise _unknown(entry, f"it was sent to {entry.server}, not to this server")
        if entry.task_id is not None:
            return self._awaited(entry, client, limit)
        run = self._waited_for(entry, client, limit)
        if run["status"] == UNKNOWN:
            raise _unknown(entry, "this server cannot be asked about runs")
        if run["status"] != UNHEARD:
            return self._ended(entry, run, client)
        age_s = abs(client._engine.clock.time() - entry.created_at)
        if entry.status == "paused" or age_s > self._trust_s:
            raise _unknown(entry, "the server has forgotten it")
        if self._store.renames(entry.server):
            raise _unknown(entry, "this server names runs itself")
        return None

    def _known(self, entry: Entry, client: Client, limit: Limit) -> Entry:
        """The run that the server says it has already."""
        run = self._waited_for(entry, client, limit)
        if run["status"] in (UNKNOWN, UNHEARD):
            raise _unknown(entry, "the server has it, and does not say what it came to")
        return self._ended(entry, run, client)

    def _waited_for(self, entry: Entry, client: Client, limit: Limit) -> dict[str, Any]:
        return wait_for(
            client,
            "ledger.run",
            lambda left: asked(client, entry.workflow_id, entry.run_id, left),
            lambda run: run["status"] in SETTLED or run["status"] in (UNKNOWN, UNHEARD),
            timeout=limit.left(),
            on_progress=None,
            first_delay_s=0.5,
            max_delay_s=15.0,
        )

    def _awaited(self, entry: Entry, client: Client, limit: Limit) -> Entry:
        """The run in the background, once it has ended."""
        try:
            job = client.jobs.wait(str(entry.task_id), timeout=limit.left())
        except NotFoundError:
            return self._known(entry, client, limit)
        data = _plain(job)
        data["error"] = said(data.get("error"))
        return self._kept(entry, str(job.status), data, client)

    def _ended(self, entry: Entry, result: dict[str, Any], client: Client) -> Entry:
        status = result.get("status")
        if status not in SETTLED:
            status = "failed" if result.get("success") is False else "completed"
        return self._kept(entry, status, result, client)

    def _kept(
        self, entry: Entry, status: str, result: dict[str, Any], client: Client
    ) -> Entry:
        given = result.get("executionId") or result.get("runId")
        entry = evolve(
            entry,
            status=status,
            result=result,
            given_id=given if isinstance(given, str) else None,
            finished_at=client._engine.clock.time(),
        )
        try:
            self._store.put(entry)
        except LedgerFileError as error:
            error.key, error.entry = entry.key, entry
            raise
        return entry


def _check_workflow(found: Entry | None, key: str, workflow_id: str) -> None:
    if found is not None and found.workflow_id != workflow_id:
        raise LedgerError(
            f"ledger: {key!r} is a run of workflow {found.workflow_id!r}, not of "
            f"{workflow_id!r}; use another key",
            key=key,
        )


def _new(
    key: str, workflow_id: str, client: Client, before: Entry | None, now: float
) -> Entry:
    attempts = 1 if before is None else before.attempts + 1
    server, run_id = _server(client), str(uuid.uuid4())
    return Entry(
        key, workflow_id, server, run_id, "sent", attempts, now, recorded=False
    )


def _again(entry: Entry, retry_failed: bool) -> bool:
    return retry_failed and entry.status in ("failed", "cancelled")


def _server(client: Client) -> str:
    return client._base_urls["sim"]


def _plain(result: Any) -> dict[str, Any]:
    from ..core.codec import dump

    data = dump(result)
    return data if isinstance(data, dict) else {"output": data}


def _unknown(entry: Entry, why: str) -> RunUnknownError:
    return RunUnknownError(
        f"ledger: run {entry.run_id} of {entry.key!r} may have been done: {why}. Look "
        f"for it in the workflow's logs; ledger.forget({entry.key!r}) lets it run "
        "again",
        key=entry.key,
        run_id=entry.run_id,
    )
