"""Structured inputs for each target: nearly right texts, which bytes seldom are."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from .words import WORDS

Bytes = st.SearchStrategy[bytes]


def _pieces(target: str, prefix: int) -> Bytes:
    """``prefix`` free bytes for the target's choices, then some of its words."""
    piece = st.sampled_from(WORDS[target]) | st.binary(max_size=3)
    body = st.lists(piece, max_size=14).map(b"".join)
    head = st.binary(min_size=prefix, max_size=prefix)
    return st.tuples(head, body).map(b"".join)


_MEMBERS = b"kind class Parts named at day id n x yes no any either size q".split()
_JSON = st.recursive(
    st.sampled_from([*WORDS["models"], b"9" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: b"[" + b",".join(each) + b"]")
        | st.lists(
            st.tuples(
                st.sampled_from(_MEMBERS),
                inner,
            ),
            max_size=5,
        ).map(lambda each: b"{" + b",".join(b'"%b":%b' % p for p in each) + b"}")
    ),
    max_leaves=12,
)
_TEXT: Bytes = st.text(max_size=30).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)

SHAPES: Final[dict[str, Bytes]] = {
    "bases": st.lists(
        st.sampled_from(WORDS["bases"]) | _TEXT,
        max_size=8,
    ).map(lambda parts: b"http://h" * (len(parts) % 2) + b"".join(parts)),
    "chunks": _pieces("chunks", 2),
    "codings": st.tuples(
        st.binary(min_size=6, max_size=6), st.binary(max_size=200)
    ).map(b"".join),
    "documents": st.binary(min_size=1, max_size=100),
    "files": _pieces("files", 1),
    "heads": _pieces("heads", 1).flatmap(
        lambda data: st.sampled_from(
            [data, data[:1] + b"HTTP/1.1 200 OK\r\n" + data[1:]]
        )
    ),
    "identifiers": _TEXT,
    "jsonl": _pieces("jsonl", 3),
    "literals": _TEXT | _JSON,
    "models": st.tuples(st.binary(min_size=1, max_size=1), _JSON).map(b"".join),
    "overlays": st.binary(max_size=60),
    "parts": st.binary(max_size=60),
    "redirects": _pieces("redirects", 3),
    "sse": _pieces("sse", 3),
    "waits": _pieces("waits", 4),
}
