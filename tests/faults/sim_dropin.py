"""The drop-in for the workflow API under the same table: its calls are runs.

A run may not be repeated once it may have begun; ``call``, which may be, is a run whose
caller gives it a key to be known by.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from specwire import Timeout, errors
from specwire.compat.simstudio import SimStudioClient, SimStudioError

from .case import Setup
from .client import unknown
from .dialects import Workflows, sse
from .ours import Specwire, clock_for

_PATHS = "gets and runs share their paths here, and the script goes by them"
APART = {
    "body: everything is null": "a run that was made is none the worse for it",
    "life: 32 threads, 40 mixed calls each": _PATHS,
    "life: 5 forks of a used client": _PATHS,
    "life: 8 threads, 30 calls each": _PATHS,
    "secrets: an empty key": "public workflows need none",
    "secrets: a blank key": "public workflows need none",
    "secrets: an odd event repeats it": "frames that are no JSON are passed over",
    "stream: 100,000 brackets": "frames that are no JSON are passed over",
    "stream: JSON instead": "a server may answer with the result at once",
    "stream: gzip, cut": "the result is there before the end mark",
    "stream: no blank line behind the last event": "the result is there before it",
    "stream: a number that is too long": "frames that are no JSON are passed over",
    "stream: an event that is not JSON": "frames that are no JSON are passed over",
}
"""Cases that mean something else here, and why."""
_IN_STREAM = {"overloaded_error": "status 529", "rate_limit_error": "status 429"}


class Runs(Workflows):
    """Runs, also streamed, and a workflow."""

    model = {
        "id": "m1",
        "data": {
            "id": "m1",
            "name": "m1",
            "description": None,
            "folderPath": "/",
            "workspaceId": "ws_1",
            "isDeployed": True,
            "deployedAt": None,
            "runCount": 0,
            "lastRunAt": None,
            "createdAt": "1970-01-01T00:00:00.000Z",
            "updatedAt": "1970-01-01T00:00:00.000Z",
            "variables": {},
            "inputs": [],
        },
    }
    begin = finish = b""  # type: ignore[assignment]
    ping = b": ping\n\n"
    mark = sse({"event": "final", "data": {"success": True, "output": {}}})
    mark += sse('"[DONE]"')

    def piece(self, number: int, text: str | None = None) -> bytes:
        chunk = f"p{number}" if text is None else text
        return sse({"blockId": "b1", "chunk": chunk})

    def error_event(self, kind: str = "overloaded_error") -> bytes:
        return sse({"event": "error", "error": kind})


class SimDropIn(Specwire):
    """A program that was written for the official client."""

    name = "compat.simstudio"
    can = frozenset(["call", "run", "get", "stream", "headers", "deadline", "cheap"])
    apart = APART
    dialect = Runs()

    def make(self, setup: Setup) -> Any:
        clock = clock_for(setup)
        client = SimStudioClient(
            setup.key,
            setup.base_url,
            api_version="v2",
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
            _clock=clock,
        )
        client.__dict__["_slept"] = getattr(clock, "slept", [])
        return client

    def kind(self, error: BaseException) -> str:
        if isinstance(error, SimStudioError):
            cause = error.__cause__
            if getattr(cause, "in_stream", False):  # errors there are mere text
                return _IN_STREAM.get(str(error), "status 500")
            if isinstance(cause, errors.SpecwireError):
                return super().kind(cause)
        return unknown(error)

    def call(self, client: Any) -> str:
        return str(self._repeated(client).output["content"])

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        return str(self._repeated(client, extra_headers=headers).output["content"])

    def _repeated(self, client: Any, **options: Any) -> Any:
        return client.execute_with_retry(
            "wf",
            {"a": 1},
            timeout=client.timeout,
            max_retries=client._client._max_retries,
            initial_delay=0.5,
            max_delay=8.0,
            idempotency_key=f"key-{secrets.token_hex(8)}",
            **options,
        )

    def run(self, client: Any) -> str:
        return str(client.execute_workflow("wf", {"a": 1}).output["content"])

    def get(self, client: Any, name: str = "m1") -> str:
        return str(client.workflows.get(name).id)

    def stream(self, client: Any) -> Iterator[str]:
        with self._repeated(client, stream=True) as run:
            for event in run:
                if getattr(event, "event", None) is None:
                    yield event.chunk
