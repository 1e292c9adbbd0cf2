"""Waiting for a batch of messages, and reading its results to the last row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..core.errors import DecodeError, NotFoundError, StreamError
from ..core.resource import Resource
from ..core.types import Replied
from .polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from ..client import Client
    from ..core.resource import Extras, Limits, Operation
    from ..core.stream import Stream
    from ..core.wire import Call
    from ..models import MessageBatch, MessageBatchIndividualResponse
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


class BatchResults(Replied):
    """The rows of a batch's results, in any order; ``custom_id`` says whose each is.

    A body that ends on a line's end looks whole when it is not, so the batch is asked
    first how many rows there are. A row that cannot be read is raised in its place;
    iterating can go on behind it.

    :ivar expected: how many rows there must be, or ``None`` where the batch is gone.
    """

    def __init__(
        self,
        resource: Resource,
        operation: Operation[Any],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> None:
        client = resource._client
        call = resource._prepare(operation, args, limits, extras)
        self.expected = self._ask(cast("Client", client), call)
        self._rows: Stream[Any] = client._engine.send(call, client._hooks)
        self._reply = self._rows._reply
        self._seen = 0

    @staticmethod
    def _ask(client: Client, call: Call) -> int | None:
        try:
            batch = client.batches.retrieve(
                call.args["message_batch_id"],
                timeout=call.timeout,
                max_retries=call.max_retries,
            )
        except NotFoundError:
            # The rows' own answer says whether they are there.
            return None
        counts = batch.request_counts
        if batch.processing_status != "ended":
            return None
        return counts.succeeded + counts.errored + counts.canceled + counts.expired

    def __iter__(self) -> Iterator[MessageBatchIndividualResponse]:
        return self

    def __next__(self) -> MessageBatchIndividualResponse:
        try:
            row: MessageBatchIndividualResponse = next(self._rows)
        except StopIteration:
            self._check()
            raise
        except DecodeError:
            self._seen += 1
            raise
        self._seen += 1
        return row

    def _check(self) -> None:
        missing = (self.expected or 0) - self._seen
        if missing > 0:
            self.expected = None
            raise StreamError(
                f"batches.results: {missing} of {missing + self._seen} rows did not "
                "arrive; ask again",
                events_received=self._seen,
                request_id=self._request_id,
                attempts=1,
            )

    def close(self) -> None:
        """Stop reading."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
