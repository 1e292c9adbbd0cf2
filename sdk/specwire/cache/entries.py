"""What is kept, as values, and as the JSON text that stands in a file.

Nothing that is read can run: a text is JSON of a known shape, or it is nothing.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

_AHEAD_S: Final = 60.0
_ROOM: Final = 200
"""Bytes that an entry takes besides what is in it, roughly."""


@frozen(eq=False)
class Kept:
    """A reply of a server; headers by lower-case name."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    @property
    def size(self) -> int:
        """Bytes of body, headers and URL."""
        said = sum(len(name) + len(value) for name, value in self.headers.items())
        return len(self.body) + said + len(self.url)


@frozen(eq=False)
class Entry:
    """Something kept: a :class:`Kept`, ``bytes``, or any JSON value.

    :ivar stored: when, as a time of day in seconds since the epoch.
    :ivar fresh: until when it answers.
    :ivar until: until when it is kept, to stand in for an error.
    """

    value: Any
    stored: float
    fresh: float = math.inf
    until: float = math.inf

    @property
    def size(self) -> int:
        """How many bytes it takes, roughly."""
        value = self.value
        if isinstance(value, Kept):
            return value.size + _ROOM
        if isinstance(value, bytes):
            return len(value) + _ROOM
        return len(json.dumps(value)) + _ROOM

    def is_fresh(self, now: float) -> bool:
        """Not where it is of a time to come: the clock was set back."""
        if self.fresh == math.inf:
            return True
        return self.stored - _AHEAD_S <= now < self.fresh


def written(entry: Entry) -> str:
    """``entry`` as JSON text.

    :raises TypeError: for a value that JSON does not know.
    """
    value: Any = entry.value
    if isinstance(value, Kept):
        kind, value = "reply", _of_reply(value)
    elif isinstance(value, bytes):
        kind, value = "bytes", base64.b64encode(value).decode("ascii")
    else:
        kind = "json"
    times = [entry.stored, *map(_finite, (entry.fresh, entry.until))]
    return json.dumps({"kind": kind, "times": times, "value": value})


def _of_reply(reply: Kept) -> dict[str, Any]:
    try:
        body = {"text": reply.body.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"base64": base64.b64encode(reply.body).decode("ascii")}
    return {
        "status": reply.status_code,
        "headers": dict(reply.headers),
        "url": reply.url,
        **body,
    }


def _finite(moment: float) -> float | None:
    return None if moment == math.inf else moment


def read(text: str) -> Entry:
    """The entry that ``text`` is.

    :raises ValueError: where it is none.
    """
    try:
        data = json.loads(text)
        stored, fresh, until = data["times"]
        value: Any = data["value"]
        if data["kind"] == "reply":
            value = _to_reply(value)
        elif data["kind"] == "bytes":
            value = base64.b64decode(value, validate=True)
        return Entry(value, float(stored), _moment(fresh), _moment(until))
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no entry: {type(error).__name__}") from None


def _to_reply(data: Any) -> Kept:
    status, headers, url = data["status"], data["headers"], data["url"]
    texts = [url, *headers, *headers.values()]
    if type(status) is not int or not all(isinstance(text, str) for text in texts):
        raise ValueError("no reply")
    if "text" in data:
        body = data["text"].encode("utf-8")
    else:
        body = base64.b64decode(data["base64"], validate=True)
    return Kept(status, headers, body, url)


def _moment(said: Any) -> float:
    return math.inf if said is None else float(said)
