"""Waiting for a run that was started in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from ..core.resource import Resource
from .polling import wait_for

if TYPE_CHECKING:
    from ..models import JobStatus
    from ..resources.jobs import Jobs

FINISHED: Final = frozenset({"completed", "failed", "cancelled"})


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

        :param timeout: seconds to wait at most; ``None`` is no limit.
        :param on_progress: called with the job each time it was asked for.
        :param first_delay: seconds before the second look; pauses grow by half.
        :raises specwire.errors.APITimeoutError: when the time was not enough.
        """
        jobs = cast("Jobs", self)
        return wait_for(
            self._client,
            "jobs.wait",
            lambda left: jobs.get(task_id, timeout=left),
            lambda job: job.status in FINISHED,
            timeout=timeout,
            on_progress=on_progress,
            first_delay_s=first_delay,
            max_delay_s=max_delay,
        )
