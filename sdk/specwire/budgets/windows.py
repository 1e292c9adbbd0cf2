"""The stretch of time that a budget is for: an hour, a day, a week, a month, or all.

A day begins at midnight of its time zone, UTC unless another is given; where clocks are
changed it has 23 or 25 hours.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Final

PERIODS: Final = ("hour", "day", "week", "month")


def zone(name: str | tzinfo | None) -> tzinfo:
    """A time zone by its name, such as ``Europe/Berlin``; UTC without one.

    :raises ValueError: for a name that this machine does not know.
    """
    if name is None or name == "UTC":
        return timezone.utc
    if isinstance(name, tzinfo):
        return name
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(
            f"tz: no time zone {name!r} here; a name such as 'Europe/Berlin' needs the "
            "system's tables, or the package tzdata"
        ) from None


def window(per: str, now: float, tz: tzinfo) -> tuple[float, float]:
    """When the period of ``now`` began and when it ends, as seconds since the epoch."""
    if per == "hour":
        began = now - now % 3600
        return began, began + 3600
    today = datetime.fromtimestamp(now, tz).date()
    if per == "day":
        first, last = today, today + timedelta(days=1)
    elif per == "week":
        first = today - timedelta(days=today.weekday())
        last = first + timedelta(days=7)
    else:
        first = today.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1)
    ends = (datetime.combine(day, time(), tz).timestamp() for day in (first, last))
    began, end = ends
    return began, end
