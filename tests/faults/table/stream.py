"""Streams that are whole, in every framing and spelling, large and live (B4, L4, L5).

That the event-stream syntax itself is read as WHATWG has it, at every split of the
bytes, is in ``tests/core/test_sse.py``; here it comes over a connection.
"""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect, sse
from ..script import (
    CHUNKED,
    EVENTS,
    Close,
    Drip,
    Hold,
    Pause,
    Reset,
    Script,
    Send,
    chunks,
    gzip,
    head,
    http,
    play,
    stream,
)

GOT = ("p0", "p1", "p2")
WHOLE = Expect(value="p0p1p2", items=GOT, attempts=1)
OPEN = {"Connection": "close"}


def cases(d: Dialect) -> list[Case]:
    return [
        *_framings(d),
        *_syntax(d),
        *_events(d),
        *_large(d),
        *_live(d),
    ]


def case(name: str, script: Script, expect: Expect = WHOLE, **more: Any) -> Case:
    more.setdefault("action", "stream")
    return Case("stream", name, script, expect, **more)


def closing(data: bytes) -> list[Any]:
    return [head(200, OPEN, kind=EVENTS) + data, Close()]


def _framings(d: Dialect) -> list[Case]:
    wire = d.whole(3)
    framed = head(200, CHUNKED, kind=EVENTS)
    coded = {"Content-Encoding": "gzip"}
    single = chunks(*(wire[i : i + 1] for i in range(len(wire))))
    drips = [framed, Drip(chunks(wire), size=1)]
    bare = [head(200, version="1.0", kind=EVENTS) + wire, Close()]
    zipped = [head(200, {**OPEN, **coded}, kind=EVENTS) + gzip(wire), Close()]
    return [
        case("in one chunk", play(stream(wire))),
        case("a chunk a byte", play(framed + single)),
        case("a write a byte", play(drips)),
        case("with a length", play(http(200, wire, kind=EVENTS))),
        case("that ends by closing", play(closing(wire))),
        case("in HTTP/1.0", play(bare)),
        case("gzip", play(zipped)),
        case(
            "gzip, in chunks",
            play(
                head(200, {**CHUNKED, **coded}, kind=EVENTS)
                + chunks(*[gzip(wire)[i : i + 7] for i in range(0, len(gzip(wire)), 7)])
            ),
        ),
        case(
            "charset in its type",
            play(http(200, wire, kind=EVENTS + "; charset=utf-8")),
        ),
        case(
            "closed behind the end mark, not ended",
            play([framed + chunks(wire, end=False), Close()]),
        ),
        case(
            "reset behind the end mark",
            play([framed + chunks(wire, end=False), Pause(0.05), Reset()]),
        ),
        case(
            "held open behind the end mark",
            play([framed + chunks(wire, end=False), Hold()]),
            Expect(value="p0p1p2", items=GOT, seconds=2.0),
        ),
    ]


def _syntax(d: Dialect) -> list[Case]:
    wire = d.whole(3)
    old = wire.replace(b"\n", b"\r")
    dos = wire.replace(b"\n", b"\r\n")
    mixed = wire.replace(b"\n\n", b"\r\n\n").replace(b"data: ", b"data:")
    split = [
        chunks(dos[:i], dos[i:]) for i in range(1, len(dos), max(len(dos) // 60, 1))
    ]
    splits = [head(200, CHUNKED, kind=EVENTS) + each for each in split]
    between = d.pieces(3).replace(b"\n\n", b"\n\n: hi\n\n\n\nid: 1\nretry: 5\n\n")
    return [
        case("CR", play(closing(old))),
        case("CR LF", play(closing(dos))),
        case(
            "CR LF, a byte a chunk",
            play(stream(*(dos[i : i + 1] for i in range(len(dos))))),
        ),
        case("line ends mixed, no blank behind the colon", play(closing(mixed))),
        case("a byte order mark before it", play(closing(b"\xef\xbb\xbf" + wire))),
        case(
            "comments, ids and empty events between",
            play(closing(between + d.finish + d.mark)),
        ),
        case(
            "fields nobody knows",
            play(closing(wire.replace(b"data: ", b"other: 1\nodd\ndata: "))),
        ),
        case(
            "data over two lines",
            play(closing(wire.replace(b'data: {"', b'data: {\ndata: "'))),
        ),
        case(
            "split anywhere",
            play(*splits),
            Expect(
                value=len(splits), requests=(len(splits), len(splits)), seconds=12.0
            ),
            action="streams",
            args={"each": "p0p1p2", "count": len(splits)},
        ),
        case(
            "no blank line behind the last event",
            play(closing(wire[:-1])),
            Expect(("stream",), items=GOT),
        ),
        case("an id with a NUL", play(closing(b"id: a\0b\n" + wire))),
        case("a retry that is no number", play(closing(b"retry: soon\n" + wire))),
    ]


def _events(d: Dialect) -> list[Case]:
    start, rest = d.pieces(2), d.piece(2) + d.finish + d.mark

    def between(data: bytes) -> Script:
        return play(closing(start + data + rest))

    odd = Expect(("decode",), items=("p0", "p1"), requests=(1, 1))
    text = d.begin + d.piece(0, "a\u2028b\u0085c\r\n") + d.finish + d.mark
    raw = text.replace(b"\\u2028", "\u2028".encode()).replace(
        b"\\u0085", "\x85".encode()
    )
    bad = d.begin + d.piece(0, "aXb").replace(b"aXb", b"a\xffb") + d.finish + d.mark
    line = "a\u2028b\x85c\r\n"
    return [
        case("pings between", between(d.ping * 5)),
        case("an event that is not JSON", between(b"data: {oops\n\n"), odd),
        case(
            "an event with empty data",
            between(b"data:\n\n"),
            Expect(("ok", "decode"), value="p0p1p2"),
        ),
        case("U+2028 and U+0085 inside a text", play(closing(raw)), Expect(value=line)),
        case(
            "bad UTF-8 inside a text",
            play(closing(bad)),
            Expect(("ok", "decode"), value="a\ufffdb"),
        ),
        case("events behind the end mark", play(closing(d.whole(3) + d.piece(9)))),
        case("the end mark twice", play(closing(d.whole(3) + d.mark))),
        case(
            "a number that is too long", between(b"data: " + b"9" * 5000 + b"\n\n"), odd
        ),
        case("100,000 brackets", between(b"data: " + b"[" * 100_000 + b"\n\n"), odd),
    ]


def _large(d: Dialect) -> list[Case]:
    large = "x" * (10 << 20)
    wire = d.begin + d.piece(0, large) + d.finish + d.mark
    many = d.begin + d.piece(0, "y") * 20_000 + d.finish + d.mark
    talk = d.begin + b": hi\n" * 300_000 + d.piece(0, "z") + d.finish + d.mark
    slow = Setup(total=30.0)
    framed = head(200, CHUNKED, kind=EVENTS)
    cut = 65_536
    return [
        case(
            "an event of 10 MB",
            play(
                [
                    framed,
                    *(
                        Send(chunks(wire[i : i + cut], end=False))
                        for i in range(0, len(wire), cut)
                    ),
                    b"0\r\n\r\n",
                ]
            ),
            Expect(value=large, seconds=8.0),
            setup=slow,
        ),
        case(
            "20,000 events",
            play(stream(many)),
            Expect(value="y" * 20_000, seconds=8.0),
            setup=slow,
        ),
        case(
            "300,000 comments",
            play(stream(talk)),
            Expect(value="z", seconds=8.0),
            setup=slow,
        ),
        case(
            "an event over 50,000 lines",
            play(
                stream(
                    d.begin
                    + sse("\n").replace(b"\n\n", b"\n") * 50_000
                    + b"\n"
                    + d.piece(0)
                    + d.finish
                    + d.mark
                )
            ),
            Expect(("ok", "decode"), value="p0", seconds=8.0),
            setup=slow,
        ),
    ]


def _live(d: Dialect) -> list[Case]:
    """A piece is there when it was sent, not when the next one is (L5)."""
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(d.pieces(1)) + packer.flush(zlib.Z_SYNC_FLUSH)
    coded = {**OPEN, "Content-Encoding": "gzip"}
    once = Expect(value="p0", seconds=1.0, requests=(1, 1))
    wires = {
        "in chunks": head(200, CHUNKED, kind=EVENTS) + chunks(d.pieces(1), end=False),
        "that ends by closing": head(200, OPEN, kind=EVENTS) + d.pieces(1),
        "gzip": head(200, coded, kind=EVENTS) + packed,
    }
    return [
        case(
            f"the first piece is there at once, {name}",
            play([wire, Hold()]),
            once,
            action="first_piece",
        )
        for name, wire in wires.items()
    ]
