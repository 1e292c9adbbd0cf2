"""What a wire case expects, compared with what happened."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from specwire import dump, errors
from tests.scripted import Received

from .wire_cases import Play


def at(value: Any, pointer: str) -> Any:
    """What ``pointer`` leads to: members, items, attributes; ``()`` calls."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/")
        if part == "()":
            value = value()
        elif part == "len":
            value = len(value)
        elif part == "class":
            value = type(value).__name__
        elif part == "dump":
            value = dump(value)
        elif part == "hex":
            value = value.encode("utf-8", "surrogatepass").hex()
        elif isinstance(value, (list, tuple)) and part.lstrip("-").isdigit():
            value = value[int(part)]
        elif isinstance(value, Mapping):
            value = value[part]
        else:
            value = getattr(value, part)
    return value


def check(played: Play) -> None:
    """Compare what happened with what the case expects."""
    case = played.case
    wanted = case.get("error")
    if played.error is not None and wanted is None:
        raise played.error
    if wanted is not None:
        _check_error(played, dict(wanted))
    for pointer, expected in case.get("gives", {}).items():
        _same(pointer, expected, at(played.value, pointer))
    if "kinds" in case:
        _same("kinds of events", case["kinds"], played.kinds)
    if "waits" in case:
        _check_waits(case["waits"], played.clock.slept)
    expected = case.get("requests")
    count = len(case.get("replies", [])) if expected is None else len(expected)
    _same("number of requests", case.get("sent", count), len(played.received))
    for want, got in zip(expected or (), played.received, strict=False):
        _check_request(want, got, urlsplit(played.base).path)
    if case.get("same_requests"):
        first = played.received[0]
        for other in played.received:
            _same("body", first.body, other.body)
            _same("key", *(r.headers.get("idempotency-key") for r in (first, other)))


def _check_error(played: Play, wanted: dict[str, Any]) -> None:
    error = played.error
    assert error is not None, f"expected {wanted}, got {played.value!r}"
    found: Any = getattr(errors, wanted["class"], None) or wanted["class"]
    if isinstance(found, str):
        _same("class of the error", found, type(error).__name__)
    elif type(error) is not found:
        raise error
    del wanted["class"]
    says = wanted.pop("says", "")
    assert re.search(says, str(error)), f"expected /{says}/, got {error}"
    for base in wanted.pop("is", ()):
        assert isinstance(error, getattr(errors, base)), base
    if wanted.pop("pickles", False):
        _same("pickled", str(error), str(pickle.loads(pickle.dumps(error))))
    for pointer, expected in wanted.items():
        _same(pointer, expected, at(error, pointer))


def _check_waits(wanted: list[Any], waits: list[float]) -> None:
    assert len(waits) == len(wanted), f"waits: expected {wanted}, got {waits}"
    for want, wait in zip(wanted, waits, strict=True):
        low, high = want if isinstance(want, list) else (want, want)
        assert low - 1e-6 <= wait <= high + 1e-6, f"expected {wanted}, got {waits}"


def _check_request(want: Any, got: Received, under: str) -> None:
    path, _, query = got.target.partition("?")
    if "method" in want:
        _same("method", want["method"], got.method)
    if "path" in want:
        _same("path", want["path"], path.removeprefix(under if under != "/" else ""))
    if "whole_path" in want:
        _same("path", want["whole_path"], path)
    if "query" in want:
        _same("query", want["query"], query)
    if "pairs" in want:
        _same("query", want["pairs"], [list(pair) for pair in parse_qsl(query, True)])
    for name, value in want.get("headers", {}).items():
        _same(f"header {name}", value, got.headers.get(name))
    lines = [line.partition(":")[0].lower() for line in _lines(got)]
    assert len(lines) == len(set(lines)), f"a header stands twice: {lines}"
    if "body" in want:
        _same("body", want["body"], got.json())
    if "text" in want:
        _same("body as it is", want["text"], got.body.decode())
    for pointer, value in want.get("has", {}).items():
        _same(pointer, value, at(got.json(), pointer))
    for name in want.get("lacks", ()):
        assert name not in got.json(), name
    for part in want.get("parts", ()):
        assert part in got.body.decode(), f"expected {part!r} in {got.body!r}"
    for part in want.get("no_parts", ()):
        assert part not in got.body.decode(), f"{part!r} is in {got.body!r}"


def _lines(got: Received) -> Iterator[str]:
    yield from got.head.decode("latin-1").split("\r\n")[1:]


def _same(what: str, expected: Any, got: Any) -> None:
    if isinstance(got, tuple):
        got = list(got)
    if isinstance(expected, dict) and set(expected) == {"like"}:
        assert re.fullmatch(expected["like"], got), f"{what}: {expected}, got {got!r}"
        return
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"
