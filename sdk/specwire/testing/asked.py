"""A request as tests compare it: method, path, query, and a body in one form.

Whoever asks, and with which headers, makes no difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import frozen

if TYPE_CHECKING:
    from ..core.wire import Call, Request

_BOUNDARY: Final = re.compile(r"boundary=\"?([^\";]+)")
_SHOWN: Final = 60


@frozen(eq=False)
class Asked:
    """One request.

    :ivar path: the operation's, decoded: without what a base URL has before it.
    :ivar query: (name, value) pairs, in order of their names.
    :ivar content: the body's bytes; the boundary of a form's parts is ``boundary``.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    content: bytes
    content_type: str

    @classmethod
    def of(cls, call: Call) -> Asked:
        """What ``call`` is about to send, its body read and put back."""
        request = call.request
        parts = urlsplit(request.url)
        kind = next(
            (v for k, v in request.headers.items() if k.lower() == "content-type"), ""
        )
        content = _content(request)
        boundary = _BOUNDARY.search(kind)
        if boundary is not None:
            content = content.replace(boundary[1].encode(), b"boundary")
            kind = kind.replace(boundary[1], "boundary")
        query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
        path = own_path(parts.path, call.operation.path)
        return cls(request.method, unquote(path), query, content, kind)

    def body(self) -> Any:
        """JSON where it is JSON, else text, else bytes; ``None`` for none."""
        return body_of(self.content)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


def own_path(path: str, template: str) -> str:
    """The end of ``path`` that ``template`` (``/files/{id}``) describes, else all."""
    found = re.search(f"{pattern_of(template)}$", path)
    return found[0] if found is not None else path


def pattern_of(template: str) -> str:
    """A pattern in which ``*`` and ``{name}`` are one segment, or a part of one."""
    parts = re.split(r"(\*|\{[^{}]*\})", template)
    return "".join(
        "[^/]+" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )


def body_of(content: bytes) -> Any:
    """The value of a body: JSON, else text, else bytes; ``None`` for an empty one."""
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def _content(request: Request) -> bytes:
    body = request.body
    if body is None or isinstance(body, (bytes, bytearray)):
        return bytes(body or b"")
    if isinstance(body, str):
        return body.encode()
    content: bytes = body.read()
    if hasattr(body, "rewind") and getattr(body, "rewindable", True):
        body.rewind()
    else:
        request.body = content  # it can be read once; from now on it is this
        body.close()
    return content


def differences(wanted: Any, got: Any, at: str = "") -> Iterator[str]:
    """Where two values differ, a line each: ``body.max_tokens: recorded 5, came 6``."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name in {**wanted, **got}:
            place = f"{at}.{name}" if at else str(name)
            if name not in got:
                yield f"{place}: recorded {shown(wanted[name])}, came nothing"
            elif name not in wanted:
                yield f"{place}: recorded nothing, came {shown(got[name])}"
            else:
                yield from differences(wanted[name], got[name], place)
    elif isinstance(wanted, list) and isinstance(got, list):
        for index, (left, right) in enumerate(zip(wanted, got, strict=False)):
            yield from differences(left, right, f"{at}[{index}]")
        if len(wanted) != len(got):
            yield f"{at}: recorded {len(wanted)} items, came {len(got)}"
    elif wanted != got:
        yield f"{at}: recorded {shown(wanted)}, came {shown(got)}"


def shown(value: Any, most: int = _SHOWN) -> str:
    """``value`` in one short line."""
    text = repr(value) if not isinstance(value, bytes) else f"{len(value)} bytes"
    return text if len(text) <= most else f"{text[: most - 1]}…"


def holds(value: Any, part: Any) -> bool:
    """Whether all of ``part`` is in ``value``: of objects, the members it names.

    Of arrays each item holds the item in its place.
    """
    if isinstance(part, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and holds(value[name], each) for name, each in part.items()
        )
    if isinstance(part, list) and isinstance(value, list):
        pairs = zip(value, part, strict=False)
        return len(part) == len(value) and all(holds(v, each) for v, each in pairs)
    return bool(part == value)
