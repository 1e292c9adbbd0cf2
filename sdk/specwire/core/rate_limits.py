"""What a reply's headers say about the caller's quota. Bad headers harm nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone

from attrs import frozen

from .retry import retry_after_s
from .wire import request_id_of

_NUMBER = re.compile(r"\s*\+?(\d+(?:\.\d+)?)\s*(?:[;,].*)?$", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_YEAR_5000 = 1e11
_FINEST = 1e20
"""Nanoseconds since the epoch are below it."""


@frozen
class RateLimitInfo:
    """A quota at the time of a reply.

    :ivar limit: requests a window; 0 if unknown.
    :ivar remaining: requests left in it; may exceed ``limit`` where servers count
        several quotas.
    :ivar reset: when the window ends, in seconds since the epoch; 0 if unknown.
    :ivar retry_after: seconds to wait, or ``None``.
    :ivar request_id: the server's name for the request that it was told of with.
    """

    limit: int = 0
    remaining: int = 0
    reset: int = 0
    retry_after: float | None = None
    request_id: str | None = None


def rate_limit_info(headers: Mapping[str, str], now: float) -> RateLimitInfo | None:
    """The quota that ``headers`` speak of; ``None`` where they do not.

    ``now`` is the time of day when they came, in seconds since the epoch.
    """
    limit, remaining, reset = (
        headers.get(f"x-ratelimit-{part}") for part in ("limit", "remaining", "reset")
    )
    retry_after = retry_after_s(headers, now)
    if retry_after is None and not (limit or remaining or reset):
        return None
    return RateLimitInfo(
        int(_number(limit)),
        int(_number(remaining)),
        int(instant_s(reset, now)),
        retry_after,
        request_id_of(headers),
    )


def _number(text: str | None) -> float:
    """The number ``text`` begins with (``100``, ``100.0``, ``60;w=60``), else 0."""
    found = _NUMBER.match(text or "")
    value = float(found.group(1)) if found else 0.0
    return value if math.isfinite(value) else 0.0


def instant_s(text: str | None, now: float) -> float:
    """When ``text`` says that a window ends, in seconds since the epoch; 0 if nothing.

    Seconds from now, durations (``6m0s``, ``20ms``), time since the epoch in any unit,
    RFC 3339 and HTTP dates. ``now`` is the time of day.
    """
    length, moment = _told(text)
    return moment if length is None else now + length


def until_s(text: str | None, now: float) -> float | None:
    """As :func:`instant_s`, in seconds from ``now``; ``None`` if nothing."""
    length, moment = _told(text)
    if length is None:
        return moment - now if moment else None
    return length


def _told(text: str | None) -> tuple[float | None, float]:
    """A length of time, or else a moment, 0 for none."""
    text = (text or "").strip()
    number = _number(text)
    if number:
        return _length_or_moment(number)
    length = duration_s(text)
    if length is not None or not text:
        return length, 0.0
    try:
        moment = datetime.fromisoformat(_with_offset(text))
    except ValueError:
        return None, _http_date(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return None, max((moment - _EPOCH).total_seconds(), 0.0)


_UNITS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
_UNITS.update({"us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9})
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d)\s*", re.ASCII)


def duration_s(text: str) -> float | None:
    """Seconds of a duration with units (``1h2m3.5s``, ``20ms``), or ``None``."""
    at, total = 0, 0.0
    text = text.strip()
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        total += float(part[1]) * _UNITS[part[2]]
        at = part.end()
    return total if at else None


def _length_or_moment(number: float) -> tuple[float | None, float]:
    if number > _FINEST:
        return None, 0.0
    while number >= _YEAR_5000:
        number /= 1000
    return (None, number) if number > 1e8 else (number, 0.0)


_FRACTION = re.compile(r"(\.\d{1,6})\d*")


def _with_offset(text: str) -> str:
    """``text`` as Python 3.10 reads dates: offsets in digits, microseconds at most."""
    text = _FRACTION.sub(lambda m: m.group(1).ljust(7, "0"), text, count=1)
    return f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text


def _http_date(text: str) -> float:
    from email.utils import parsedate_to_datetime

    try:
        return max(parsedate_to_datetime(text).timestamp(), 0.0)
    except (TypeError, ValueError, OverflowError, IndexError):
        return 0.0
