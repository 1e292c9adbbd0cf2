"""Reads a ``multipart/form-data`` body (RFC 7578) in place.

Parts are slices of the body, so a large upload is neither copied nor held in memory.
Nested multiparts and transfer encodings, which RFC 7578 retired, are not supported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import attrs

from .values import Blob, Headers, Slice

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_ESCAPED = re.compile(r'\\(["\\])')


class MalformedMultipart(Exception):
    """The body is not the multipart its content type says."""


@attrs.frozen
class Part:
    """One part of a form: its field's name, and a file's name and type."""

    name: str
    filename: str | None
    content_type: str
    content: Slice


def read_parts(content_type: str, body: Blob) -> list[Part]:
    """The parts of ``body`` in order.

    :raises MalformedMultipart: saying what is missing.
    """
    boundary = parameters(content_type).get("boundary", "")
    if not boundary:
        raise MalformedMultipart("the content type has no boundary")
    return list(_parts(body, b"--" + boundary.encode("latin-1")))


def _parts(body: Blob, delimiter: bytes) -> Iterator[Part]:
    at = body.find(delimiter)
    if at < 0:
        raise MalformedMultipart("the boundary does not occur in the body")
    while True:
        at += len(delimiter)
        if body[at : at + 2] == b"--":
            return
        start = body.find(b"\r\n", at)
        end = body.find(b"\r\n" + delimiter, start)
        if start < 0 or end < 0:
            raise MalformedMultipart("the closing boundary is missing")
        yield _part(body, start + 2, end)
        at = end + 2


def _part(body: Blob, start: int, end: int) -> Part:
    blank = body.find(b"\r\n\r\n", start - 2, end + 2)
    if blank < 0:
        raise MalformedMultipart("a part has no empty line after its headers")
    lines = bytes(body[start:blank]).decode("utf-8", "replace").split("\r\n")
    pairs = [line.partition(":") for line in lines if line]
    headers = Headers((name.strip(), value.strip()) for name, _, value in pairs)
    disposition = headers.get("content-disposition", "")
    fields = parameters(disposition)
    if not disposition.lower().startswith("form-data") or "name" not in fields:
        raise MalformedMultipart("a part has no form-data name")
    filename = fields.get("filename")
    if "filename*" in fields:  # RFC 5987: charset'language'percent-encoded
        filename = unquote(fields["filename*"].split("'", 2)[-1])
    content = Slice(body, blank + 4, max(end - blank - 4, 0))
    kind = headers.get("content-type", "application/octet-stream")
    return Part(fields["name"], filename, kind, content)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header's value, names in lower case, quotes removed."""
    found = {}
    for name, text in _PARAMETER.findall(value):
        if text.startswith('"'):
            # Browsers write %22 for a quote, older clients a backslash.
            text = _ESCAPED.sub(r"\1", text[1:-1]).replace("%22", '"')
        found[name.lower()] = text.strip()
    return found
