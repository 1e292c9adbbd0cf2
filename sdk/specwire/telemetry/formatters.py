"""Records of the standard library's logging as JSON lines, or as text for people.

A record's own members (``extra={"fields": {...}}``) and the context of
:func:`log_context` stand beside its message; all of it goes through a
:class:`~.redaction.Redactor`, tracebacks too.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from .redaction import Redactor

FIELDS: Final = "fields"
# What ends a line or drives a terminal, and what cannot be written at all.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_context: ContextVar[Mapping[str, Any] | None] = ContextVar(
    "specwire_log_context", default=None
)


@contextmanager
def log_context(**members: Any) -> Iterator[None]:
    """Members of every record that is written inside the block.

    >>> with log_context(user="u-17"):
    ...     pass
    """
    token = _context.set({**context(), **members})
    try:
        yield
    finally:
        _context.reset(token)


def context() -> Mapping[str, Any]:
    """What :func:`log_context` has said here."""
    return _context.get() or {}


def set_context(members: Mapping[str, Any]) -> None:
    """The context from here on, in this thread or task."""
    _context.set(dict(members))


class JsonFormatter(logging.Formatter):
    """One JSON object a line.

    :param masker: what hides credentials.
    :param timestamp: whether each has the time, in UTC with milliseconds.
    """

    def __init__(
        self, masker: Redactor | None = None, *, timestamp: bool = True
    ) -> None:
        super().__init__()
        self._masker = masker or Redactor()
        self._timestamp = timestamp

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {}
        if self._timestamp:
            told["timestamp"] = _utc(record)
        told["level"] = record.levelname
        told["logger"] = record.name
        told["message"] = self._masker.mask(record.getMessage())
        for name, value in _members(record, self._masker).items():
            told[name if name not in told else f"{name}_"] = value
        if record.exc_info:
            told["exception"] = self._masker.mask(self.formatException(record.exc_info))
        line = json.dumps(told, ensure_ascii=False, default=str)
        # A lone surrogate cannot be written; as an escape it is JSON all the same.
        return line.encode("utf-8", "backslashreplace").decode("utf-8")


class TextFormatter(logging.Formatter):
    """A line for people: time, level, logger, message, then ``name=value``.

    :param masker: what hides credentials.
    """

    def __init__(self, masker: Redactor | None = None) -> None:
        super().__init__()
        self._masker = masker or Redactor()

    def format(self, record: logging.LogRecord) -> str:
        told = [_utc(record), record.levelname, record.name]
        told.append(self._masker.mask(record.getMessage()))
        members = _members(record, self._masker)
        told += [f"{name}={value}" for name, value in members.items()]
        line = _CONTROL.sub(lambda found: repr(found[0])[1:-1], " ".join(told))
        if record.exc_info:
            line += "\n" + self._masker.mask(self.formatException(record.exc_info))
        return line


def _members(record: logging.LogRecord, masker: Redactor) -> dict[str, Any]:
    own = getattr(record, FIELDS, None)
    told = {**context(), **(own if isinstance(own, Mapping) else {})}
    return masker.mask_dict(told)


def _utc(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"
