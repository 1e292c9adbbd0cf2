"""Heads of replies: status, fields, framing and body as the standard library has them.

Two things are meant to differ: interim replies are passed over, all but 101, and a head
without its blank line is no reply.
"""

from __future__ import annotations

import http.client
import re
from typing import Any

from specwire.core import session
from tests.core.test_head import begun, facts

from ..taking import Taking

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9][0-9]\b")


def check(data: bytes) -> None:
    """One byte for the method, then the reply."""
    take = Taking(data)
    method, received = take.one(("GET", "HEAD")), take.rest()
    ours = begun(session._Response, received, method)
    if ours in ("HTTPException", "LineTooLong"):
        assert received.count(b"\n") > 100 or len(received) > 65_536
        return
    head, body = final_head(received)
    if head is None:
        assert ours == "RemoteDisconnected", ours
        return
    theirs = begun(http.client.HTTPResponse, head, method)
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs, (ours, theirs)
        return
    assert facts(ours) == facts(theirs)
    assert isinstance(ours, session._Response)
    if not ours.chunked:
        assert body_of(ours) == told(ours, body)


def final_head(received: bytes) -> tuple[bytes | None, bytes]:
    """The head of the answer and what follows it; ``None`` where it is cut."""
    while True:
        found = re.match(rb"((?:.*\n)*?)\r?\n", received)
        first = re.match(rb"\r?\n", received)
        if first:
            head, rest = first[0], received[first.end() :]
        elif found:
            head, rest = found[0], received[found.end() :]
        else:
            return None, b""
        if not _INTERIM.match(head):
            return head, rest
        received = rest


def body_of(response: session._Response) -> Any:
    out = []
    try:
        for piece in response.pieces():
            out.append(piece)
    except http.client.IncompleteRead:
        return (b"".join(out), "cut")
    return (b"".join(out), "whole")


def told(response: Any, body: bytes) -> Any:
    """What of ``body`` is the reply's, by the length that its head tells."""
    length = response_length(response)
    if length is None:
        return (body, "whole")
    return (body[:length], "whole" if len(body) >= length else "cut")


def response_length(response: Any) -> int | None:
    length: int | None = response.length
    return length
