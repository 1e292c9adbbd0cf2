"""Writing a download to a file in several requests (RFC 9110 sections 13 and 14).

What has arrived lies in ``TARGET.part``, and in ``TARGET.part.etag`` which version of
which file it is the beginning of. Only a strong ETag can say that; without one there is
nothing to resume. ``If-Range`` has the server decide: 206 goes on, 200 begins again.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
)
from .types import Timeout
from .wire import Call, Request

if TYPE_CHECKING:
    from .download import Download

_STRONG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_OURS = {"range", "if-range", "accept-encoding"}


def write_resumed(download: Download, target: str) -> int:
    """Write ``download`` to ``target``, going on where an earlier try stopped.

    :raises APIConnectionError: where it broke off more often than the call's
        ``max_retries``; what has arrived is kept where it can be of use.
    """
    part, note = f"{target}.part", f"{target}.part.etag"
    body = download
    if _header(body, "content-encoding"):
        # A range of an encoded body cannot be decoded.
        body = _reopened(body, download, 0, "")
    tag = _version(body)
    held = _held(part, note, tag)
    if held:
        body, held = _continued(body, download, held, tag)
        tag = _version(body) or tag
    tries = download._call.max_retries
    while True:
        try:
            size = _append(body, part, note, held, tag)
            break
        except APIConnectionError as error:
            if not tag:
                _remove(part, note)
            if not tag or tries < 1 or isinstance(error, APITimeoutError):
                raise
            tries -= 1
        body, held = _continued(body, download, os.path.getsize(part), tag)
        tag = _version(body)
    os.replace(part, target)
    _remove(note)
    return size


def _version(body: Download) -> str:
    """The address and strong ETag of ``body``; empty where it cannot be resumed."""
    tag = _header(body, "etag")
    refused = _header(body, "accept-ranges").lower() == "none"
    if refused or not _STRONG.fullmatch(tag) or _header(body, "content-encoding"):
        return ""
    return f"{body._call.request.url}\n{tag}"


def _held(part: str, note: str, tag: str) -> int:
    """How much of that version is on disk."""
    try:
        with open(note, encoding="latin-1", newline="") as file:
            known = file.read()
        return os.path.getsize(part) if tag and known == tag else 0
    except OSError:
        return 0


def _continued(
    body: Download, first: Download, held: int, tag: str
) -> tuple[Download, int]:
    """The rest behind ``held`` bytes; or the whole and 0, where it must begin again."""
    body.close()
    rest: Download | None = None
    if held:
        try:
            rest = _reopened(body, first, held, tag.rpartition("\n")[2])
        except APIStatusError as error:
            if error.status_code != 416:
                raise
    if rest is None:
        return _reopened(body, first, 0, ""), 0
    if rest._reply is None or rest._reply.status_code != 206:
        return rest, 0
    starts = _RANGE.match(_header(rest, "content-range"))
    if starts is None or int(starts[1]) != held or _version(rest) not in ("", tag):
        rest.close()
        return _reopened(body, first, 0, ""), 0
    return rest, held


def _reopened(body: Download, first: Download, start: int, tag: str) -> Download:
    """Ask once more, from ``start`` on, in what is left of the first call's time."""
    body.close()
    call, engine = first._call, first._engine
    headers = {k: v for k, v in call.request.headers.items() if k.lower() not in _OURS}
    headers["Accept-Encoding"] = "identity"
    if start:
        headers["Range"] = f"bytes={start}-"
        headers["If-Range"] = tag
    limit = call.timeout
    if call.deadline is not None:
        left = engine.remaining_s(call)
        if left <= 0:
            raise APITimeoutError(
                f"{call.name}: the call's time limit of {limit.total} s is over",
                retryable=False,
                attempts=call.attempts_made,
            )
        limit = Timeout(left, limit.connect, limit.read, limit.write, limit.pool)
    again = Call(
        call.operation,
        Request(call.request.method, call.request.url, headers),
        limit,
        call.max_retries,
        call.idempotency_key,
        call.args,
    )
    answer: Download = engine.send(again, first._hooks)
    return answer


def _append(body: Download, part: str, note: str, held: int, tag: str) -> int:
    """Write ``body`` behind the first ``held`` bytes of ``part``; the whole size."""
    with open(part, "r+b" if held else "wb") as file:
        if held:
            file.seek(held)
            file.truncate()
        elif tag:
            with open(note, "w", encoding="latin-1", newline="") as version:
                version.write(tag)
        size = held
        for chunk in body.iter_bytes():
            size += file.write(chunk)
    return size


def _header(body: Download, name: str) -> str:
    return body._reply.headers.get(name, "") if body._reply is not None else ""


def _remove(*paths: str) -> None:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
