"""Text with a Python type of its own: times and dates (RFC 3339), UUIDs (RFC 9562)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final, get_args, get_origin

from .kinds import is_union
from .unions import Hook, Mismatch


def _datetime(data: Any, _: Any) -> dt.datetime:
    text = _text(data)
    try:
        return dt.datetime.fromisoformat(_iso(text))
    except ValueError:
        raise Mismatch("a date and time (RFC 3339)", data) from None


def _iso(text: str) -> str:
    # Python before 3.11 knows neither Z nor fractions of odd length.
    if text[-1:] in ("Z", "z"):
        text = text[:-1] + "+00:00"
    head, dot, rest = text.partition(".")
    if not dot:
        return text
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[:digits][:6].ljust(6, '0')}{rest[digits:]}"


def _date(data: Any, _: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(data))
    except ValueError:
        raise Mismatch("a date (RFC 3339)", data) from None


def _uuid(data: Any, _: Any) -> uuid.UUID:
    try:
        return uuid.UUID(_text(data))
    except ValueError:
        raise Mismatch("a UUID", data) from None


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise Mismatch("a string", data)
    return data


FORMATS: Final[dict[Any, Hook]] = {
    dt.datetime: _datetime,
    dt.date: _date,
    uuid.UUID: _uuid,
}


def has_format(cls: Any) -> bool:
    """Whether ``cls`` is or holds text with a Python type of its own."""
    if cls in FORMATS:
        return True
    opened = is_union(cls) or get_origin(cls) in (list, dict)
    return opened and any(map(has_format, get_args(cls)))
