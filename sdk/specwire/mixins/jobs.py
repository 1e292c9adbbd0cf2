"""Waiting for a run that was started in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ..core.resource import Resource
from .polling import wait_for
from .run_states import is_over, job_status

if TYPE_CHECKING:
    from ..client import Client
    from ..models import JobStatus


class JobHelpers(Resource):
    """What :class:`~specwire.resources.jobs.Jobs` has besides its operations."""

    def wait(
        self,
        task_id: str,
        *,
        timeout: float | None = 3600.0,
        on_progress: Callable[[JobStatus], object] | None = None,
        first_delay: float = 0.5,
        max_delay: float = 15.0,
    ) -> JobStatus:
        """The job, once it is completed, failed or cancelled.

        A run that is ``paused`` until somebody resumes it is given too: waiting would
        not end it (``client.workflows.runs.resume``). One that resumes by itself at
        some time is waited for.

        :param task_id: of the receipt; in both contracts.
        :param timeout: seconds to wait at most; ``None`` is no limit.
        :param on_progress: called with the job each time it was asked for.
        :param first_delay: seconds before the second look; pauses grow by half.
        :raises specwire.errors.APITimeoutError: when the time was not enough.
        """
        client = cast("Client", self._client)
        return wait_for(
            client,
            "jobs.wait",
            lambda left: job_status(client, task_id, left),
            is_over,
            timeout=timeout,
            on_progress=on_progress,
            first_delay_s=first_delay,
            max_delay_s=max_delay,
        )
