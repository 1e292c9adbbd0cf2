"""The calls that start a run, as the official client spells them in all its versions.

Arguments are taken by position as in 0.1 and by name as in both; what comes back is
dressed as the official dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, overload

from ...core.resource import TimeoutOption
from ...core.types import UNSET, Timeout
from ...mixins.workflow_stream import WorkflowStream as _Stream
from . import values
from .errors import EXECUTION_ERROR, speaking
from .stream import WorkflowStream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ...client import Client
    from ...mixins.workflows import _Options, _RetryOptions
    from .values import AsyncExecutionResult, WorkflowExecutionResult


class RunCalls:
    """Mixed into :class:`~specwire.compat.simstudio.SimStudioClient`."""

    timeout: float | Timeout | None
    _client: Client

    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        stream: Literal[True],
        selected_outputs: list[str] | None = ...,
        **options: Unpack[_Options],
    ) -> WorkflowStream: ...
    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        async_execution: Literal[True],
        **options: Unpack[_Options],
    ) -> AsyncExecutionResult: ...
    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        stream: Literal[False] | None = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: Literal[False] | None = ...,
        **options: Unpack[_Options],
    ) -> WorkflowExecutionResult: ...
    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        stream: bool | None = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: bool | None = ...,
        **options: Unpack[_Options],
    ) -> WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream: ...
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: TimeoutOption = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        async_execution: bool | None = None,
        *,
        input: Any = None,
        **options: Any,
    ) -> Any:
        """Run a deployed workflow.

        :param input_data: what it starts with; open files in it, at any depth, are sent
            along. ``input`` is the same.
        :param timeout: seconds the call may take; of a stream, the longest silence.
        :param stream: give the output as it arrives, as a :class:`WorkflowStream`.
        :param selected_outputs: what to stream, each as ``"block.attribute"``.
        :param async_execution: start it and return the receipt with its ``task_id``.
        :param options: ``execution_timeout_seconds`` (how long the server lets a run in
            the background go on) and what ``specwire.Client.execute_workflow`` takes.
        :raises SimStudioError: where the run was refused, failed or timed out.
        """
        return self._run(
            self._client.execute_workflow,
            workflow_id,
            input_data=_one(input_data, input),
            timeout=self._limit(timeout, stream),
            stream=bool(stream),
            selected_outputs=selected_outputs,
            async_execution=bool(async_execution),
            **options,
        )

    def execute_workflow_sync(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: TimeoutOption = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        *,
        input: Any = None,
    ) -> Any:
        """As :meth:`execute_workflow`, never in the background."""
        return self.execute_workflow(
            workflow_id, input_data, timeout, stream, selected_outputs, input=input
        )

    @overload
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        stream: Literal[True],
        selected_outputs: list[str] | None = ...,
        **options: Unpack[_RetryOptions],
    ) -> WorkflowStream: ...
    @overload
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        async_execution: Literal[True],
        **options: Unpack[_RetryOptions],
    ) -> AsyncExecutionResult: ...
    @overload
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        stream: Literal[False] | None = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: Literal[False] | None = ...,
        **options: Unpack[_RetryOptions],
    ) -> WorkflowExecutionResult: ...
    @overload
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        stream: bool | None = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: bool | None = ...,
        **options: Unpack[_RetryOptions],
    ) -> WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream: ...
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: TimeoutOption = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        async_execution: bool | None = None,
        max_retries: int = 3,
        initial_delay: float = 1.0,
        max_delay: float = 30.0,
        backoff_multiplier: float = 2.0,
        *,
        input: Any = None,
        **options: Any,
    ) -> Any:
        """As :meth:`execute_workflow`, waiting out rate limits and lack of capacity.

        ``timeout`` is the limit of all of it: a wait that does not fit is not begun,
        and the error is raised at once. Where none is given, each attempt has the
        client's, and there is room for all attempts and the waits between them.
        """
        waits = (max_retries, initial_delay, max_delay, backoff_multiplier)
        return self._run(
            self._client.execute_with_retry,
            workflow_id,
            input_data=_one(input_data, input),
            timeout=self._limit(timeout, stream, room=waits),
            stream=bool(stream),
            selected_outputs=selected_outputs,
            async_execution=bool(async_execution),
            max_retries=max_retries,
            initial_delay=initial_delay,
            max_delay=max_delay,
            backoff_multiplier=backoff_multiplier,
            **options,
        )

    def _run(self, run: Callable[..., Any], workflow_id: str, **arguments: Any) -> Any:
        with speaking(EXECUTION_ERROR):
            result = run(workflow_id, **arguments)
        if isinstance(result, _Stream):
            if result.plain is None:
                return WorkflowStream(result)
            result = result.plain  # the server answered at once
        if hasattr(result, "task_id"):
            return values.receipt(result)
        return values.finished(result)

    def _limit(
        self,
        timeout: TimeoutOption,
        stream: bool | None,
        room: tuple[int, float, float, float] | None = None,
    ) -> TimeoutOption:
        given = self.timeout if timeout is UNSET else timeout
        if not isinstance(given, (int, float)):
            return given
        if stream:
            return Timeout(None, connect=given, read=given)
        if room is None or timeout is not UNSET:
            return given
        return Timeout(_room(given, *room), connect=given, attempt=given)


def _one(input_data: Any, input: Any) -> Any:
    if input_data is not None and input is not None:
        raise TypeError("execute_workflow: give input_data or input, not both")
    given = input if input_data is None else input_data
    return UNSET if given is None else given


def _room(
    attempt_s: float, retries: int, delay_s: float, most_s: float, growth: float
) -> float:
    """Time for all attempts, with the longest waits of the backoff between them."""
    waits = (min(delay_s * growth**n * 1.25, most_s) for n in range(retries))
    return attempt_s * (retries + 1) + sum(waits)
