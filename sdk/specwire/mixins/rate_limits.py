"""What a reply's headers say about the caller's quota. Bad headers harm nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone

from attrs import frozen

from ..core.retry import retry_after_s

_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:[;,].*)?$", re.ASCII)
_MILLISECONDS_FROM = 1e11


@frozen
class RateLimitInfo:
    """A quota at the time of the last reply.

    :ivar limit: requests a window.
    :ivar remaining: requests left in it; may exceed ``limit`` where servers count
        several quotas.
    :ivar reset: when the window ends, in seconds since the epoch; 0 if unknown.
    :ivar retry_after: seconds to wait, or ``None``.
    """

    limit: int = 0
    remaining: int = 0
    reset: int = 0
    retry_after: float | None = None


def rate_limit_info(headers: Mapping[str, str], now: float) -> RateLimitInfo | None:
    """The quota that ``headers`` speak of; ``None`` where they do not."""
    limit, remaining, reset = (
        headers.get(f"x-ratelimit-{part}") for part in ("limit", "remaining", "reset")
    )
    retry_after = retry_after_s(headers, now)
    if retry_after is None and not (limit or remaining or reset):
        return None
    return RateLimitInfo(
        int(_number(limit)), int(_number(remaining)), _epoch(reset, now), retry_after
    )


def _number(text: str | None) -> float:
    """The number ``text`` begins with (``100``, ``100.0``, ``60;w=60``), else 0."""
    found = _NUMBER.match(text or "")
    value = float(found.group(1)) if found else 0.0
    return value if math.isfinite(value) else 0.0


def _epoch(text: str | None, now: float) -> int:
    """Seconds or milliseconds since the epoch, seconds from now, or an ISO date."""
    if not text:
        return 0
    number = _number(text)
    if number:
        if number >= _MILLISECONDS_FROM:
            return int(number / 1000)
        return int(number if number > 1e8 else now + number)
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return int(moment.timestamp())
