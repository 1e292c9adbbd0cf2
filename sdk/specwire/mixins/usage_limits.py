"""What an account may use, in the form the guide gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

from ..core.codec import dump
from ..core.errors import NotFoundError
from ..core.types import UNSET, Replied
from .contracts import is_no_path

if TYPE_CHECKING:
    from ..client import Client
    from ..core.resource import TimeoutOption


@define
class UsageLimits(Replied):
    """What the account may use, as the server said it.

    :ivar rate_limit: ``{"sync": {"limit": int, "remaining": int, ...}, "async": ...}``;
        where a newer server counts bursts, they are its ``limit`` too.
    :ivar usage: ``{"currentPeriodCost": float, "limit": float, "plan": str}``
    """

    success: bool
    rate_limit: dict[str, Any]
    usage: dict[str, Any]
    storage: dict[str, Any]


def usage_limits(client: Client, timeout: TimeoutOption = UNSET) -> UsageLimits:
    """The account's limits.

    :raises NotFoundError: from a server that has the newer contract's paths only.
    """
    try:
        told = client.usage.limits(timeout=timeout)
    except NotFoundError as error:
        if is_no_path(error.body):
            error.args = (
                f"{error.message}; the newer API tells of the plan and its credits "
                "with client.billing.status(), and of the rate with each result's "
                "_reply.rate_limit",
            )
        raise
    limits = _as_guided(dump(told))
    limits._reply = told._reply
    return limits


def _as_guided(data: dict[str, Any]) -> UsageLimits:
    rate_limit = data.get("rateLimit") or {}
    for kind in rate_limit.values():
        if isinstance(kind, dict) and "limit" not in kind:
            most = kind.get("maxBurst", kind.get("requestsPerMinute"))
            if most is not None:
                kind["limit"] = most
    return UsageLimits(
        bool(data.get("success")),
        rate_limit,
        data.get("usage") or {},
        data.get("storage") or {},
    )
