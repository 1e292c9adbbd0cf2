"""The drop-in for the workflow API under the same table: its calls are runs.

A run may not be repeated once it may have begun; ``call``, which may be, is a run whose
caller says that it may (``retry_on``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from specwire import errors
from specwire.compat.simstudio import SimStudioClient, SimStudioError

from .case import Setup
from .client import unknown
from .dialects import Workflows, sse
from .ours import Specwire, clock_for


class Runs(Workflows):
    """Runs, also streamed, and a workflow."""

    model = {
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
            "inputs": [],
        }
    }
    begin = b""  # type: ignore[assignment]
    ping = b": ping\n\n"
    mark = sse(json.dumps("[DONE]"))
    finish = sse({"event": "final", "data": {"success": True, "output": {}}})  # type: ignore[assignment]

    def piece(self, number: int, text: str | None = None) -> bytes:
        chunk = f"p{number}" if text is None else text
        return sse({"blockId": "b1", "chunk": chunk})

    def error_event(self, kind: str = "overloaded_error") -> bytes:
        return sse({"event": "error", "error": kind})


class SimDropIn(Specwire):
    """A program that was written for the official client."""

    name = "compat.simstudio"
    can = frozenset(["call", "run", "get", "stream", "headers", "deadline", "cheap"])
    dialect = Runs()

    def make(self, setup: Setup) -> Any:
        clock = clock_for(setup)
        client = SimStudioClient(
            setup.key,
            setup.base_url,
            api_version="v2",
            timeout=setup.total,
            max_retries=setup.retries,
            _clock=clock,
        )
        client.__dict__["_slept"] = getattr(clock, "slept", [])
        return client

    def kind(self, error: BaseException) -> str:
        if isinstance(error, SimStudioError):
            cause = error.__cause__
            if isinstance(cause, errors.SpecwireError):
                return super().kind(cause)
        return unknown(error)

    def call(self, client: Any) -> str:
        return self._called(client)

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        return self._called(client, extra_headers=headers)

    def _called(self, client: Any, **options: Any) -> str:
        run = client.execute_with_retry(
            "wf",
            {"a": 1},
            timeout=client.timeout,
            max_retries=client._client._max_retries,
            retry_on=lambda error: error.retryable,
            **options,
        )
        return str(run.output["content"])

    def run(self, client: Any) -> str:
        return str(client.execute_workflow("wf", {"a": 1}).output["content"])

    def get(self, client: Any, name: str = "m1") -> str:
        return str(client.workflows.get(name).id)

    def stream(self, client: Any) -> Iterator[str]:
        with client.execute_workflow("wf", {"a": 1}, stream=True) as run:
            for event in run:
                if getattr(event, "event", None) is None:
                    yield event.chunk
