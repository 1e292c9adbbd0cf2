"""One connection of an async client: what arrives is kept until it is asked for.

A :class:`Line` looks like a file to the code that reads heads and bodies; where that
would block, the task waits. aiohttp opens it and carries its bytes; what they mean is
read by the same functions as in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import Callable
from typing import Any, Final

from aiohttp.client_proto import ResponseHandler

from ..core.connecting import SOCKET_OPTIONS
from ..core.lease import CHUNK
from .bridge import soon, wait
from .held import Held

_PIECE: Final = 4 * CHUNK


class Wire(ResponseHandler):
    """aiohttp's end of a connection, which may set a tunnel up over it first."""

    line: Line | None = None

    def data_received(self, data: bytes) -> None:
        if self.line is None:
            super().data_received(data)
        else:
            self.line.arrived(data)

    def eof_received(self) -> None:
        if self.line is None:
            super().eof_received()
        else:
            self.line.hung_up()

    def connection_lost(self, exc: BaseException | None) -> None:
        line, transport = self.line, self.transport
        if line is not None and exc is not None:
            line.broke(transport)
        super().connection_lost(exc)
        if line is not None:
            line.ended(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.line is not None:
            self.line.blocked = True

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.line is not None:
            self.line.blocked = False
            self.line.wake()


class Line(Held):
    """A connection; a call at a time writes and reads it.

    An idle one that something arrives on, or whose server hangs up, is closed at once.

    :ivar reusable: its request was sent whole and its reply read to the end.
    :ivar blocked: what was sent last is not on its way yet.
    """

    __slots__ = (
        "_awaited",
        "_connection",
        "_due",
        "_failure",
        "_full",
        "_held",
        "_on_end",
        "_over",
        "_timer",
        "_uploading",
        "_wire",
        "blocked",
        "reusable",
    )

    def __init__(self, connection: Any, on_end: Callable[[Line], None]) -> None:
        super().__init__()
        self._connection = connection
        self._on_end: Callable[[Line], None] | None = on_end
        self._wire: Wire = connection.protocol
        self._wire.line = self
        self.reusable = self.blocked = False
        self._held: bytes = self._wire._tail
        self._wire._tail = b""
        transport = self._wire.transport
        # It may be gone again already.
        self._over = transport is None or transport.is_closing()
        self._failure: BaseException | None = None
        self._full = self._uploading = False
        self._awaited: asyncio.Future[None] | None = None
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._prepare()

    def _prepare(self) -> None:
        transport = self._wire.transport
        sock: Any = transport and transport.get_extra_info("socket")
        if sock is not None:
            for option in SOCKET_OPTIONS:
                with contextlib.suppress(OSError):
                    sock.setsockopt(*option)

    # -- its life ----------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether it is open and nothing has arrived that nobody asked for."""
        transport = self._wire.transport
        closing = transport is None or transport.is_closing()
        return not (self._over or self._held or closing)

    def fresh(self) -> bool:
        """Whether it can carry one more request."""
        transport = self._wire.transport
        if not self.idle or transport is None:
            return False
        # The loop may not have come round to a close that has arrived.
        sock = transport.get_extra_info("socket")
        return sock is None or not _readable(sock.fileno())

    def leave(self) -> None:
        """As :meth:`drop`, from any thread."""
        if self._loop.is_closed():
            self.bury()
        elif self._loop.is_running():
            soon(self._loop, self.drop)
        else:
            self.drop()

    def bury(self) -> None:
        """Close it after its loop, which can do so no more."""
        transport: Any = self._wire.transport
        inner: Any = None
        self._wire.transport = None
        if hasattr(transport, "_ssl_protocol"):
            inner = getattr(transport._ssl_protocol, "_transport", None)
            transport._closed = True
        for each in (transport, inner):
            sock = getattr(each, "_sock", None)
            if sock is not None:
                each._sock = None
                sock.close()
        self.ended(None)

    def drop(self) -> None:
        """Close it without a word; who waits on it wakes."""
        transport, self.lease = self._wire.transport, None
        if transport is not None:
            transport.abort()
        self.ended(None)

    def ended(self, failure: BaseException | None) -> None:
        """It is gone, for ``failure`` if that was not our wish."""
        if not self._over:
            self._over, self._failure = True, failure
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.wake()
        on_end, self._on_end = self._on_end, None
        connection, self._connection = self._connection, None
        if on_end is not None:
            on_end(self)
        if connection is not None:
            connection.close()  # aiohttp's books

    # -- what the event loop says ------------------------------------------------------

    def arrived(self, data: bytes) -> None:
        if self.lease is None:
            self.drop()  # nobody asked for it
            return
        self._held = self._held + data if self._held else data
        if len(self._held) > CHUNK and not self._full:
            self._full = True
            self._flow("pause_reading")
        self.wake()

    def _flow(self, step: str) -> None:
        transport = self._wire.transport
        if transport is not None and not transport.is_closing():
            getattr(transport, step)()

    def hung_up(self) -> None:
        self._over = True
        self.wake()

    def broke(self, transport: Any) -> None:
        """Keep what has arrived on a connection that broke under an upload."""
        if self._uploading and not self._over:
            self._held += _left_behind(transport)

    def wake(self) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)

    # -- waiting -----------------------------------------------------------------------

    def _sleep(self, seconds: float | None) -> None:
        """Wait until something happens here.

        :raises TimeoutError: where nothing does.
        """
        awaited = self._awaited = self._loop.create_future()
        if seconds is not None:
            self._due = self._loop.time() + seconds
            self._arm()
        else:
            self._due = float("inf")
        try:
            wait(awaited)
        except BaseException:
            self.drop()  # cut short, its next bytes would be anybody's
            raise
        finally:
            self._awaited = None

    def _arm(self) -> None:
        # One timer goes on from wait to wait: making one for each costs more.
        if self._timer is not None and self._timer.when() > self._due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._late)

    def _late(self) -> None:
        self._timer = None
        if self._awaited is None or self._awaited.done():
            return
        if self._loop.time() < self._due:
            if self._due != float("inf"):
                self._arm()
        else:
            self._awaited.set_exception(TimeoutError("timed out"))

    # -- as a file ---------------------------------------------------------------------

    def _fill(self) -> bool:
        """Wait until something is here; false at the end."""
        while not self._held:
            if self._failure is not None:
                raise self._failure.with_traceback(None)
            if self._over:
                return False
            if self._full:
                self._full = False
                self._flow("resume_reading")
            self._sleep(self.read_s)
        return True

    def peek(self) -> bytes:
        self._fill()
        return self._held

    def read1(self, most: int) -> bytes:
        if not self._held:
            self._fill()
        return self.read(most)

    def read(self, most: int) -> bytes:
        """What is here of the next ``most`` bytes."""
        data = self._held
        if len(data) <= most:
            self._held = b""
            return data
        self._held = data[most:]
        return data[:most]

    def readline(self, most: int) -> bytes:
        parts: list[bytes] = []
        while most > 0 and self._fill():
            end = self._held.find(b"\n") + 1
            parts.append(self.read(min(end or len(self._held), most)))
            most -= len(parts[-1])
            if parts[-1].endswith(b"\n"):
                break
        return b"".join(parts)

    # -- writing -----------------------------------------------------------------------

    def write(self, data: bytes, seconds: float | None) -> bool:
        """Send ``data``; false where the other side takes no more.

        :raises TimeoutError: where it takes nothing for ``seconds``.
        """
        if len(data) <= CHUNK:
            return self._put(data, seconds)
        view = memoryview(data)
        return all(
            self._put(view[at : at + _PIECE], seconds)
            for at in range(0, len(data), _PIECE)
        )

    def _put(self, data: bytes | memoryview, seconds: float | None) -> bool:
        transport = self._wire.transport
        if self._over or transport is None or transport.is_closing():
            return False
        self._uploading = True
        transport.write(data)
        while self.blocked and not self._over:
            self._sleep(seconds)
        return not self._over


def _readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _left_behind(transport: Any) -> bytes:
    """What has arrived on a connection that broke under an upload.

    A server may say why it takes no more before it hangs up; the event loop does not
    read it once writing has failed.
    """
    sock = transport and transport.get_extra_info("socket")
    if sock is None or transport.get_extra_info("ssl_object") is not None:
        return b""
    try:
        with socket.socket(fileno=os.dup(sock.fileno())) as copy:
            copy.setblocking(False)
            return copy.recv(CHUNK)
    except OSError:
        return b""
