"""Bodies, heads and lines without bound: the process stays small (B3).

The limit of a whole reply after decompression is the client's ``max_body_bytes``.
"""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import (
    CHUNKED,
    EVENTS,
    LINES,
    Close,
    Flood,
    Script,
    bomb,
    gzip,
    head,
    http,
    play,
    reply,
)

MIB = 1 << 20
ONCE = Setup(retries=0, total=20.0, read=10.0)


def cases(d: Dialect) -> list[Case]:
    return [*_bombs(), *_endless(d), *_limits(d)]


def _case(
    name: str, script: Script, *kinds: str, do: str = "call", **more: Any
) -> Case:
    needs = {"needs": () if do == "interrupted" else (do,)}
    expect = Expect(
        kinds,
        seconds=18.0,
        checks=("bounded_memory",),
        value=more.pop("value", None),
        requests=(1, 2),
    )
    return Case(
        "memory",
        name,
        script,
        expect,
        "isolated",
        ONCE,
        args={"do": do, **needs},
        **more,
    )


def _bombs() -> list[Case]:
    data = bomb(512)
    coding = {"Content-Encoding": "gzip"}
    away = {**coding, "Location": "/elsewhere"}
    found = [
        _case("512 MiB in a 200", play(http(200, data, coding)), "decode"),
        _case("512 MiB in a 307", play(http(307, data, away), http(400)), "status 400"),
    ]
    found += [
        _case(
            f"512 MiB in a {status}",
            play(http(status, data, coding)),
            f"status {status}",
        )
        for status in (400, 503)
    ]
    twice = gzip(bomb(256))
    double = {"Content-Encoding": "gzip, gzip"}
    return [
        *found,
        _case(
            "512 MiB in a download",
            play(http(200, data, coding)),
            "ok",
            do="download",
            value=512 * MIB,
        ),
        _case("gzip in gzip", play(http(200, twice, double)), "decode"),
    ]


def _endless(d: Dialect) -> list[Case]:
    block = b"x" * MIB
    flood = Flood(block, 200)
    opened = head(200, {"Connection": "close"})
    failed = head(500, {"Connection": "close"})
    event = head(200, {"Connection": "close"}, kind=EVENTS) + b"data: "
    line = head(200, {"Connection": "close"}, kind=LINES)
    broken = ("connection", "decode")
    rows = {"/v1/messages/batches/b1": (reply(http(200, d.batch(1))),)}
    rows["/v1/messages/batches/b1/results"] = (reply([line, flood, Close()]),)
    return [
        _case("an error of 200 MB", play([failed, flood, Close()]), "status 500"),
        _case("an answer of 200 MB", play([opened, flood, Close()]), "decode"),
        _case(
            "a status line of 200 MB", play([b"HTTP/1.1 200 ", flood, Close()]), *broken
        ),
        _case(
            "a header of 200 MB",
            play([b"HTTP/1.1 200 OK\r\nX: ", flood, Close()]),
            *broken,
        ),
        _case(
            "headers of 200 MB",
            play(
                [
                    b"HTTP/1.1 200 OK\r\n",
                    Flood(b"X: " + block[:60] + b"\r\n", 50_000),
                    Close(),
                ]
            ),
            *broken,
        ),
        _case(
            "a chunk's size of 200 MB",
            play([head(200, CHUNKED), Flood(b"0" * MIB, 200), Close()]),
            *broken,
        ),
        _case(
            "trailers of 200 MB",
            play(
                [
                    head(200, CHUNKED) + b"2\r\n{}\r\n0\r\n",
                    Flood(b"X: " + block[:60] + b"\r\n" * 1, 50_000),
                    Close(),
                ]
            ),
            *broken,
        ),
        _case(
            "an event of 200 MB",
            play([event, flood, Close()]),
            "decode",
            "stream",
            do="stream",
        ),
        _case(
            "a row of 200 MB",
            Script(play([line, flood, Close()]).replies, paths=rows),
            "decode",
            "stream",
            do="rows",
        ),
    ]


def _limits(d: Dialect) -> list[Case]:
    """The bound is the client's to set."""

    def limited(name: str, size: int, expect: Expect) -> Case:
        wire = http(200, gzip(d.ok("x" * size)), {"Content-Encoding": "gzip"})
        setup = Setup(max_body_bytes=100_000)
        return Case(
            "memory",
            name,
            play(wire),
            expect,
            "call",
            setup,
            args={"needs": ("limit",)},
        )

    plain = http(200, d.ok("y" * 200_000))
    return [
        limited("under the limit", 90_000, Expect(value="x" * 90_000)),
        limited("over the limit", 200_000, Expect(("decode",), attempts=1)),
        Case(
            "memory",
            "over the limit, not compressed",
            play(plain),
            Expect(("decode",), attempts=1),
            "call",
            Setup(max_body_bytes=100_000),
            args={"needs": ("limit",)},
        ),
    ]
