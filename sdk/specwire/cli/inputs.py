"""What a command is given to read: ``@FILE``, ``-``, JSON, files, what is piped in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from .exits import UsageError
from .output import terminal

_STDIN = "standard input"


def piped() -> str | None:
    """What is piped in; ``None`` where standard input is a terminal or closed."""
    if sys.stdin is None or terminal(sys.stdin):
        return None
    return stdin_text()


def stdin_text() -> str:
    """Standard input to its end, as UTF-8."""
    return _decoded(_stdin().read(), _STDIN)


class Line(NamedTuple):
    """A line of a file, counted from 1; ``place`` is for messages."""

    number: int
    place: str
    text: str


def lines(path: str) -> Iterator[Line]:
    """The lines of a file that hold something; ``-`` is standard input. They are read
    as they are needed.

    :raises UsageError: for a file that cannot be read.
    """
    name = _STDIN if path == "-" else path
    try:
        opened: AbstractContextManager[Iterable[Any]]
        opened = nullcontext(_stdin()) if path == "-" else open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    with opened as stream:
        for number, line in enumerate(stream, 1):
            place = f"{name}, line {number}"
            text = _decoded(line, place)
            if text.strip():
                yield Line(number, place, text)


def _stdin() -> Any:
    """Standard input, of bytes where it has any."""
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return getattr(sys.stdin, "buffer", sys.stdin)


def text_of(given: str, what: str) -> str:
    """``given`` itself, the file of ``@FILE``, or standard input for ``-`` and ``@-``.

    :raises UsageError: for a file that cannot be read.
    """
    if given in ("-", "@-"):
        return stdin_text()
    if not given.startswith("@"):
        return given
    return read_text(given[1:], what)


def bytes_of(given: str, what: str) -> bytes:
    """The same for what need not be text."""
    if given in ("-", "@-"):
        found = _stdin().read()
        return found.encode() if isinstance(found, str) else bytes(found)
    if given.startswith("@"):
        return _read(given[1:], what)
    return given.encode("utf-8", "surrogateescape")  # as it was typed


def read_text(path: str, what: str) -> str:
    """The file's text.

    :raises UsageError: where there is none.
    """
    return _decoded(_read(path, what), path)


def _read(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"{what}: {path}: {error.strerror}") from None


def json_of(given: str, what: str) -> Any:
    """The JSON that ``given`` is or names.

    :raises UsageError: which says where it is none.
    """
    return json_in(bytes_of(given, what), given, what)


def json_in(data: bytes, given: str, what: str) -> Any:
    """The same of what ``given`` was read as."""
    place = what
    if given in ("-", "@-"):
        place = _STDIN
    elif given.startswith("@"):
        place = f"{what}: {given[1:]}"
    return parsed(_decoded(data, place), place)


def parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what}: expected JSON: {error}") from None


def _decoded(data: bytes | str, name: str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: expected text in UTF-8, got byte 0x{data[error.start]:02x} "
            f"at {error.start:,}"
        ) from None
