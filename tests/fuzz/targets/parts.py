"""Multipart bodies: the standard library's mail parser finds the parts put in."""

from __future__ import annotations

import re
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

from specwire.core.errors import RequestValidationError
from specwire.core.multipart import MultipartBody

from ..taking import Taking

_DISPOSITION = re.compile(
    rb'Content-Disposition: form-data; name="([^"\r\n\0]*)"'
    rb'(?:; filename="([^"\r\n\0]*)")?'
)
_FIELD = re.compile(rb"[^\s:]+: [^\r\n\0]*")


def check(data: bytes) -> None:
    """A block size, then parts: names, file names, types, headers and contents."""
    take = Taking(data)
    size = 1 + take.number(256)
    fields, files = wanted(take)
    try:
        body = MultipartBody(fields, files, boundary="limit")
    except RequestValidationError:
        return
    written = b""
    while block := body.read(size):
        written += block
    assert len(written) == body.length
    body.rewind()
    assert body.read() == written
    if b"limit" not in b"".join(_contents(fields, files)):
        assert found(written, body.content_type) == put_in(fields, files)


def wanted(take: Taking) -> tuple[list[tuple[str, str]], list[tuple[str, Any]]]:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Any]] = []
    for _ in range(6):
        if not take:
            break
        name, kind = take.text(), take.number(4)
        content = take.bytes(take.number(256))
        if kind == 0:
            fields.append((name, take.text()))
        elif kind == 1:
            files.append((name, (take.text(), content)))
        elif kind == 2:
            files.append((name, (None, content, take.text() or "a/b")))
        else:
            headers = {take.text(): take.text()}
            files.append((name, (take.text(), content, "a/b", headers)))
    return fields, files


def _contents(fields: Any, files: Any) -> list[bytes]:
    return [value.encode() for _, value in fields] + [file[1] for _, file in files]


def put_in(fields: Any, files: Any) -> list[tuple[Any, ...]]:
    """Name, file name and content of each part, as they are to be on the wire."""
    named = [(name, None) for name, _ in fields]
    named += [(name, file[0]) for name, file in files]
    contents = _contents(fields, files)
    pairs = zip(named, contents, strict=True)
    return [(_wire(name), _wire(file), content) for (name, file), content in pairs]


def _wire(text: str | None) -> bytes | None:
    return None if text is None else text.replace('"', "%22").encode("utf-8", "replace")


def found(written: bytes, content_type: str) -> list[tuple[Any, ...]]:
    """The parts by RFC 2046: delimiters are lines, a head ends at its blank line."""
    preamble, *parts = (b"\r\n" + written).split(b"\r\n--limit")
    assert (preamble, parts.pop()) == (b"", b"--\r\n")
    split = [part.removeprefix(b"\r\n").partition(b"\r\n\r\n") for part in parts]
    mail = BytesParser(policy=compat32).parsebytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + written
    )
    assert len(mail.get_payload()) == len(parts)
    return [(*_named(head), content) for head, _, content in split]


def _named(head: bytes) -> tuple[bytes, bytes | None]:
    disposition, *fields = head.split(b"\r\n")
    assert all(_FIELD.fullmatch(field) for field in fields), fields
    found = _DISPOSITION.fullmatch(disposition)
    assert found, disposition
    return found[1], found[2]
