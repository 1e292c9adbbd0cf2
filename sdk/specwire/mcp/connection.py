"""One connection to an MCP server, on the core: messages out, messages in.

Each message is a call of the core's engine, over HTTP and over the pipes of a process
alike, so that time limits, retries, hooks and cancelling are those of any call. What
the messages mean is the client's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.auth import Service
from ..core.client import BaseClient
from ..core.errors import DecodeError
from ..core.replies import reply_error
from ..core.resource import Operation, Resource
from ..core.results import Arrived, Result, known
from ..core.types import ReplyList, Timeout
from . import messages
from .messages import Message

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken
    from .peer import Peer

KEYS = "mcp"
"""The name of the credential, whatever the server is."""
_EVENTS = "text/event-stream"
_SAFE = (
    *("initialize", "server/discover", "ping"),
    *("tools/list", "prompts/", "resources/", "completion/"),
)


class Limit:
    """How long a whole exchange may take, however many calls it is made of."""

    def __init__(self, client: BaseClient, timeout: Timeout) -> None:
        self._now = client._engine.clock.monotonic
        self._timeout = timeout
        self._began = self._now()

    @property
    def left(self) -> Timeout:
        return self._timeout.less(self._now() - self._began)

    def left_s(self) -> float:
        total = self.left.total
        return float("inf") if total is None else total


class Messages(Result):
    """The messages of a reply, or a stream of them."""

    __slots__ = ()
    accept = f"application/json, {_EVENTS}"

    def opens(self, call: Any, reply: Any) -> bool:
        return bool(reply.content_type == _EVENTS)

    def value(self, arrived: Arrived) -> Any:
        call, reply = arrived.call, arrived.reply
        if reply.content_type == _EVENTS:
            from .events import EventMessages, MessageStream

            decoder = EventMessages(call, reply, arrived.engine)
            return MessageStream(arrived, decoder)
        if not reply.body:
            return known([], reply)
        try:
            return known(messages.read(reply.body), reply)
        except ValueError as error:
            problem = str(error)
        raise reply_error(call, reply, problem)


class Connection(BaseClient):
    """Base of both transports.

    :ivar peer: takes what the server sends by itself.
    :ivar service: tells servers apart, for hooks that several clients share.
    """

    peer: Peer
    path = ""
    service = "mcp"
    version: str | None = None
    """The revision that was agreed on."""

    def _serving(self, place: str, base_url: str, **settings: Any) -> None:
        """Ask the server at ``base_url`` from now on."""
        self.service = f"mcp:{place}"
        service = Service(self.service, base_url=base_url, keys=KEYS, **settings)
        self._services = {self.service: service}

    def _knows(self, name: str) -> bool:
        return name == KEYS

    def exchange(
        self,
        message: Message,
        limit: Limit,
        *,
        cancel: CancelToken | None = None,
        max_retries: int | None = None,
    ) -> Message | None:
        """Send ``message``; the answer to it, where it is a request.

        :raises DecodeError: where none came.
        """
        came = self._sent(message, limit, cancel, max_retries)
        return self._answer(message, came)

    def _answer(self, message: Message, came: Sequence[Message]) -> Message | None:
        wanted = messages.is_request(message)
        found = None
        for each in came:
            if wanted and found is None and messages.is_answer(each, message["id"]):
                found = each
            elif "method" in each:
                self.take(each)
        if wanted and found is None:
            reply = came._reply if isinstance(came, ReplyList) else None
            raise DecodeError(
                f"mcp {message['method']}: the reply does not answer the request "
                f"{message['id']} that was sent",
                body=list(came),
                status_code=reply.status_code if reply else 0,
            )
        return found

    def _sent(
        self,
        message: Message,
        limit: Limit,
        cancel: CancelToken | None,
        max_retries: int | None = None,
    ) -> Any:
        """What came: messages, or a stream of them."""
        method = message.get("method", "answer")
        # Of a notification, doing it twice is no harm; of a call, it may be.
        safe = not messages.is_request(message) or method.startswith(_SAFE)
        operation: Operation[Any] = Operation(
            f"mcp {method}",
            self.service,
            "POST",
            self.path,
            Messages(),
            body="message",
            retry="always" if safe else "unstarted",
        )
        retries = self._max_retries if max_retries is None else max_retries
        return self._made(operation, {"message": message}, limit, cancel, retries)

    def _made(
        self,
        operation: Operation[Any],
        args: dict[str, Any],
        limit: Limit,
        cancel: CancelToken | None,
        max_retries: int,
        headers: dict[str, str] | None = None,
    ) -> Any:
        own = {**self._own_headers(args.get("message")), **(headers or {})}
        limits = (limit.left, max_retries, None)
        call = Resource(self)._prepare(operation, args, limits, (own, None, None))
        call.cancel = cancel
        return self._engine.send(call, self._hooks)

    def _own_headers(self, message: Message | None) -> dict[str, str]:
        return {}

    def take(self, message: Message) -> None:
        """Hand what the server sent by itself to the peer, and answer it."""
        raise NotImplementedError

    def give_up(self, message: Message) -> None:
        """Tell the server something that nobody waits for; never raises or waits."""
        raise NotImplementedError

    def begun(self, limit: Limit) -> None:
        """The handshake is done, and the server may be listened to."""

    def secrets(self) -> list[str]:
        """What must not be shown of what the server says."""
        raise NotImplementedError

    @property
    def hears(self) -> bool:
        """Whether what the server says between calls is heard."""
        return True

    def forget(self) -> None:
        """The session is lost; the next message begins another."""
