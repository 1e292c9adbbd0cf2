"""Hooks: optional parts that see every attempt, written once for sync and async.

A hook decides, it never sleeps: it says :class:`Wait` and the loop waits, or
:class:`Answer` and nothing is sent. Before-hooks run in list order, after-hooks in
reverse. An observer's own exception is logged and dropped; any other hook's exception
is the caller's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading

    from .lease import Arriving
    from .wire import Call, Reply

logger = logging.getLogger("specwire")


class Wait:
    """Said by a hook: ask me again after ``seconds``, or once ``until`` is set."""

    __slots__ = ("seconds", "until")

    def __init__(self, seconds: float, until: threading.Event | None = None) -> None:
        if not seconds >= 0:
            raise ValueError(f"Wait: expected 0 seconds or more, got {seconds!r}")
        self.seconds = seconds
        self.until = until


class Answer:
    """Said by a hook: this is the reply; send nothing."""

    __slots__ = ("reply",)

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class Tap:
    """What a hook has on the body of one reply on its way to the caller.

    Taps stand in the order of after-hooks: what the first hook in the list makes of
    items is what the caller gets. An observer's tap gets chunks only.
    """

    __slots__ = ()

    def chunk(self, chunk: bytes) -> None:
        """For each piece of the decoded body as it arrives, before it is parsed."""

    def items(self, items: Iterator[Any]) -> Iterator[Any]:
        """Called for each piece, with what it completes: may hold back, change, add.

        An item may be a :class:`~specwire.errors.SpecwireError`, which the caller gets
        as an exception. To raise, or to hand out a ``GuardrailError``, ends the stream.
        """
        return items

    def rest(self) -> Iterator[Any]:
        """At the stream's end: what was held back."""
        return iter(())


class Hook:
    """Base of all hooks; override what is wanted.

    :cvar observer: an exception in it is logged and dropped instead of raised.
    :cvar stage: where builders and plugins put it, the lowest outermost: guardrails 10,
        cache 20, resilience 30, telemetry 90. A list of hooks is taken as it is.
    """

    observer: bool = False
    stage: int = 25

    def before_attempt(self, call: Call) -> Wait | Answer | None:
        """Before each attempt; may change ``call.request``, or raise to refuse."""

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        """After each attempt, with the reply or the exception it ended in.

        Called exactly where this hook's ``before_attempt`` let the attempt go on or
        answered it, so what was taken there can be given back here. ``call.open`` says
        that the reply's body is on the wire still.
        """

    def given_up(self, call: Call) -> None:
        """The call ended while it waited because this hook had said :class:`Wait`.

        ``after_attempt`` is not called then: the hook had not let it go on.
        """

    def on_close(self, call: Call) -> None:
        """The attempt's connection is free again; each ``after_attempt`` has one.

        At once after it, or, for a body that stays on the wire, when that was read to
        its end, closed or dropped: maybe in another thread, maybe in a collection.
        """

    def on_event(self, call: Call, event: Any) -> None:
        """For each event of a stream, before the caller gets it."""

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        """Once a stream is over: ``None`` where it was read to its end.

        Otherwise the exception that ended it, or ``GeneratorExit`` where it was closed
        or dropped early.
        """

    def on_done(self, call: Call, outcome: Reply | BaseException) -> Answer | None:
        """Once a call, after its last attempt; what fails here is logged.

        With the reply, once its result was made of it: a stream is open then, and ends
        in :meth:`on_end`. Or with the exception that the caller is about to get; an
        :class:`Answer` is given to the caller in its place.
        """

    def tap(self, call: Call) -> Tap | None:
        """Asked when a reply is to be read as a stream or a download, for a part of
        this hook's on its way to the caller. Another attempt gets another one."""

    def signals(self) -> Mapping[str, Any]:
        """What ``client.signals_snapshot()`` shows of this hook's state, by name."""
        return {}


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


def told(
    hooks: Sequence[Hook],
    call: Call,
    outcome: Reply | BaseException,
    opened: Arriving | None = None,
) -> None:
    """Tell ``hooks`` how an attempt ended, and when its connection is free again.

    ``opened`` is the reply's body where it is on the wire still; where a hook refuses
    the reply, nobody will read it.
    """
    if opened is None:
        try:
            after(hooks, call, outcome)
        finally:
            close(hooks, call)
        return
    call.open, freed = True, opened.on_close

    def on_close() -> None:
        if freed is not None:
            freed()
        close(hooks, call)

    opened.on_close = on_close
    try:
        after(hooks, call, outcome)
    except BaseException:
        opened.close()
        raise


def given_up(hook: Hook, call: Call) -> None:
    """``hook.given_up``; what ended the call is what its caller hears of."""
    try:
        hook.given_up(call)
    except Exception as error:
        _dropped(hook, error)


def close(hooks: Sequence[Hook], call: Call) -> None:
    """``on_close`` of all ``hooks``, the last one first; what fails is logged."""
    for hook in reversed(hooks):
        try:
            hook.on_close(call)
        except Exception as error:
            _dropped(hook, error)


def done(
    hooks: Sequence[Hook], call: Call, outcome: Reply | BaseException
) -> Reply | None:
    """``on_done`` of all ``hooks``, the last one first; the reply in an error's place.

    What the first of them to answer has said; the others hear of it as the outcome.
    """
    instead: Reply | None = None
    for hook in reversed(hooks):
        try:
            said = hook.on_done(call, outcome)
        except Exception as error:
            _dropped(hook, error)
            continue
        if said is not None and isinstance(outcome, Exception):
            outcome = instead = said.reply
    return instead


def taps(hooks: Sequence[Hook], call: Call) -> list[tuple[Hook, Tap]]:
    """The taps of ``hooks``, the last one's first."""
    found: list[tuple[Hook, Tap]] = []
    for hook in reversed(hooks):
        try:
            tap = hook.tap(call)
        except Exception as error:
            if not hook.observer:
                raise
            _dropped(hook, error)
            continue
        if tap is not None:
            found.append((hook, tap))
    return found


def tapped(
    found: Sequence[tuple[Hook, Tap]], chunks: Iterator[bytes]
) -> Iterator[bytes]:
    """``chunks``, each shown to all taps."""
    for chunk in chunks:
        for hook, tap in found:
            try:
                tap.chunk(chunk)
            except Exception as error:
                if not hook.observer:
                    raise
                _dropped(hook, error)
        yield chunk


def through(
    found: Sequence[tuple[Hook, Tap]], items: Iterator[Any], last: bool
) -> Iterator[Any]:
    """What ``items`` become on their way; ``last`` says that no more will follow."""
    for hook, tap in found:
        if not hook.observer:
            items = _through(tap, items, last)
    return items


def _through(tap: Tap, items: Iterator[Any], last: bool) -> Iterator[Any]:
    yield from tap.items(items)
    if last:
        yield from tap.rest()


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
