"""One call's hold on its connection, and the watchdog that ends it in time.

Time-outs of sockets are per read: a server that drips a byte a second never trips one.
A :class:`Lease` knows the socket its call is using at the moment; the watchdog, one
thread for all calls, shuts that socket down at the call's deadline. Shutting down is
also the only prompt way to cancel from another thread: ``close`` waits for the reader.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import Any, Final, Protocol

from .clock import Bell


class Ends(Protocol):
    """What a call has under way, and what can be ended from another thread.

    ``deadline`` is a reading of ``time.monotonic``, or ``None`` for no end. ``why`` is
    ``deadline``, ``cancelled`` (its client or its stream was closed), or the reason of
    a token that was cancelled.
    """

    deadline: float | None

    def end(self, why: str) -> None: ...


class Pause:
    """A wait before an attempt; :meth:`end` wakes who waits for ``ended``.

    ``until`` is an event that ends it as well.
    """

    __slots__ = ("deadline", "ended")

    def __init__(self, until: threading.Event | None = None) -> None:
        self.deadline: float | None = None
        self.ended = until or Bell()

    def end(self, why: str) -> None:
        self.ended.set()


class Lease:
    """What a call holds while an attempt is on its way.

    ``ended`` says who cut the connection, if it was us; the reader checks it, because
    a socket that was shut down may look like a clean end. ``of`` names the time limit
    that the deadline is of. ``sent`` says that bytes of
    the request may have reached the server.
    """

    __slots__ = (
        "_conn",
        "_lock",
        "_pid",
        "_sock",
        "deadline",
        "ended",
        "of",
        "sent",
        "write_s",
    )

    def __init__(
        self,
        deadline: float | None = None,
        *,
        write_s: float | None = None,
        of: str = "total",
    ) -> None:
        self.deadline = deadline
        self.of = of
        self.write_s = write_s
        self.ended: str | None = None
        self.sent = False
        self._conn: Any = None
        self._sock: Any = None
        self._pid = os.getpid()
        # Reentrant: a collection inside may close a stream, which ends its lease.
        self._lock = threading.RLock()

    def attach(self, conn: Any, sock: Any) -> None:
        """``conn`` works for this call from now on; cut it if the call is over."""
        with self._lock:
            self._conn, self._sock = conn, sock
            conn.lease = self
            if self.ended is not None:
                _shut_down(sock)

    def adopt(self, conn: Any) -> None:
        """Work over ``conn``, one of a user's session, if there is none of ours."""
        if self._conn is None and getattr(conn, "sock", None) is not None:
            self.attach(conn, conn.sock)

    def hurry(self, seconds: float) -> None:
        """Let no further read on the connection take longer than ``seconds``."""
        with self._lock:
            if self._conn is not None and self._conn.lease is self:
                with contextlib.suppress(OSError, ValueError):
                    self._sock.settimeout(seconds)

    def end(self, why: str) -> None:
        """Cut the connection; a reader wakes at once.

        Only while the connection still works for this call (afterwards it is back in
        the pool, or somebody else's), and only in the process that opened it.
        """
        if self._pid != os.getpid():
            self.ended = self.ended or why
            return
        with self._lock:
            if self.ended is None:
                self.ended = why
            if self._conn is not None and self._conn.lease is self:
                _shut_down(self._sock)


def _shut_down(sock: Any) -> None:
    try:
        # Not sock.shutdown: SSLSocket's drops the TLS state under a reader's feet.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except (OSError, TypeError, ValueError):
        pass


class Watchdog:
    """Ends leases at their deadlines. The thread starts with the first deadline."""

    def __init__(self) -> None:
        # Reentrant: a collection inside may begin a call of its own.
        self._wake = threading.Condition(threading.RLock())
        self._leases: set[Ends] = set()
        self._next = float("inf")
        self._thread: threading.Thread | None = None

    def watch(self, lease: Ends) -> None:
        """End ``lease`` at its deadline, a reading of ``time.monotonic``."""
        if lease.deadline is None:
            return
        with self._wake:
            self._leases.add(lease)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="specwire-watchdog", daemon=True
                )
                self._thread.start()
            if lease.deadline < self._next:
                self._wake.notify()

    def forget(self, lease: Ends) -> None:
        self._leases.discard(lease)  # one step of the interpreter: no lock is needed

    def _run(self) -> None:
        while True:
            with self._wake:
                due, self._next = self._due(time.monotonic())
                if not due:
                    wait = min(self._next - time.monotonic(), _LONGEST_S)
                    self._wake.wait(max(wait, 0.0))
            for lease in due:
                lease.end("deadline")

    def _due(self, now: float) -> tuple[list[Ends], float]:
        due: list[Ends] = []
        soonest = float("inf")
        for lease in tuple(self._leases):
            deadline = lease.deadline if lease.deadline is not None else soonest
            if deadline <= now:
                due.append(lease)
            else:
                soonest = min(soonest, deadline)
        self._leases.difference_update(due)
        return due, soonest


_LONGEST_S: Final = 3600.0
watchdog = Watchdog()


def _after_fork() -> None:
    # The thread did not come along, and its lock may have been held.
    global watchdog
    watchdog = Watchdog()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


# -- limits as a socket and the watchdog take them ---------------------------------

_MOST_S: Final = 2_000_000.0
_ROUND_S: Final = 30.0


def roughly(remaining: float) -> float:
    """A round number where the end is far off: the watchdog is who keeps it.

    A socket keeps its time-out then from one call to the next; changing it is a system
    call, in which another thread may take the interpreter.
    """
    if remaining < 2 * _ROUND_S or remaining > _MOST_S:
        return remaining
    return -(-remaining // _ROUND_S) * _ROUND_S


def shortest(limit: float | None, remaining: float) -> float | None:
    if limit is None and remaining == float("inf"):
        return None
    # A socket's time-out is a C int of milliseconds, and 0 would not wait at all.
    return max(min(limit or remaining, remaining, _MOST_S), 0.001)


def machine_deadline(remaining: float) -> float:
    """The watchdog keeps the machine's time, whatever clock the engine was given."""
    return time.monotonic() + max(remaining, 0.001)
