"""What a faulty server does, as data: operations on a connection, and replies of them.

Bytes may hold marks, which the server fills in when it sends: ``@SELF@`` and
``@OTHER@`` are the origins of this server and of a second one, ``@PATH@`` the path
that was asked for, ``@KEY@`` the caller's key, ``@LAST@`` that path's last segment,
``@DATE:5@`` an HTTP date so many seconds from now, and ``@LENGTH@`` the length of what
follows the head.
"""

from __future__ import annotations

import gzip as _gzip
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Send:
    """Send ``data`` at once."""

    data: bytes


@dataclass(frozen=True)
class Drip:
    """Send ``data`` in pieces of ``size`` bytes, one every ``every_s`` seconds."""

    data: bytes
    every_s: float = 0.0
    size: int = 1


@dataclass(frozen=True)
class Forever:
    """Send ``data`` every ``every_s`` seconds until the client is gone."""

    data: bytes
    every_s: float = 0.0


@dataclass(frozen=True)
class Flood:
    """Send ``data`` so many ``times`` without making it up in memory."""

    data: bytes
    times: int


@dataclass(frozen=True)
class Pause:
    """Do nothing for a while."""

    seconds: float


@dataclass(frozen=True)
class Hold:
    """Say nothing more until the client is gone."""


@dataclass(frozen=True)
class Close:
    """Close the connection in order; ``plain``: TLS without its close-notify."""

    plain: bool = False


@dataclass(frozen=True)
class Reset:
    """Break the connection off with a RST."""


@dataclass(frozen=True)
class HalfClose:
    """Say that nothing more will come, and go on listening."""


Op: TypeAlias = Send | Drip | Forever | Flood | Pause | Hold | Close | Reset | HalfClose


@dataclass(frozen=True)
class Reply:
    """What answers one request. ``early``: begin when its head is here."""

    ops: tuple[Op, ...]
    early: bool = False


@dataclass(frozen=True)
class Script:
    """What a server does.

    :param replies: to the first request, the second, ...; the last one repeats.
    :param greet: what each new connection is met with; the last one repeats.
    :param paths: other replies for paths that begin so.
    :param tls: the certificate it shows, or ``None`` for plain HTTP.
    """

    replies: tuple[Reply, ...] = ()
    greet: tuple[tuple[Op, ...], ...] = ()
    paths: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    tls: str | None = None


def play(*replies: Any, **settings: Any) -> Script:
    """A script of ``replies``, each bytes, an operation, a list of them, or a Reply."""
    return Script(tuple(reply(each) for each in replies), **settings)


def reply(what: Any) -> Reply:
    if isinstance(what, Reply):
        return what
    ops = what if isinstance(what, (list, tuple)) else [what]
    return Reply(tuple(Send(op) if isinstance(op, bytes) else op for op in ops))


# -- HTTP, as it should be ---------------------------------------------------------


def encoded(body: Any) -> bytes:
    """``body`` as bytes: what is not text or bytes becomes JSON."""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def head(
    status: int | str = 200,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    *,
    version: str = "1.1",
    kind: str = "application/json",
) -> bytes:
    """The head of a reply, its empty line included."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    lines = [f"HTTP/{version} {status} S".replace("  ", " ")]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name}: {value}" for name, value in pairs]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def http(
    status: int = 200,
    body: Any = b"",
    headers: Mapping[str, str] | None = None,
    kind: str = "application/json",
) -> bytes:
    """A whole reply with its length."""
    content = encoded(body)
    size = "@LENGTH@" if b"@" in content else str(len(content))
    sizes = {"Content-Length": size, **(headers or {})}
    return head(status, sizes, kind=kind) + content


def chunks(*pieces: bytes, end: bool = True) -> bytes:
    """``pieces`` in chunked framing; without ``end`` it just stops."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces)
    return framed + (b"0\r\n\r\n" if end else b"")


CHUNKED = {"Transfer-Encoding": "chunked"}
EVENTS = "text/event-stream"
LINES = "application/x-jsonl"


def stream(*pieces: bytes, end: bool = True, kind: str = EVENTS) -> bytes:
    """A chunked reply whose body is ``pieces``."""
    return head(200, CHUNKED, kind=kind) + chunks(*pieces, end=end)


def gzip(body: Any) -> bytes:
    return _gzip.compress(encoded(body), mtime=0)


@lru_cache
def bomb(mib: int) -> bytes:
    """So many MiB of zeros as gzip, about a thousandth as long."""
    block = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # Behind a full flush nothing is remembered: all blocks are alike.
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(mib):
        checksum = zlib.crc32(block, checksum)
    end = struct.pack("<II", checksum, (mib << 20) & 0xFFFFFFFF)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + packed * mib + b"\x03\x00" + end
