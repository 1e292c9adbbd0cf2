"""``workspaces.files.upload``: every form of a file, sent in one request.

The content goes along as base64, which the server takes up to 70,000,000 characters.
Larger files go through ``workspaces.files.uploads``, whose transfers lead to addresses
of a store outside the API; this module does not send anything there.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from ..core.errors import RequestValidationError
from ..core.multipart import FileInput, FilePart
from ..core.resource import UNSET, Headers, Resource, TimeoutOption, Unset

if TYPE_CHECKING:
    from ..models import WorkspaceFile
    from ..resources.workspaces_files import WorkspacesFiles

LARGEST: Final = 70_000_000 // 4 * 3
"""Bytes whose base64 the server takes."""


class WorkspaceFileHelpers(Resource):
    """What the resource ``workspaces.files`` has besides its operations."""

    def upload(
        self,
        *,
        file: FileInput | str,
        workspace_id: str,
        name: str | None = None,
        content_type: str | None = None,
        folder_path: str | Unset = UNSET,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        idempotency_key: str | None = None,
        extra_headers: Headers | None = None,
    ) -> WorkspaceFile:
        """Store a file of at most 52,500,000 bytes in a workspace.

        :param file: a path (``str`` or ``PathLike``), bytes, an open binary file, an
            iterable of bytes, or a tuple ``(filename, content[, content_type])``.
        :param workspace_id: The workspace's identifier.
        :param name: what it is to be called; the file's own name if it has one.
        :param content_type: its media type; guessed from the name if nothing is said.
        :param folder_path: the folder to put it in.
        :raises specwire.errors.RequestValidationError: for a file that is too large or
            has no name; nothing was sent.
        :raises specwire.errors.APIStatusError: where the server refuses.
        """
        content: Any = Path(file) if isinstance(file, str) else file
        part = FilePart.of(content, name="file")
        called = name or part.filename
        if not called:
            text = "workspaces.files.upload: the file has no name; give name="
            raise RequestValidationError(text)
        whole = _content(part)
        return cast("WorkspacesFiles", self).create(
            workspace_id=workspace_id,
            name=called,
            content_type=content_type or _type(part, called),
            content=b64encode(whole).decode("ascii"),
            encoding="base64",
            folder_path=folder_path,
            timeout=timeout,
            max_retries=max_retries,
            idempotency_key=idempotency_key,
            extra_headers=extra_headers,
        )


def _type(part: FilePart, name: str) -> str:
    """The type that was said or follows from the file's name, else from ``name``."""
    if part.filename == name or part.content_type != "application/octet-stream":
        return part.content_type
    return FilePart.of((name, b""), name="file").content_type


def _content(part: FilePart) -> bytes:
    """All of the file, read no further than what may be sent."""
    known = part.source.length
    if known is not None and known > LARGEST:
        raise _too_large(f"{known:,} bytes")
    part.source.begin()
    try:
        whole = bytearray()
        while piece := part.source.read(1 << 20):
            whole += piece
            if len(whole) > LARGEST:
                raise _too_large("more")
    finally:
        part.source.end()
    return bytes(whole)


def _too_large(found: str) -> RequestValidationError:
    return RequestValidationError(
        f"workspaces.files.upload: expected at most {LARGEST:,} bytes, got {found}; "
        "use workspaces.files.uploads, which takes files of any size"
    )
