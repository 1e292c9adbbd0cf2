"""One call on the wire: its hold on a connection, and the reply that comes over it.

Time-outs of sockets are per read: a server that drips a byte a second never trips one.
A :class:`Lease` knows the socket its call is using at the moment; the watchdog, one
thread for all calls, shuts that socket down at the call's deadline. Shutting down is
also the only prompt way to cancel from another thread: ``close`` waits for the reader.

What a request is made of and how its reply is read are here too, for threads and for
tasks: whoever waits for the bytes is handed in as a file.

Longer than most modules: every call walks through all of it, and a test counts the
files of that walk.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol

from .clock import Bell
from .decoding import ACCEPT_ENCODING, DecodingError, decoder
from .errors import APIConnectionError, DecodeError, SpecwireError
from .failures import connection_error, decoding_error, stopped
from .framing import Dechunker
from .wire import Headers, Request, followed, query_string, request_id_of, with_query

if TYPE_CHECKING:
    from .auth import Credential


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
    """Shut ``sock`` down, or what stands for it where tasks wait."""
    if hasattr(sock, "shut_down"):
        sock.shut_down()
        return
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


# -- the head of a reply -----------------------------------------------------------

CHUNK: Final = 65_536
_STATUS_LINE: Final = rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: ([\x20-\x7e]*))?\r\n"
_FIELD_LINES: Final = rb"((?:[!#-'*+\-.^-z|~0-9A-Z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n"
_FIELDS: Final = re.compile(r"([^:]+):[\t ]*([^\r]*)\r\n").findall
_PLAIN_HEAD: Final = re.compile(_STATUS_LINE + _FIELD_LINES).fullmatch
_INTERIM: Final = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9][0-9]\b").match
_LENGTH: Final = re.compile(r"[0-9]{1,18}").fullmatch
_MAX_LINE: Final = 65_536
_MAX_FIELDS: Final = 100


class Head(NamedTuple):
    """A reply without its body, and where that ends (RFC 9112 section 6.3).

    ``lower`` holds the values by lower-case name; ``length`` is ``None`` where the
    body ends with the connection.
    """

    status: int
    reason: str
    pairs: list[tuple[str, str]]
    lower: dict[str, str]
    chunked: bool
    length: int | None
    will_close: bool
    version: int = 11


def final_head(file: Any, method: str) -> tuple[Head, int]:
    """The head of the reply to ``method``, and how many bytes behind it are here.

    :raises HTTPException: where it is cut, too long, or no head.
    """
    head, ahead = _next_head(file)
    while _INTERIM(head):  # the standard library takes 103 for the answer
        head, ahead = _next_head(file)
    return _understood(head, method) or _odd(head, method), ahead


def _next_head(file: Any) -> tuple[bytes, int]:
    ahead = file.peek()
    end = ahead.find(b"\n\r\n") + 3
    if end > 2 and b"\n\n" not in ahead[:end]:
        return file.read(end), len(ahead) - end
    return _line_by_line(file), 0


def _line_by_line(file: Any) -> bytes:
    from http.client import HTTPException, LineTooLong, RemoteDisconnected

    lines: list[bytes] = []
    while True:
        line = file.readline(_MAX_LINE + 1)
        if len(line) > _MAX_LINE:
            raise LineTooLong("header line")
        if not line.endswith(b"\n"):
            # The standard library takes a cut for the end.
            raise RemoteDisconnected("the head of the reply was cut")
        lines.append(line)
        if line in (b"\r\n", b"\n"):
            return b"".join(lines)
        if len(lines) > _MAX_FIELDS + 1:
            raise HTTPException(f"got more than {_MAX_FIELDS} headers")


def _understood(head: bytes, method: str) -> Head | None:
    """A head that has no oddities; ``None`` for another."""
    plain = _PLAIN_HEAD(head)
    if plain is None:
        return None
    status, reason, lines = plain.groups()
    pairs: list[tuple[str, str]] = _FIELDS(lines.decode("latin-1"))
    lower = {name.lower(): value for name, value in pairs}
    if len(lower) != len(pairs):
        lower = dict(Headers.of(pairs).lower)
    coding = lower.get("transfer-encoding")
    said = lower.get("content-length")
    if coding not in (None, "chunked") or not (said is None or _LENGTH(said)):
        return None
    if len(pairs) > _MAX_FIELDS or (coding and said):
        return None
    length = int(said) if said else None
    if status in (b"204", b"304") or method == "HEAD":
        length = 0
    ends = coding is None and length is None
    return Head(
        int(status),
        reason.decode().strip() if reason else "",
        pairs,
        lower,
        coding is not None,
        length,
        "close" in lower.get("connection", "").lower() or ends,
    )


def _odd(head: bytes, method: str) -> Head:
    """A head as the standard library reads it."""
    from http.client import HTTPResponse

    reply: Any = HTTPResponse(_Written(head), method=method)  # type: ignore[arg-type]
    reply.begin()
    pairs = reply.headers.items()
    lower = dict(Headers.of(pairs).lower)
    chunked = bool(reply.chunked)
    said = "" if chunked else lower.get("content-length", "")
    if len({part.strip() for part in said.split(",")}) > 1:
        raise InvalidHeader("two lengths that differ")
    length, closes, version = reply.length, bool(reply.will_close), reply.version
    status, reason = reply.status, reply.reason
    return Head(status, reason, pairs, lower, chunked, length, closes, version)


class _Written(NamedTuple):
    """A head that stands in for a socket."""

    head: bytes

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self.head)


class InvalidHeader(ValueError):
    """A reply says two things at once; named as urllib3 names it."""


def framed(
    read1: Callable[[int], bytes], chunked: bool, length: int | None
) -> Generator[bytes, None, tuple[int, int]]:
    """The body as it arrives, without its framing.

    Comes to how many bytes it took, and how many of those were the body's no more.

    :raises HTTPException: where it ends before it is complete.
    """
    taken = 0
    dechunker = Dechunker() if chunked else None
    left = CHUNK if dechunker else length
    while left != 0 and not (dechunker and dechunker.finished):
        received = read1(CHUNK if left is None else min(left, CHUNK))
        taken += len(received)
        if not received and left is None:
            break
        if not received:
            from http.client import IncompleteRead

            raise IncompleteRead(b"", None if dechunker else left)
        if dechunker is None:
            left = None if left is None else left - len(received)
            yield received
        elif data := dechunker.feed(received):
            yield data
            dechunker.check()
    return taken, len(dechunker.rest) if dechunker else 0


# -- the reply -----------------------------------------------------------------------

_DRAIN_S: Final = 0.05


class Terms(NamedTuple):
    """Whose attempt it is, and how long each of its steps may take.

    ``url`` is without the key, for errors to name.
    """

    lease: Lease
    where: str
    url: str
    connect_s: float | None
    read_s: float | None


class Arriving:
    """A reply whose headers are here and whose body is still on the wire."""

    broken: ClassVar[tuple[type[Exception], ...]] = ()
    """What reading raises where the connection fails."""

    def __init__(
        self,
        status_code: int,
        headers: Headers,
        pieces: Iterator[bytes],
        terms: Terms,
        *,
        coded: bool = True,
    ) -> None:
        self.status_code = status_code
        self.headers = headers
        self.on_close: Callable[[], None] | None = None
        self._pieces = pieces
        self._lease, self._where, self.url, *_ = terms
        self._coded = coded
        self._interrupted = False

    def chunks(self) -> Iterator[bytes]:
        """The decoded body as it arrives, at most 1 MiB a piece.

        :raises APIConnectionError: where it breaks off before its end.
        :raises DecodeError: where it is not what its Content-Encoding says.
        :raises CancelledError: what follows an interrupted read; it is no end.
        """
        return chain(self._read(), self._behind())

    def _behind(self) -> Iterator[bytes]:
        if self._interrupted:
            raise stopped(self._where, self._lease)
        yield from ()

    def _read(self) -> Iterator[bytes]:
        failure: SpecwireError
        try:
            decode = self._decoding()
            for data in self._pieces:
                if self._lease.ended is not None:
                    break  # what the system had received already is not waited for
                if decode is None:
                    yield data
                else:
                    yield from decode.feed(data)
            if self._lease.ended is None:
                if decode is not None:
                    decode.end()
                self._give_back()
                return
            failure = stopped(self._where, self._lease)
        except DecodingError as error:
            failure = decoding_error(self._where, error, self)
        except self.broken as error:
            failure = connection_error(self._where, error, self._lease, self.url)
        except GeneratorExit:
            raise
        except BaseException:
            self.close()  # what comes next would be anybody's
            self._lease.ended = self._lease.ended or "cancelled"
            self._interrupted = True
            raise
        self.close()
        failure.request_id = request_id_of(self.headers)
        raise failure

    def _decoding(self) -> Any:
        # Not in the reader's frame, which errors hold: a header may repeat the key.
        coding = self.headers.lower.get("content-encoding")
        return decoder(coding) if coding and self._coded else None

    def read(self, limit: int) -> bytes | None:
        """The whole body, or ``None`` where it is longer than ``limit`` bytes."""
        parts: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                self.close()
                return None
            parts.append(chunk)
        return b"".join(parts)

    def read_error(self, limit: int) -> bytes:
        """What can be had of an error's body: its status matters more than its end.

        :raises CancelledError: the one failure that does.
        """
        parts: list[bytes] = []
        try:
            for chunk in self.chunks():
                parts.append(chunk)
                limit -= len(chunk)
                if limit < 0:
                    self.close()
                    break
        except (APIConnectionError, DecodeError):
            pass
        return b"".join(parts)

    def hurry(self, seconds: float) -> None:
        """Let no further read of the body take longer than ``seconds``."""
        self._lease.hurry(seconds)

    def drain(self) -> None:
        """Read the little that may follow the end, if it is here; wait for nothing."""
        self._lease.hurry(_DRAIN_S)
        stop = time.monotonic() + _DRAIN_S
        try:
            for _ in self._pieces:
                if time.monotonic() >= stop:
                    break
            else:
                self._give_back()
        except self.broken:
            pass

    def close(self) -> None:
        """Give the connection up, unless the body was read to its end.

        Whoever waits for more of the body wakes at once.
        """
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close()
        if self._under_way():
            self._lease.end("cancelled")
        self.leave()

    def leave(self) -> None:
        """Read no more of this reply; its call may go on."""
        raise NotImplementedError

    def _give_back(self) -> None:
        """The body was read to its end: the connection is the next call's."""
        raise NotImplementedError

    def _under_way(self) -> bool:
        """Whether the connection works for this reply still."""
        raise NotImplementedError


# -- the request ---------------------------------------------------------------------


def prepare(
    blank: Any,
    headers: Any,
    request: Request,
    method: str,
    url: str,
    credential: Credential,
) -> None:
    """Fill ``blank``, a request of the HTTP library's, in; the key is put on.

    ``headers`` are those of ``request``, in a mapping that knows names in any case.
    """
    headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)
    query: dict[str, str] = {}
    sign = credential(headers, query)
    blank.method = method
    blank.url = with_query(url, query_string(query.items())) if query else url
    blank.headers = headers
    blank.body = body = request.body
    length = len(body) if isinstance(body, bytes) else getattr(body, "length", None)
    if length is not None:
        headers["Content-Length"] = str(length)
    elif body is not None:
        headers["Transfer-Encoding"] = "chunked"
    elif method in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = "0"
    if sign is not None:
        sign(blank)


def _onward(
    opened: Arriving, request: Request, method: str, url: str
) -> tuple[str, str] | None:
    """Where ``request`` is to be sent instead; ``None`` where ``opened`` answers it."""
    if not 300 <= opened.status_code < 400:
        return None
    target = followed(opened.status_code, opened.headers, method, url)
    if target is not None:
        opened.leave()
        if hasattr(request.body, "rewind"):
            request.body.rewind()
    return target


def origin_text(url: str) -> str:
    """The scheme and authority of an absolute URL, as they are written."""
    end = url.find("/", 8)
    return url if end < 0 else url[:end]


# -- the transport -------------------------------------------------------------------

_MAX_HOPS: Final = 5


class Connections:
    """A transport: who has the connections of one client."""

    broken: ClassVar[tuple[type[Exception], ...]] = ()
    """What is raised where no reply comes."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def send(
        self,
        request: Request,
        credential: Credential,
        lease: Lease,
        *,
        where: str,
        connect_s: float | None,
        read_s: float | None,
    ) -> Arriving:
        """Send ``request`` and return as soon as the headers of the reply are here.

        :raises APIConnectionError: where no reply came.
        """
        if self._pid != os.getpid():
            self._forked()
            # Last: until then the child's other threads come here too.
            self._pid = os.getpid()
        url, method = request.url, request.method
        for _ in range(_MAX_HOPS):
            terms = Terms(lease, where, url, connect_s, read_s)
            failure: SpecwireError | None = None
            asked = self._prepared(request, method, url, credential)
            try:
                opened = self._opened(asked, terms)
            except SpecwireError as error:
                # The request's body could not be read. Frames hold the key.
                failure = error.with_traceback(None)
            except self.broken as error:
                failure = connection_error(where, error, lease, url)
            finally:
                del asked  # it holds the key, and a traceback would hold it
            if failure is not None:
                raise failure
            target = _onward(opened, request, method, url)
            if target is None:
                return opened
            url, method = target
        raise APIConnectionError(
            f"{where}: more than {_MAX_HOPS} redirects", retryable=False, started=False
        )

    def _prepared(
        self, request: Request, method: str, url: str, credential: Credential
    ) -> Any:
        """``request`` as :meth:`_opened` takes it, with the key put on."""
        raise NotImplementedError

    def _opened(self, asked: Any, terms: Terms) -> Arriving:
        """The reply to ``asked``, whose headers are here."""
        raise NotImplementedError

    def _forked(self) -> None:
        """In the child of a fork: it never touches its parent's connections."""
        raise NotImplementedError

    def close(self) -> None:
        """Give up what is open."""
        raise NotImplementedError
