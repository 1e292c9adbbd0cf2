"""``SimStudioClient``: the official client's methods, on :class:`specwire.Client`.

It has a client of ours and is none: names collide (``files``) and errors differ. Each
method hands on what it was given, and dresses what comes back.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn
from urllib.parse import urlsplit, urlunsplit

from ...client import Client
from ...core.hooks import Hook
from ...core.types import UNSET, Timeout
from . import values
from .errors import STATUS_ERROR, USAGE_ERROR, speaking
from .runs import RunCalls
from .views import View

if TYPE_CHECKING:
    import requests

    from ...core.clock import Clock
    from .values import RateLimitInfo, UsageLimits, WorkflowStatus

_SERVICE = "sim"
_BASE_URL = "https://sim.ai"
_REDIRECTING = "sim.ai"
_ANSWERING = "www.sim.ai"


class SimStudioClient(RunCalls):
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
        timeout: float | Timeout | None = 30.0,
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
