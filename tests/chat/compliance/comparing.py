"""How what a runtime produced is held against what a compliance case expects.

An expectation is a part: members that it does not name are free. Lists are compared
item by item and have the same length, except events, of which the first are named. The
forms that are no plain values: ``{min, max}``, ``{assert: length|contains|matches|…}``,
members called ``…_contains``, ``…_must_not_contain`` and the like, and dotted paths
below ``…_assert``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_MISSING: Any = object()
_TYPES: dict[str, Any] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": Mapping,
}
_CONTAINS = ("_must_not_contain", "_should_mention", "_must_contain", "_contains")
_BEGINNINGS = ("events", "frames")


def differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    """What is wrong, a line each; nothing when the result is as expected."""
    return list(_members(expected, actual, "", actual))


def _members(
    expected: Mapping[str, Any], actual: Mapping[str, Any], at: str, whole: Any
) -> Iterator[str]:
    for name, wanted in expected.items():
        place = f"{at}.{name}" if at else name
        got = actual.get(name, _MISSING)
        if name == "must_not_contain":
            yield from _without(wanted, whole, place)
        elif name.endswith("_must_not_resolve"):
            yield from _without(wanted, whole.get("source_name"), place)
        elif name.endswith(_CONTAINS):
            yield from _containing(name, wanted, actual, place)
        elif name.endswith("_assert") and isinstance(wanted, Mapping):
            for path, value in wanted.items():
                yield from _value(value, _reached(got, path), f"{place}.{path}", whole)
        else:
            yield from _value(wanted, got, place, whole)


def _value(wanted: Any, got: Any, place: str, whole: Any) -> Iterator[str]:
    if got is _MISSING:
        if wanted is not None:
            yield f"{place}: expected {wanted!r}, got nothing"
    elif isinstance(wanted, Mapping) and "assert" in wanted:
        yield from _asserted(wanted, got, place)
    elif isinstance(wanted, Mapping) and wanted and set(wanted) <= {"min", "max"}:
        low, high = wanted.get("min", float("-inf")), wanted.get("max", float("inf"))
        if isinstance(got, bool) or not isinstance(got, int | float):
            yield f"{place}: expected a number, got {got!r}"
        elif not low <= got <= high:
            yield f"{place}: expected {low} to {high}, got {got!r}"
    elif isinstance(wanted, Mapping) and isinstance(got, Mapping):
        yield from _members(wanted, got, place, whole)
    elif isinstance(wanted, list) and isinstance(got, list | tuple):
        yield from _items(wanted, got, place, whole)
    elif wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
        yield f"{place}: expected {wanted!r}, got {got!r}"


def _items(wanted: Any, got: Any, place: str, whole: Any) -> Iterator[str]:
    begun = place.rpartition(".")[2] in _BEGINNINGS
    if len(got) < len(wanted) or (len(got) > len(wanted) and not begun):
        yield f"{place}: expected {len(wanted)} items, got {len(got)}: {got!r}"
        return
    for at, (each, found) in enumerate(zip(wanted, got, strict=False)):
        yield from _value(each, found, f"{place}[{at}]", whole)


def _asserted(wanted: Mapping[str, Any], got: Any, place: str) -> Iterator[str]:
    kind, value = wanted["assert"], wanted.get("value")
    if kind == "length":
        size = len(got)
        limits = {k: wanted[k] for k in ("min", "max") if k in wanted}
        yield from _value(limits or value, size, f"{place}.length", got)
        return
    ways: Mapping[str, Callable[[], Any]] = {
        "equals": lambda: got == value,
        "contains": lambda: value in got,
        "matches": lambda: re.search(str(value), str(got)) is not None,
        "type": lambda: isinstance(got, _TYPES[str(value)]),
        "any_of": lambda: got in (value if value is not None else wanted["values"]),
        "error": lambda: bool(got),
    }
    if not ways[kind]():
        yield f"{place}: expected {kind} {value!r}, got {got!r}"


def _containing(
    name: str, wanted: Any, actual: Mapping[str, Any], place: str
) -> Iterator[str]:
    suffix = next(suffix for suffix in _CONTAINS if name.endswith(suffix))
    got = actual.get(name, actual.get(name.removesuffix(suffix), _MISSING))
    if got is _MISSING:
        yield f"{place}: expected {wanted!r}, got nothing to look in"
    elif suffix == "_must_not_contain":
        yield from _without(wanted, got, place)
    elif isinstance(wanted, Mapping):
        yield from _value(wanted, got, place, got)
    else:
        held = got if isinstance(got, str | list) else _text(got)
        for each in wanted if isinstance(wanted, list) else [wanted]:
            if each not in held:
                yield f"{place}: expected {each!r} in {held!r}"


def _without(unwanted: Any, held: Any, place: str) -> Iterator[str]:
    text = _text(held)
    for each in unwanted if isinstance(unwanted, list) else [unwanted]:
        if str(each) in text:
            yield f"{place}: {each!r} stands in {text!r}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)


def _reached(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return _MISSING
    return value
