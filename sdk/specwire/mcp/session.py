"""A session with a server: the handshake, and requests with their answers.

The handshake is made with the first request, and again where the server has forgotten
the session; a request that is given up is cancelled at the server as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import __version__
from ..core.errors import APIStatusError, APITimeoutError, CancelledError, DecodeError
from ..core.replies import blotted, blotted_data
from ..core.turns import Turns
from ..core.types import UNSET, Timeout, Unset
from . import messages, stateless
from .connection import Connection, Limit
from .errors import MCPError, SessionLost
from .messages import Message
from .peer import Peer, Progress

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken

INFO = {"name": "specwire", "version": __version__}
TimeoutOption: TypeAlias = "float | Timeout | Unset | None"


class Session:
    """One session after the other, over one connection.

    :param renewed: told before a session begins: what was known of another is over.
    :param listen: hear what a server says between calls too.
    :param revision: the one to speak; if nothing is said, what can be agreed on.
    :ivar log_level: from which level on the server is to log, where each request says.
    :ivar facts: what the server said of itself in the handshake.
    """

    def __init__(
        self,
        connection: Connection,
        peer: Peer,
        *,
        renewed: Callable[[], Any],
        listen: bool = False,
        revision: str | None = None,
    ) -> None:
        known = (*messages.VERSIONS, stateless.REVISION)
        if revision is not None and revision not in known:
            raise ValueError(
                f"mcp: expected a revision of {', '.join(known)}, got {revision!r:.40}"
            )
        self._revision = revision
        self.connection = connection
        self._peer = peer
        self._renewed = renewed
        self._listen = listen
        self._ids = itertools.count(1)
        self._beginning = Turns()
        self._begun = 0
        self.facts: dict[str, Any] = {}
        self.log_level: str | None = None

    @property
    def stateless(self) -> bool:
        """Whether each request says what the handshake has said before."""
        return self.connection.version == stateless.REVISION

    def limit(self, timeout: TimeoutOption) -> Limit:
        """``timeout``, or the usual one, from now on."""
        given = self.connection._timeout if timeout is UNSET else Timeout.of(timeout)
        return Limit(self.connection, given)

    def ready(self, limit: Limit, lost: int | None = None) -> int:
        """Be connected; how often it was. ``lost`` is the time that is over."""
        if self._begun and lost is None:
            return self._begun
        # Another call's handshake has a time limit of its own, maybe a longer one.
        with self._beginning.turn(limit.left_s()) as mine:
            if not mine:
                raise APITimeoutError(
                    "mcp initialize: the handshake, made by another call, takes longer "
                    "than this one may",
                    retryable=False,
                    started=False,
                )
            if not self._begun or lost == self._begun:
                self.connection.forget()
                self._begin(limit)
                self._begun += 1
            return self._begun

    def _begin(self, limit: Limit) -> None:
        if self._revision == stateless.REVISION:
            self._discover(limit)
            return
        try:
            self._shake_hands(limit)
        except (MCPError, APIStatusError) as error:
            if self._revision is not None or not stateless.wanted(error):
                raise
            self._discover(limit)

    def _discover(self, limit: Limit) -> None:
        self.connection.version = stateless.REVISION
        try:
            found = self._asked(stateless.DISCOVER, None, limit, None)
            self.facts = stateless.facts(found)
        except BaseException:
            self.connection.forget()
            raise
        self._renewed()

    def _shake_hands(self, limit: Limit) -> None:
        params = {
            "protocolVersion": self._revision or messages.VERSIONS[0],
            "capabilities": self._peer.capabilities(),
            "clientInfo": INFO,
        }
        facts = self._asked("initialize", params, limit, None)
        version = facts.get("protocolVersion")
        if version not in messages.VERSIONS:
            known = ", ".join(messages.VERSIONS)
            raise DecodeError(
                f"mcp initialize: expected one of the revisions {known}, the server "
                f"speaks {version!r:.40}",
                body=facts,
            )
        self.connection.version = version
        self._renewed()
        self.facts = facts
        self.connection.exchange(
            messages.notification("notifications/initialized"), limit
        )
        if self._listen:
            self.connection.begun(limit)

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: TimeoutOption = UNSET,
        on_progress: Progress | None = None,
        cancel_token: CancelToken | None = None,
    ) -> dict[str, Any]:
        """As :meth:`specwire.mcp.MCPClient.request`."""
        limit = self.limit(timeout)
        begun = self.ready(limit)
        sent = None if params is None else dict(params)
        try:
            return self._settled(method, sent, limit, cancel_token, on_progress)
        except SessionLost:
            self.ready(limit, begun)
        try:
            return self._settled(method, sent, limit, cancel_token, on_progress)
        except SessionLost as lost:
            raise lost.error from None

    def _settled(
        self,
        method: str,
        params: Message | None,
        limit: Limit,
        cancel: CancelToken | None,
        on_progress: Progress | None,
    ) -> Message:
        """The result, once the server has asked back all that it wants to know."""
        engine = self.connection._engine
        for round in range(stateless.MOST_ROUNDS):
            result = self._asked(method, params, limit, cancel, on_progress)
            if not stateless.asks_back(result):
                return result
            params = stateless.answered(self._peer, params, result)
            pause = min(stateless.pause_s(result, round), limit.left_s())
            engine.clock.sleep(pause, engine.closed)
        raise DecodeError(
            f"mcp {method}: expected a result, the server asked back "
            f"{stateless.MOST_ROUNDS} times"
        )

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        limit = self.limit(UNSET)
        self.ready(limit)
        sent = None if params is None else dict(params)
        self.connection.exchange(messages.notification(method, sent), limit)

    def _asked(
        self,
        method: str,
        params: Message | None,
        limit: Limit,
        cancel: CancelToken | None,
        on_progress: Progress | None = None,
    ) -> Message:
        id = next(self._ids)
        if on_progress is not None:
            meta = {**(params or {}).get("_meta", {}), "progressToken": id}
            params = {**(params or {}), "_meta": meta}
            self._peer.progress[id] = on_progress
        if self.stateless:
            declared = self._peer.capabilities()
            params = stateless.said(params, INFO, declared, self.log_level)
        message = messages.request(id, method, params)
        try:
            answer = self.connection.exchange(message, limit, cancel=cancel)
        except BaseException as error:
            if method != "initialize" and _given_up(error):
                self.connection.give_up(_cancelled(id, error))
            raise
        finally:
            self._peer.progress.pop(id, None)
        assert answer is not None
        try:
            return messages.result_of(answer, method)
        except MCPError as error:
            refused = error
        # Outside, so that what the server said does not follow as the context.
        raise self._without_secrets(refused)

    def _without_secrets(self, error: MCPError) -> MCPError:
        """``error`` without the credentials that the server may have repeated."""
        secrets = self.connection.secrets()
        error.args = (blotted(error.message, secrets),)
        if secrets and error.data is not None:
            error.data = blotted_data(error.data, secrets)
        return error


def _given_up(error: BaseException) -> bool:
    """Whether the server may still be at work, for nobody: also by Ctrl-C, and for a
    task that was cancelled."""
    if isinstance(error, APITimeoutError):
        return bool(error.started)
    return isinstance(error, CancelledError) or not isinstance(
        error, (Exception, GeneratorExit)
    )


def _cancelled(id: int, error: BaseException) -> Message:
    late = isinstance(error, APITimeoutError)
    params = {"requestId": id, "reason": "time-out" if late else "cancelled"}
    return messages.notification("notifications/cancelled", params)
