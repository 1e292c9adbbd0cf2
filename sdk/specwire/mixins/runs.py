"""What goes into a workflow's run, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import DecodeError
from ..core.types import UNSET

_CONTROL: Final = frozenset(
    {
        "input",
        "stream",
        "selectedOutputs",
        "triggerType",
        "workflowTriggerType",
        "isSecureMode",
        "useDraftState",
        "executionId",
        "workflowId",
    }
)


def one_input(input_data: Any, input: Any) -> Any:
    if input is not UNSET and input_data is not UNSET:
        raise TypeError("execute_workflow: give input_data or input, not both")
    return input_data if input is UNSET else input


def at_root(input_data: Any) -> Mapping[str, Any] | None:
    """The body that hands ``input_data`` to the workflow.

    The server takes members of the body as the workflow's fields, except the ones that
    control the run; an input that has such a name travels under ``input`` as a whole.
    """
    if input_data is UNSET or input_data is None:
        return None
    if not isinstance(input_data, Mapping):
        return {"input": input_data}
    harmless = set(input_data) == {"input"} or _CONTROL.isdisjoint(input_data)
    return input_data if harmless else {"input": input_data}


def own_answer(error: DecodeError) -> Any:
    """The answer that a workflow's author designed, which may be any JSON."""
    from ..core.codec import Mismatch, load
    from ..models import WorkflowExecutionResult

    if not 200 <= error.status_code < 300 or isinstance(error.body, bytes):
        raise error
    try:
        return load(WorkflowExecutionResult, error.body)
    except Mismatch:
        return WorkflowExecutionResult(success=True, output=error.body)


def complete_receipt(receipt: Any) -> None:
    """Fill in the names that callers know from what newer servers send."""
    from ..models import AsyncExecutionLinks

    receipt.task_id = receipt.task_id or receipt.job_id
    receipt.status = receipt.status or "queued"
    if receipt.links is None and receipt.status_url:
        receipt.links = AsyncExecutionLinks(status=receipt.status_url)
