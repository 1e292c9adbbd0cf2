"""``Logger``: one structured record a call, and at ``debug`` one an attempt.

It writes by the standard library, to the logger ``specwire.calls``, and sets up nothing
by itself; :func:`configure` is for programs without a log of their own. Where a record
may go is the program's affair, so it never holds bodies, values of queries, or headers.
(:class:`~specwire.core.logs.LogHook` writes lines of text for people at a terminal.)
"""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import CancelledError
from ..core.logs import EnvHandler, shown_url
from .formatters import FIELDS, JsonFormatter, TextFormatter, context
from .redaction import Redactor
from .subject import code_of, status_of, subject
from .usage import usage_in
from .watching import Seen, Watch

if TYPE_CHECKING:
    from ..core.clock import Clock
    from ..core.wire import Call, Reply

CALLS: Final = "specwire.calls"
ROOT: Final = "specwire"


class _Logged(Seen):
    def __init__(self) -> None:
        self.context = context()


class Logger(Watch[_Logged]):
    """Writes how each call went; give it to a client as a hook.

    Calls that fail are warnings; those that were cancelled or left early, and all
    others, are ``info``. The record's ``fields`` have
    ``provider``, ``model``, ``operation``, ``outcome``, ``status``, ``attempts``,
    ``duration_s``, ``request_id``, and where they are known ``error``, ``code``,
    ``input_tokens``, ``output_tokens``, ``events``, ``first_event_s``, ``trace_id``.

    >>> client = Client(hooks=[Logger()])  # doctest: +SKIP

    :param logger: by name or itself; ``specwire.calls`` by default.
    """

    def __init__(
        self,
        logger: logging.Logger | str = CALLS,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.logger = logging.getLogger(logger) if isinstance(logger, str) else logger

    def settings(self) -> dict[str, Any]:
        return {"logger": self.logger.name}

    def began(self, call: Call) -> _Logged:
        return _Logged()

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        if not self.logger.isEnabledFor(logging.DEBUG):
            return
        said = {
            **_about(call),
            "attempt": call.attempt,
            "method": call.request.method,
            "url": shown_url(call.request.url),
            **_ending(outcome),
            "elapsed_s": round(self.elapsed_s(call), 6),
        }
        told = "%s: attempt %d: %s"
        self._write(logging.DEBUG, told, said, (call.attempt, said["outcome"]))

    def ended(self, call: Call, seen: _Logged, outcome: Reply | BaseException) -> None:
        failed = not isinstance(outcome, (GeneratorExit, CancelledError))
        failed = failed and isinstance(outcome, BaseException)
        level = logging.WARNING if failed else logging.INFO
        if not self.logger.isEnabledFor(level):
            return
        seconds = self.elapsed_s(call)
        said: dict[str, Any] = {**seen.context, **_about(call)}
        said |= _ending(outcome)
        if seen.reply is not None:
            said = {**said, **_replied(seen.reply)}
        said["attempts"] = call.attempts_made
        said["duration_s"] = round(seconds, 6)
        if seen.stream:
            said["events"] = seen.events
            if seen.first_s is not None:
                said["first_event_s"] = round(seen.first_s, 6)
        elif not isinstance(outcome, BaseException):
            said |= _tokens(outcome.body)
        self._write(level, "%s: %s in %.3f s", said, (said["outcome"], seconds))

    def _write(
        self, level: int, told: str, said: dict[str, Any], rest: tuple[Any, ...]
    ) -> None:
        self.logger.log(level, told, said["operation"], *rest, extra={FIELDS: said})


def _about(call: Call) -> dict[str, Any]:
    said: dict[str, Any] = subject(call)._asdict()
    # 00-<trace>-<span>-<flags>, where a tracer beside this one has put it
    parts = call.request.headers.get("traceparent", "").split("-")
    if len(parts) == 4:
        said["trace_id"], said["span_id"] = parts[1], parts[2]
    return said


def _ending(outcome: Reply | BaseException) -> dict[str, Any]:
    if not isinstance(outcome, BaseException):
        return {"outcome": "ok", **_replied(outcome)}
    if isinstance(outcome, GeneratorExit):
        return {"outcome": "closed"}
    code = code_of(outcome)
    status = status_of(outcome)
    cancelled = isinstance(outcome, CancelledError)
    return {
        "outcome": "cancelled" if cancelled else "error",
        "error": type(outcome).__name__,
        "code": str(code),
        "reason": code.name,
        **({"status": int(status)} if status else {}),
        **_named(getattr(outcome, "request_id", None)),
    }


def _replied(reply: Reply) -> dict[str, Any]:
    return {"status": reply.status_code, **_named(reply.request_id)}


def _named(request_id: Any) -> dict[str, Any]:
    return {"request_id": request_id} if isinstance(request_id, str) else {}


def _tokens(body: bytes) -> dict[str, int]:
    counts = usage_in(body)
    if counts is None:
        return {}
    given = counts.fresh + counts.read + counts.written
    return {"input_tokens": given, "output_tokens": counts.output}


class _Configured(logging.StreamHandler):  # type: ignore[type-arg] # 3.10
    """What :func:`configure` has installed; standard error as it is at the time."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream or sys.stderr)
        self._given = stream

    def emit(self, record: logging.LogRecord) -> None:
        if self._given is None:
            self.stream = sys.stderr
        super().emit(record)


_configuring = threading.Lock()


def configure(
    level: int | str = "info",
    format: str = "json",
    *,
    stream: Any = None,
    masker: Redactor | None = None,
    logger: str = ROOT,
) -> logging.Handler:
    """Have the log written, to standard error by default; again changes how.

    The program's own handlers do not get the records as well. A handler that
    ``ANTHROPIC_LOG`` had set up goes.

    :param level: such as ``info``, ``"DEBUG"`` or ``logging.WARNING``.
    :param format: ``json`` or ``text``.
    :param masker: what hides credentials.
    :param logger: whose records; those below it are written too.
    :raises ValueError: for another format or level.
    """
    if format not in ("json", "text"):
        raise ValueError(f"configure: expected format 'json' or 'text', got {format!r}")
    number = _level(level)
    handler = _Configured(stream)
    handler.setFormatter((JsonFormatter if format == "json" else TextFormatter)(masker))
    with _configuring:
        target = logging.getLogger(logger)
        for old in list(target.handlers):
            if isinstance(old, (_Configured, EnvHandler)):
                target.removeHandler(old)
        target.addHandler(handler)
        target.setLevel(number)
        target.propagate = False
    return handler


def unconfigure(logger: str = ROOT) -> None:
    """Take back what :func:`configure` did.

    :param logger: that of the call which is taken back.
    """
    with _configuring:
        target = logging.getLogger(logger)
        for old in list(target.handlers):
            if isinstance(old, _Configured):
                target.removeHandler(old)
        target.setLevel(logging.NOTSET)
        target.propagate = True


def _level(level: int | str) -> int:
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    number = logging.getLevelName(str(getattr(level, "value", level)).upper())
    if not isinstance(number, int):
        raise ValueError(
            f"configure: expected a level such as 'info', got {str(level)!r}"
        )
    return number
