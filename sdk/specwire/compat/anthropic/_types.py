"""What programs annotate with, under its official names.

Types of the HTTP library are ``Any``: there is another one behind.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any, TypeAlias, TypedDict, TypeVar

from ...core.types import UNSET as NOT_GIVEN
from ...core.types import UNSET as not_given
from ...core.types import UNSET as omit
from ...core.types import Model as _Model
from ...core.types import Unset as NotGiven
from ...core.types import Unset as Omit
from ..timeouts import Timeout as Timeout

NoneType = type(None)
Headers: TypeAlias = Mapping[str, Any]
Query: TypeAlias = Mapping[str, object]
Body: TypeAlias = object
FileContent: TypeAlias = IO[bytes] | bytes | os.PathLike[str]
FileTypes: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
Base64FileInput: TypeAlias = IO[bytes] | os.PathLike[str]
Transport: TypeAlias = Any
ProxiesTypes: TypeAlias = Any
ModelT = TypeVar("ModelT", bound=_Model)
ResponseT = TypeVar("ResponseT")


class RequestOptions(TypedDict, total=False):
    """What ``options=`` of the calls by path may hold."""

    headers: Headers
    max_retries: int
    timeout: float | Timeout | None
    params: Query
    extra_json: Mapping[str, object]
    idempotency_key: str
    follow_redirects: bool


def file_from_path(path: str) -> FileTypes:
    """The file's name and content, to be uploaded.

    A ``Path`` uploads without holding the content in memory.
    """
    with open(path, "rb") as file:
        return os.path.basename(path), file.read()


__all__ = [
    "Base64FileInput",
    "Body",
    "FileContent",
    "FileTypes",
    "Headers",
    "ModelT",
    "NOT_GIVEN",
    "NoneType",
    "NotGiven",
    "Omit",
    "ProxiesTypes",
    "Query",
    "RequestOptions",
    "ResponseT",
    "Timeout",
    "Transport",
    "file_from_path",
    "not_given",
    "omit",
]
