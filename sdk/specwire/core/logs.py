"""A log of what is asked: one line an attempt, at the end of streams another.

:class:`LogHook` writes to the logger ``specwire`` and configures nothing;
:func:`hooks_from_env` is for programs whose user asks for the log by a variable, so it
sets the level and, where nobody listens, a handler. Bodies are never written, query
parameters only by name, headers only where they are known to hold no credential.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .hooks import Hook, logger

if TYPE_CHECKING:
    from .wire import Call, Reply

_LEVELS: Final = {"info": logging.INFO, "debug": logging.DEBUG}
_HARMLESS: Final = frozenset(
    [
        *("accept", "accept-encoding", "anthropic-beta", "anthropic-version"),
        *("cf-ray", "connection", "content-encoding", "content-length"),
        *("content-type", "date", "idempotency-key", "request-id", "retry-after"),
        *("retry-after-ms", "server", "transfer-encoding", "user-agent"),
        *("x-request-id", "x-should-retry"),
    ]
)
_LIMITS: Final = ("anthropic-ratelimit-", "x-ratelimit-", "ratelimit")
_LONGEST: Final = 200


class LogHook(Hook):
    """Writes each attempt to the logger ``specwire``: what, where, how it ended.

    At ``info`` the method, the URL without query values, the status or the error's
    class, the attempt's number, its seconds and the request's id; at ``debug`` the
    headers as well, with every value hidden that might be a credential. A stream has
    a line where it begins and one where it ends.

    >>> client = Client(hooks=[LogHook("debug")])  # doctest: +SKIP

    :raises ValueError: for another level than ``info`` or ``debug``.
    """

    observer = True
    stage = 90

    def __init__(self, level: str = "info") -> None:
        if level not in _LEVELS:
            raise ValueError(f"LogHook: expected 'info' or 'debug', got {level!r}")
        self._headers = level == "debug"

    def before_attempt(self, call: Call) -> None:
        call.scratch[self] = [time.perf_counter(), 0, None]
        if self._headers:
            request = call.request
            logger.debug(
                "%s: attempt %d: %s %s %s",
                *(call.name, call.attempt, request.method, shown_url(request.url)),
                shown_headers(request.headers),
            )

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        status = getattr(outcome, "status_code", None)
        failed = isinstance(outcome, BaseException)
        call.scratch[self][2] = request_id = getattr(outcome, "request_id", None)
        said = f"{type(outcome).__name__} " if failed else ""
        logger.info(
            "%s: attempt %d: %s %s: %s%s in %.3f s, request %s",
            *(call.name, call.attempt, call.request.method),
            *(shown_url(call.request.url), said, status or "no status"),
            *(self._seconds(call), request_id),
        )
        headers = getattr(outcome, "headers", None)
        if self._headers and headers:
            shown = shown_headers(headers)
            logger.debug("%s: the reply's headers: %s", call.name, shown)

    def on_event(self, call: Call, event: Any) -> None:
        call.scratch[self][1] += 1

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        how = "read to its end"
        if outcome is not None:
            early = isinstance(outcome, GeneratorExit)
            how = "closed early" if early else f"ended by {type(outcome).__name__}"
        _, count, request_id = call.scratch[self]
        logger.info(
            "%s: the stream was %s after %d items and %.3f s, request %s",
            *(call.name, how, count, self._seconds(call), request_id),
        )

    def _seconds(self, call: Call) -> float:
        began: float = call.scratch[self][0]
        return time.perf_counter() - began


def shown_url(url: str) -> str:
    """``url`` with the names of its query's parameters, and none of their values."""
    place, mark, query = url.partition("?")
    names = (pair.partition("=")[0] for pair in query.split("&"))
    return place + mark + "&".join(names)


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """``headers``, with every value hidden that might be a credential."""
    return {name: _value(name.lower(), value) for name, value in headers.items()}


def _value(name: str, value: str) -> str:
    known = name in _HARMLESS or name.startswith(_LIMITS)
    return value[:_LONGEST] if known else "***"


class EnvHandler(logging.StreamHandler):  # type: ignore[type-arg] # 3.10
    """Standard error as it is at the time; silent once the program has its own log."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            self.stream = sys.stderr
            super().emit(record)


_installing = threading.Lock()


def hooks_from_env(variable: str) -> tuple[Hook, ...]:
    """A :class:`LogHook` where ``variable`` says ``info`` or ``debug``, else nothing.

    The log is made visible: on standard error, unless the program has handlers.
    """
    level = os.environ.get(variable, "").strip().lower()
    if level not in _LEVELS:
        return ()
    with _installing:
        if logger.level == logging.NOTSET or logger.level > _LEVELS[level]:
            logger.setLevel(_LEVELS[level])
        if not logger.hasHandlers():
            handler = EnvHandler()
            handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
            logger.addHandler(handler)
    return (LogHook(level),)
