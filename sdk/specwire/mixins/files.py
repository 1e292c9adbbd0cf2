"""``files.upload``: every form of a file, and who is told how far it got."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..core.multipart import FileInput, Watched
from ..core.resource import (
    UNSET,
    Body,
    Headers,
    Query,
    Resource,
    TimeoutOption,
    Unset,
)

if TYPE_CHECKING:
    from ..models import FileMetadata
    from ..resources.files import Files

_BETA = re.compile(r"[a-z0-9-]+-\d{4}-\d{2}-\d{2}")


class FileHelpers(Resource):
    """What :class:`~specwire.resources.files.Files` has besides its operations."""

    def upload(
        self,
        *,
        file: FileInput | str,
        purpose: str | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        betas: Iterable[str] | Unset = UNSET,
        expires_in_seconds: int | Unset = UNSET,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        idempotency_key: str | None = None,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
    ) -> FileMetadata:
        """Upload a file of any size; it is never held whole.

        :param file: a path (``str`` or ``PathLike``), bytes, an open binary file, an
            iterable of bytes, or a tuple ``(filename, content[, content_type[,
            headers]])`` with one of these as content, where a ``str`` is not taken.
        :param purpose: not part of the API, and not sent as a field. The name of a beta
            feature (``files-api-2025-04-14``) is added to ``betas``; other texts, as
            other services want them, are accepted and mean nothing.
        :param progress: called with the bytes of the file sent so far and its size
            (``None`` where it is not known); a second attempt begins again at 0.
        :param betas: Names of beta features to switch on.
        :param expires_in_seconds: Delete the file after this many seconds, one hour to
            ninety days.
        :raises specwire.errors.APIStatusError: where the server refuses.
        :raises OSError: where the file cannot be opened; nothing was sent.
        """
        content: Any = Path(file) if isinstance(file, str) else file
        if progress is not None:
            content = Watched(content, progress)
        if purpose is not None and _BETA.fullmatch(purpose):
            given: Iterable[str] = () if isinstance(betas, Unset) else betas
            betas = list(dict.fromkeys([*given, purpose]))
        return cast("Files", self).upload_raw(
            file=content,
            betas=betas,
            expires_in_seconds=expires_in_seconds,
            timeout=timeout,
            max_retries=max_retries,
            idempotency_key=idempotency_key,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
