"""The time of a call is limited, whatever drips (F2), and so is a silence.

These pass in real time, so the figures are short. A library without a total limit is
given the same number as the limit it has.
"""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import (
    CHUNKED,
    EVENTS,
    LINES,
    Drip,
    Forever,
    Hold,
    Pause,
    Reply,
    Script,
    chunks,
    encoded,
    gzip,
    head,
    http,
    play,
    reply,
)

TOTAL_S = 0.5
SLACK_S = 0.25
TOTAL = Setup(total=TOTAL_S, read=None, connect=None, real=True)
IDLE = Setup(total=20.0, read=0.3, real=True, retries=0)


def cases(d: Dialect) -> list[Case]:
    return [*_calls(d), *_streams(d), *_idle(d), *_waits(d)]


def _case(name: str, script: Script, *, setup: Setup = TOTAL, **more: Any) -> Case:
    expect = Expect(
        more.pop("kinds", ("timeout",)),
        seconds=more.pop("seconds", TOTAL_S + SLACK_S),
        requests=more.pop("requests", (1, 3)),
        items=more.pop("items", None),
    )
    return Case("deadline", name, script, expect, setup=setup, **more)


def _calls(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    content = encoded(d.ok())
    framed = head(200, CHUNKED)
    sized = head(200, {"Content-Length": "99999"})
    coded = head(200, {"Content-Encoding": "gzip", "Content-Length": "99999"})
    interim = Forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05)
    hints = Forever(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.05)
    deaf = play(Reply((Hold(),), early=True))
    error = head(500, {"Content-Length": "99999"})
    return [
        _case("silence", play(Hold())),
        _case("the head drips", play(Drip(good, 0.05))),
        _case(
            "the headers have no end",
            play([b"HTTP/1.1 200 OK\r\n", Forever(b"X: y\r\n", 0.05)]),
        ),
        _case("the body drips", play([sized, Drip(content, 0.05)])),
        _case("the body stalls", play([sized, content[:5], Hold()])),
        _case(
            "the chunks drip",
            play(
                [framed, *(Drip(chunks(b" ", end=False), 0.05, 9) for _ in range(40))]
            ),
        ),
        _case("a chunk's size drips", play([framed, Forever(b"0", 0.05)])),
        _case("gzip drips", play([coded, Drip(gzip(content), 0.05)])),
        _case("blanks before the answer", play([sized, Forever(b" ", 0.05)])),
        _case("100 for ever", play(interim)),
        _case("103 for ever", play(hints)),
        _case(
            "an error drips",
            play([error, Forever(b" ", 0.05)]),
            kinds=("timeout", "status 500"),
        ),
        _case(
            "an upload nobody reads", deaf, action="upload", args={"size": 30_000_000}
        ),
        _case(
            "a download drips", play([sized, Forever(b"x", 0.05)]), action="download"
        ),
        _case(
            "TLS: silence before the handshake",
            Script(greet=((Hold(),),), tls="good"),
            requests=(0, 0),
            kinds=("timeout", "connection"),
        ),
        _case("TLS: the body drips", play([sized, Drip(content, 0.05)], tls="good")),
        _case(
            "TLS: the handshake drips",
            Script(greet=((Drip(b"\x16\x03\x03\x40\x00" + bytes(200), 0.05), Hold()),)),
            requests=(0, 0),
            kinds=("timeout", "connection"),
            args={"base_url": "https://127.0.0.1:@PORT@"},
        ),
    ]


def _streams(d: Dialect) -> list[Case]:
    framed = head(200, CHUNKED, kind=EVENTS)
    opened = head(200, {"Connection": "close"}, kind=EVENTS)
    some = d.pieces(2)
    ping = chunks(d.ping, end=False)
    got = ("p0", "p1")
    lines = {
        "/v1/messages/batches/b1/results": (
            reply(
                [
                    head(200, {"Connection": "close"}, kind=LINES),
                    d.row(0) + b"\n",
                    Forever(b" ", 0.05),
                ]
            ),
        )
    }
    rows = Script((reply(http(200, d.batch(2))),), paths=lines)
    return [
        _case(
            "a stream: only pings",
            play([framed + chunks(some, end=False), Forever(ping, 0.05)]),
            action="stream",
            items=got,
        ),
        _case(
            "a stream: only comments",
            play([opened + some, Forever(b": hi\n", 0.05)]),
            action="stream",
            items=got,
        ),
        _case(
            "a stream: an event drips",
            play([opened + some, Forever(b"x", 0.05)]),
            action="stream",
            items=got,
        ),
        _case(
            "a stream: silence behind two pieces",
            play([opened + some, Hold()]),
            action="stream",
            items=got,
        ),
        _case(
            "a stream: silence before the first",
            play([opened, Hold()]),
            action="stream",
            items=(),
        ),
        _case(
            "rows: a row drips", rows, action="rows", items=("r0",), kinds=("timeout",)
        ),
    ]


def _idle(d: Dialect) -> list[Case]:
    """A silence inside a body has a limit of its own, long before the call's."""
    opened = head(200, {"Connection": "close"}, kind=EVENTS)
    some = d.pieces(2)
    sized = head(200, {"Content-Length": "99999"})
    slow = [Pause(0.15), b" " + encoded(d.ok())]
    length = {"Content-Length": str(len(encoded(d.ok())) + 1)}
    in_time = 0.3 + SLACK_S
    return [
        _case("idle: no reply", play(Hold()), setup=IDLE, seconds=in_time),
        _case(
            "idle: in the headers",
            play([b"HTTP/1.1 200 OK\r\n", Hold()]),
            setup=IDLE,
            seconds=in_time,
        ),
        _case(
            "idle: in the body",
            play([sized + b"{", Hold()]),
            setup=IDLE,
            seconds=in_time,
        ),
        _case(
            "idle: in a stream",
            play([opened + some, Hold()]),
            setup=IDLE,
            seconds=in_time,
            action="stream",
            items=("p0", "p1"),
        ),
        _case(
            "idle: shorter than the limit",
            play([head(200, length), *slow]),
            setup=IDLE,
            seconds=1.0,
            kinds=("ok",),
        ),
    ]


def _waits(d: Dialect) -> list[Case]:
    """Attempts and the waits between them share the one limit."""
    error = http(503, d.error(), {"Retry-After": "0.2"})
    late = http(503, d.error(), {"Retry-After": "5"})
    many = Setup(total=TOTAL_S, read=None, connect=None, real=True, retries=50)
    outcome = ("timeout", "status 503")
    return [
        _case(
            "attempts share the limit",
            play(error),
            setup=many,
            kinds=outcome,
            requests=(2, 4),
        ),
        _case(
            "a wait that does not fit is not begun",
            play(late),
            setup=many,
            kinds=("status 503",),
            seconds=0.4,
            requests=(1, 1),
        ),
        _case(
            "attempts that are slow share the limit",
            play([Pause(0.15), error]),
            setup=many,
            kinds=outcome,
        ),
        _case(
            "resets share the limit",
            Script(greet=((Pause(0.05), Hold()),)),
            setup=many,
            requests=(0, 3),
        ),
    ]
