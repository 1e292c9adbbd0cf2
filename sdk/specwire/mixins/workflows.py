"""The workflow calls on the client itself: run, retry, look up.

Thin: each is one call of a generated resource, with the input put where the server
reads it and the names that callers know. A run may be billed, so it is sent again only
where the server cannot have begun it, or where the caller gave an idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, cast, overload

from attrs import frozen

from ..core.errors import APIStatusError, DecodeError, NotFoundError
from ..core.resource import TimeoutOption
from ..core.retry import Backoff, Policy
from ..core.stream import Stream
from ..core.types import UNSET, Replied, ReplyDict, Unset
from .rate_limits import RateLimitInfo, rate_limit_info
from .runs import at_root, complete_receipt, one_input, own_answer
from .workflow_stream import WorkflowStream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..client import Client
    from ..core.wire import Reply
    from ..models import AsyncExecutionResult, WorkflowExecutionResult, WorkflowStatus

    class _RunOptions(TypedDict, total=False):
        input: Any
        max_retries: int | Unset
        idempotency_key: str | None
        extra_headers: Mapping[str, str] | None

    class _RetryOptions(TypedDict, total=False):
        max_retries: int
        initial_delay: float
        max_delay: float
        backoff_multiplier: float
        input: Any
        idempotency_key: str | None
        extra_headers: Mapping[str, str] | None


SERVICE: Final = "sim"


@frozen
class UsageLimits:
    """What the account may use, as the server said it.

    :ivar rate_limit: ``{"sync": {"limit": int, "remaining": int, ...}, "async": ...}``
    :ivar usage: ``{"currentPeriodCost": float, "limit": float, "plan": str}``
    """

    success: bool
    rate_limit: dict[str, Any]
    usage: dict[str, Any]
    storage: dict[str, Any]
    _reply: Reply | None = None


class WorkflowCalls:
    """Mixed into :class:`~specwire.Client`."""

    _quota: RateLimitInfo | None = None

    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        stream: Literal[True],
        selected_outputs: list[str] | None = ...,
        **options: Unpack[_RunOptions],
    ) -> WorkflowStream: ...
    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        async_execution: Literal[True],
        **options: Unpack[_RunOptions],
    ) -> AsyncExecutionResult: ...
    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        stream: Literal[False] = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: Literal[False] = ...,
        **options: Unpack[_RunOptions],
    ) -> WorkflowExecutionResult: ...
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = UNSET,
        timeout: TimeoutOption = UNSET,
        stream: bool = False,
        selected_outputs: list[str] | None = None,
        async_execution: bool = False,
        *,
        input: Any = UNSET,
        max_retries: int | Unset = UNSET,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream:
        """Run a deployed workflow.

        :param input_data: what the workflow starts with; a mapping is its fields.
        :param timeout: seconds the whole call may take.
        :param stream: give the output as it arrives, as a :class:`WorkflowStream`.
        :param selected_outputs: what to stream, each as ``"block.attribute"``.
        :param async_execution: start it and return the receipt with its ``task_id``.
        :param input: the same as ``input_data``.
        :raises specwire.errors.APIStatusError: where the run was refused or failed.
        """
        result: WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream
        result = self._run(
            workflow_id,
            one_input(input_data, input),
            timeout,
            stream,
            selected_outputs,
            async_execution,
            max_retries=max_retries,
            idempotency_key=idempotency_key,
            extra_headers=extra_headers,
            policy=Policy(),
        )
        return result

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
        stream: Literal[False] = ...,
        selected_outputs: list[str] | None = ...,
        async_execution: Literal[False] = ...,
        **options: Unpack[_RetryOptions],
    ) -> WorkflowExecutionResult: ...
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = UNSET,
        timeout: TimeoutOption = UNSET,
        stream: bool = False,
        selected_outputs: list[str] | None = None,
        async_execution: bool = False,
        max_retries: int = 3,
        initial_delay: float = 1.0,
        max_delay: float = 30.0,
        backoff_multiplier: float = 2.0,
        *,
        input: Any = UNSET,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream:
        """As :meth:`execute_workflow`, waiting out rate limits and lack of capacity.

        Waits ``initial_delay`` seconds, then ``backoff_multiplier`` times as long each
        time up to ``max_delay``, all ±25 %; a server's Retry-After is waited in full.
        ``timeout`` spans all of it: a wait that does not fit is not begun, and the
        error is raised at once with ``retry_after_s`` on it.
        """
        result: WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream
        result = self._run(
            workflow_id,
            one_input(input_data, input),
            timeout,
            stream,
            selected_outputs,
            async_execution,
            max_retries=max_retries,
            idempotency_key=idempotency_key,
            extra_headers=extra_headers,
            policy=Policy(
                Backoff(initial_delay, max_delay, backoff_multiplier, 0.75, 1.25)
            ),
        )
        return result

    def _run(
        self,
        workflow_id: str,
        input_data: Any,
        timeout: TimeoutOption,
        stream: bool,
        selected_outputs: list[str] | None,
        async_execution: bool,
        *,
        max_retries: int | Unset,
        idempotency_key: str | None,
        extra_headers: Mapping[str, str] | None,
        policy: Policy,
    ) -> Any:
        from ..resources.workflows import _EXECUTE

        client = cast("Client", self)
        call = client.workflows._prepare(
            _EXECUTE,
            {
                "workflow_id": workflow_id,
                "execution_mode": "async" if async_execution else UNSET,
                "execution_id": UNSET,
                "input": UNSET,
                "stream": True if stream else UNSET,
                "selected_outputs": UNSET
                if selected_outputs is None
                else selected_outputs,
            },
            (timeout, max_retries, idempotency_key),
            (extra_headers, None, at_root(input_data)),
        )
        try:
            result = client._engine.send(call, client._hooks, policy)
        except DecodeError as error:
            result = own_answer(error)
        except APIStatusError as error:
            self._remember(error.headers)
            raise
        return self._finished(result)

    def _finished(self, result: Any) -> Any:
        self._seen(result)
        if isinstance(result, Stream):
            return WorkflowStream(result)
        if hasattr(result, "task_id"):
            complete_receipt(result)
        return result

    def get_workflow_status(
        self, workflow_id: str, *, timeout: TimeoutOption = UNSET
    ) -> WorkflowStatus:
        """Whether a workflow is deployed: ``is_deployed``, ``needs_redeployment``."""
        client = cast("Client", self)
        status = client.workflows.status(workflow_id, timeout=timeout)
        self._seen(status)
        return status

    def validate_workflow(
        self, workflow_id: str, *, timeout: TimeoutOption = UNSET
    ) -> bool:
        """Whether a workflow exists and is deployed.

        :raises specwire.errors.SpecwireError: where that could not be found out; a
            wrong key or a server that is down is not a "no".
        """
        try:
            status = self.get_workflow_status(workflow_id, timeout=timeout)
        except NotFoundError:
            return False
        return bool(status.is_deployed)

    def get_job_status(
        self, task_id: str, *, timeout: TimeoutOption = UNSET
    ) -> ReplyDict:
        """A background run as the server describes it.

        ``{"taskId": str, "status": "queued" | "processing" | "completed" | "failed" |
        "cancelled", "metadata": {...}, "output": ..., "error": ...}``; newer servers'
        ``pending`` reads ``queued``.
        """
        from ..core.codec import dump

        client = cast("Client", self)
        job = client.jobs.get(task_id, timeout=timeout)
        self._seen(job)
        status = ReplyDict(dump(job))
        if status.get("status") == "pending":
            status["status"] = "queued"
        status._reply = job._reply
        return status

    def get_usage_limits(self, *, timeout: TimeoutOption = UNSET) -> UsageLimits:
        """What the account may use: rate limits, cost of the period, storage."""
        from ..core.codec import dump

        client = cast("Client", self)
        limits = client.usage.limits(timeout=timeout)
        self._seen(limits)
        data = dump(limits)
        return UsageLimits(
            bool(data.get("success")),
            data.get("rateLimit") or {},
            data.get("usage") or {},
            data.get("storage") or {},
            limits._reply,
        )

    def get_rate_limit_info(self) -> RateLimitInfo | None:
        """The quota that the last workflow reply spoke of; ``None`` before that.

        It belongs to whichever thread's reply came last; a reply's own quota is in
        its headers (``result._reply.headers``).
        """
        return self._quota

    def set_api_key(self, api_key: str, service: str = SERVICE) -> None:
        """Use another key from the next attempt on.

        :raises ValueError: for a key that cannot stand in a header; it is not shown.
        """
        cast("Client", self)._engine.keyring.set(service, api_key)

    def set_base_url(self, base_url: str, service: str = SERVICE) -> None:
        """Ask another server from the next call on."""
        from ..core.client import warn_of_cleartext
        from ..core.wire import checked_base_url

        client = cast("Client", self)
        url = checked_base_url(service, base_url)
        warn_of_cleartext({service: url})
        client._base_urls = {**client._base_urls, service: url}

    def _seen(self, result: Replied) -> None:
        if result._reply is not None:
            self._remember(result._reply.headers)

    def _remember(self, headers: Mapping[str, str]) -> None:
        engine = cast("Client", self)._engine
        quota = rate_limit_info(headers, engine.clock.time())
        if quota is not None:
            self._quota = quota
