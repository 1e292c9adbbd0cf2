"""The logging of ai-lib-python: ``AiLibLogger``, a context, and its masker."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import define, evolve, field

from ....telemetry import formatters as _formatters
from ....telemetry import logs as _logs
from ....telemetry.formatters import FIELDS, JsonFormatter, TextFormatter
from ....telemetry.redaction import Redactor

__all__ = [
    "AiLibLogger",
    "JsonFormatter",
    "LogContext",
    "LogLevel",
    "SensitiveDataMasker",
    "TextFormatter",
    "clear_log_context",
    "get_log_context",
    "get_logger",
    "set_log_context",
]
_NAMES = ("request_id", "trace_id", "span_id", "provider", "model")


class LogLevel(str, Enum):
    """Levels, as the standard library calls them."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"

    def to_logging_level(self) -> int:
        """The standard library's number."""
        number: int = getattr(logging, self.value)
        return number


class SensitiveDataMasker(Redactor):
    """Hides credentials; see :class:`specwire.telemetry.Redactor`."""

    def __init__(self, patterns: Iterable[tuple[str, str]] | None = None) -> None:
        super().__init__(patterns or ())


@define
class LogContext:
    """What stands in every record of this thread or task."""

    request_id: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    provider: str | None = None
    model: str | None = None
    extra: dict[str, Any] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Those that are given."""
        given = {name: getattr(self, name) for name in _NAMES}
        return {**{name: v for name, v in given.items() if v}, **self.extra}

    def with_extra(self, **members: Any) -> LogContext:
        """The same with more members."""
        return evolve(self, extra={**self.extra, **members})


def get_log_context() -> LogContext:
    """What is set here."""
    known = dict(_formatters.context())
    named = {name: known.pop(name) for name in _NAMES if name in known}
    return LogContext(**named, extra=known)


def set_log_context(context: LogContext) -> None:
    """Set it, from here on."""
    _formatters.set_context(context.to_dict())


def clear_log_context() -> None:
    """Say nothing more."""
    _formatters.set_context({})


class AiLibLogger:
    """Writes records with members: ``logger.info("asked", model="gpt-4o")``."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    @classmethod
    def configure(
        cls,
        level: LogLevel | str = LogLevel.INFO,
        format: str = "json",
        stream: Any = None,
        masker: Redactor | None = None,
    ) -> None:
        """Have the log written; see :func:`specwire.telemetry.configure`."""
        for name in ("specwire", "ai_lib_python"):
            _logs.configure(level, format, stream=stream, masker=masker, logger=name)

    @classmethod
    def get_logger(cls, name: str) -> AiLibLogger:
        """The logger of that name."""
        return cls(logging.getLogger(name))

    def _log(self, level: int, msg: str, exc_info: Any = False, **kwargs: Any) -> None:
        self._logger.log(level, "%s", msg, exc_info=exc_info, extra={FIELDS: kwargs})

    def debug(self, msg: str, **kwargs: Any) -> None:
        self._log(logging.DEBUG, msg, **kwargs)

    def info(self, msg: str, **kwargs: Any) -> None:
        self._log(logging.INFO, msg, **kwargs)

    def warning(self, msg: str, **kwargs: Any) -> None:
        self._log(logging.WARNING, msg, **kwargs)

    def error(self, msg: str, exc_info: bool = False, **kwargs: Any) -> None:
        self._log(logging.ERROR, msg, exc_info, **kwargs)

    def critical(self, msg: str, exc_info: bool = False, **kwargs: Any) -> None:
        self._log(logging.CRITICAL, msg, exc_info, **kwargs)

    def exception(self, msg: str, **kwargs: Any) -> None:
        self._log(logging.ERROR, msg, True, **kwargs)


def get_logger(name: str) -> AiLibLogger:
    """The logger of that name."""
    return AiLibLogger.get_logger(name)
