"""What travels inside the sandbox: a request that was read, a response to be written.

No sockets and no services here. A body is a ``Blob``: bytes while it is small, a map
of a temporary file once it is not, so that an upload never has to fit in memory.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import attrs

Blob: TypeAlias = bytes | mmap.mmap
JSON_TYPE = "application/json"


class Headers(Mapping[str, str]):
    """Headers by name in any case; repeated ones are joined with a comma."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            known = self._values.get(key)
            self._values[key] = value if known is None else f"{known}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


class Refused(Exception):
    """The request is refused; the service's own error shape is put around it.

    ``kind`` is the API's word for it (an error type or code); empty: the usual one
    of the status. ``details`` goes along where the service has a place for it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        details: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = headers
        self.details = details


@attrs.frozen
class Slice:
    """``size`` bytes of ``blob`` from ``start`` on, without a copy."""

    blob: Blob
    start: int
    size: int

    def pieces(self, size: int = 65536) -> Iterator[bytes]:
        """The bytes, in pieces of at most ``size``."""
        end = self.start + self.size
        for at in range(self.start, end, size):
            yield bytes(self.blob[at : min(at + size, end)])

    def read(self) -> bytes:
        """All of the bytes at once."""
        return bytes(self.blob[self.start : self.start + self.size])


@attrs.frozen
class Head:
    """The request line and the headers, before any of the body was read."""

    method: str
    target: str
    version: str
    headers: Headers

    @property
    def path(self) -> str:
        """The path as it was sent, percent-encoding included, without the query."""
        return self.target.partition("?")[0]


@attrs.frozen
class Request:
    """One request, and what routing and validation found out about it.

    ``path_args`` and ``query_args`` hold decoded values (``query_args`` typed as the
    document says); ``json`` is the parsed body; ``as_json`` asks a handler that could
    stream not to.
    """

    method: str
    path: str
    query_pairs: tuple[tuple[str, str], ...]
    headers: Headers
    body: Blob = b""
    path_args: Mapping[str, str] = attrs.field(factory=dict)
    query_args: Mapping[str, Any] = attrs.field(factory=dict)
    json: Any = None
    as_json: bool = False

    @classmethod
    def from_head(cls, head: Head, body: Blob) -> Request:
        """The request as the wire gave it; an absolute-form target is accepted."""
        target = head.target
        if not target.startswith("/"):
            parts = urlsplit(target)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        path, _, query = target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return cls(head.method, path, pairs, head.headers, body)


@attrs.frozen
class Response:
    """One answer. With ``events`` it is a stream: one item is one whole event."""

    status: int = 200
    body: bytes | Slice = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON_TYPE
    events: Iterator[bytes] | None = None

    def with_headers(self, *pairs: tuple[str, str]) -> Response:
        """The same with further headers; a later one replaces an earlier one."""
        given = {name.lower(): (name, value) for name, value in pairs}
        _, kind = given.pop("content-type", ("", self.content_type))
        kept = (pair for pair in self.headers if pair[0].lower() not in given)
        headers = (*kept, *given.values())
        return attrs.evolve(self, headers=headers, content_type=kind)


def dump_json(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON; a lone surrogate is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def json_response(
    value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """``value`` as a JSON answer."""
    return Response(status, dump_json(value), headers)


def event_response(events: Iterator[bytes]) -> Response:
    """A stream of server-sent events."""
    return Response(
        headers=(("cache-control", "no-cache"),),
        content_type="text/event-stream; charset=utf-8",
        events=events,
    )
