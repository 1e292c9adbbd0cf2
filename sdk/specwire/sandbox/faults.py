"""Failures on order: which request fails, and how.

Two ways to ask for one: a rule made beforehand (``Sandbox.fail``), used up by the
requests that match it, or the header ``x-sandbox-fault`` on one request, as in
``status=529; retry-after=0.1; latency=0.05; cut=120; drip=0.01; json``.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .values import Refused
from .wire import Damage

HEADER = "x-sandbox-fault"


@attrs.frozen
class Fault:
    """What happens to one request.

    :ivar status: answered in the API's own error shape; ``None`` and 200 leave the
        answer as it is, for the other members to spoil.
    :ivar retry_after: the value of the header, in seconds.
    :ivar latency_s: seconds before the answer.
    :ivar cut_after: the connection is cut after so many bytes of the body.
    :ivar drip_s: seconds between single bytes of the body.
    :ivar drop: the connection is cut in place of an answer.
    :ivar as_json: whole JSON where a stream was asked for.
    :ivar stream_error: an error event of this type after three events of a stream.
    :ivar headers: further headers of the answer.
    :ivar body: the answer's body in place of the usual one: bytes as they are,
        anything else as JSON.
    """

    status: int | None = None
    retry_after: float | None = None
    latency_s: float = 0.0
    cut_after: int | None = None
    drip_s: float = 0.0
    drop: bool = False
    as_json: bool = False
    stream_error: str | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: Any = None

    @property
    def damage(self) -> Damage:
        """What the fault does to the bytes on the wire."""
        return Damage(self.cut_after, self.drip_s, self.drop)

    @property
    def replaces(self) -> bool:
        """The fault is the answer: no handler sees the request."""
        return self.body is not None or self.status not in (None, 200)


@attrs.define(eq=False)
class Rule:
    """Requests that fit ``pattern`` meet ``faults``, one each.

    :ivar standing: it meets every one with its first fault, until it is lifted; or
        so many of them as ``times`` says.
    :ivar met: how many requests have met it, ``used`` since it was put in last.
    """

    pattern: str
    faults: deque[Fault]
    standing: bool = False
    times: int | None = None
    met: int = 0
    used: int = 0
    _regex: re.Pattern[str] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._regex = _compiled(self.pattern)

    def fits(self, line: str) -> bool:
        """Whether a request, as ``METHOD /path``, is meant."""
        return self._regex.fullmatch(line) is not None

    @property
    def spent(self) -> bool:
        """No request will meet it any more."""
        return not self.faults or (self.times is not None and self.used >= self.times)

    def take(self) -> Fault:
        """The fault for a request that fits."""
        self.met += 1
        self.used += 1
        return self.faults[0] if self.standing else self.faults.popleft()


class Faults:
    """The rules that wait for their requests, oldest first."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, pattern: str, faults: Iterable[Fault]) -> None:
        """Let the next requests that fit ``pattern`` meet ``faults``, one each."""
        self.put(Rule(pattern, deque(faults)))

    def put(self, rule: Rule) -> None:
        """Let requests meet ``rule`` from now on."""
        with self._lock:
            rule.used = 0
            self._rules.append(rule)

    def lift(self, rule: Rule) -> None:
        """Let no more requests meet ``rule``; nothing happens where none do."""
        with self._lock:
            self._rules = [each for each in self._rules if each is not rule]

    def rules(self) -> list[Rule]:
        """The rules that requests may still meet, oldest first."""
        with self._lock:
            return list(self._rules)

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str, header: str | None) -> Fault | None:
        """The fault for this request, which is used up by this; or ``None``.

        :raises Refused: 400 for a header that cannot be read.
        """
        if header is not None:
            return from_header(header)
        with self._lock:
            for rule in self._rules:
                if not rule.spent and rule.fits(f"{method} {path}"):
                    fault = rule.take()
                    self._rules = [each for each in self._rules if not each.spent]
                    return fault
        return None


def many(
    statuses: int | Sequence[int | Fault | None] | None, **facts: Any
) -> list[Fault]:
    """One fault per status; a single one, without a status, where none is given."""
    if statuses is None or isinstance(statuses, int):
        statuses = [statuses]
    return [
        one if isinstance(one, Fault) else Fault(status=one, **facts)
        for one in statuses
    ]


def from_header(text: str) -> Fault:
    """The fault that an ``x-sandbox-fault`` header asks for.

    :raises Refused: 400, naming the part that is not understood.
    """
    facts: dict[str, Any] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, _, value = part.partition("=")
        try:
            key, read = _PARTS[name.strip().lower()]
            facts[key] = read(value.strip())
        except (KeyError, ValueError):
            known = ", ".join(_PARTS)
            raise Refused(
                400, f"{HEADER}: {part!r} is not understood; known: {known}"
            ) from None
    return Fault(**facts)


def _flag(value: str) -> bool:
    return value != "false"


_PARTS: dict[str, tuple[str, Any]] = {
    "status": ("status", int),
    "retry-after": ("retry_after", float),
    "latency": ("latency_s", float),
    "cut": ("cut_after", int),
    "drip": ("drip_s", float),
    "drop": ("drop", _flag),
    "json": ("as_json", _flag),
    "stream-error": ("stream_error", str),
}


def _compiled(pattern: str) -> re.Pattern[str]:
    method, _, path = pattern.strip().rpartition(" ")
    method = method.strip().upper() or "*"
    if not path.startswith("/"):
        raise ValueError(
            f"fault pattern {pattern!r}: expected 'METHOD /path', where a segment may "
            "be * or {a placeholder}"
        )
    segments = [
        "[^/]+" if segment == "*" or segment[:1] == "{" else re.escape(segment)
        for segment in path.split("/")
    ]
    verb = "[A-Z]+" if method == "*" else re.escape(method)
    return re.compile(f"{verb} {'/'.join(segments)}")
