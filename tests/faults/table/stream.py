"""Streams: framings, cuts, error events; nothing is lost without a word (N1, N2, B4).

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
    LINES,
    Close,
    Drip,
    HalfClose,
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
CUT = Expect(("stream",), items=GOT, requests=(1, 1))
OPEN = {"Connection": "close"}


def cases(d: Dialect) -> list[Case]:
    return [
        *_framings(d),
        *_syntax(d),
        *_events(d),
        *_cuts(d),
        *_errors(d),
        *_instead(d),
        *_large(d),
        *_live(d),
    ]


def _case(name: str, script: Script, expect: Expect = WHOLE, **more: Any) -> Case:
    more.setdefault("action", "stream")
    return Case("stream", name, script, expect, **more)


def _closing(data: bytes) -> list[Any]:
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
        _case("in one chunk", play(stream(wire))),
        _case("a chunk a byte", play(framed + single)),
        _case("a write a byte", play(drips)),
        _case("with a length", play(http(200, wire, kind=EVENTS))),
        _case("that ends by closing", play(_closing(wire))),
        _case("in HTTP/1.0", play(bare)),
        _case("gzip", play(zipped)),
        _case("gzip, in chunks", play(head(200, {**CHUNKED, **coded}, kind=EVENTS) + chunks(*[gzip(wire)[i : i + 7] for i in range(0, len(gzip(wire)), 7)]))),
        _case("charset in its type", play(http(200, wire, kind=EVENTS + "; charset=utf-8"))),
        _case("closed behind the end mark, not ended", play([framed + chunks(wire, end=False), Close()])),
        _case("reset behind the end mark", play([framed + chunks(wire, end=False), Pause(0.05), Reset()])),
        _case("held open behind the end mark", play([framed + chunks(wire, end=False), Hold()]), Expect(value="p0p1p2", items=GOT, seconds=2.0)),
    ]  # fmt: skip


def _syntax(d: Dialect) -> list[Case]:
    wire = d.whole(3)
    old = wire.replace(b"\n", b"\r")
    dos = wire.replace(b"\n", b"\r\n")
    mixed = wire.replace(b"\n\n", b"\r\n\n").replace(b"data: ", b"data:")
    split = [chunks(dos[:i], dos[i:]) for i in range(1, len(dos), max(len(dos) // 60, 1))]
    splits = [head(200, CHUNKED, kind=EVENTS) + each for each in split]
    between = d.pieces(3).replace(b"\n\n", b"\n\n: hi\n\n\n\nid: 1\nretry: 5\n\n")
    return [
        _case("CR", play(_closing(old))),
        _case("CR LF", play(_closing(dos))),
        _case("CR LF, a byte a chunk", play(stream(*(dos[i : i + 1] for i in range(len(dos)))))),
        _case("line ends mixed, no blank behind the colon", play(_closing(mixed))),
        _case("a byte order mark before it", play(_closing(b"\xef\xbb\xbf" + wire))),
        _case("comments, ids and empty events between", play(_closing(between + d.finish + d.mark))),
        _case("fields nobody knows", play(_closing(wire.replace(b"data: ", b"other: 1\nodd\ndata: ")))),
        _case("data over two lines", play(_closing(wire.replace(b'data: {"', b'data: {\ndata: "')))),
        _case("split anywhere", play(*splits), Expect(value=len(splits), requests=(len(splits), len(splits)), seconds=12.0), action="streams", args={"each": "p0p1p2", "count": len(splits)}),
        _case("no blank line behind the last event", play(_closing(wire[:-1])), Expect(("stream",), items=GOT)),
        _case("an id with a NUL", play(_closing(b"id: a\0b\n" + wire))),
        _case("a retry that is no number", play(_closing(b"retry: soon\n" + wire))),
    ]  # fmt: skip


def _events(d: Dialect) -> list[Case]:
    start, rest = d.pieces(2), d.piece(2) + d.finish + d.mark

    def between(data: bytes) -> Script:
        return play(_closing(start + data + rest))

    odd = Expect(("decode",), items=("p0", "p1"), requests=(1, 1))
    text = d.begin + d.piece(0, "a\u2028b\u0085c\r\n") + d.finish + d.mark
    raw = text.replace(b"\\u2028", "\u2028".encode()).replace(b"\\u0085", "\x85".encode())
    bad = d.begin + d.piece(0, "aXb").replace(b"aXb", b"a\xffb") + d.finish + d.mark
    line = "a\u2028b\x85c\r\n"
    return [
        _case("pings between", between(d.ping * 5)),
        _case("an event that is not JSON", between(b"data: {oops\n\n"), odd),
        _case("an event with empty data", between(b"data:\n\n"), Expect(("ok", "decode"), value="p0p1p2")),
        _case("U+2028 and U+0085 inside a text", play(_closing(raw)), Expect(value=line)),
        _case("bad UTF-8 inside a text", play(_closing(bad)), Expect(("ok", "decode"), value="a\ufffdb")),
        _case("events behind the end mark", play(_closing(d.whole(3) + d.piece(9)))),
        _case("the end mark twice", play(_closing(d.whole(3) + d.mark))),
        _case("a number that is too long", between(b"data: " + b"9" * 5000 + b"\n\n"), odd),
        _case("100,000 brackets", between(b"data: " + b"[" * 100_000 + b"\n\n"), odd),
    ]  # fmt: skip


def _cuts(d: Dialect) -> list[Case]:
    some = d.pieces(3)
    half = some + d.piece(3)[:-9]
    framed = head(200, CHUNKED, kind=EVENTS)
    longer = {"Content-Length": str(len(some) + 50)}
    coded = {**OPEN, "Content-Encoding": "gzip"}
    zipped = gzip(some)
    return [
        _case("ends in order, no end mark, in chunks", play(stream(some)), CUT),
        _case("ends in order, no end mark, with a length", play(http(200, some, kind=EVENTS)), CUT),
        _case("ends in order, no end mark, by closing", play(_closing(some)), CUT),
        _case("ends in order, no end mark, gzip", play([head(200, coded, kind=EVENTS) + zipped, Close()]), CUT),
        _case("gzip, cut", play([head(200, coded, kind=EVENTS) + zipped[:-8], Close()]), Expect(("stream", "decode"), requests=(1, 1))),
        _case("no end mark but the last piece", play(_closing(some + d.finish[: len(d.finish) // 2])), Expect(("stream",), items=GOT)),
        _case("cut in an event", play(stream(half)), CUT),
        _case("cut in an event by closing", play(_closing(half)), CUT),
        _case("closed between chunks", play([framed + chunks(some, end=False), Close()]), CUT),
        _case("closed in a chunk", play([framed + chunks(some, end=False) + b"ff\r\nda", Close()]), CUT),
        _case("reset between chunks", play([framed + chunks(some, end=False), Pause(0.05), Reset()]), CUT),
        _case("shorter than its length", play([head(200, longer, kind=EVENTS) + some, Close()]), CUT),
        _case("a chunk's size is rubbish", play([framed + chunks(some, end=False) + b"zz\r\n", Close()]), CUT),
        _case("half closed", play([framed + chunks(some, end=False), HalfClose(), Hold()]), CUT),
        _case("empty", play(stream(b"")), Expect(("stream",), items=(), requests=(1, 3))),
        _case("nothing but pings", play(stream(d.ping * 3)), Expect(("stream",), items=(), requests=(1, 3))),
        _case("reset before the first event, then good", play([framed, Pause(0.02), Reset()], stream(d.whole(3))), Expect(("ok", "stream", "connection"), value="p0p1p2", requests=(1, 2))),
        _case("reset before the headers, then good", play(Reset(), stream(d.whole(3))), Expect(value="p0p1p2", items=GOT, requests=(2, 2))),
    ]  # fmt: skip


def _errors(d: Dialect) -> list[Case]:
    some = d.pieces(3)
    overloaded = Expect(("status 529",), items=GOT, requests=(1, 1))
    first = Expect(("status 529",), items=(), requests=(1, 3))
    named = b"event: error\ndata: "
    anything = Expect(("status 500", "status 529", "decode"), items=GOT, requests=(1, 1))
    limited = Expect(("status 429",), items=GOT, requests=(1, 1))
    return [
        _case("an error event first", play(stream(d.error_event())), first),
        _case("an error event in its middle", play(stream(some + d.error_event())), overloaded),
        _case("an error event, then more", play(stream(some + d.error_event() + d.piece(4) + d.mark)), overloaded),
        _case("an error event, then reset", play([head(200, CHUNKED, kind=EVENTS) + chunks(some + d.error_event(), end=False), Pause(0.05), Reset()]), overloaded),
        _case("a rate limit as an event", play(stream(some + d.error_event("rate_limit_error"))), limited),
        _case("an error event of an unknown type", play(stream(some + d.error_event("new_error"))), Expect(("status 500",), items=GOT)),
        _case("an error event that is text", play(stream(some + named + b"oops\n\n")), anything),
        _case("an error event that is null", play(stream(some + named + b"null\n\n")), anything),
        _case("an error event that is a list", play(stream(some + named + b"[1]\n\n")), anything),
    ]  # fmt: skip


def _instead(d: Dialect) -> list[Case]:
    good = stream(d.whole(3))
    no_stream = Expect(("decode", "stream"), items=(), requests=(1, 3))
    return [
        _case("JSON instead", play(http(200, d.ok())), no_stream),
        _case("HTML instead", play(http(200, "<html>", kind="text/html")), no_stream),
        _case("JSON lines instead", play(http(200, b"{}\n{}\n", kind=LINES)), no_stream),
        _case("JSON that says it is a stream", play(http(200, d.ok(), kind=EVENTS)), no_stream),
        _case("529 instead", play(http(529, d.error("overloaded_error")), good), Expect(value="p0p1p2", items=GOT, requests=(2, 2))),
        _case("400 instead", play(http(400, d.error())), Expect(("status 400",), items=(), requests=(1, 1))),
        _case("204 instead", play(head(204, kind="")), Expect(("decode", "stream"), items=(), requests=(1, 3))),
    ]  # fmt: skip


def _large(d: Dialect) -> list[Case]:
    large = "x" * (10 << 20)
    wire = d.begin + d.piece(0, large) + d.finish + d.mark
    many = d.begin + d.piece(0, "y") * 20_000 + d.finish + d.mark
    talk = d.begin + b": hi\n" * 300_000 + d.piece(0, "z") + d.finish + d.mark
    slow = Setup(total=30.0)
    framed = head(200, CHUNKED, kind=EVENTS)
    cut = 65_536
    return [
        _case("an event of 10 MB", play([framed, *(Send(chunks(wire[i : i + cut], end=False)) for i in range(0, len(wire), cut)), b"0\r\n\r\n"]), Expect(value=large, seconds=8.0), setup=slow),
        _case("20,000 events", play(stream(many)), Expect(value="y" * 20_000, seconds=8.0), setup=slow),
        _case("300,000 comments", play(stream(talk)), Expect(value="z", seconds=8.0), setup=slow),
        _case("an event over 50,000 lines", play(stream(d.begin + sse("\n").replace(b"\n\n", b"\n") * 50_000 + b"\n" + d.piece(0) + d.finish + d.mark)), Expect(("ok", "decode"), value="p0", seconds=8.0), setup=slow),
    ]  # fmt: skip


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
        _case(f"the first piece is there at once, {name}", play([wire, Hold()]), once, action="first_piece")
        for name, wire in wires.items()
    ]  # fmt: skip
