"""Results in JSON lines: what cannot be read or did not come is said (N3)."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import (
    CHUNKED,
    LINES,
    Close,
    HalfClose,
    Hold,
    Pause,
    Reset,
    Script,
    chunks,
    gzip,
    head,
    http,
    reply,
)

GOT = ("r0", "r1", "r2")
WHOLE = Expect(value=3, items=GOT, requests=(1, 2))
OPEN = {"Connection": "close"}


def cases(d: Dialect) -> list[Case]:
    return [*_whole(d), *_broken(d), *_cut(d), *_instead(d)]


def _case(
    d: Dialect, name: str, results: Any, expect: Expect, *, count: int = 3, **more: Any
) -> Case:
    """The batch itself says that there are ``count`` results."""
    replies = results if isinstance(results, tuple) else (results,)
    paths = {
        "/v1/messages/batches/b1": (reply(http(200, d.batch(count))),),
        "/v1/messages/batches/b1/results": tuple(reply(each) for each in replies),
        "/v1/files/file_1/content": tuple(reply(each) for each in replies),
    }
    return Case("batch", name, Script(paths=paths), expect, "rows", **more)


def _lines(d: Dialect, *more: bytes, count: int = 3) -> bytes:
    return b"".join(line + b"\n" for line in [*(d.row(n) for n in range(count)), *more])


def _sent(data: bytes) -> bytes:
    return http(200, data, kind=LINES)


def _closing(data: bytes, **headers: str) -> list[Any]:
    return [head(200, {**OPEN, **headers}, kind=LINES) + data, Close()]


def _whole(d: Dialect) -> list[Case]:
    lines = _lines(d)
    coded = {"Content-Encoding": "gzip"}
    odd = d.row(1, "a\u2028b\u2029c\u0085d\u000be")
    parted = lines.replace(d.row(1), odd)
    byte = head(200, CHUNKED, kind=LINES) + chunks(
        *(lines[i : i + 1] for i in range(len(lines)))
    )
    down = http(503, d.error())
    return [
        _case(d, "whole", _sent(lines), WHOLE),
        _case(d, "in chunks of a byte", byte, WHOLE),
        _case(d, "that end by closing", _closing(lines), WHOLE),
        _case(d, "no line feed behind the last", _sent(lines[:-1]), WHOLE),
        _case(d, "CR LF", _sent(lines.replace(b"\n", b"\r\n")), WHOLE),
        _case(d, "blank lines between", _sent(lines.replace(b"\n", b"\n\n \n")), WHOLE),
        _case(d, "U+2028 and U+0085 inside a row", _sent(parted), WHOLE),
        _case(d, "gzip", http(200, gzip(lines), coded, LINES), WHOLE),
        _case(d, "another type", http(200, lines, kind="application/binary"), WHOLE),
        _case(
            d,
            "none at all, as the batch says",
            _sent(b""),
            Expect(value=0, items=(), requests=(1, 2)),
            count=0,
        ),
        _case(
            d,
            "5,000 rows",
            _sent(_lines(d, count=5000)),
            Expect(value=5000, requests=(1, 2), seconds=10.0),
            count=5000,
        ),
        _case(
            d,
            "503, then whole",
            (down, _sent(lines)),
            Expect(value=3, items=GOT, requests=(2, 3)),
        ),
    ]


def _broken(d: Dialect) -> list[Case]:
    good = [d.row(n) for n in range(3)]

    def with_second(line: bytes) -> bytes:
        return _sent(b"".join(each + b"\n" for each in (good[0], line, good[2])))

    said = Expect(("decode",), items=("r0",), requests=(1, 2))
    lines = {
        "a row is cut": good[1][:-9],
        "a row is null": b"null",
        "a row is a number": b"7",
        "a row is a list": b"[]",
        "a row has nothing in it": b"{}",
        "a row is text": b'"r1"',
        "a row is 100,000 brackets": b"[" * 100_000,
        "a row is bad UTF-8": good[1].replace(b"hello", b"he\xfflo"),
        "a row is NaN": good[1].replace(b'"hello"', b"NaN"),
        "two rows in a line": good[1] + good[1],
    }
    return [_case(d, name, with_second(line), said) for name, line in lines.items()]


def _cut(d: Dialect) -> list[Case]:
    lines = _lines(d)
    some = _lines(d, count=2)
    half = some + d.row(2)[:-9]
    framed = head(200, CHUNKED, kind=LINES)
    longer = {"Content-Length": str(len(lines))}
    ended = Expect(("stream",), items=("r0", "r1"), requests=(1, 2))
    packed, part = gzip(lines), gzip(some)
    coded = {"Content-Encoding": "gzip"}
    zipped = Expect(("stream", "decode"), requests=(1, 2))
    return [
        _case(d, "the last row is missing", _sent(some), ended),
        _case(d, "the last row is missing, by closing", _closing(some), ended),
        _case(d, "the last row is cut", _sent(half), ended),
        _case(d, "the last row is cut, by closing", _closing(half), ended),
        _case(
            d,
            "shorter than the length",
            [head(200, longer, kind=LINES) + some, Close()],
            ended,
        ),
        _case(
            d,
            "reset between rows",
            [framed + chunks(some, end=False), Pause(0.05), Reset()],
            ended,
        ),
        _case(
            d,
            "closed between chunks",
            [framed + chunks(some, end=False), Close()],
            ended,
        ),
        _case(
            d,
            "half closed",
            [framed + chunks(some, end=False), HalfClose(), Hold()],
            ended,
        ),
        _case(d, "gzip, cut", _closing(packed[:-9], **coded), zipped),
        _case(d, "gzip, cut at a line's end", _closing(part[:-8], **coded), zipped),
        _case(d, "gzip, the last row is missing", http(200, part, coded, LINES), ended),
        _case(
            d,
            "no rows where there are three",
            _sent(b""),
            Expect(("stream",), items=(), requests=(1, 2)),
        ),
        _case(
            d,
            "silence behind two rows",
            [framed + chunks(some, end=False), Hold()],
            Expect(("timeout", "stream"), items=("r0", "r1"), requests=(1, 2)),
            setup=Setup(read=0.3, retries=0),
        ),
    ]


def _instead(d: Dialect) -> list[Case]:
    page = http(200, "<html>", kind="text/html")
    missing = http(404, d.error("not_found_error"))
    return [
        _case(
            d, "a page of HTML", page, Expect(("decode",), items=(), requests=(1, 2))
        ),
        _case(d, "404", missing, Expect(("status 404",), items=(), requests=(1, 2))),
        _case(
            d,
            "an error in JSON",
            http(200, d.error(), kind=LINES),
            Expect(("decode",), items=(), requests=(1, 2)),
        ),
    ]
