"""Giving a call up from another thread, at once.

A :class:`CancelToken` travels with calls (``Call.cancel``). What those have under way,
a connection or a wait between two attempts, is held by the token and has an ``end``:
cancelling ends it, so a read that blocks returns and the call raises
:class:`~specwire.errors.CancelledError`. A token with a time-out cancels itself; the
watchdog of the leases keeps all such times in one thread.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Generic, TypeVar

from . import lease as _lease
from .clock import Bell
from .crew import THREADS, here
from .errors import CancelledError

T = TypeVar("T")
logger = logging.getLogger("specwire")


class CancelReason(str, Enum):
    """Why a call was given up."""

    USER_REQUEST = "user_request"
    TIMEOUT = "timeout"
    ERROR = "error"
    RESOURCE_LIMIT = "resource_limit"
    SHUTDOWN = "shutdown"


class CancelState:
    """What a token knows of its cancellation.

    :ivar timestamp: when, in seconds since the epoch; ``None`` as long as it was not.
    :ivar metadata: what :meth:`CancelToken.cancel` was told besides.
    """

    __slots__ = ("cancelled", "metadata", "reason", "timestamp")

    def __init__(self) -> None:
        self.cancelled = False
        self.reason: CancelReason | None = None
        self.timestamp: float | None = None
        self.metadata: dict[str, Any] = {}

    def __repr__(self) -> str:
        if not self.cancelled:
            return "CancelState(cancelled=False)"
        return f"CancelState(cancelled=True, reason={self.reason!r})"


class CancelToken:
    """Says that calls are to be given up; safe to use from any thread.

    >>> token = CancelToken()
    >>> events = client.chat().user("Hi").stream(cancel_token=token)  # doctest: +SKIP
    >>> token.cancel()  # from another thread
    True

    :param timeout: seconds after which the token cancels itself, with the reason
        ``timeout``; ``None`` is never.
    """

    def __init__(self, timeout: float | None = None) -> None:
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout: expected more than 0 seconds, got {timeout!r}")
        self._timeout = timeout
        self._held: set[_lease.Ends] = set()
        self._callbacks: list[Callable[[CancelReason], Any]] = []
        self._begin()

    def _begin(self) -> None:
        self._state = CancelState()
        self._event = Bell()
        self._claim = threading.Lock()
        self._pid = os.getpid()
        self.deadline: float | None = None
        if self._timeout is not None:
            self.deadline = time.monotonic() + self._timeout
            _lease.watchdog.watch(self)

    def cancel(
        self, reason: CancelReason | str = CancelReason.USER_REQUEST, **metadata: Any
    ) -> bool:
        """End the calls that the token travels with; false if that was done before.

        ``on_cancel`` callbacks run in this thread; one that fails is logged.
        """
        if not self._cancel(CancelReason(reason), metadata):
            return False
        self._tell()
        return True

    def _cancel(self, reason: CancelReason, metadata: dict[str, Any]) -> bool:
        if not self._claim.acquire(blocking=False):
            return False
        state = self._state
        state.reason, state.timestamp = reason, time.time()
        state.metadata.update(metadata)
        state.cancelled = True
        self._event.set()
        _lease.watchdog.forget(self)
        for thing in list(self._held):
            thing.end(reason)
        return True

    def _tell(self) -> None:
        for callback in list(self._callbacks):
            self._call(callback)

    def _call(self, callback: Callable[[CancelReason], Any]) -> None:
        try:
            callback(self._state.reason or CancelReason.USER_REQUEST)
        except Exception as error:
            logger.warning("on_cancel callback failed: %s", type(error).__name__)

    def end(self, why: str) -> None:
        """Its time-out has come, or a token that holds this one was cancelled.

        Told by the watchdog, which must not be kept: callbacks run in a thread.
        """
        reason = why if isinstance(why, CancelReason) else CancelReason.TIMEOUT
        if self._cancel(reason, {}) and self._callbacks:
            THREADS.begin(self._tell, "specwire-cancel")

    @property
    def is_cancelled(self) -> bool:
        """Whether it has ended, by hand or because its time is up."""
        # The watchdog's thread does not come along into a forked process.
        late = self.deadline is not None and time.monotonic() >= self.deadline
        if late and self._pid != os.getpid():
            self.end("deadline")
        return self._event.is_set()

    @property
    def reason(self) -> CancelReason | None:
        """Why it was cancelled; ``None`` as long as it was not."""
        return self._state.reason

    @property
    def state(self) -> CancelState:
        """Whether it has ended, why, and when."""
        return self._state

    def wait(self) -> CancelReason:
        """Wait until it is cancelled, and say why."""
        here().until(self._event)
        return self._state.reason or CancelReason.USER_REQUEST

    def wait_with_timeout(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds; whether it was cancelled."""
        return here().until(self._event, timeout)

    def on_cancel(self, callback: Callable[[CancelReason], Any]) -> CancelToken:
        """Call ``callback(reason)`` when it is cancelled, at once if it is already."""
        self._callbacks.append(callback)
        if self._event.is_set():
            self._call(callback)
        return self

    def raise_if_cancelled(self, where: str = "CancelToken", attempts: int = 0) -> None:
        """:raises CancelledError: once it is cancelled; its ``reason`` says why."""
        if self.is_cancelled:
            raise cancelled(where, self._state.reason, attempts)

    def reset(self) -> None:
        """Make it usable again; a time-out begins anew."""
        _lease.watchdog.forget(self)
        self._begin()

    # -- what calls have under way --------------------------------------------------

    def hold(self, thing: _lease.Ends) -> None:
        """End ``thing`` when the token is cancelled, at once if it is already."""
        self._held.add(thing)
        if self.is_cancelled:
            thing.end(self._state.reason or CancelReason.USER_REQUEST)

    def release(self, thing: _lease.Ends) -> None:
        """A call has ended: the token does not end it any more."""
        self._held.discard(thing)

    def __repr__(self) -> str:
        said = f"cancelled: {self.reason.value}" if self.reason else "not cancelled"
        return f"<CancelToken, {said}>"


def cancelled(where: str, reason: str | None, attempts: int = 0) -> CancelledError:
    """The error of a call that was given up for ``reason``."""
    word = reason.value if isinstance(reason, CancelReason) else reason
    return CancelledError(
        f"{where}: the call was cancelled ({word})", reason=reason, attempts=attempts
    )


class CancelHandle:
    """The side of a token that cancels, for whoever should do nothing else with it."""

    def __init__(self, token: CancelToken) -> None:
        self._token = token

    def cancel(
        self, reason: CancelReason | str = CancelReason.USER_REQUEST, **metadata: Any
    ) -> bool:
        """As :meth:`CancelToken.cancel`."""
        return self._token.cancel(reason, **metadata)

    @property
    def is_cancelled(self) -> bool:
        """Whether the token has ended."""
        return self._token.is_cancelled

    @property
    def reason(self) -> CancelReason | None:
        """Why the token ended; None while it has not."""
        return self._token.reason


def create_cancel_pair(
    timeout: float | None = None,
) -> tuple[CancelHandle, CancelToken]:
    """A token, and the handle to cancel it with."""
    token = CancelToken(timeout)
    return CancelHandle(token), token


class CancellableStream(Generic[T]):
    """Any iterator, which ends quietly once its token is cancelled.

    The iterator itself is not interrupted, only asked no more. A chat stream does
    better: ``stream(cancel_token=...)`` ends a read that blocks, and says so.

    :param on_cancel: called once when the cancellation ends it.
    """

    def __init__(
        self,
        stream: Iterable[T],
        token: CancelToken,
        on_cancel: Callable[[], Any] | None = None,
    ) -> None:
        self._stream = stream
        self._items = iter(stream)
        self._token = token
        self._on_cancel = on_cancel
        self.started = False
        self.finished = False

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self._token.is_cancelled and not self.finished:
            self.finished = True
            if self._on_cancel is not None:
                here().settled(self._on_cancel())
        if self.finished:
            raise StopIteration
        try:
            item = next(self._items)
        except StopIteration:
            self.finished = True
            raise
        self.started = True
        return item

    def close(self) -> None:
        """Stop, and close what is iterated if it can be closed."""
        self.finished = True
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> CancellableStream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def with_cancellation(
    stream: Iterable[T],
    token: CancelToken,
    on_cancel: Callable[[], Any] | None = None,
) -> CancellableStream[T]:
    """``stream`` as one that ends once ``token`` is cancelled.

    :param on_cancel: called once when that happens.
    """
    return CancellableStream(stream, token, on_cancel)
