"""Asking the server what became of a run, by the identifier it was sent with.

Today's servers answer below ``/executions`` and below ``/api/v2/.../runs``; servers of
2025 have neither path, and then nobody knows. Only an answer that speaks of runs counts
as "there is no such run": a proxy's page, or the page of a path that is not there, says
nothing about a run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import APIStatusError, ConflictError, NotFoundError, SpecwireError
from ..core.resource import Operation, Resource
from ..core.results import Json
from ..core.types import UNSET

ENDED: Final = frozenset({"completed", "failed", "cancelled"})
SETTLED: Final = ENDED | {"paused"}
UNHEARD: Final = "unheard"
"""The server would know of the run, and does not."""
UNKNOWN: Final = "unknown"
"""The server cannot be asked."""
_PATHS: Final = (
    "/api/workflows/{workflow_id}/executions/{run_id}",
    "/api/v2/workflows/{workflow_id}/runs/{run_id}",
)
_ASK: Final = tuple(
    Operation[Any](
        "ledger.ask",
        "sim",
        "GET",
        path,
        result=Json(lambda: Any),
        const_query={"includeOutput": "true"},
        auth=(("apiKey",), ()),
    )
    for path in _PATHS
)
_NO_SUCH_RUN: Final = re.compile(r"\b(execution|run)\b.*\bnot found\b", re.I | re.S)
_REFUSED: Final = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 423, 429})


def asked(client: Any, workflow_id: str, run_id: str, timeout: Any) -> dict[str, Any]:
    """The run as the server describes it; ``status`` may be UNHEARD or UNKNOWN.

    :raises SpecwireError: where the server cannot be reached, or refuses.
    """
    found = {"status": UNKNOWN}
    for ask in _ASK:
        try:
            reply = Resource(client)._call(
                ask,
                {"workflow_id": workflow_id, "run_id": run_id},
                (timeout, UNSET, None),
                (None, None, None),
            )
        except NotFoundError as error:
            if _says_no_such_run(error.body):
                found = {"status": UNHEARD}
            continue
        run = reply.get("data", reply) if isinstance(reply, Mapping) else None
        if isinstance(run, Mapping) and isinstance(run.get("status"), str):
            return _as_result(run)
    return found


def _as_result(run: Mapping[str, Any]) -> dict[str, Any]:
    output = run.get("output")
    return {
        "success": run["status"] in ("completed", "paused"),
        "status": run["status"],
        "output": run.get("finalOutput") if output is None else output,
        "error": said(run.get("error")),
        "executionId": run.get("runId") or run.get("executionId"),
    }


def said(error: Any) -> Any:
    """The text of an error that may be an object."""
    if isinstance(error, Mapping) and isinstance(error.get("message"), str):
        return error["message"]
    return error


def _says_no_such_run(body: Any) -> bool:
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):  # v2: its codes are a closed list
        return error.get("code") == "NOT_FOUND"
    return isinstance(error, str) and _NO_SUCH_RUN.search(error) is not None


# -- what a failed call says of the run --------------------------------------------


def failed_run(error: BaseException) -> dict[str, Any] | None:
    """The result of a run that was done and failed, where the error says so."""
    body = error.body if isinstance(error, APIStatusError) else None
    if not isinstance(body, Mapping):
        return None
    if body.get("success") is False or body.get("code") == "EXECUTION_ERROR":
        return {**body, "success": False, "error": said(body.get("error"))}
    return None


def nothing_ran(error: BaseException) -> bool:
    """Whether the run was refused before it began.

    A workflow may answer with a status and a JSON body of its own, so JSON counts as a
    refusal only in the shapes that the API gives it. What is no JSON is a proxy's.
    """
    if not isinstance(error, APIStatusError):
        return isinstance(error, SpecwireError) and not error.started
    if error.status_code == 503:  # without a time to come back it may be running
        return error.retry_after_s is not None or error.code == "SERVICE_OVERLOADED"
    if error.status_code not in _REFUSED:
        return False
    if not isinstance(error.body, Mapping):
        return not isinstance(error.body, list)
    reason = error.body.get("error")
    if isinstance(reason, Mapping):
        return isinstance(reason.get("code"), str)
    return isinstance(reason, str) or error.status_code in (401, 429)


def is_conflict(error: BaseException) -> bool:
    """Whether the server has a run of this identifier already."""
    return isinstance(error, ConflictError) and "ID_CONFLICT" in str(error.body)
