"""What a command is given to read: ``@FILE``, ``-``, JSON, files, what is piped in."""

from __future__ import annotations

import json
import sys
from typing import Any

from .exits import UsageError
from .output import terminal


def piped() -> str | None:
    """What is piped in; ``None`` where standard input is a terminal or closed."""
    if sys.stdin is None or terminal(sys.stdin):
        return None
    return stdin_text()


def stdin_text() -> str:
    """Standard input to its end, as UTF-8."""
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    buffer = getattr(sys.stdin, "buffer", None)
    if buffer is None:
        return sys.stdin.read()
    return _decoded(buffer.read(), "standard input")


def text_of(given: str, what: str) -> str:
    """``given`` itself, the file of ``@FILE``, or standard input for ``-`` and ``@-``.

    :raises UsageError: for a file that cannot be read.
    """
    if given in ("-", "@-"):
        return stdin_text()
    if not given.startswith("@"):
        return given
    return read_text(given[1:], what)


def read_text(path: str, what: str) -> str:
    """The file's text.

    :raises UsageError: where there is none.
    """
    try:
        with open(path, "rb") as file:
            return _decoded(file.read(), path)
    except OSError as error:
        raise UsageError(f"{what}: {path}: {error.strerror}") from None


def json_of(given: str, what: str) -> Any:
    """The JSON that ``given`` is or names.

    :raises UsageError: which says where it is none.
    """
    return parsed(text_of(given, what), what if given[:1] not in "@-" else given)


def parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{what}: expected JSON: {error}") from None


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: expected text in UTF-8, got byte 0x{data[error.start]:02x} "
            f"at {error.start:,}"
        ) from None
