"""Streams that break off, fail or are none: nothing is lost in silence (N1, N2)."""

from __future__ import annotations

from ..case import Case, Expect
from ..dialects import Dialect
from ..script import (
    CHUNKED,
    EVENTS,
    LINES,
    Close,
    HalfClose,
    Hold,
    Pause,
    Reset,
    chunks,
    gzip,
    head,
    http,
    play,
    stream,
)
from .stream import GOT, OPEN, case, closing

CUT = Expect(("stream",), items=GOT, requests=(1, 1))


def cases(d: Dialect) -> list[Case]:
    return [*_cuts(d), *_errors(d), *_instead(d)]


def _cuts(d: Dialect) -> list[Case]:
    some = d.pieces(3)
    half = some + d.piece(3)[:-9]
    framed = head(200, CHUNKED, kind=EVENTS)
    longer = {"Content-Length": str(len(some) + 50)}
    coded = {**OPEN, "Content-Encoding": "gzip"}
    zipped = gzip(some)
    return [
        case("ends in order, no end mark, in chunks", play(stream(some)), CUT),
        case(
            "ends in order, no end mark, with a length",
            play(http(200, some, kind=EVENTS)),
            CUT,
        ),
        case("ends in order, no end mark, by closing", play(closing(some)), CUT),
        case(
            "ends in order, no end mark, gzip",
            play([head(200, coded, kind=EVENTS) + zipped, Close()]),
            CUT,
        ),
        case(
            "gzip, cut",
            play([head(200, coded, kind=EVENTS) + zipped[:-8], Close()]),
            Expect(("stream", "decode"), requests=(1, 1)),
        ),
        case(
            "no end mark but the last piece",
            play(closing(some + d.finish[: len(d.finish) // 2])),
            Expect(("stream",), items=GOT),
        ),
        case("cut in an event", play(stream(half)), CUT),
        case("cut in an event by closing", play(closing(half)), CUT),
        case(
            "closed between chunks",
            play([framed + chunks(some, end=False), Close()]),
            CUT,
        ),
        case(
            "closed in a chunk",
            play([framed + chunks(some, end=False) + b"ff\r\nda", Close()]),
            CUT,
        ),
        case(
            "reset between chunks",
            play([framed + chunks(some, end=False), Pause(0.05), Reset()]),
            CUT,
        ),
        case(
            "shorter than its length",
            play([head(200, longer, kind=EVENTS) + some, Close()]),
            CUT,
        ),
        case(
            "a chunk's size is rubbish",
            play([framed + chunks(some, end=False) + b"zz\r\n", Close()]),
            CUT,
        ),
        case(
            "half closed",
            play([framed + chunks(some, end=False), HalfClose(), Hold()]),
            CUT,
        ),
        case(
            "empty", play(stream(b"")), Expect(("stream",), items=(), requests=(1, 3))
        ),
        case(
            "nothing but pings",
            play(stream(d.ping * 3)),
            Expect(("stream",), items=(), requests=(1, 3)),
        ),
        case(
            "reset before the first event, then good",
            play([framed, Pause(0.02), Reset()], stream(d.whole(3))),
            Expect(("ok", "stream", "connection"), value="p0p1p2", requests=(1, 2)),
        ),
        case(
            "reset before the headers, then good",
            play(Reset(), stream(d.whole(3))),
            Expect(value="p0p1p2", items=GOT, requests=(2, 2)),
        ),
    ]


def _errors(d: Dialect) -> list[Case]:
    some = d.pieces(3)
    overloaded = Expect(("status 529",), items=GOT, requests=(1, 1))
    first = Expect(("status 529",), items=(), requests=(1, 3))
    named = b"event: error\ndata: "
    anything = Expect(
        ("status 500", "status 529", "decode"), items=GOT, requests=(1, 1)
    )
    limited = Expect(("status 429",), items=GOT, requests=(1, 1))
    return [
        case("an error event first", play(stream(d.error_event())), first),
        case(
            "an error event in its middle",
            play(stream(some + d.error_event())),
            overloaded,
        ),
        case(
            "an error event, then more",
            play(stream(some + d.error_event() + d.piece(4) + d.mark)),
            overloaded,
        ),
        case(
            "an error event, then reset",
            play(
                [
                    head(200, CHUNKED, kind=EVENTS)
                    + chunks(some + d.error_event(), end=False),
                    Pause(0.05),
                    Reset(),
                ]
            ),
            overloaded,
        ),
        case(
            "a rate limit as an event",
            play(stream(some + d.error_event("rate_limit_error"))),
            limited,
        ),
        case(
            "an error event of an unknown type",
            play(stream(some + d.error_event("new_error"))),
            Expect(("status 500",), items=GOT),
        ),
        case(
            "an error event that is text",
            play(stream(some + named + b"oops\n\n")),
            anything,
        ),
        case(
            "an error event that is null",
            play(stream(some + named + b"null\n\n")),
            anything,
        ),
        case(
            "an error event that is a list",
            play(stream(some + named + b"[1]\n\n")),
            anything,
        ),
    ]


def _instead(d: Dialect) -> list[Case]:
    good = stream(d.whole(3))
    no_stream = Expect(("decode", "stream"), items=(), requests=(1, 3))
    return [
        case("JSON instead", play(http(200, d.ok())), no_stream),
        case("HTML instead", play(http(200, "<html>", kind="text/html")), no_stream),
        case("JSON lines instead", play(http(200, b"{}\n{}\n", kind=LINES)), no_stream),
        case(
            "JSON that says it is a stream",
            play(http(200, d.ok(), kind=EVENTS)),
            no_stream,
        ),
        case(
            "529 instead",
            play(http(529, d.error("overloaded_error")), good),
            Expect(value="p0p1p2", items=GOT, requests=(2, 2)),
        ),
        case(
            "400 instead",
            play(http(400, d.error())),
            Expect(("status 400",), items=(), requests=(1, 1)),
        ),
        case(
            "204 instead",
            play(head(204, kind="")),
            Expect(("decode", "stream"), items=(), requests=(1, 3)),
        ),
    ]
