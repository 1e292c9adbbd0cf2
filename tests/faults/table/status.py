"""Errors keep their class and status, whatever their bodies are (B2)."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import Close, Drip, Reset, Send, encoded, gzip, head, http, play

ONCE = Setup(retries=0)


def cases(d: Dialect) -> list[Case]:
    found = [
        _case(f"{status}", http(status, d.error()), status)
        for status in (400, 401, 402, 403, 404, 405, 409, 410, 413, 418, 422, 425, 429)
    ]
    found += [
        _case(f"{status}", http(status, d.error()), status)
        for status in (451, 499, 500, 501, 502, 503, 504, 507, 520, 529, 599)
    ]
    found += [
        _case(f"400, {n}", http(400, body), 400) for n, body in _bodies(d).items()
    ]
    return [*found, *_wires(d)]


def _case(name: str, wire: Any, status: int) -> Case:
    expect = Expect((f"status {status}",), requests=(1, 1))
    return Case("status", name, play(wire), expect, setup=ONCE)


def _bodies(d: Dialect) -> dict[str, Any]:
    return {
        "no body": b"",
        "null": b"null",
        "a list": [1, 2],
        "a number": b"7",
        "text": b'"no"',
        "an error that is text": {"error": "no"},
        "an error that is a list": {"error": [1]},
        "an error that is null": {"error": None},
        "an error that is empty": {"error": {}},
        "a message that is a number": {"error": {"message": 7, "type": [], "code": {}}},
        "a message with line feeds": {"error": {"message": "a\r\nb\0c", "type": "x"}},
        "a message of 100 KB": {"error": {"message": "x" * 100_000}},
        "bad UTF-8": b'{"error": "\xff\xfe"}',
        "cut JSON": b'{"error": {"mess',
        "100,000 brackets": b"[" * 100_000,
        "100,000 brackets, closed": b"[" * 100_000 + b"]" * 100_000,
        "5,000 digits": b"9" * 5_000,
        "detail instead": {"detail": [{"loc": ["a"], "msg": "no"}]},
    }


def _wires(d: Dialect) -> list[Case]:
    body = encoded(d.error())
    page = "<html><title>502</title>" + "x" * 3000
    short = head(500, {"Content-Length": "9999"}) + body
    coding = {"Content-Encoding": "gzip"}
    return [
        _case("502, a page of HTML", http(502, page, kind="text/html"), 502),
        _case("500, the body is cut", [Send(short), Close()], 500),
        _case("500, the body is reset", [Send(short), Drip(b"  ", 0.02), Reset()], 500),
        _case("500, says gzip, is not", http(500, body, coding), 500),
        _case("500, gzip", http(500, gzip(body), coding), 500),
        _case("500, gzip, cut", http(500, gzip(body)[:-9], coding), 500),
        _case(
            "500, an unknown coding", http(500, body, {"Content-Encoding": "x"}), 500
        ),
        _case("429, odd limits", http(429, body, _odd_limits()), 429),
        _case(
            "500, an error stream",
            http(500, d.error_event(), kind="text/event-stream"),
            500,
        ),
        _case("401, no Content-Type", http(401, body, kind=""), 401),
    ]


def _odd_limits() -> dict[str, str]:
    return {
        "x-ratelimit-limit": "many",
        "x-ratelimit-remaining": "",
        "x-ratelimit-reset": "tomorrow",
        "anthropic-ratelimit-requests-reset": "never",
    }
