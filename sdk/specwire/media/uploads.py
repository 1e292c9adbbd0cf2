"""A file on its way to a provider: looked at before anything is sent, never held whole.

Size and format are told by the file system and by the first bytes; what can only be
read once (an iterator, a pipe) goes along as it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from ..chat import measures
from ..chat.attachments import marked
from ..core.errors import RequestValidationError
from .calls import Asked

_BEGINNING: Final = 64
"""So many bytes tell what a file is."""


def upload(asked: Asked, given: Any, kind: str) -> Any:
    """``given`` as a file of a form.

    :param given: a path, bytes, a binary file, ``(name, content[, media type])``.
    :param kind: ``audio`` or ``image``.
    :raises RequestValidationError: where it is empty, too large, or of no known format;
        nothing was sent.
    """
    where = f"{asked.where}: {kind}"
    name, content, media_type = _parts(where, given)
    if isinstance(content, str):
        content = Path(content)
    start, size = _seen(where, content)
    if size == 0:
        raise RequestValidationError(f"{where}: the file is empty; nothing was sent")
    if size is not None:
        measures.check_size(where, asked.said, size)
    found = marked(start) if start else None
    ending = os.path.splitext(name)[1].lstrip(".").lower()
    format = media_type or found or ending
    if found and not _fits(found, kind):
        raise RequestValidationError(
            f"{where}: expected {kind}, got a file that begins as {found} does; "
            "nothing was sent"
        )
    if not format:
        raise RequestValidationError(
            f"{where}: the format is not known; give a name with an ending: "
            '("talk.webm", data)'
        )
    measures.check_format(where, asked.said, format, kind)
    if not ending:
        # Servers go by the name.
        name = f"{name or kind}.{measures.same(format)}"
    return (
        (name, content, media_type or found) if media_type or found else (name, content)
    )


def _fits(found: str, kind: str) -> bool:
    return found.partition("/")[0] == kind


def _parts(where: str, given: Any) -> tuple[str, Any, str | None]:
    if isinstance(given, tuple):
        if not 2 <= len(given) <= 3:
            raise RequestValidationError(
                f"{where}: expected (name, content) or (name, content, media type), "
                f"got a tuple of {len(given)}"
            )
        return str(given[0] or ""), given[1], given[2] if len(given) == 3 else None
    if isinstance(given, str) and given.startswith(("http:", "https:", "data:")):
        raise RequestValidationError(
            f"{where}: expected a file, got a URL; nothing is fetched here: download "
            "it, or name it in a member that the provider has for URLs"
        )
    if isinstance(given, (str, os.PathLike)):
        return os.path.basename(os.fspath(given)), given, None
    name = getattr(given, "name", "")
    return os.path.basename(name) if isinstance(name, str) else "", given, None


def _seen(where: str, content: Any) -> tuple[bytes, int | None]:
    """The first bytes of ``content``, and how many there are, where that is known."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content[:_BEGINNING]), len(content)
    if isinstance(content, os.PathLike):
        path = os.fspath(content)
        if not os.path.isfile(path):
            # A pipe is read once, by who sends it; what is not there is said by open.
            os.stat(path)
            return b"", None
        with open(path, "rb") as file:
            return file.read(_BEGINNING), os.fstat(file.fileno()).st_size
    if hasattr(content, "read"):
        return _peeked(where, content)
    if not hasattr(content, "__iter__"):
        raise RequestValidationError(
            f"{where}: expected a path, bytes or a file that is open in binary mode, "
            f"got {type(content).__name__}"
        )
    return b"", None


def _peeked(where: str, file: Any) -> tuple[bytes, int | None]:
    try:
        at = file.tell()
        start = file.read(_BEGINNING)
        size = file.seek(0, os.SEEK_END) - at
        file.seek(at)
    except (OSError, AttributeError):
        return b"", None
    if not isinstance(start, bytes):
        raise RequestValidationError(f"{where}: the file is open as text; open it 'rb'")
    return start, size
