"""Files as sources of blocks: read, measured, and known by their first bytes."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from typing import Any, Final

from ..core.errors import RequestValidationError
from .measures import same

LIMITS: Final = {
    "image": 20 << 20,
    "audio": 25 << 20,
    "video": 20 << 20,
    "document": 32 << 20,
}
"""Bytes of a file; what the largest providers take in one request."""

_ENDINGS: Final = {
    "image": {
        ".png": "image/png",
        ".gif": "image/gif",
        ".webp": "image/webp",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".bmp": "image/bmp",
        ".heic": "image/heic",
        ".heif": "image/heif",
    },
    "audio": {
        ".wav": "audio/wav",
        ".mp3": "audio/mpeg",
        ".ogg": "audio/ogg",
        ".m4a": "audio/mp4",
        ".flac": "audio/flac",
        ".aac": "audio/aac",
        ".aiff": "audio/aiff",
        ".webm": "audio/webm",
        ".opus": "audio/opus",
    },
    "video": {
        ".mp4": "video/mp4",
        ".mov": "video/quicktime",
        ".webm": "video/webm",
        ".mpeg": "video/mpeg",
        ".avi": "video/x-msvideo",
    },
    "document": {
        ".pdf": "application/pdf",
        ".txt": "text/plain",
        ".md": "text/markdown",
        ".html": "text/html",
        ".htm": "text/html",
        ".csv": "text/csv",
        ".json": "application/json",
        ".xml": "text/xml",
        ".rtf": "text/rtf",
    },
}
_MARKS: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
    (4, b"ftypM4A", "audio/mp4"),
    (0, b"%PDF-", "application/pdf"),
)
"""Where a format's mark stands, the mark, and what it is.

Not here: containers that hold sound or film alike (``webm``, most of ``mp4``), whose
names have to tell.
"""


def inline(data: str | bytes, media_type: str | None) -> dict[str, Any]:
    """A ``base64`` source; of bytes, the media type is told by their beginning."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        raw = bytes(data)
        media_type = media_type or marked(raw)
        data = base64.b64encode(raw).decode()
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {k: v for k, v in source.items() if v is not None}


def read(
    kind: str, path: str | os.PathLike[str], media_type: str | None
) -> dict[str, Any]:
    """The file at ``path`` as a source.

    :raises RequestValidationError: where it is empty, too large, or not of ``kind``.
    """
    with open(path, "rb") as file:
        raw = file.read(LIMITS[kind] + 1)
    return held(kind, raw, os.path.basename(os.fspath(path)), media_type)


def source_of(
    kind: str,
    given: Any,
    media_type: str | None,
    change: Callable[[bytes], bytes] | None = None,
) -> dict[str, Any]:
    """``given`` as a source: a path, a URL, bytes, an open file, or a picture.

    A text is a URL where it begins with ``http:``, ``https:`` or ``data:``, else a
    path. Nothing is fetched: who is sent a URL fetches it, or refuses it. A picture is
    what Pillow makes, known by its ``save``.

    :param change: what is made of the bytes before they are looked at.
    :raises RequestValidationError: for anything else, and as :func:`read`.
    """
    if isinstance(given, str) and given.startswith(("http:", "https:", "data:")):
        return {"type": "url", "url": given}
    name = ""
    if isinstance(given, (str, os.PathLike)):
        name = os.path.basename(os.fspath(given))
        with open(given, "rb") as file:
            raw = file.read(LIMITS[kind] + 1)
    elif isinstance(given, (bytes, bytearray, memoryview)):
        raw = bytes(given)
    elif hasattr(given, "read"):
        name = os.path.basename(str(getattr(given, "name", "") or ""))
        raw = given.read(LIMITS[kind] + 1)
    elif kind == "image" and hasattr(given, "save") and hasattr(given, "mode"):
        from .pictures import encoded

        raw = encoded(given)
    else:
        raw = None
    if not isinstance(raw, bytes):
        raise RequestValidationError(
            f"{kind}: expected a path, a URL, bytes or a file that is open in binary "
            f"mode, got {type(given).__name__}"
        )
    return held(kind, change(raw) if change else raw, name, media_type)


def held(kind: str, raw: bytes, name: str, media_type: str | None) -> dict[str, Any]:
    """``raw`` as a source, told by its first bytes, or by ``name`` where they do not.

    :raises RequestValidationError: where it is empty, too large, or not of ``kind``.
    """
    where = f"{kind} {name!r}" if name else kind
    limit = LIMITS[kind]
    if not raw or len(raw) > limit:
        size = "empty" if not raw else f"larger than {limit >> 20} MiB"
        raise RequestValidationError(f"{where}: the file is {size}")
    ending = os.path.splitext(name)[1].lower()
    sure = marked(raw)
    if media_type and sure and same(media_type) != same(sure):
        raise RequestValidationError(
            f"{where}: said to be {media_type}, and it begins as {sure} does; leave "
            "media_type out"
        )
    found = media_type or sure or _ENDINGS[kind].get(ending)
    allowed = ("application", "text") if kind == "document" else (kind,)
    if found is None or found.partition("/")[0] not in allowed:
        raise RequestValidationError(
            f"{where}: expected {' '.join(_ENDINGS[kind])}, got "
            f"{found or 'a format that is not known'}; say media_type="
        )
    if kind == "document" and found.startswith("text/"):
        try:
            return {"type": "text", "media_type": found, "data": raw.decode()}
        except UnicodeDecodeError:
            pass  # in another encoding: the provider may know it
    return inline(raw, found)


def marked(raw: bytes) -> str | None:
    """The media type that the first bytes tell."""
    return next((kind for at, mark, kind in _MARKS if raw[at:].startswith(mark)), None)
