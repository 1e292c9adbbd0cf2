"""``SimStudioClient``: the official client's methods, on :class:`specwire.Client`.

It has a client of ours and is none: names collide (``files``) and errors differ. Each
method hands on what it was given, and dresses what comes back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn
from urllib.parse import urlsplit, urlunsplit

from ...client import Client
from ...core.hooks import Hook
from ...core.types import UNSET, Timeout
from . import values
from .errors import EXECUTION_ERROR, STATUS_ERROR, USAGE_ERROR, SimStudioError, speaking
from .stream import WorkflowStream
from .views import View

if TYPE_CHECKING:
    import requests

    from ...core.clock import Clock
    from .values import RateLimitInfo, UsageLimits, WorkflowStatus

_SERVICE = "sim"
_BASE_URL = "https://sim.ai"
_REDIRECTING = "sim.ai"
_ANSWERING = "www.sim.ai"


class SimStudioClient:
    """The client of the workflow API, as programs for ``simstudio`` know it.

    >>> client = SimStudioClient(api_key="...")
    >>> result = client.execute_workflow("workflow-id", {"message": "Hi"})
    ... # doctest: +SKIP

    :param api_key: sent as ``X-API-Key``; else ``SIM_API_KEY``. Public workflows need
        none.
    :param base_url: the server; else ``SIM_BASE_URL``, else ``https://sim.ai``, which
        is asked as ``www.sim.ai``: the bare name only redirects.
    :param api_version: which contract to speak: ``"v1"`` (``/api/workflows/...``),
        ``"v2"``, or ``"auto"``: v1 where the server has it, else v2.
    :param timeout: seconds that a call may take where it is not told otherwise.
    :param max_retries: how often a failed attempt is repeated where that is safe;
        ``execute_with_retry`` has its own number.
    :param session: a ``requests.Session`` of your own.
    :param hooks: see every attempt.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        api_version: Literal["auto", "v1", "v2"] = "auto",
        timeout: float | None = 30.0,
        max_retries: int = 0,
        session: requests.Session | None = None,
        hooks: Sequence[Hook] = (),
        _clock: Clock | None = None,
    ) -> None:
        url = base_url or os.environ.get("SIM_BASE_URL", "").strip() or _BASE_URL
        try:
            self._client = Client(
                api_keys={_SERVICE: api_key} if api_key else None,
                base_urls={_SERVICE: _asked(url)},
                api_version=api_version,
                max_retries=max_retries,
                hooks=hooks,
                session=session,
                _clock=_clock,
            )
        finally:
            del api_key  # not to be read from a traceback's frames
        self.timeout = timeout
        self._base_url = url.rstrip("/")

    @property
    def base_url(self) -> str:
        """As it was given, without a slash at its end."""
        return self._base_url

    @property
    def api_key(self) -> str | None:
        """The key that was given; ``None`` where it is looked up or there is none."""
        held: Any = self._client._engine.keyring._given.get(_SERVICE)
        return None if held is None else str(held.reveal())

    def execute_workflow(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: Any = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        async_execution: bool | None = None,
        *,
        input: Any = None,
        execution_timeout_seconds: int | None = None,
        **options: Any,
    ) -> Any:
        """Run a deployed workflow.

        :param input_data: what it starts with; open files in it, at any depth, are sent
            along. ``input`` is the same.
        :param timeout: seconds the call may take; of a stream, the longest silence.
        :param stream: give the output as it arrives, as a :class:`WorkflowStream`.
        :param selected_outputs: what to stream, each as ``"block.attribute"``.
        :param async_execution: start it and return the receipt with its ``task_id``.
        :param execution_timeout_seconds: how long the server lets a run in the
            background go on, 1 to 604,800.
        :param options: what ``specwire.Client.execute_workflow`` takes besides.
        :raises SimStudioError: where the run was refused, failed or timed out.
        """
        limit = self._limit(timeout, stream)
        told = _told(input_data, input, async_execution, execution_timeout_seconds)
        return self._run(
            self._client.execute_workflow,
            workflow_id,
            timeout=limit,
            stream=bool(stream),
            selected_outputs=selected_outputs,
            async_execution=bool(async_execution),
            **told,
            **options,
        )

    def execute_workflow_sync(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: Any = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        *,
        input: Any = None,
    ) -> Any:
        """As :meth:`execute_workflow`, never in the background."""
        return self.execute_workflow(
            workflow_id, input_data, timeout, stream, selected_outputs, input=input
        )

    def execute_with_retry(
        self,
        workflow_id: str,
        input_data: Any = None,
        timeout: Any = UNSET,
        stream: bool | None = None,
        selected_outputs: list[str] | None = None,
        async_execution: bool | None = None,
        max_retries: int = 3,
        initial_delay: float = 1.0,
        max_delay: float = 30.0,
        backoff_multiplier: float = 2.0,
        *,
        input: Any = None,
        execution_timeout_seconds: int | None = None,
        **options: Any,
    ) -> Any:
        """As :meth:`execute_workflow`, waiting out rate limits and lack of capacity.

        ``timeout`` is the limit of all of it: a wait that does not fit is not begun,
        and the error is raised at once. Where none is given, each attempt has the
        client's, and there is room for all attempts and the waits between them.
        """
        waits = (max_retries, initial_delay, max_delay, backoff_multiplier)
        limit = self._limit(timeout, stream, room=waits)
        told = _told(input_data, input, async_execution, execution_timeout_seconds)
        return self._run(
            self._client.execute_with_retry,
            workflow_id,
            timeout=limit,
            stream=bool(stream),
            selected_outputs=selected_outputs,
            async_execution=bool(async_execution),
            max_retries=max_retries,
            initial_delay=initial_delay,
            max_delay=max_delay,
            backoff_multiplier=backoff_multiplier,
            **told,
            **options,
        )

    def _run(self, run: Callable[..., Any], workflow_id: str, **arguments: Any) -> Any:
        with speaking(EXECUTION_ERROR):
            result = run(workflow_id, **arguments)
        if hasattr(result, "text_stream"):
            return WorkflowStream(result)
        if hasattr(result, "task_id"):
            return values.receipt(result)
        return values.finished(result)

    def _limit(
        self,
        timeout: Any,
        stream: bool | None,
        room: tuple[int, float, float, float] | None = None,
    ) -> Any:
        given = self.timeout if timeout is UNSET else timeout
        if not isinstance(given, (int, float)):
            return given
        if stream:
            return Timeout(None, connect=given, read=given)
        if room is None or timeout is not UNSET:
            return given
        return Timeout(_room(given, *room), connect=given, attempt=given)

    def get_workflow_status(self, workflow_id: str) -> WorkflowStatus:
        """Whether a workflow is deployed, and whether it was changed since."""
        with speaking(STATUS_ERROR):
            found = self._client.get_workflow_status(workflow_id, timeout=self.timeout)
        return values.deployment(found)

    def validate_workflow(self, workflow_id: str) -> bool:
        """Whether a workflow exists and is deployed.

        :raises SimStudioError: where that could not be found out; a wrong key or a
            server that is down is not a "no".
        """
        with speaking(STATUS_ERROR):
            return self._client.validate_workflow(workflow_id, timeout=self.timeout)

    def get_job_status(
        self, task_id: str | None = None, *, job_id: str | None = None
    ) -> dict[str, Any]:
        """A background run as the server describes it.

        ``{"taskId": str, "status": "queued" | "processing" | "completed" | "failed" |
        "cancelled", "metadata": {...}, "output": ..., "error": ...}``; newer servers'
        ``pending`` reads ``queued``.

        :param job_id: the same as ``task_id``.
        """
        asked = task_id if task_id is not None else job_id
        if asked is None:
            raise TypeError("get_job_status: give task_id")
        with speaking(STATUS_ERROR):
            return self._client.get_job_status(asked, timeout=self.timeout)

    def get_workflow_run(
        self,
        workflow_id: str,
        run_id: str,
        *,
        include_output: bool | None = None,
        selected_outputs: list[str] | None = None,
    ) -> dict[str, Any]:
        """A run as the second contract describes it: ``{"runId": str, "status": str}``.

        :param include_output: with the output of a completed run.
        :param selected_outputs: outputs of blocks, each as ``"blockId.attribute"``.
        """
        runs = self._client.workflows.runs
        with speaking(STATUS_ERROR):
            run = runs.get(
                workflow_id,
                run_id,
                include_output=UNSET if include_output is None else include_output,
                selected_outputs=",".join(selected_outputs or ()) or UNSET,
                timeout=self.timeout,
            )
        return values.mapping(run)

    def get_rate_limit_info(self) -> RateLimitInfo | None:
        """The quota that the last reply spoke of; ``None`` where none has yet."""
        info = self._client.get_rate_limit_info()
        return None if info is None else values.quota(info)

    def get_usage_limits(self) -> UsageLimits:
        """What the account may use: rate limits and the cost of the period."""
        with speaking(USAGE_ERROR):
            return values.usage(self._client.get_usage_limits(timeout=self.timeout))

    def set_api_key(self, api_key: str) -> None:
        """Use another key from the next attempt on."""
        self._client.set_api_key(api_key)

    def set_base_url(self, base_url: str) -> None:
        """Ask another server from the next call on."""
        self._client.set_base_url(_asked(base_url))
        self._base_url = base_url.rstrip("/")

    @property
    def workflows(self) -> Any:
        """Workflows: list, deploy, ...; ``workflows.runs`` are their runs."""
        return View(self._client.workflows)

    @property
    def jobs(self) -> Any:
        """Runs in the background: ``get`` and ``wait``."""
        return View(self._client.jobs)

    @property
    def logs(self) -> Any:
        """What runs left: ``list`` and ``get``."""
        return View(self._client.logs)

    @property
    def files(self) -> Any:
        """The files of a workspace."""
        return View(self._client.workspaces.files)

    @property
    def billing(self) -> Any:
        """What it costs: ``status`` and ``logs``."""
        return View(self._client.billing)

    @property
    def usage(self) -> Any:
        """What the account may use: ``limits``."""
        return View(self._client.usage)

    def close(self) -> None:
        """End the calls under way, in all threads, and close the connections."""
        self._client.close()

    def __enter__(self) -> SimStudioClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SimStudioClient({self._base_url})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a SimStudioClient holds connections and keys and cannot be pickled; make "
            "one in each process"
        )


def _asked(base_url: str) -> str:
    """The server to ask for ``base_url``; a path and a port stay what they are."""
    parts = urlsplit(base_url.rstrip("/"))
    if parts.hostname != _REDIRECTING or parts.username is not None:
        return base_url.rstrip("/")
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{_ANSWERING}{port}"))


def _told(
    input_data: Any,
    input: Any,
    async_execution: bool | None,
    execution_timeout_seconds: int | None,
) -> dict[str, Any]:
    """The arguments that need a look before they are handed on."""
    if input_data is not None and input is not None:
        raise TypeError("execute_workflow: give input_data or input, not both")
    given = input if input_data is None else input_data
    told: dict[str, Any] = {} if given is None else {"input_data": given}
    seconds = execution_timeout_seconds
    if seconds is None:
        return told
    most = values.MAX_EXECUTION_TIMEOUT_SECONDS
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not async_execution or not whole or not 1 <= seconds <= most:
        raise SimStudioError(
            "execution_timeout_seconds: expected a whole number from 1 to "
            f"{most:,} beside async_execution=True, got {seconds!r}",
            "INVALID_EXECUTION_TIMEOUT",
        )
    return {**told, "execution_timeout_seconds": seconds}


def _room(
    attempt_s: float, retries: int, delay_s: float, most_s: float, growth: float
) -> float:
    """Time for all attempts, with the longest waits of the backoff between them."""
    waits = (min(delay_s * growth**n * 1.25, most_s) for n in range(retries))
    return attempt_s * (retries + 1) + sum(waits)
