"""AWS's side of the tests: frames as Bedrock sends them, signatures as AWS checks them.

Written from AWS's descriptions of both and without botocore, which is what it checks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import zlib
from typing import Any
from urllib.parse import quote

from tests.scripted import Received, reply

MEDIA = "application/vnd.amazon.eventstream"


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One message: prelude with its checksum, headers, payload, checksum."""
    named = b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", 7, len(value))
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(named) + len(payload), len(named))
    body = prelude + struct.pack("!I", zlib.crc32(prelude)) + named + payload
    return body + struct.pack("!I", zlib.crc32(body))


def chunk(event: Any) -> bytes:
    """One event of the API, in its frame."""
    text = event if isinstance(event, bytes) else json.dumps(event).encode()
    part = {"bytes": base64.b64encode(text).decode(), "p": "abcd"}
    headers = {":event-type": "chunk", ":content-type": "application/json"}
    return frame({**headers, ":message-type": "event"}, json.dumps(part).encode())


def exception(name: str, message: str) -> bytes:
    """A failure of Bedrock's own, in the middle of a stream."""
    headers = {":exception-type": name, ":content-type": "application/json"}
    said = json.dumps({"message": message}).encode()
    return frame({**headers, ":message-type": "exception"}, said)


def streamed(*frames: bytes) -> bytes:
    """A whole reply of ``frames``."""
    return reply(200, b"".join(frames), content_type=MEDIA)


def is_signed(request: Received, *, secret: str, region: str) -> bool:
    """Whether the signature fits what arrived: Signature Version 4, step by step."""
    kind, _, rest = request.headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, date, *scope = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    path, _, query = request.target.partition("?")
    canonical = "\n".join(
        (
            request.method,
            quote(path, safe="/"),
            "&".join(sorted(query.split("&"))),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            parts["SignedHeaders"],
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    text = "\n".join(
        (
            kind,
            request.headers["x-amz-date"],
            "/".join((date, *scope)),
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret}".encode()
    for part in (date, region, "bedrock", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.new(key, text.encode(), "sha256").hexdigest()
    needed = {"host", "x-amz-date"} | {n for n in request.headers if n[:6] == "x-amz-"}
    right_scope = scope == [region, "bedrock", "aws4_request"]
    return parts["Signature"] == expected and needed <= set(names) and right_scope
