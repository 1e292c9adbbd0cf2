"""HTTP that is odd but legal works; broken framing is refused (F5)."""

from __future__ import annotations

from ..case import Case, Expect
from ..dialects import ANSWER, Dialect
from ..script import (
    CHUNKED,
    Close,
    Hold,
    Reply,
    Script,
    Send,
    chunks,
    encoded,
    gzip,
    head,
    http,
    play,
)

FINE = Expect(attempts=1)
NO_HTTP = Expect(("connection", "decode"))
"""What is no HTTP: that the reply cannot be read is as true as that it broke off."""


def cases(d: Dialect) -> list[Case]:
    return [*_legal(d), *_heads(d), *_statuses(d), *_codings(d), *_early(d)]


def _case(name: str, script: Script, expect: Expect, **more: object) -> Case:
    return Case("http", name, script, expect, **more)  # type: ignore[arg-type]


def _legal(d: Dialect) -> list[Case]:
    good, content = http(200, d.ok()), encoded(d.ok())
    size = str(len(content))
    kind = b"Content-Type: application/json\r\n"
    length = b"Content-Length: " + size.encode() + b"\r\n"
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    framed = b"%x;name=value\r\n%b\r\n0\r\n" % (len(content), content)
    padded = b"000%X\r\n%b\r\n000\r\n\r\n" % (len(content), content)
    legal = {
        "HTTP/1.0 with a length": [
            head(200, {"Content-Length": size}, version="1.0") + content,
            Close(),
        ],
        "HTTP/1.0 that ends by closing": [head(200, version="1.0") + content, Close()],
        "HTTP/1.1 that ends by closing": [
            head(200, {"Connection": "close"}) + content,
            Close(),
        ],
        "100 before the answer": go_on + good,
        "103 before the answer": hint + good,
        "many interim answers": go_on + hint * 5 + b"HTTP/1.1 102 P\r\n\r\n" + good,
        "no reason": b"HTTP/1.1 200\r\n" + kind + length + b"\r\n" + content,
        "an empty reason": b"HTTP/1.1 200 \r\n" + kind + length + b"\r\n" + content,
        "bare line feeds": (b"HTTP/1.1 200 OK\r\n" + kind + length + b"\r\n").replace(
            b"\r\n", b"\n"
        )
        + content,
        "names in small letters": (kind + length)
        .lower()
        .join([b"HTTP/1.1 200 OK\r\n", b"\r\n" + content]),
        "no blank behind the colon": b"HTTP/1.1 200 OK\r\n"
        + (kind + length).replace(b": ", b":")
        + b"\r\n"
        + content,
        "no Content-Type": head(200, {"Content-Length": size}, kind="") + content,
        "another Content-Type": http(200, d.ok(), kind="text/plain"),
        "a chunk with an extension, and a trailer": head(200, CHUNKED)
        + framed
        + b"X-Sum: 1\r\n\r\n",
        "a chunk's size with zeros before it": head(200, CHUNKED) + padded,
        "a chunk a byte": head(200, CHUNKED)
        + chunks(*(content[i : i + 1] for i in range(len(content)))),
        "the same length twice": head(
            200, [("Content-Length", size), ("Content-Length", size)]
        )
        + content,
        "a long header": http(200, d.ok(), {"X-Long": "x" * 50_000}),
        "80 headers": http(200, d.ok(), {f"X-{n}": "1" for n in range(80)}),
        "a header in Latin-1": http(200, d.ok(), {"X-Name": "M\xfcller"}),
        "a header over two lines": http(200, d.ok(), {"X-Two": "a\r\n b"}),
        "201": http(201, d.ok()),
        "299": http(299, d.ok()),
        "Connection: close": http(200, d.ok(), {"Connection": "close"}),
    }
    found = [_case(name, play(wire), FINE) for name, wire in legal.items()]
    pair = Expect(value=[ANSWER, ANSWER], requests=(2, 2))
    closing = [http(200, d.ok(), {"Connection": "close"}), Close()]
    return [
        *found,
        _case(
            "Connection: close, and another call",
            play(closing, good),
            pair,
            action="calls",
        ),
        _case(
            "Connection: close on an error, and another call",
            play([http(400, d.error(), {"Connection": "close"}), Close()], good),
            Expect(value=["status 400", ANSWER], requests=(2, 2)),
            action="fail_then_call",
        ),
    ]


def _heads(d: Dialect) -> list[Case]:
    content = encoded(d.ok())
    size = len(content)
    two = [("Content-Length", str(size)), ("Content-Length", str(size - 3))]
    mixed = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    return [
        _case(
            "two lengths that differ",
            play([head(200, two) + content, Close()]),
            NO_HTTP,
        ),
        _case(
            "a negative length",
            play([head(200, {"Content-Length": "-5"}) + content, Close()]),
            Expect(("ok", "connection", "decode")),
        ),
        _case(
            "a length that is no number",
            play([head(200, {"Content-Length": "abc"}) + content, Close()]),
            Expect(("ok", "connection", "decode")),
        ),
        _case(
            "a length and chunks: chunks win",
            play(head(200, mixed) + chunks(content)),
            Expect(("ok", "connection", "decode")),
        ),
        _case(
            "a header line of 100 KB",
            play([http(200, d.ok(), {"X": "x" * 100_000}), Close()]),
            Expect(("ok", *NO_HTTP.kinds)),
        ),
        _case(
            "1,000 headers",
            play([http(200, d.ok(), {f"X-{n}": "1" for n in range(1000)}), Close()]),
            Expect(("ok", *NO_HTTP.kinds)),
        ),
        _case(
            "a header without a colon",
            play(
                [b"HTTP/1.1 200 OK\r\nnonsense\r\n" + http(200, d.ok())[16:], Close()]
            ),
            Expect(("ok", "connection", "decode")),
        ),
        _case(
            "a NUL in a header",
            play([http(200, d.ok(), {"X": "a\0b"}), Close()]),
            Expect(("ok", "connection", "decode")),
        ),
        _case(
            "a header without a name",
            play([b"HTTP/1.1 200 OK\r\n: x\r\n" + http(200, d.ok())[16:], Close()]),
            Expect(("ok", "connection", "decode")),
        ),
    ]


def _statuses(d: Dialect) -> list[Case]:
    def line(text: bytes) -> bytes:
        return text + http(200, d.ok())[14:]

    return [
        _case("status 000", play(line(b"HTTP/1.1 000 X")), NO_HTTP),
        _case("status 99", play(line(b"HTTP/1.1 99 X")), NO_HTTP),
        _case("status 1000", play(line(b"HTTP/1.1 1000 X")), NO_HTTP),
        _case("status abc", play(line(b"HTTP/1.1 abc X")), NO_HTTP),
        _case(
            "a status with a sign",
            play(line(b"HTTP/1.1 +200 X")),
            Expect(("ok", *NO_HTTP.kinds)),
        ),
        _case("status 600", play(line(b"HTTP/1.1 600 X")), Expect(("status 600",))),
        _case("status 999", play(line(b"HTTP/1.1 999 X")), Expect(("status 999",))),
        _case(
            "204 where an answer is due", play(head(204, kind="")), Expect(("decode",))
        ),
        _case("304 out of nowhere", play(head(304, kind="")), Expect(("status 304",))),
        _case(
            "101 out of nowhere",
            play([head(101), Close()]),
            Expect(("connection", "decode", "status 101")),
        ),
        _case(
            "HTTP/9.9", play(line(b"HTTP/9.9 200 X")), Expect(("ok", *NO_HTTP.kinds))
        ),
        _case("ICY 200", play(line(b"ICY 200 OK")), NO_HTTP),
        _case(
            "endless interim answers",
            play([b"HTTP/1.1 103 H\r\n\r\n" * 500, Close()]),
            NO_HTTP,
        ),
    ]


def _codings(d: Dialect) -> list[Case]:
    import zlib

    content = encoded(d.ok())

    def coded(name: str, body: bytes) -> bytes:
        return http(200, body, {"Content-Encoding": name})

    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = bare.compress(content) + bare.flush()
    members = gzip(content[:9]) + gzip(content[9:])
    refused = Expect(("decode",))
    return [
        _case("gzip", play(coded("gzip", gzip(content))), FINE),
        _case("gzip in two members", play(coded("gzip", members)), FINE),
        _case("GZIP in capitals", play(coded("GZIP", gzip(content))), FINE),
        _case("deflate", play(coded("deflate", zlib.compress(content))), FINE),
        _case("deflate, bare", play(coded("deflate", raw)), FINE),
        _case("identity, said aloud", play(coded("identity", content)), FINE),
        _case("says gzip, is not", play(coded("gzip", content)), refused),
        _case("gzip, cut", play(coded("gzip", gzip(content)[:-12])), refused),
        _case(
            "gzip with a wrong checksum",
            play(coded("gzip", gzip(content)[:-8] + bytes(8))),
            refused,
        ),
        _case(
            "an unknown coding", play(coded("zip", content)), Expect(("ok", "decode"))
        ),
        _case("is gzip, does not say so", play(http(200, gzip(content))), refused),
    ]


def _early(d: Dialect) -> list[Case]:
    early = http(413, d.error("request_too_large"), {"Connection": "close"})
    answer = Expect(("status 413",), seconds=10.0)
    large = {"size": 20_000_000}
    return [
        _case(
            "413 while the body is being sent",
            play(Reply((Send(early), Hold()), early=True)),
            answer,
            action="upload",
            args=large,
        ),
        _case(
            "413 while the body is being sent, then closed",
            play(Reply((Send(early), Close()), early=True)),
            # The close may reset what was sent before it.
            Expect(("status 413", "connection")),
            action="upload",
            args=large,
        ),
    ]
