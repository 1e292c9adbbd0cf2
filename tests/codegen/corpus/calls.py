"""Calls with sample arguments, and replies with sample values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from specwire.core import codec
from specwire.core.download import Download
from specwire.core.paging import Page
from specwire.core.stream import Stream
from specwire.core.wire import Call

from ..sampling import Sampler
from . import wiring
from .packages import Package
from .reading import Operation, is_stream

JSON = "application/json"
_STRUCTURED = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")


@attrs.frozen
class Arguments:
    """What is passed, by Python name, and what it stands for in the document."""

    passed: dict[str, Any]
    parameters: dict[tuple[str, str], Any]
    media: str | None
    body: Any


def arguments(
    package: Package, operation: Operation, full: bool, turn: int = 0
) -> Arguments:
    """Sample arguments; ``full`` gives the optional ones too."""
    record = package.records[operation.pointer]
    sampler = Sampler(package.data, "write", full, turn)
    names = _names(operation, record)
    passed: dict[str, Any] = {}
    parameters = {}
    for one in operation.parameters:
        if one.required or full:
            value = Sampler(package.data, "write", True, turn).value(one.schema)
            parameters[one.where, one.name] = value
            passed[names[one.where, one.name]] = value
    media, body = None, None
    if operation.bodies and (full or operation.body_required or _is_spread(record)):
        media = record.media
        body = _body(sampler, operation, record, passed)
    return Arguments(passed, parameters, media, body)


def _is_spread(record: Any) -> bool:
    return isinstance(record.body, Mapping) and record.optional_body is None


def _names(operation: Operation, record: Any) -> dict[tuple[str, str], str]:
    """Place and wire name of each parameter to the argument's name."""
    places = re.findall(r"\{([^}]*)\}", operation.path)
    called = re.findall(r"\{([^}]*)\}", record.path)
    out = {("path", wire): py for wire, py in zip(places, called, strict=True)}
    for where, table in (
        ("query", record.query),
        ("header", record.headers),
        ("cookie", record.cookies),
    ):
        out.update({(where, wire): py for py, wire in table.items()})
    return out


def _body(
    sampler: Sampler, operation: Operation, record: Any, passed: dict[str, Any]
) -> Any:
    value = sampler.value(operation.bodies[record.media])
    if isinstance(record.body, str):
        json_like = record.media in _STRUCTURED or record.media.endswith("+json")
        if not json_like and not record.media.startswith("text/"):
            value = b"raw \x00 bytes"
        passed[record.body] = value
        return value
    called = {wire: py for py, wire in record.body.items()}
    files = {record.body[py] for py in record.files}
    if operation.flag:
        value["stream"] = False
    for wire, item in value.items():
        if wire in files:
            value[wire] = [b"\x00one"] if isinstance(item, list) else b"\x00one"
        passed[called[wire]] = value[wire]
    return value


# -- what was sent ---------------------------------------------------------------


def differences(operation: Operation, given: Arguments, call: Call) -> Iterator[str]:
    """Where the request of ``call`` is not what the document says."""
    request = call.request
    base = f"https://{call.service}.example/root"
    whole, _, query = request.url.partition("?")
    sent_headers = {name.lower(): value for name, value in request.headers.items()}
    wanted = wiring.headers(operation, given.parameters)
    found: dict[str, tuple[Any, Any]] = {
        "method": (operation.method, request.method),
        "path": (base + wiring.path(operation, given.parameters), whole),
        "query": (
            sorted(wiring.query(operation, given.parameters)),
            sorted(part for part in query.replace("|", "%7C").split("&") if part),
        ),
        "headers": (wanted, {k: sent_headers.get(k) for k in wanted}),
    }
    if given.media:
        media = sent_headers.get("content-type", "")
        found["media"] = (given.media, media.partition(";")[0])
        sent = wiring.body(given.media, request.body, media)
        found["body"] = (wiring.sent_as(given.media, given.body), sent)
    for what, (expected, actual) in found.items():
        if expected != actual:
            yield f"{what}: expected {_short(expected)}, sent {_short(actual)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}..."


# -- what came back --------------------------------------------------------------


def answers(operation: Operation) -> Iterator[tuple[int, str, Any, bool]]:
    """(status, media type, schema, whether ``stream`` is asked for) of each reply."""
    for status, contents in operation.replies.items():
        code = int(status) if status.isdigit() else 200
        if not contents:
            yield code, "", None, False
        elif operation.flag and JSON in contents:
            yield code, JSON, contents[JSON], False
            for media in filter(is_stream, contents):
                yield code, media, contents[media], True
        else:
            media = min(contents, key=_order)
            yield code, media, contents[media], False


def _order(media: str) -> int:
    kinds = (
        _is_json(media),
        media == "text/event-stream",
        is_stream(media),
        media.startswith("text/") or media.endswith("xml"),
        True,
    )
    return kinds.index(True)


def _is_json(media: str) -> bool:
    return media in (JSON, "text/json") or media.endswith("+json")


def body_of(sampler: Sampler, media: str, schema: Any) -> tuple[bytes, Any]:
    """The reply's body, and what it has to read as."""
    if not media:
        return b"", None
    order = _order(media)
    if "*" in media:
        flat = sampler.flat(schema)
        texty = isinstance(flat, Mapping) and flat.get("type") == "string"
        order = (4 if flat.get("format") == "binary" else 3) if texty else 0
    if order == 0:
        value = sampler.value(schema)
        return _dumped(value), value
    if order < 3:
        values = [attrs.evolve(sampler, turn=n).value(schema) for n in range(3)]
        lines = [b"data: %s\n\n" if order == 1 else b"%s\n"] * len(values)
        pairs = zip(lines, values, strict=True)
        return b"".join(line % _dumped(value) for line, value in pairs), values
    if order == 3:
        return "téxt".encode(), "téxt"
    return b"\x00\x01 bytes", b"\x00\x01 bytes"


def _dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def read_back(result: Any, items: str | None = None) -> Any:
    """The result of a call as the plain value it was made from."""
    if isinstance(result, Download):
        return result.read()
    if isinstance(result, Stream):
        return [codec.dump(item) for item in result]
    if isinstance(result, Page):
        return [codec.dump(item) for item in result.data]
    return codec.dump(result)


def first(expected: Any, actual: Any, at: str = "") -> str:
    """Where two values differ first."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *actual]:
            if key not in expected or key not in actual:
                missing = "actual" if key in expected else "expected"
                return f"{at}/{key} is missing in {missing}"
            if expected[key] != actual[key]:
                return first(expected[key], actual[key], f"{at}/{key}")
    if isinstance(expected, list) and isinstance(actual, list):
        for number, (one, other) in enumerate(zip(expected, actual, strict=False)):
            if one != other:
                return first(one, other, f"{at}/{number}")
    return f"{at}: expected {_short(expected)}, got {_short(actual)}"
