"""Files as sources of blocks: read, measured, and known by their first bytes."""

from __future__ import annotations

import base64
import os
from typing import Any, Final

from ..core.errors import RequestValidationError

LIMITS: Final = {"image": 20 << 20, "audio": 25 << 20, "document": 32 << 20}
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
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", "application/pdf"),
)
"""Where a format's mark stands, the mark, and what it is."""


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
    limit = LIMITS[kind]
    with open(path, "rb") as file:
        raw = file.read(limit + 1)
    name = os.path.basename(os.fspath(path))
    if not raw or len(raw) > limit:
        size = "empty" if not raw else f"larger than {limit >> 20} MiB"
        raise RequestValidationError(f"{kind} {name!r}: the file is {size}")
    ending = os.path.splitext(name)[1].lower()
    found = media_type or marked(raw) or _ENDINGS[kind].get(ending)
    allowed = ("application", "text") if kind == "document" else (kind,)
    if found is None or found.partition("/")[0] not in allowed:
        raise RequestValidationError(
            f"{kind} {name!r}: expected {' '.join(_ENDINGS[kind])}, got "
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
