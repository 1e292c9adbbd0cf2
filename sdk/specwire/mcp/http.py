"""An MCP server at a URL: the transport "streamable HTTP" (MCP, "Transports").

Each message is a POST, answered by JSON or by an event stream that a break does not
end where the server numbers its events. A session that the server has forgotten (404)
is the client's to begin again. Redirects stay on the origin; no URL that a server
names is ever opened.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.auth import Bearer
from ..core.clock import Bell
from ..core.crew import Begun, here
from ..core.errors import (
    APIStatusError,
    CancelledError,
    NotFoundError,
    SpecwireError,
    StreamError,
)
from ..core.resource import Operation
from ..core.types import ReplyList, Timeout
from ..core.wire import Hidden
from . import messages, stateless
from .connection import KEYS, Connection, Limit, Messages
from .errors import METHOD_NOT_FOUND, MCPError, SessionLost
from .messages import Message
from .peer import Peer

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken
    from .events import MessageStream

logger = logging.getLogger("specwire.mcp")
_PARTS: Final = re.compile(
    r"(https?://[^/?#\s]+)([^#\s\x00-\x1f\x7f]*)", re.I
).fullmatch
_SESSION: Final = re.compile(r"[\x21-\x7e]{1,1024}").fullmatch
MOST_BREAKS: Final = 5
"""How often in a row a stream may break without an event between."""
PAUSE_S: Final = 1.0
"""Before a stream is gone on with, where the server does not say."""
LISTENING_S: Final = 2.0
"""How long a call may wait until the server is listened to."""
_ASIDE: Final = Timeout(5.0)
"""For messages that nobody waits for."""


class HTTPConnection(Connection):
    """A connection to the server at ``url``; see :class:`~specwire.mcp.MCPClient`."""

    def __init__(
        self,
        url: str,
        peer: Peer,
        *,
        token: Any = None,
        headers: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        base, self.path = _split(url)
        place = base.partition("://")[2]
        schemes, auth = {"token": Bearer()}, (("token",), ())
        self._serving(place, base, schemes=schemes, auth=auth)
        self._hidden = hidden = {
            name: Hidden(value) for name, value in (headers or {}).items()
        }
        try:
            super().__init__(
                api_keys=None if token is None else {KEYS: token},
                default_headers=hidden,
                **settings,
            )
        finally:
            del token, headers  # not to be read from a traceback's frames
        self.peer = peer
        self.session: str | None = None
        self._listening: Begun | None = None
        self._heard = Bell()

    def exchange(
        self,
        message: Message,
        limit: Limit,
        *,
        cancel: CancelToken | None = None,
        max_retries: int | None = None,
    ) -> Message | None:
        session = self.session
        try:
            came = self._sent(message, limit, cancel, max_retries)
        except APIStatusError as error:
            refused = _refusal(error, message)
            unknown = refused is not None and refused.code == METHOD_NOT_FOUND
            if isinstance(error, NotFoundError) and session and not unknown:
                raise SessionLost(error) from error
            raise (refused or error) from error
        begins = message.get("method") == "initialize"
        if begins:
            self._begin(came._reply.headers.get("mcp-session-id"))
        if isinstance(came, ReplyList):
            return self._answer(message, came)
        if not messages.is_request(message):
            came.close()
            return None
        return self._followed(message, came, limit, cancel)

    def _begin(self, session: str | None) -> None:
        if session is not None and not _SESSION(session):
            raise SpecwireError(
                "mcp initialize: expected Mcp-Session-Id of visible ASCII characters, "
                f"got {session!r:.60}"
            )
        self.session = session

    def _own_headers(self, message: Message | None) -> dict[str, str]:
        if self.version == stateless.REVISION and message and "method" in message:
            return stateless.headers(message)
        own: dict[str, str] = {}
        if self.session is not None:
            own["Mcp-Session-Id"] = Hidden(self.session)
        if self.version is not None:
            own["MCP-Protocol-Version"] = self.version
        return own

    # -- streams -------------------------------------------------------------------

    def _followed(
        self,
        message: Message,
        stream: MessageStream,
        limit: Limit,
        cancel: CancelToken | None,
    ) -> Message:
        """The answer in ``stream``, or in what it is gone on with."""
        breaks, pause = 0, PAUSE_S
        while True:
            found, broken = self._read(stream, message["id"])
            if found is not None:
                return found
            breaks = 0 if stream.brought else breaks + 1
            if not stream.place or breaks > MOST_BREAKS:
                raise broken or StreamError(
                    f"mcp {message['method']}: the stream ended before the answer to "
                    "the request; the server may have acted on it"
                )
            pause = pause if stream.retry_s is None else stream.retry_s
            self._engine.pause(stream._call, min(pause, limit.left_s()))
            try:
                stream = self._get(stream.place, limit, cancel, message)
            except APIStatusError as error:
                raise broken or error from error

    def _read(
        self, stream: MessageStream, id: int | None
    ) -> tuple[Message | None, StreamError | None]:
        """The answer to ``id``, if it comes, and how the stream broke, if it did."""
        found = None
        try:
            with stream:
                for each in stream:
                    if id is not None and messages.is_answer(each, id):
                        found = found or each
                    elif "method" in each:
                        self.take(each)
        except StreamError as error:
            return found, error
        return found, None

    def _get(
        self,
        after: str,
        limit: Limit,
        cancel: CancelToken | None = None,
        message: Message | None = None,
    ) -> MessageStream:
        operation: Operation[Any] = Operation(
            "mcp stream", self.service, "GET", self.path, Messages()
        )
        args = {"message": message, "after": after}
        headers = {"Last-Event-ID": after} if after else {}
        stream = self._made(operation, args, limit, cancel, self._max_retries, headers)
        if isinstance(stream, ReplyList):
            raise StreamError("mcp stream: expected an event stream, got JSON")
        opened: MessageStream = stream
        return opened

    @property
    def hears(self) -> bool:
        return self._listening is not None and self._listening.is_alive()

    def begun(self, limit: Limit) -> None:
        """Hear what the server says by itself, by the way, until it is closed."""
        if not self.hears and self.version != stateless.REVISION:
            self._heard.clear()
            self._listening = here().begin(self._listen, "specwire-mcp-listen")
            # What a server asks while nobody listens, some servers lose.
            here().until(self._heard, min(LISTENING_S, limit.left_s()))

    def _listen(self) -> None:
        after, breaks, pause = "", 0, PAUSE_S
        while breaks <= MOST_BREAKS and not self._engine.closed.is_set():
            try:
                stream = self._get(after, Limit(self, Timeout(connect=5.0)))
                self._heard.set()
                self._read(stream, None)
                after = stream.place
                pause = pause if stream.retry_s is None else stream.retry_s
                breaks = 0 if stream.brought else breaks + 1
            except SpecwireError as error:
                if not self._goes_on(error):
                    break
                breaks += 1
            here().until(self._engine.closed, min(pause, 60.0))
        self._heard.set()

    def _goes_on(self, error: SpecwireError) -> bool:
        """Whether to listen again after ``error``."""
        if isinstance(error, APIStatusError) and error.status_code != 405:
            logger.warning("mcp stream: not heard any more: %s", error)
        # 405: it has nothing to say by itself.
        return not isinstance(error, (APIStatusError, CancelledError))

    # -- what is said by the way ---------------------------------------------------

    def take(self, message: Message) -> None:
        reply = self.peer.take(message)
        if reply is not None:
            self._aside(reply)

    def give_up(self, message: Message) -> None:
        # Without a session, that nobody reads the answer says it.
        said = self._engine.closed.is_set() or self.version == stateless.REVISION
        if not said:
            here().begin(self._aside, "specwire-mcp-aside", message)

    def _aside(self, message: Message) -> None:
        try:
            came = self._sent(message, Limit(self, _ASIDE), None, 0)
            if not isinstance(came, ReplyList):
                came.close()
        except SpecwireError as error:
            logger.debug("mcp: not said: %s", error)

    # -- its life ------------------------------------------------------------------

    def secrets(self) -> list[str]:
        service = self._engine.services[self.service]
        own = [form for value in self._hidden.values() for form in value.forms()]
        return [*own, *self._engine.keyring.secrets(service)]

    def forget(self) -> None:
        self.session, self.version = None, None

    def close(self) -> None:
        """End the session at the server, and the connections."""
        session, closed = self.session, self._engine.closed.is_set()
        if session is not None and not closed:
            operation: Operation[Any] = Operation(
                "mcp end", self.service, "DELETE", self.path, Messages()
            )
            try:
                self._made(operation, {}, Limit(self, Timeout(2.0)), None, 0)
            except SpecwireError as error:
                logger.debug("mcp end: %s", error)  # 405: it ends them by itself
        super().close()


def _split(url: str) -> tuple[str, str]:
    """The origin, and the rest as it is written."""
    if not isinstance(url, str):
        raise TypeError(f"mcp: expected a URL, got {type(url).__name__}")
    found = _PARTS(url)
    if found is None:
        raise ValueError(
            "mcp: expected a URL without blanks and fragment, such as https://host/mcp"
        )
    origin, rest = found.groups()
    path = rest if rest.startswith("/") else f"/{rest}"
    # A brace would be a placeholder's.
    return origin, path.replace("{", "%7B").replace("}", "%7D")


def _refusal(error: APIStatusError, message: Message) -> MCPError | None:
    """What the server says of this request in an answer with an error status."""
    body: Any = error.body
    if not isinstance(body, dict) or "id" not in message or "method" not in message:
        return None
    known = body.get("jsonrpc") == "2.0" and body.get("id") == message["id"]
    if not known or not isinstance(body.get("error"), dict):
        return None
    try:
        messages.result_of(body, message["method"])
    except MCPError as refused:
        return refused
    except SpecwireError:
        pass
    return None
