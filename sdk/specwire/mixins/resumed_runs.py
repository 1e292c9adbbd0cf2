"""Letting a paused run go on, also in the moment before its pause is on record.

A run tells that it pauses a little before the server can find the pause again
(simstudioai/sim, issue 3081 and pull request 3489): asked at once, it says that there
is no paused run. That is waited out for some seconds; nothing was resumed by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.errors import APIStatusError, SpecwireError
from ..core.resource import Resource
from ..core.retry import Backoff, Policy, may_retry
from ..core.types import UNSET

if TYPE_CHECKING:
    from ..core.resource import Extras, Limits, Operation
    from ..core.wire import Call

T = TypeVar("T")
_RESUME: Final = "workflows.runs.resume"
_LEAST_RETRIES: Final = 4


class RunHelpers(Resource):
    """What ``workflows.runs`` does besides sending its operations."""

    def _call(
        self,
        operation: Operation[T],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> T:
        if operation.name != _RESUME:
            return super()._call(operation, args, limits, extras)
        call = self._prepare(operation, args, limits, extras)
        if limits[1] is UNSET and call.max_retries:
            call.max_retries = max(call.max_retries, _LEAST_RETRIES)
        client = self._client
        return client._engine.send(call, client._hooks, _PATIENT)  # type: ignore[no-any-return]


def _resumable(error: SpecwireError, call: Call) -> bool:
    return _not_yet_paused(error) or may_retry(error, call)


def _not_yet_paused(error: SpecwireError) -> bool:
    if not isinstance(error, APIStatusError) or error.status_code not in (404, 409):
        return False
    return "pause" in error.message.lower()


_PATIENT: Final = Policy(Backoff(0.25, 2.0, 2.0, 0.75, 1.25), _resumable)
