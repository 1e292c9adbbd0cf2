"""The workflow calls on the client itself: run, retry, look up, in both contracts.

Each is one call of a generated resource (or of its counterpart in the other contract),
with the input put where the server reads it and the names that callers know. A run may
be billed, so it is sent again only where the server cannot have begun it, or where the
caller said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, cast, overload

from ..core.errors import APIStatusError, NotFoundError
from ..core.rate_limits import RateLimitInfo, rate_limit_info
from ..core.resource import TimeoutOption
from ..core.retry import DEFAULT_BACKOFF, Backoff
from ..core.types import UNSET, Replied, Timeout, Unset
from .contracts import Contracts, is_no_path, is_v2_error

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..client import Client
    from ..core.wire import Call
    from ..models import AsyncExecutionResult, WorkflowExecutionResult, WorkflowStatus
    from .retry_choice import RetryOn
    from .run_requests import Run
    from .run_states import JobDict
    from .usage_limits import UsageLimits
    from .workflow_stream import WorkflowStream

    class _Options(TypedDict, total=False):
        input: Any
        retry_on: RetryOn | None
        execution_timeout_seconds: int | None
        include_thinking: bool | None
        include_tool_calls: bool | None
        run_id: str | None
        idempotency_key: str | None
        extra_headers: Mapping[str, str] | None

    class _RunOptions(_Options, total=False):
        max_retries: int | Unset

    class _RetryOptions(_Options, total=False):
        max_retries: int
        initial_delay: float
        max_delay: float
        backoff_multiplier: float


SERVICE: Final = "sim"


class WorkflowCalls:
    """Mixed into :class:`~specwire.Client`."""

    _contracts: Contracts

    @overload
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        stream: Literal[True],
        selected_outputs: Sequence[str] | None = ...,
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
        selected_outputs: Sequence[str] | None = ...,
        async_execution: Literal[False] = ...,
        **options: Unpack[_RunOptions],
    ) -> WorkflowExecutionResult: ...
    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = UNSET,
        timeout: TimeoutOption = UNSET,
        stream: bool = False,
        selected_outputs: Sequence[str] | None = None,
        async_execution: bool = False,
        *,
        max_retries: int | Unset = UNSET,
        **options: Any,
    ) -> Any:
        """Run a deployed workflow.

        A run that failed, where the server says so with 200, is a result with
        ``success`` false; one that waits for somebody has the status ``paused``.

        :param input_data: what the workflow starts with; a mapping is its fields. Files
            may be in it at any depth: paths, open files, bytes, or ``(name, content)``
            and ``(name, content, media type)``; 20 MB each, 10 MB the whole request.
        :param timeout: seconds the whole call may take.
        :param stream: give the output as it arrives, as a ``WorkflowStream``.
        :param selected_outputs: what to stream, each as ``"block.attribute"``.
        :param async_execution: start it and return the receipt with its ``task_id``.
        :param input: the same as ``input_data``.
        :param max_retries: how often a run that cannot have begun is sent again: after
            429, a refused connection, 503 with Retry-After.
        :param retry_on: more failures after which it is sent again, though it may have
            begun and may be billed twice: statuses, codes of the server, classes of
            errors, or a function of the error.
        :param execution_timeout_seconds: how long a run with ``async_execution`` may
            take at the server, 1 to 604,800.
        :param include_thinking: stream what models think; newer servers only.
        :param include_tool_calls: stream which tools they call; newer servers only.
        :param run_id: an identifier of yours for the run; it can be used once, and with
            it a run can be cancelled while it streams.
        :param idempotency_key: for a gateway that knows such keys: the run is sent
            again after any failure that may pass.
        :param extra_headers: sent besides.
        :raises specwire.errors.APIStatusError: where the run was refused or failed.
        :raises specwire.errors.RequestValidationError: for input that JSON cannot say,
            a file that cannot be read, a request that is too large; nothing was sent.
        """
        return self._run(
            (workflow_id, input_data, stream, selected_outputs, async_execution),
            (timeout, max_retries),
            DEFAULT_BACKOFF,
            **options,
        )

    @overload
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = ...,
        timeout: TimeoutOption = ...,
        *,
        stream: Literal[True],
        selected_outputs: Sequence[str] | None = ...,
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
        selected_outputs: Sequence[str] | None = ...,
        async_execution: Literal[False] = ...,
        **options: Unpack[_RetryOptions],
    ) -> WorkflowExecutionResult: ...
    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = UNSET,
        timeout: TimeoutOption = UNSET,
        stream: bool = False,
        selected_outputs: Sequence[str] | None = None,
        async_execution: bool = False,
        max_retries: int = 3,
        initial_delay: float = 1.0,
        max_delay: float = 30.0,
        backoff_multiplier: float = 2.0,
        **options: Any,
    ) -> Any:
        """As :meth:`execute_workflow`, waiting out rate limits and lack of capacity.

        Waits ``initial_delay`` seconds, then ``backoff_multiplier`` times as long each
        time up to ``max_delay``, all ±25 %; a server's Retry-After is waited in full.
        ``timeout`` spans all of it: a wait that does not fit is not begun, and the
        error is raised at once with ``retry_after_s`` on it.
        """
        return self._run(
            (workflow_id, input_data, stream, selected_outputs, async_execution),
            (timeout, max_retries),
            Backoff(initial_delay, max_delay, backoff_multiplier, 0.75, 1.25),
            **options,
        )

    def _run(
        self,
        what: tuple[str, Any, bool, Sequence[str] | None, bool],
        limits: tuple[TimeoutOption, Any],
        backoff: Backoff,
        *,
        input: Any = UNSET,
        retry_on: RetryOn | None = None,
        execution_timeout_seconds: int | None = None,
        include_thinking: bool | None = None,
        include_tool_calls: bool | None = None,
        run_id: str | None = None,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Any:
        from .retry_choice import policy
        from .run_files import Input
        from .run_requests import Run, one_input

        workflow_id, input_data, stream, selected_outputs, background = what
        run = Run(
            workflow_id,
            Input(one_input(input_data, input)),
            stream,
            selected_outputs,
            background,
            execution_timeout_seconds,
            include_thinking,
            include_tool_calls,
            run_id,
        ).checked()
        chosen = policy(backoff, retry_on)
        client = cast("Client", self)

        def send(call: Call) -> Any:
            return client._engine.send(call, client._hooks, chosen)

        return self._start(run, (*limits, idempotency_key), extra_headers, send)

    def _start(
        self,
        run: Run,
        limits: tuple[Any, Any, Any],
        headers: Mapping[str, str] | None,
        send: Callable[[Call], Any],
    ) -> Any:
        """The run's answer, by the contract that the server speaks."""
        from .run_requests import v1_call, v2_call

        client = cast("Client", self)
        left, made = self._limit(limits[0]), 0

        def v1() -> Any:
            nonlocal made
            call = v1_call(client, run, limits, headers)
            try:
                return send(call)
            finally:
                made = call.attempts_made

        def v2() -> Any:
            call = v2_call(client, run, (left(), *limits[1:]), headers)
            call.attempts_made = made
            answer = send(call)
            if run.background and hasattr(answer, "task_id"):
                self._contracts.started(answer.task_id, run.workflow_id)
            return answer

        only_v2 = run.only_v2 is not None
        return self._by_either(v1, v2, only_v2=only_v2)

    def _by_either(
        self, v1: Callable[[], Any], v2: Callable[[], Any], *, only_v2: bool = False
    ) -> Any:
        base_url = cast("Client", self)._base_urls[SERVICE]
        with self._noting():
            result = self._contracts.by_either(base_url, v1, v2, only_v2=only_v2)
        return self._noted(result)

    def get_workflow_status(
        self, workflow_id: str, *, timeout: TimeoutOption = UNSET
    ) -> WorkflowStatus:
        """Whether a workflow is deployed: ``is_deployed``, ``needs_redeployment``."""
        client = cast("Client", self)
        left = self._limit(timeout)

        def v2() -> Any:
            from .run_answers import deployment

            args, limits = {"workflow_id": workflow_id}, (left(), UNSET, None)
            return client.workflows._call(deployment(), args, limits, (None,) * 3)

        return cast(
            "WorkflowStatus",
            self._by_either(
                lambda: client.workflows.status(workflow_id, timeout=timeout), v2
            ),
        )

    def validate_workflow(
        self, workflow_id: str, *, timeout: TimeoutOption = UNSET
    ) -> bool:
        """Whether a workflow exists and is deployed.

        :raises specwire.errors.SpecwireError: where that could not be found out; a
            wrong key or a server that is down is not a "no".
        """
        try:
            status = self.get_workflow_status(workflow_id, timeout=timeout)
        except NotFoundError as error:
            if is_no_path(error.body) and not is_v2_error(error.body):
                raise
            return False
        return bool(status.is_deployed)

    def get_job_status(
        self, task_id: str, *, timeout: TimeoutOption = UNSET
    ) -> JobDict:
        """A background run, whichever contract the server speaks.

        ``{"taskId": str, "status": "queued" | "processing" | "completed" | "failed" |
        "cancelled" | "paused", "metadata": {...}, "output": ..., "error": ...}``; newer
        servers' ``pending`` reads ``queued``. What was sent is in ``_raw``.

        :raises specwire.errors.NotFoundError: where it cannot be found by its name: a
            run of a newer server that this client has not started is asked for with
            ``client.workflows.runs.get(workflow_id, run_id)``.
        """
        from .run_states import job_dict

        with self._noting():
            job = job_dict(cast("Client", self), task_id, timeout)
        return cast("JobDict", self._noted(job))

    def get_usage_limits(self, *, timeout: TimeoutOption = UNSET) -> UsageLimits:
        """What the account may use: rate limits, cost of the period, storage."""
        from .usage_limits import usage_limits

        with self._noting():
            limits = usage_limits(cast("Client", self), timeout)
        return cast("UsageLimits", self._noted(limits))

    def get_rate_limit_info(self) -> RateLimitInfo | None:
        """The quota that the last workflow reply spoke of; ``None`` before that.

        It belongs to whichever thread's reply came last, and ``request_id`` names it.
        The quota that came with a result is ``result._reply.rate_limit``.
        """
        return self._contracts.quota

    def set_api_key(self, api_key: str, service: str = SERVICE) -> None:
        """Use another key from the next attempt on.

        :raises ValueError: for a key that cannot stand in a header; it is not shown.
        """
        cast("Client", self)._engine.keyring.set(service, api_key)

    def set_base_url(self, base_url: str, service: str = SERVICE) -> None:
        """Ask another server from the next call on; what it speaks is found out."""
        from ..core.client import warn_of_cleartext
        from ..core.wire import checked_base_url

        client = cast("Client", self)
        url = checked_base_url(service, base_url)
        warn_of_cleartext({service: url})
        client._base_urls = {**client._base_urls, service: url}
        self._contracts.forget(url)

    # -- what replies say of the quota ---------------------------------------------

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except APIStatusError as error:
            now = cast("Client", self)._engine.clock.time()
            self._contracts.quota = (
                rate_limit_info(error.headers, now) or self._contracts.quota
            )
            raise

    def _noted(self, result: Replied) -> Any:
        quota = result._reply.rate_limit if result._reply is not None else None
        if quota is not None:
            self._contracts.quota = quota
        return result

    def _limit(self, timeout: TimeoutOption) -> Callable[[], Timeout]:
        """What is left of ``timeout`` from now on: a call may be made of two."""
        client = cast("Client", self)
        now = client._engine.clock.monotonic
        whole = client._timeout if timeout is UNSET else Timeout.of(timeout)
        begun = now()
        return lambda: whole.less(now() - begun)
