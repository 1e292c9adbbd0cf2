"""Hooks: optional parts that see every attempt, written once for sync and async.

A hook decides, it never sleeps: it says :class:`Wait` and the loop waits, or
:class:`Answer` and nothing is sent. Before-hooks run in list order, after-hooks in
reverse. An observer's own exception is logged and dropped; any other hook's exception
is the caller's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .wire import Call, Reply

logger = logging.getLogger("specwire")


class Wait:
    """Said by a hook: ask me again after ``seconds``."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError(f"Wait: expected 0 seconds or more, got {seconds!r}")
        self.seconds = seconds


class Answer:
    """Said by a hook: this is the reply; send nothing."""

    __slots__ = ("reply",)

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class Hook:
    """Base of all hooks; override what is wanted.

    :cvar observer: an exception in it is logged and dropped instead of raised.
    """

    observer: bool = False

    def before_attempt(self, call: Call) -> Wait | Answer | None:
        """Before each attempt; may change ``call.request``, or raise to refuse."""

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        """After each attempt, with the reply or the exception it ended in.

        Called exactly where this hook's ``before_attempt`` let the attempt go on or
        answered it, so what was taken there can be given back here.
        """

    def on_event(self, call: Call, event: Any) -> None:
        """For each event of a stream, before the caller gets it."""

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        """Once a stream is over: ``None`` where it was read to its end.

        Otherwise the exception that ended it, or ``GeneratorExit`` where it was closed
        or dropped early.
        """


def before(hook: Hook, call: Call) -> Wait | Answer | None:
    """``hook.before_attempt``, with an observer's own exception dropped."""
    try:
        return hook.before_attempt(call)
    except Exception as error:
        if not hook.observer:
            raise
        _dropped(hook, error)
        return None


def after(hooks: Sequence[Hook], call: Call, outcome: Reply | BaseException) -> None:
    """``after_attempt`` of all ``hooks``, the last one first.

    One that fails does not keep the others from being told; its exception comes last.
    """
    failure: Exception | None = None
    for hook in reversed(hooks):
        try:
            hook.after_attempt(call, outcome)
        except Exception as error:
            if hook.observer:
                _dropped(hook, error)
            else:
                failure = failure or error
    if failure is not None:
        raise failure


def event(hooks: tuple[Hook, ...], call: Call, item: Any) -> None:
    """``on_event`` of all ``hooks``, the last one first."""
    for hook in reversed(hooks):
        try:
            hook.on_event(call, item)
        except Exception as error:
            if not hook.observer:
                raise
            _dropped(hook, error)


def end(hooks: tuple[Hook, ...], call: Call, outcome: BaseException | None) -> None:
    """``on_end`` of all ``hooks``, the last one first; no longer the caller's affair.

    A stream may be closed by ``with`` or the garbage collector: what fails is logged.
    """
    for hook in reversed(hooks):
        try:
            hook.on_end(call, outcome)
        except Exception as error:
            _dropped(hook, error)


def _dropped(hook: Hook, error: Exception) -> None:
    logger.warning("hook %s failed: %s", type(hook).__name__, type(error).__name__)
