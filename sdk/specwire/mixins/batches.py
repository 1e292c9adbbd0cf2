"""Waiting for a batch of messages, and reading its results to the last row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..core.errors import (
    APIConnectionError,
    DecodeError,
    NotFoundError,
    SpecwireError,
    StreamError,
)
from ..core.resource import Resource
from ..core.types import Replied
from .polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from ..core.resource import Extras, Headers, Limits, Operation
    from ..core.stream import Stream
    from ..core.wire import Call
    from ..models import MessageBatch, MessageBatchIndividualResponse
    from ..resources.batches import Batches


_LOOK_S = 60.0
_LONGEST_S = 90_000.0


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

        A failure that may pass (connection, 429, 5xx) is waited out.

        :param timeout: seconds to wait at most. Batches end within 24 hours; ``None``
            waits an hour longer than that.
        :param on_progress: called with the batch each time it was asked for.
        :param first_delay: seconds before the second look; pauses grow by half.
        :raises specwire.errors.APITimeoutError: when the time was not enough.
        """
        batches = cast("Batches", self)
        return wait_for(
            self._client,
            "batches.wait",
            # A look that hangs must not use up the time of all the others.
            lambda left: batches.retrieve(
                message_batch_id, timeout=min(left or _LOOK_S, _LOOK_S)
            ),
            lambda batch: batch.processing_status == "ended",
            timeout=_LONGEST_S if timeout is None else timeout,
            on_progress=on_progress,
            first_delay_s=first_delay,
            max_delay_s=max_delay,
        )


class KeyedResults(dict[str, "MessageBatchIndividualResponse"]):
    """Rows of a batch by ``custom_id``.

    :ivar problems: the rows that could not be read, and an end that came too early.
    """

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[SpecwireError] = []


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
        # What can be read only once is asked for twice.
        args = {k: list(v) if hasattr(v, "__next__") else v for k, v in args.items()}
        call = resource._prepare(operation, args, limits, extras)
        self._name = operation.name.replace(".rows", ".results")
        self.expected = self._ask(cast("Batches", resource), call, extras[0])
        self._rows: Stream[Any] = client._engine.send(call, client._hooks)
        self._reply = self._rows._reply
        self._seen = 0

    @staticmethod
    def _ask(batches: Batches, call: Call, headers: Headers | None) -> int | None:
        args = dict(call.args)
        try:
            batch = batches.retrieve(
                args.pop("message_batch_id"),
                **args,  # the betas, where it has them
                timeout=call.timeout,
                max_retries=call.max_retries,
                extra_headers=headers,
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
                f"{self._name}: {missing} of {missing + self._seen} rows did not "
                "arrive; ask again",
                events_received=self._seen,
                request_id=self._request_id,
                attempts=1,
            )

    def readable(
        self, problems: list[SpecwireError]
    ) -> Iterator[MessageBatchIndividualResponse]:
        """All rows that can be read; what was wrong with the others, or with the end of
        the body, is added to ``problems``.
        """
        while True:
            try:
                yield next(self)
            except StopIteration:
                return
            except (DecodeError, APIConnectionError) as error:
                problems.append(error)

    def keyed(self) -> KeyedResults:
        """The rows by ``custom_id``, all in memory; ``problems`` tells what is missing.

        >>> rows = client.batches.results(batch.id).keyed()  # doctest: +SKIP
        >>> rows["req-001"].result.type  # doctest: +SKIP
        """
        rows = KeyedResults()
        for row in self.readable(rows.problems):
            rows[row.custom_id] = row
        return rows

    def close(self) -> None:
        """Stop reading."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
