"""Structured inputs for each target: nearly right texts, which bytes seldom are."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

Bytes = st.SearchStrategy[bytes]


def _pieces(prefix: int, *texts: bytes, more: Bytes | None = None, most: int = 14) -> Bytes:
    """``prefix`` free bytes for the target's choices, then some of ``texts``, joined."""
    piece = st.sampled_from(texts) | (more or st.binary(max_size=3))
    body = st.lists(piece, max_size=most).map(b"".join)
    head = st.binary(min_size=prefix, max_size=prefix)
    return st.tuples(head, body).map(b"".join)


_JSON = st.recursive(
    st.sampled_from(
        [b"null", b"true", b"0", b"-1", b"1.0", b"1e999", b"NaN", b'""', b'"leaf"']
        + [b'"branch"', b'"2024-01-02T03:04:05Z"', b'"2024-01-02"', b"9" * 5000]
        + [b'"00000000-0000-0000-0000-000000000001"', b'"\\ud800"', b"\xff"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: b"[" + b",".join(each) + b"]")
        | st.lists(
            st.tuples(
                st.sampled_from(
                    b"kind class Parts named at day id n x yes no any either size q".split()
                ),
                inner,
            ),
            max_size=5,
        ).map(lambda each: b"{" + b",".join(b'"%b":%b' % p for p in each) + b"}")
    ),
    max_leaves=12,
)
_TEXT: Bytes = st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass"))

SHAPES: Final[dict[str, Bytes]] = {
    "bases": st.lists(
        st.sampled_from(
            [b"http", b"https", b"://", b":", b"/", b"//", b"@", b"?", b"#", b"\\", b"[::1]"]
            + [b"host.example", b"127.0.0.1", b":80", b"%2f", b" ", b"\t", b"v1", b".."]
        )
        | _TEXT,
        max_size=8,
    ).map(lambda parts: b"http://h" * (len(parts) % 2) + b"".join(parts)),
    "chunks": _pieces(
        2,
        *(b"0\r\n", b"\r\n", b"\n", b"3\r\nabc\r\n", b"1;x=y\r\na\r\n", b"A \n0123456789\n"),
        *(b"0\r\n\r\n", b"X: y\r\n", b"-1\r\n", b"0x1\r\n", b"ffffffff\r\n", b"\xff" * 4),
    ),
    "codings": st.tuples(st.binary(min_size=6, max_size=6), st.binary(max_size=200)).map(
        b"".join
    ),
    "documents": st.binary(max_size=40),
    "files": _pieces(
        1,
        *(b"a: ", b"- ", b"\n", b"  ", b"&x ", b"*x", b"<<: ", b"? ", b"{", b"}", b"[", b"]"),
        *(b'"', b"'", b"|", b">", b"!!int ", b"!!float ", b"0x" + b"f" * 4000, b"1e999"),
        *(b"---\n", b"...\n", b"~", b"yes", b"0o7", b"\xef\xbb\xbf", b"\\ud800", b": ", b","),
        *(b'"a":', b'"a":1,', b"9" * 5000, b"#", b"%YAML 1.2\n", b"!t ", b"!!str ", b"-0"),
    ),
    "heads": _pieces(
        1,
        *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204\r\n", b"HTTP/1.0 200 OK\n", b"HTTP/1.1 "),
        *(b"HTTP/1.1 103 Early\r\n", b"Content-Length: ", b"5", b"\xb2", b"9" * 5000, b"\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"\r\n", b"\r\n\r\n"),
        *(b"X: y\r\n", b" folded\r\n", b"X : y\r\n", b"\x00", b"\x85", b"hello", b": "),
    ).flatmap(lambda data: st.sampled_from([data, data[:1] + b"HTTP/1.1 200 OK\r\n" + data[1:]])),
    "identifiers": _TEXT,
    "jsonl": _pieces(3, b"\n", b"\r\n", b"\r", b'{"a":1}', b"  ", b"\xe2\x80\xa8", b"\x0b"),
    "literals": _TEXT | _JSON,
    "models": st.tuples(st.binary(min_size=1, max_size=1), _JSON).map(b"".join),
    "overlays": st.binary(max_size=60),
    "parts": st.binary(max_size=60),
    "redirects": _pieces(
        3,
        *(b"/", b"//", b"http:", b"https:", b"file:", b"host.example", b"@", b":80", b":0"),
        *(b"\\", b"?", b"#", b"..", b"a", b"%", b"[::1]", b"127.0.0.1:8080", b"\t", b" "),
    ),
    "sse": _pieces(
        3,
        *(b"data: a", b"data:", b"data", b"event: x", b"event:", b"id: 1", b"id", b"id:\x00"),
        *(b"retry: 10", b"retry: 007", b"retry:x", b": c", b"\n", b"\r", b"\r\n", b"\n\n"),
        *(b"\xef\xbb\xbf", b"\xff", b"\xe2\x82", b"event: data: ", b"data: a\n\n", b" "),
    ),
    "waits": _pieces(
        4,
        *(b"\n\x00", b"\n\x01", b"\n\x02", b"1", b"0", b".", b"e", b"-", b"+", b"nan", b"inf"),
        *(b"Wed, 21 Oct 2015 07:28:00 GMT", b"Wed", b", ", b" ", b":", b"9" * 400, b"true"),
        *(b"-0000", b"+9999", b"Oct", b"2015", b"99", b"_", b"\xa0", b"(", b")"),
    ),
}
