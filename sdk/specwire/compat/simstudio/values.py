"""What calls return, under the official names: dataclasses of plain values.

Their fields are those of ``simstudio-sdk`` 0.1.1 in its order, and after them what
0.2 added. Each knows the reply that it was made from (``_reply``), and ``_raw`` is that
reply's JSON as the server wrote it; neither is a field, so that equal results of two
replies are equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from ...core.types import Model, Replied, ReplyDict

V = TypeVar("V", bound="Told")
MAX_EXECUTION_TIMEOUT_SECONDS = 604_800
"""The longest time that a server gives a background run: a week."""


class Told(Replied):
    """Made from a reply, or by hand."""

    @property
    def _raw(self) -> Any:
        """The reply's JSON; ``None`` without a reply or where it is none."""
        if self._reply is None:
            return None
        try:
            return json.loads(self._reply.body)
        except ValueError:
            return None

    def _of(self: V, source: Any) -> V:
        """The same, known to be from the reply of ``source``."""
        reply = getattr(source, "_reply", None)
        if reply is not None:
            self._reply = reply
        return self


@dataclass
class WorkflowExecutionResult(Told):
    """A finished run.

    :ivar success: it was completed, or waits for somebody (``status`` ``"paused"``).
    :ivar output: what the workflow's last block, or its Response block, gave.
    :ivar error: why it failed.
    :ivar metadata: ``{"duration": ms, "startTime": ISO 8601, "endTime": ISO 8601}``.
    :ivar total_duration: milliseconds.
    :ivar status: ``"completed"``, ``"failed"``, ``"paused"`` or ``"cancelled"``, from
        servers that say it.
    """

    success: bool
    output: Any | None = None
    error: str | None = None
    logs: list[Any] | None = None
    metadata: dict[str, Any] | None = None
    trace_spans: list[Any] | None = None
    total_duration: float | None = None
    status: str | None = None


@dataclass(init=False)
class AsyncExecutionResult(Told):
    """The receipt of a run in the background.

    It is made with the five arguments of 0.1 or with those of 0.2; what one of them
    does not say follows from the others.

    :ivar task_id: what ``get_job_status`` takes; ``run_id`` is the same.
    :ivar created_at: ISO 8601; empty where the server did not say.
    :ivar links: ``{"status": where to ask}``; ``status_url`` is the same.
    """

    success: bool
    task_id: str
    status: str
    created_at: str
    links: dict[str, str]
    message: str = field(default="", compare=False, repr=False)
    async_execution: bool = field(default=True, compare=False, repr=False)

    def __init__(
        self,
        success: bool,
        task_id: str | None = None,
        status: str = "queued",
        created_at: str = "",
        links: Mapping[str, str] | None = None,
        *,
        run_id: str | None = None,
        status_url: str | None = None,
        message: str = "",
        async_execution: bool = True,
    ) -> None:
        given = task_id if task_id is not None else run_id
        if given is None:
            raise TypeError("AsyncExecutionResult: give task_id (or run_id)")
        self.success = success
        self.task_id = given
        self.status = status
        self.created_at = created_at
        self.links = dict(links or {})
        if status_url is not None:
            self.links.setdefault("status", status_url)
        self.message = message
        self.async_execution = async_execution

    @property
    def run_id(self) -> str:
        """``task_id``, as 0.2 calls it."""
        return self.task_id

    @property
    def status_url(self) -> str:
        """``links["status"]``, as 0.2 calls it; empty where there is none."""
        return self.links.get("status", "")


@dataclass
class WorkflowStatus(Told):
    """A workflow's deployment.

    :ivar deployed_at: ISO 8601, or ``None``.
    :ivar needs_redeployment: it was changed after that.
    """

    is_deployed: bool
    deployed_at: str | None = None
    needs_redeployment: bool = False


@dataclass
class RateLimitInfo:
    """The quota that a reply's headers spoke of.

    :ivar limit: requests a window; 0 where it was not said or not a number.
    :ivar remaining: requests left in it.
    :ivar reset: when it ends, in seconds since the epoch; 0 if unknown.
    :ivar retry_after: seconds to wait, or ``None``.
    :ivar request_id: the server's name for the request whose reply said it.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: float | None = None
    request_id: str | None = field(default=None, compare=False, repr=False)


@dataclass
class RateLimitStatus:
    """One member of ``UsageLimits.rate_limit``; nothing returns it, as in 0.1."""

    is_limited: bool
    limit: int
    remaining: int
    reset_at: str


@dataclass
class UsageLimits(Told):
    """What the account may use.

    :ivar rate_limit: ``{"sync": {"isLimited": bool, "limit": int, "remaining": int,
        "resetAt": ISO 8601}, "async": the same, "authType": "api" | "manual"}``
    :ivar usage: ``{"currentPeriodCost": float, "limit": float, "plan": str}``
    """

    success: bool
    rate_limit: dict[str, Any]
    usage: dict[str, Any]

    @property
    def storage(self) -> dict[str, Any]:
        """``{"usedBytes": int, "limitBytes": int, "percentUsed": float}``, if told."""
        raw = self._raw
        found = raw.get("storage") if isinstance(raw, dict) else None
        return found if isinstance(found, dict) else {}


# -- from specwire's own results ---------------------------------------------------


def finished(result: Any) -> WorkflowExecutionResult:
    """A run's result; members of servers yet to come stay in ``_raw``."""
    return WorkflowExecutionResult(
        bool(result.success),
        result.output,
        result.error,
        _plain(result.logs),
        _plain(result.metadata),
        _plain(result.trace_spans),
        result.total_duration,
        getattr(result, "status", None),
    )._of(result)


def receipt(result: Any) -> AsyncExecutionResult:
    links = _plain(result.links)
    return AsyncExecutionResult(
        bool(result.success),
        result.task_id,
        result.status or "queued",
        result.created_at or "",
        links if isinstance(links, dict) else {},
        message=getattr(result, "message", None) or "",
    )._of(result)


def deployment(result: Any) -> WorkflowStatus:
    return WorkflowStatus(
        bool(result.is_deployed),
        _plain(result.deployed_at),
        bool(result.needs_redeployment),
    )._of(result)


def quota(info: Any) -> RateLimitInfo:
    return RateLimitInfo(
        info.limit,
        info.remaining,
        info.reset,
        info.retry_after,
        getattr(info, "request_id", None),
    )


def usage(limits: Any) -> UsageLimits:
    return UsageLimits(limits.success, limits.rate_limit, limits.usage)._of(limits)


def mapping(model: Any) -> ReplyDict:
    """A model as the JSON object that it was made from."""
    made = ReplyDict(_plain(model))
    made._reply = model._reply
    return made


def _plain(value: Any) -> Any:
    """A model as the mapping that it was made from, a time as its text."""
    if not isinstance(value, (Model, datetime)):
        return value
    from ...core.codec import dump

    return dump(value)
