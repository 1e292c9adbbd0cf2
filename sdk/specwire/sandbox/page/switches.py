"""Faults that are switched on and off by hand, and those that a program ordered.

A switch stands: while it is on, every request that fits its pattern meets its fault,
or so many as it is made for.
``Sandbox.fail`` orders faults that are used up; they are shown beside the switches.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import attrs

from ..faults import Fault, Faults, Rule
from .views import fault_text

MOST: Final = 100
_PATTERN_LIMIT: Final = 500
_LONGEST_S: Final = 600.0
_LARGEST: Final = 1 << 30


class SwitchError(ValueError):
    """What a switch shall do cannot be done; the text says why."""


@attrs.define(eq=False)
class Switch:
    """A fault to switch."""

    id: int
    rule: Rule

    def does(self, rule: Rule) -> bool:
        """Whether it is one for the same requests and the same fault."""
        own = (self.rule.pattern, self.rule.times, self.rule.faults)
        return own == (rule.pattern, rule.times, rule.faults)


class Switches:
    """The switches of one sandbox."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._switches: dict[int, Switch] = {}
        self._lock = threading.Lock()
        self._made = 0

    def make(self, asked: Any) -> dict[str, Any]:
        """A switch, on: ``{"pattern": "POST /v1/messages", "status": 529}``.

        It is a new one, unless there is one that does the same.

        :raises SwitchError: for what no fault can be.
        """
        pattern, times, fault = _read(asked)
        try:
            rule = Rule(pattern, deque([fault]), standing=True, times=times)
        except ValueError as error:
            raise SwitchError(str(error)) from None
        with self._lock:
            for switch in self._switches.values():
                if switch.does(rule):
                    break
            else:
                switch = self._new(rule)
        return self.turn(switch.id, on=True)

    def _new(self, rule: Rule) -> Switch:
        if len(self._switches) >= MOST:
            raise SwitchError(f"there are {MOST} switches; remove one first")
        self._made += 1
        switch = self._switches[self._made] = Switch(self._made, rule)
        return switch

    def turn(self, id: int, on: bool) -> dict[str, Any]:
        """Switch one on or off.

        :raises KeyError: there is none of this id.
        """
        with self._lock:
            switch = self._switches[id]
            # Lifted first, so that two pages that switch it on put it in once.
            self._faults.lift(switch.rule)
            if on:
                self._faults.put(switch.rule)
        return self._shown(switch, on=on)

    def remove(self, id: int) -> None:
        """Switch one off and forget it.

        :raises KeyError: there is none of this id.
        """
        with self._lock:
            self._faults.lift(self._switches.pop(id).rule)

    def listed(self) -> dict[str, list[dict[str, Any]]]:
        """``{"switches": [...], "ordered": [...]}``, oldest first."""
        rules = self._faults.rules()
        with self._lock:
            switches = list(self._switches.values())
        return {
            "ordered": [
                {
                    "left": len(rule.faults),
                    "met": rule.met,
                    "next": fault_text(rule.faults[0]),
                    "pattern": rule.pattern,
                }
                for rule in rules
                if not rule.standing and rule.faults
            ],
            "switches": [
                self._shown(each, on=any(each.rule is rule for rule in rules))
                for each in switches
            ],
        }

    @staticmethod
    def _shown(switch: Switch, *, on: bool) -> dict[str, Any]:
        rule = switch.rule
        fault = rule.faults[0]
        left = None if rule.times is None else max(rule.times - rule.used, 0)
        return {
            "id": switch.id,
            "left": left,
            "met": rule.met,
            "on": on,
            "pattern": rule.pattern,
            "text": fault_text(fault),
        }


def _read(asked: Any) -> tuple[str, int | None, Fault]:
    if not isinstance(asked, Mapping):
        raise SwitchError("expected an object such as {'pattern': ..., 'status': 529}")
    facts = {str(name): value for name, value in asked.items() if value is not None}
    pattern = facts.pop("pattern", None)
    if not isinstance(pattern, str) or len(pattern) > _PATTERN_LIMIT:
        raise SwitchError("pattern: expected 'METHOD /path'")
    times = facts.pop("times", None)
    if times is not None:
        times = _whole("times", times, 1, _LARGEST)
    unknown = sorted(set(facts) - set(_READ))
    if unknown:
        raise SwitchError(f"{unknown[0]}: not known; known: {', '.join(_READ)}")
    fault = Fault(**{name: _READ[name](name, value) for name, value in facts.items()})
    if fault == Fault():
        raise SwitchError("nothing would happen: choose a status, a delay, a cut, ...")
    return " ".join(pattern.split()), times, fault


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not low <= value <= high
    ):
        raise SwitchError(f"{name}: expected a whole number from {low} to {high}")
    return value


def _seconds(name: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= _LONGEST_S:
        raise SwitchError(f"{name}: expected seconds from 0 to {_LONGEST_S:g}")
    return float(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SwitchError(f"{name}: expected true or false")
    return value


def _word(name: str, value: Any) -> str | None:
    # It travels in a stream's event, as one word.
    if not isinstance(value, str) or len(value) > 100 or not value.isascii():
        raise SwitchError(f"{name}: expected an error type, such as overloaded_error")
    return value.strip() or None


def _headers(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 50:
        raise SwitchError(f"{name}: expected names and values, at most 50")
    found = {}
    for key, text in value.items():
        # A line end in either would begin another header.
        if not _TOKEN.fullmatch(str(key)) or not _FIELD.fullmatch(str(text)):
            raise SwitchError(f"{name}: {key!r} cannot be sent as a header")
        found[str(key)] = str(text)
    return found


def _content(name: str, value: Any) -> Any:
    """JSON as such, any other text as its bytes."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value.encode("utf-8", "replace")


_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_FIELD: Final = re.compile(r"[\t\x20-\x7e]{0,1000}")
_READ: Final[dict[str, Any]] = {
    "status": lambda name, value: _whole(name, value, 200, 599),
    "retry_after": _seconds,
    "latency_s": _seconds,
    "cut_after": lambda name, value: _whole(name, value, 0, _LARGEST),
    "drip_s": _seconds,
    "drop": _flag,
    "as_json": _flag,
    "stream_error": _word,
    "headers": _headers,
    "body": _content,
}
