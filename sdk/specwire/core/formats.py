"""Text with a Python type of its own: times and dates (RFC 3339), UUIDs (RFC 9562).

A value remembers how it was spelled where Python would spell it otherwise, so that
writing it back gives the text that came: ``.250`` does not become ``.250000``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final, TypeVar, cast

from .unions import Hook, Mismatch

V = TypeVar("V")


class _Spelled:
    """Mixed into a value's class; what is computed from it is spelled as usual."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        plain, text = _plain(self), spelling(self)
        return _respelled, (plain, text)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __repr__(self) -> str:
        return repr(_plain(self))


class _SpelledDatetime(_Spelled, dt.datetime):
    spelling = ""


class _SpelledDate(_Spelled, dt.date):
    spelling = ""


class _SpelledUUID(_Spelled, uuid.UUID):
    __slots__ = ("spelling",)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(value.date(), value.timetz())
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    return uuid.UUID(int=value.int)


def _respelled(value: V, text: str) -> V:
    """``value`` spelled ``text``; itself where it is spelled so anyway."""
    if not text or spelling(value) == text:
        return value
    found: Any
    if isinstance(value, dt.datetime):
        found = _SpelledDatetime.combine(value.date(), value.timetz())
    elif isinstance(value, dt.date):
        found = _SpelledDate(value.year, value.month, value.day)
    else:
        assert isinstance(value, uuid.UUID)
        found = _SpelledUUID(int=value.int)
    object.__setattr__(found, "spelling", text)
    return cast(V, found)


def spelling(value: Any) -> str:
    """The text of a time, date or UUID: as it came, else as RFC 3339 has it."""
    said = getattr(value, "spelling", "")
    if said:
        return str(said)
    if isinstance(value, uuid.UUID):
        return str(value)
    text: str = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _datetime(data: Any, _: Any) -> dt.datetime:
    text = _text(data)
    try:
        value = dt.datetime.fromisoformat(_iso(text))
    except ValueError:
        raise Mismatch("a date and time (RFC 3339)", data) from None
    return _respelled(value, text)


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
    text = _text(data)
    try:
        return _respelled(dt.date.fromisoformat(text), text)
    except ValueError:
        raise Mismatch("a date (RFC 3339)", data) from None


def _uuid(data: Any, _: Any) -> uuid.UUID:
    text = _text(data)
    try:
        return _respelled(uuid.UUID(text), text)
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
