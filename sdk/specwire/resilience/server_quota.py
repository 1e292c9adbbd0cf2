"""What a server says of its quota in headers, and how long that means to wait.

Read are the families that services have (``x-ratelimit-remaining-requests``,
``anthropic-ratelimit-tokens-reset``, ``ratelimit-reset``, ``RateLimit: "p";r=0;t=30``)
and the names a manifest gives; times in all forms of
:func:`specwire.core.rate_limits.until_s`. What cannot be read says nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..core.rate_limits import until_s
from ..core.retry import retry_after_s

_FAMILIES: Final = ("x-ratelimit", "anthropic-ratelimit", "ratelimit")
_KINDS: Final = ("requests", "tokens", "input-tokens", "output-tokens", "")
_FACTS: Final = ("limit", "remaining", "reset")
_NUMBER: Final = re.compile(r"\s*\+?(\d+(?:\.\d+)?)")
_MEMBERS: Final = re.compile(r"\b(limit|remaining|reset|r|t|q)\s*=\s*(\d+)", re.I)
_FACT_OF: Final = {
    **{fact: fact for fact in _FACTS},
    "r": "remaining",
    "t": "reset",
    "q": "limit",
}


class _Window:
    """One quota: what is left of it, and when it is whole again."""

    __slots__ = ("ends", "left", "limit")

    def __init__(self) -> None:
        self.left: float | None = None
        self.limit: float | None = None
        self.ends = -math.inf


class ServerQuota:
    """The quotas of one service.

    :param names: headers by what they tell: ``requests_remaining``, ``tokens_reset``,
        ``retry_after`` ..., besides the usual ones.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = {k: v.lower() for k, v in (names or {}).items() if v}
        self._windows: dict[str, _Window] = {}
        self._paused_until = -math.inf
        self._under_way = 0
        self._era = 1

    @property
    def requests_left(self) -> float | None:
        """The fewest requests that a quota leaves."""
        windows = [self._windows.get(kind) for kind in ("requests", "")]
        left = [w.left for w in windows if w is not None and w.left is not None]
        return min(left, default=None)

    def wait_s(self, now: float) -> float:
        """Seconds until a request may be sent; ``now`` never goes back."""
        until = self._paused_until
        for window in self._windows.values():
            if window.ends <= now:
                window.left = window.limit if window.left is not None else None
            elif window.left is not None and window.left <= 0:
                until = max(until, window.ends)
        return max(until - now, 0.0)

    def sent(self) -> int:
        """A request is let go: it is counted until the server has counted it."""
        self._under_way += 1
        for kind in ("requests", ""):
            window = self._windows.get(kind)
            if window is not None and window.left is not None:
                window.left -= 1
        return self._era

    def answered(self, era: int) -> None:
        if era == self._era:
            self._under_way = max(self._under_way - 1, 0)

    def forget_sent(self) -> None:
        """Those that were sent are another process's."""
        self._under_way = 0
        self._era += 1

    def told(
        self, headers: Mapping[str, str], now: float, time: float, most_s: float
    ) -> bool:
        """Take in what ``headers`` say; whether they say anything.

        ``time`` is the time of day at ``now``; no wait becomes longer than ``most_s``.
        """
        said = False
        lower = {str(k).lower(): v for k, v in headers.items() if _of_interest(k)}
        lower.update(self._under_own_names(headers))
        if not lower:
            return False
        for kind, facts in _quotas(lower):
            said = True
            window = self._windows.setdefault(kind, _Window())
            self._take(window, kind, facts, now, time, most_s)
        wish = retry_after_s(lower, time)
        if wish is not None:
            self._paused_until = max(self._paused_until, now + min(wish, most_s))
        return said or wish is not None

    def _take(
        self,
        window: _Window,
        kind: str,
        facts: Mapping[str, str],
        now: float,
        time: float,
        most_s: float,
    ) -> None:
        limit, left = _number(facts.get("limit")), _number(facts.get("remaining"))
        window.limit = limit if limit is not None else window.limit
        ends = until_s(facts.get("reset"), time)
        if ends is not None:
            window.ends = now + min(max(ends, 0.0), most_s)
        if left is not None:
            # The server may not have counted what is under way.
            window.left = left - (self._under_way if kind in ("requests", "") else 0)
            if left > 0:
                window.left = max(window.left, 1)  # its next word comes with a reply

    def _under_own_names(self, headers: Mapping[str, str]) -> dict[str, str]:
        given = {str(k).lower(): v for k, v in headers.items()} if self._names else {}
        found = {}
        for told, name in self._names.items():
            if name in given:
                kind, _, fact = told.rpartition("_")
                usual = f"x-ratelimit-{fact}-{kind}" if kind else f"x-ratelimit-{fact}"
                found["retry-after" if told == "retry_after" else usual] = given[name]
        return found

    def shown(self, now: float) -> dict[str, Any]:
        """What is known, as plain data."""
        said: dict[str, Any] = {"wait_s": self.wait_s(now)}
        for kind, window in self._windows.items():
            said[kind or "all"] = {
                "limit": window.limit,
                "remaining": window.left,
                "resets_in_s": max(window.ends - now, 0.0),
            }
        return said


def _of_interest(name: object) -> bool:
    lower = str(name).lower()
    return "ratelimit" in lower or lower.startswith("retry-after")


def _quotas(headers: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each quota that ``headers`` tell of: its kind, and the facts as they stand."""
    for kind in _KINDS:
        facts: dict[str, str] = {}
        for fact in _FACTS:
            for name in _spelled(kind, fact):
                if name in headers:
                    facts.setdefault(fact, headers[name])
        if facts:
            yield kind, facts
    members: dict[str, str] = {}
    for name, value in _MEMBERS.findall(headers.get("ratelimit", "").lower()):
        members[_FACT_OF[name]] = value
    if members:
        yield "", members


def _spelled(kind: str, fact: str) -> Iterator[str]:
    for family in _FAMILIES:
        if not kind:
            yield f"{family}-{fact}"
        else:
            yield f"{family}-{fact}-{kind}"
            yield f"{family}-{kind}-{fact}"


def _number(text: str | None) -> float | None:
    found = _NUMBER.match(text or "")
    return float(found[1]) if found else None
