"""An MCP server that this program starts: JSON lines over its pipes (MCP, "stdio").

An engine of its own stands where HTTP would be: a message is one line to the process,
and its answer the reply. So hooks, time limits and cancelling are those of any call.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..core.auth import Keyring, Service
from ..core.clock import Clock
from ..core.crew import here
from ..core.engine import Engine
from ..core.errors import (
    APIConnectionError,
    APITimeoutError,
    CancelledError,
    SpecwireError,
    shortened,
)
from ..core.wire import Headers
from . import messages
from .connection import Connection
from .messages import Message
from .peer import PROGRESS, Peer
from .process import Process, secrets_of
from .waiting import Waiter, Waiting

if TYPE_CHECKING:
    import requests

    from ..core.wire import Call, Request

logger = logging.getLogger("specwire.mcp")
_JSON: Final = Headers({"content-type": "application/json"})
MOST_WAITING: Final = 10_000
"""So many notifications may wait for slow handlers; more are dropped."""
MOST_ASKED: Final = 16
"""So many requests of the server are worked on at a time; more are refused."""
_BUSY: Final = -32000


class Pipes:
    """A running server and all that waits for it."""

    def __init__(self, peer: Peer, start: Callable[..., Process]) -> None:
        self._peer = peer
        self.waiting = Waiting()
        self._side = here()  # whose handlers are told, whoever hears of it
        self._told = self._side.queue()
        self._asked = threading.BoundedSemaphore(MOST_ASKED)
        self.process = start(on_line=self._line, on_end=self._ended)
        self._side.begin(self._tell, "specwire-mcp-told")

    def send(self, message: Message) -> None:
        """Send what nobody waits for."""
        from ..core.codec import dumps

        self.process.write(dumps(message, "mcp") + b"\n")

    def _line(self, line: bytes) -> None:
        try:
            found = messages.read(line)
        except ValueError as error:
            self.process.odd_lines += 1
            shown = shortened(line.decode("utf-8", "replace"), 80)
            logger.warning("%s: a line %s: %r", self.process.name, error, shown)
            return
        for message in found:
            self._sort(message, line if len(found) == 1 else b"")

    def _sort(self, message: Message, line: bytes) -> None:
        if messages.is_answer(message):
            if not line:
                from ..core.codec import dumps

                line = dumps(message, "mcp")
            if not self.waiting.settle(message["id"], line):
                logger.warning("an answer to no request, %.40r", message["id"])
        elif messages.is_request(message):
            self._answered(message)
        elif message["method"] == PROGRESS and self.waiting.note(
            (message.get("params") or {}).get("progressToken"), message
        ):
            pass
        elif self._told.qsize() < MOST_WAITING:
            self._told.put(message)
        else:
            logger.warning("notifications come faster than they are handled")

    def _answered(self, message: Message) -> None:
        """Answer a request; a handler of the program's own does so by the way."""
        if not self._peer.knows(message["method"]):
            self._say(self._peer.take(message))
        elif self._asked.acquire(blocking=False):
            self._side.begin(self._work, "specwire-mcp-asked", message)
        else:
            text = f"{MOST_ASKED} requests are worked on already"
            self._say(messages.refusal(message["id"], _BUSY, text))

    def _work(self, message: Message) -> None:
        try:
            self._say(self._peer.take(message))
        finally:
            self._asked.release()

    def _say(self, message: Message | None) -> None:
        try:
            if message is not None:
                self.send(message)
        except SpecwireError as error:
            logger.warning("not answered: %s", error)

    def _tell(self) -> None:
        while (message := self._told.get()) is not None:
            self._peer.take(message)

    def _ended(self, failure: Callable[[], SpecwireError]) -> None:
        self.waiting.fail(failure)
        self._told.put(None)

    def close(self) -> None:
        self.process.close()
        self._told.put(None)


class StdioEngine(Engine):
    """Sends calls to a process, which is started by the first of them."""

    peer: Peer
    start: Callable[..., Process]
    _pipes: Pipes | None = None

    def pipes(self) -> Pipes:
        """:raises APIConnectionError: where it cannot be started, or in a fork."""
        with self.making:
            self.check_open("mcp")
            if self._pipes is None:
                self._pipes = Pipes(self.peer, self.start)
                weakref.finalize(self, self._pipes.close)
            pipes = self._pipes
        if pipes.process.pid != os.getpid():
            raise APIConnectionError(
                "mcp: the server belongs to the process that this one was forked "
                "from; make a client in each process",
                retryable=False,
                started=False,
            )
        return pipes

    def _connect(self) -> Any:
        return _Line(self)

    def _begun(self, call: Call) -> tuple[Any, dict[str, Any]]:
        if self.transport is not None and not here().awaits:
            raise RuntimeError(
                "this object belongs to an async client; use its async methods, in "
                "its loop: `async with`, or `await connect()`, makes the handshake"
            )
        call.attempts_made += 1
        message, waiter = call.args["message"], Waiter()
        if messages.is_request(message):
            waiter = self.pipes().waiting.expect(message["id"])
        self.hold(call, waiter)
        return waiter, {"call": call}

    def answered(self, call: Call, waiter: Waiter) -> bytes:
        """Write the message of ``call``; its answer, which a notification has none of.

        Progress that comes before the answer is told here.
        """
        message, pipes = call.args["message"], self.pipes()
        line = call.request.body + b"\n"
        if not messages.is_request(message):
            pipes.process.write(line)
            return b""
        try:
            pipes.process.write(line)
            return self._awaited(call, waiter, pipes)
        finally:
            pipes.waiting.forget(message["id"])

    def _awaited(self, call: Call, waiter: Waiter, pipes: Pipes) -> bytes:
        ends = time.monotonic() + min(
            self.remaining_s(call), call.timeout.attempt or float("inf")
        )
        while True:
            came = waiter.get(ends - time.monotonic())
            if isinstance(came, bytes):
                return came
            if isinstance(came, dict):
                self.peer.take(came)
            elif came is None and time.monotonic() >= ends:
                limit = call.timeout.total or call.timeout.attempt
                raise APITimeoutError(
                    f"{call.name}: no answer within {limit:.3g} s"
                    f"{pipes.process.oddities()}",
                    retryable=False,
                )
            elif isinstance(came, SpecwireError):
                raise came
            elif came is not None:
                self._check(call)  # knows who gave it up, and why
                raise CancelledError(f"{call.name}: the call was cancelled")

    def close(self) -> None:
        """End what is under way, then the process."""
        super().close()
        with self.making:
            pipes = self._pipes
        if pipes is not None:
            here().apart(pipes.close)


class _Line:
    """What is asked of a process in place of an HTTP connection."""

    def __init__(self, engine: StdioEngine) -> None:
        self._engine = engine

    def send(self, request: Request, _: Any, waiter: Waiter, *, call: Call) -> _Answer:
        return _Answer(request.url, self._engine.answered(call, waiter))


class _Answer:
    """The line that came, as the reply of a server."""

    headers = _JSON

    def __init__(self, url: str, body: bytes) -> None:
        self.url = url
        self.status_code = 200 if body else 202
        self._body = body

    def read(self, limit: int) -> bytes:
        return self._body  # the process was kept from saying more


class StdioConnection(Connection):
    """A connection to the server that ``command`` starts."""

    def __init__(
        self,
        command: Sequence[str],
        peer: Peer,
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        on_stderr: Callable[[str], Any] | None = None,
        max_body_bytes: int = 64 << 20,
        **settings: Any,
    ) -> None:
        self._command, self.peer = _checked(command), peer
        self._secrets = secrets_of(env or {})
        place = os.path.basename(self._command[0])
        self._serving(place, "")
        super().__init__(max_body_bytes=max_body_bytes, **settings)
        self._base_urls = {self.service: f"stdio:{place}"}
        engine = self._engine
        assert isinstance(engine, StdioEngine)
        engine.peer, engine.start = (
            peer,
            _starter(self._command, env, cwd, max_body_bytes, on_stderr),
        )

    def _new_engine(
        self,
        services: Mapping[str, Service],
        keyring: Keyring,
        session: requests.Session | None,
        clock: Clock,
    ) -> Engine:
        return StdioEngine(services, keyring, session, clock)

    def secrets(self) -> list[str]:
        return self._secrets

    def take(self, message: Message) -> None:
        self.peer.take(message)  # not reached: the reader's thread sorts

    def give_up(self, message: Message) -> None:
        engine = self._engine
        assert isinstance(engine, StdioEngine)
        try:
            engine.pipes().send(message)
        except SpecwireError as error:
            logger.debug("not said: %s", error)


def _starter(
    command: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: str | os.PathLike[str] | None,
    max_line_bytes: int,
    on_stderr: Callable[[str], Any] | None,
) -> Callable[..., Process]:
    given = dict(env or {})
    folder = None if cwd is None else os.fspath(cwd)

    def start(**told: Any) -> Process:
        return Process(
            command,
            given,
            folder,
            max_line_bytes=max_line_bytes,
            on_stderr=on_stderr,
            **told,
        )

    return start


def _checked(command: Sequence[str]) -> tuple[str, ...]:
    if isinstance(command, (str, bytes)) or not all(
        isinstance(part, str) for part in command
    ):
        raise TypeError(
            "mcp: expected a command as a list of texts, ['npx', 'server'], got "
            f"{type(command).__name__}; no shell reads it"
        )
    if not command:
        raise ValueError("mcp: expected a command, got an empty list")
    return tuple(command)
