"""What an account may use, in the form the guide gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

from ..core.codec import dump
from ..core.types import Replied

if TYPE_CHECKING:
    from .. import models


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


def usage_limits(told: models.UsageLimits) -> UsageLimits:
    data = dump(told)
    rate_limit = data.get("rateLimit") or {}
    for kind in rate_limit.values():
        if isinstance(kind, dict) and "limit" not in kind:
            most = kind.get("maxBurst", kind.get("requestsPerMinute"))
            if most is not None:
                kind["limit"] = most
    limits = UsageLimits(
        bool(data.get("success")),
        rate_limit,
        data.get("usage") or {},
        data.get("storage") or {},
    )
    limits._reply = told._reply
    return limits
