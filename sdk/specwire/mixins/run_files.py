"""Files in a run's input, as the workflow API takes them.

A path, an open file, bytes, or a tuple of a name and such (and a media type), at any
depth, becomes ``{"type": "file", "data": "data:<mime>;base64,...", "name", "mime"}``.
What JSON cannot say is refused, with its place.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ..core.errors import RequestValidationError

MAX_FILE_BYTES: Final = 20 << 20
_BYTES: Final = (bytes, bytearray, memoryview)
_UNSAYABLE: Final = (dt.date, dt.time, dt.timedelta, Decimal, set, frozenset, complex)
_UNTOLD: Final = "application/octet-stream"


class Input:
    """A run's input as JSON can say it.

    :ivar value: the input, its files as text.
    :ivar has_files: whether there were any.
    :raises RequestValidationError: for a circle, a date, a Decimal, a set, a file that
        is too large or cannot be read.
    """

    def __init__(self, value: Any) -> None:
        self.has_files = False
        self._above: set[int] = set()
        try:
            self.value = self._sayable(value, "/input")
        except RecursionError:
            raise refused("/input", "is nested too deeply") from None

    def _sayable(self, value: Any, place: str) -> Any:
        if isinstance(value, (str, int, float)) or value is None:
            return value
        if isinstance(value, _UNSAYABLE):
            kind = type(value).__name__
            raise refused(place, f"is a {kind}, which JSON has not; {_instead(value)}")
        if isinstance(value, (Mapping, list, tuple)):
            return self._members(value, place)
        if isinstance(value, _BYTES) or is_file(value):
            return self._file(None, value, None, place)
        return value

    def _members(self, value: Any, place: str) -> Any:
        if isinstance(value, tuple) and _is_named_file(value):
            name, content, mime = (*value, None)[:3]
            return self._file(name, content, mime, place)
        if id(value) in self._above:
            raise refused(place, "contains itself")
        self._above.add(id(value))
        try:
            if isinstance(value, Mapping):
                return {
                    name: self._sayable(item, f"{place}/{name}")
                    for name, item in value.items()
                }
            return [self._sayable(v, f"{place}/{n}") for n, v in enumerate(value)]
        finally:
            self._above.discard(id(value))

    def _file(
        self, name: str | None, content: Any, mime: str | None, place: str
    ) -> dict[str, str]:
        self.has_files = True
        name = name or name_of(content)
        mime = mime or type_of(name)
        try:
            data = read(content)
        except (OSError, ValueError, TypeError) as error:
            raise refused(place, f"is a file that cannot be read: {error}") from error
        if len(data) > MAX_FILE_BYTES:
            raise refused(
                place,
                f"is the file {name!r} of more than {MAX_FILE_BYTES >> 20} MB, which "
                'the API does not take; give {"type": "url", "data": its URL, "name"}',
                code="FILE_TOO_LARGE",
            )
        text = base64.b64encode(data).decode()
        url = f"data:{mime};base64,{text}"
        return {"type": "file", "data": url, "name": name, "mime": mime}


def _instead(value: Any) -> str:
    """What to write in the place of a value that JSON has not."""
    if isinstance(value, (dt.date, dt.time)):
        return "write value.isoformat()"
    if isinstance(value, dt.timedelta):
        return "write value.total_seconds()"
    if isinstance(value, (set, frozenset)):
        return "write sorted(value) or list(value)"
    return "write str(value) or float(value)"


def refused(place: str, problem: str, **facts: Any) -> RequestValidationError:
    return RequestValidationError(
        f"workflows.execute: {place} {problem}; nothing was sent",
        pointer=place,
        **facts,
    )


def is_file(value: Any) -> bool:
    return isinstance(value, os.PathLike) or callable(getattr(value, "read", None))


def _is_named_file(value: tuple[Any, ...]) -> bool:
    """``(name, content)`` or ``(name, content, mime)``."""
    return (
        len(value) in (2, 3)
        and isinstance(value[0], str)
        and (isinstance(value[1], _BYTES) or is_file(value[1]))
        and all(isinstance(mime, (str, type(None))) for mime in value[2:])
    )


def name_of(content: Any) -> str:
    """The file's own name without its folders; ``file`` where it has none."""
    name = content if isinstance(content, os.PathLike) else None
    name = getattr(content, "name", None) if name is None else os.fspath(name)
    if not isinstance(name, (str, bytes)):  # a descriptor's name is a number
        return "file"
    base = os.path.basename(os.fsdecode(name))
    return "file" if not base or base.startswith("<") else base


def type_of(name: str) -> str:
    import mimetypes

    kind, packed = mimetypes.guess_type(name)
    if packed is not None:
        return "application/gzip" if packed == "gzip" else _UNTOLD
    return kind or _UNTOLD


def read(content: Any) -> bytes:
    """The bytes of ``content`` from where it stands, at most one more than allowed.

    A file that was opened as text gives the bytes it is made of, if nothing was read of
    it; what is left of another one, and of a pipe, is read as the text it is.
    """
    if isinstance(content, _BYTES):
        return bytes(content)
    if isinstance(content, os.PathLike):
        with open(content, "rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    if isinstance(content, io.TextIOBase) and _untouched(content):
        content = getattr(content, "buffer", content)
    pieces: list[bytes] = []
    size = 0
    while size <= MAX_FILE_BYTES:
        piece = content.read(MAX_FILE_BYTES + 1 - size)
        if not piece:
            break
        if isinstance(piece, str):
            piece = piece.encode("utf-8", "surrogateescape")
        data = bytes(piece)
        pieces.append(data)
        size += len(data)
    return b"".join(pieces)


def _untouched(file: io.TextIOBase) -> bool:
    try:
        return file.tell() == 0
    except OSError:
        return False
