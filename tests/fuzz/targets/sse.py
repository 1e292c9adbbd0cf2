"""Event streams: the same as the WHATWG algorithm read slowly, however they are cut."""

from __future__ import annotations

import re
from typing import Any

from specwire.core.sse import EventTooLarge, SSEParser

from ..taking import Taking, cuts


def check(data: bytes) -> None:
    """Two bytes for the cuts, one for the bound of an event, then the stream."""
    take = Taking(data)
    seed, bound = take.number(65_536), take.one((0, 0, 8, 40))
    stream = take.rest()
    expected = reference(stream)
    first = None
    for pieces in cuts(stream, seed):
        got = parsed(pieces, bound)
        first = first or got
        assert got == first, pieces
        if bound:
            events, refused = got[0], got[1]
            assert events == expected[0][: len(events)]
            assert refused or got == expected
        else:
            assert got == expected, pieces


def parsed(pieces: list[bytes], bound: int) -> tuple[Any, ...]:
    """Events, whether one was too large, and the state at the end."""
    parser = SSEParser(max_event_bytes=bound or 1 << 26)
    events: list[Any] = []
    try:
        for piece in pieces:
            events += [each._fields() for each in parser.feed(piece)]
        parser.close()
    except EventTooLarge:
        return (events, True)
    state = (parser.last_event_id, parser.retry, parser.incomplete_tail)
    return (events, False, *state)


def reference(stream: bytes) -> tuple[Any, ...]:
    """The same by section 9.2.6 of the standard, line by line over the whole text."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, rest = re.split("\r\n|\r|\n", text)
    events: list[Any] = []
    name, data, pending, last_id = "", "", None, ""
    retry: int | None = None
    block: int | None = None
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            last_id = last_id if pending is None else pending
            if data:
                events.append((name or "message", data[:-1], last_id, block))
            name, data, pending, block = "", "", None, None
        elif field == "event":
            name = value
        elif field == "data":
            data += value + "\n"
        elif field == "id" and "\0" not in value:
            pending = value
        elif field == "retry" and re.fullmatch("0*[0-9]{1,100}", value, re.ASCII):
            block = retry = int(value)
    tail = bool(rest or name or data or pending is not None)
    return (events, False, last_id, retry, tail)
