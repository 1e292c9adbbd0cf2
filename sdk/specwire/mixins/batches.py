"""Waiting for a batch of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ..core.resource import Resource
from .polling import wait_for

if TYPE_CHECKING:
    from ..models import MessageBatch
    from ..resources.batches import Batches


class BatchHelpers(Resource):
    """What :class:`~specwire.resources.batches.Batches` has besides its operations."""

    def wait(
        self,
        message_batch_id: str,
        *,
        timeout: float | None = 86_400.0,
        on_progress: Callable[[MessageBatch], object] | None = None,
        first_delay: float = 1.0,
        max_delay: float = 60.0,
    ) -> MessageBatch:
        """The batch, once its processing has ended.

        :param timeout: seconds to wait at most; batches end within 24 hours.
        :param on_progress: called with the batch each time it was asked for.
        :param first_delay: seconds before the second look; pauses grow by half.
        :raises specwire.errors.APITimeoutError: when the time was not enough.
        """
        batches = cast("Batches", self)
        return wait_for(
            self._client,
            "batches.wait",
            lambda left: batches.retrieve(message_batch_id, timeout=left),
            lambda batch: batch.processing_status == "ended",
            timeout=timeout,
            on_progress=on_progress,
            first_delay_s=first_delay,
            max_delay_s=max_delay,
        )
