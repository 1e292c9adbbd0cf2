"""A run that is to be started, and the request for it in either contract.

The older API takes the members of the body as the workflow's fields, beside those that
control the run; the newer one has a member for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..core.errors import RequestValidationError
from ..core.types import UNSET
from .run_files import Input, refused

if TYPE_CHECKING:
    from ..client import Client
    from ..core.resource import Extras, Limits, Operation
    from ..core.wire import Call

MAX_BODY_BYTES: Final = 10 << 20
_MAX_TIMEOUT_S: Final = 604_800
CONTROLS: Final = frozenset(
    {
        "base64MaxBytes",
        "executionId",
        "executionMode",
        "executionTimeoutSeconds",
        "includeFileBase64",
        "includeThinking",
        "includeToolCalls",
        "input",
        "inputFromExecutionId",
        "isClientSession",
        "isSecureMode",
        "parentWorkspaceId",
        "runFromBlock",
        "selectedOutputs",
        "stopAfterBlockId",
        "stream",
        "triggerBlockId",
        "triggerType",
        "useDraftState",
        "workflowId",
        "workflowStateOverride",
        "workflowTriggerType",
    }
)
"""Members of the body that the older API reads, refuses or swallows itself."""


@frozen
class Run:
    """What is to be run, and how."""

    workflow_id: str
    input: Input
    stream: bool
    selected_outputs: Sequence[str] | None
    background: bool
    execution_timeout_seconds: int | None
    include_thinking: bool | None
    include_tool_calls: bool | None
    run_id: str | None

    @property
    def only_v2(self) -> str | None:
        """What of it the older API has not; ``None`` where it can be said in both."""
        if self.include_thinking or self.include_tool_calls:
            return "include_thinking and include_tool_calls are"
        if self.input.has_files and _collides(self.input.value):
            return "files beside a field that has a control member's name are"
        return None

    def checked(self) -> Run:
        """:raises RequestValidationError: for a time limit that cannot be asked for."""
        limit = self.execution_timeout_seconds
        if limit is None:
            return self
        whole = isinstance(limit, int) and not isinstance(limit, bool)
        if not whole or not 1 <= limit <= _MAX_TIMEOUT_S:
            problem = (
                f"expected whole seconds from 1 to {_MAX_TIMEOUT_S}, got {limit!r}"
            )
        elif not self.background:
            problem = "only runs with async_execution=True have it; see timeout"
        else:
            return self
        raise RequestValidationError(
            f"workflows.execute: execution_timeout_seconds: {problem}",
            pointer="/executionTimeoutSeconds",
            code="INVALID_EXECUTION_TIMEOUT",
        )


def one_input(input_data: Any, input: Any) -> Any:
    if input is not UNSET and input_data is not UNSET:
        raise TypeError("execute_workflow: give input_data or input, not both")
    return input_data if input is UNSET else input


def _collides(value: Any) -> bool:
    """Whether a field of the input has the name of a member that controls the run."""
    if not isinstance(value, Mapping) or set(value) == {"input"}:
        return False
    return not CONTROLS.isdisjoint(value)


def at_root(value: Any) -> Mapping[str, Any]:
    """The members that hand the input ``value`` to a workflow in the older API."""
    if value is UNSET or value is None:
        return {}
    if not isinstance(value, Mapping) or _collides(value):
        return {"input": value}
    return value


def inside(value: Any) -> Mapping[str, Any]:
    """The ``input`` member of the newer API, which is always an object."""
    if value is UNSET or value is None:
        return {}
    return value if isinstance(value, Mapping) else {"input": value}


def v1_call(
    client: Client, run: Run, limits: Limits, headers: Mapping[str, str] | None
) -> Call:
    """The request by the older contract.

    :raises RequestValidationError: for what it cannot say.
    """
    from .run_answers import V1

    if run.only_v2 is not None:
        raise RequestValidationError(
            f"workflows.execute: {run.only_v2} only in the newer API; "
            "use api_version='v2' where the server has it"
        )
    if run.execution_timeout_seconds is not None:
        limit = str(run.execution_timeout_seconds)
        headers = {"X-Execution-Timeout-Seconds": limit, **(headers or {})}
    said = {
        "X-Execution-Mode": "async" if run.background else UNSET,
        "X-Execution-Id": _if_given(run.run_id),
        "stream": run.stream or UNSET,
        "selectedOutputs": _outputs(run),
    }
    extras = (headers, None, at_root(run.input.value))
    return _prepared(client, V1(), run, said, limits, extras)


def v2_call(
    client: Client, run: Run, limits: Limits, headers: Mapping[str, str] | None
) -> Call:
    """The request by the newer contract."""
    from .run_answers import V2

    said = {
        "x-run-id": _if_given(run.run_id),
        "input": inside(run.input.value),
        "async": run.background or UNSET,
        "stream": run.stream or UNSET,
        "selectedOutputs": _outputs(run),
        "executionTimeoutSeconds": _if_given(run.execution_timeout_seconds),
        "includeThinking": _if_given(run.include_thinking),
        "includeToolCalls": _if_given(run.include_tool_calls),
    }
    return _prepared(client, V2(), run, said, limits, (headers, None, None))


def _if_given(value: Any) -> Any:
    return UNSET if value is None else value


def _outputs(run: Run) -> Any:
    outputs = run.selected_outputs
    return UNSET if outputs is None else list(outputs)


def _prepared(
    client: Client,
    operation: Operation[Any],
    run: Run,
    said: Mapping[str, Any],
    limits: Limits,
    extras: Extras,
) -> Call:
    """The call in which ``said`` is said, by wire name.

    :raises RequestValidationError: for a body that is larger than servers take.
    """
    members = operation.body if isinstance(operation.body, Mapping) else {}
    args = {
        name: said.get(wire, UNSET)
        for name, wire in (*operation.headers.items(), *members.items())
    }
    args["workflow_id"] = run.workflow_id
    call = client.workflows._prepare(operation, args, limits, extras)
    size = len(call.request.body or b"")
    if size > MAX_BODY_BYTES:
        raise refused(
            "/input",
            f"makes a request of {size / (1 << 20):.1f} MB; servers take "
            f"{MAX_BODY_BYTES >> 20} MB. Give large files by URL: "
            '{"type": "url", "data": URL, "name": ...}',
            code="PAYLOAD_TOO_LARGE",
        )
    return call
