"""What a server sends by itself: requests that want an answer, and notifications.

Whatever has no handler is answered with "method not found", as the protocol wants it;
a handler that fails does not reach the call in whose course the server asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..core.crew import here
from ..core.errors import shortened
from . import messages
from .errors import INTERNAL_ERROR, METHOD_NOT_FOUND
from .messages import Message

logger = logging.getLogger("specwire.mcp")
Handler: TypeAlias = "Callable[[dict[str, Any]], Mapping[str, Any]]"
Progress: TypeAlias = "Callable[[float, float | None, str | None], Any]"
OnLog: TypeAlias = "Callable[[str, Any, str | None], Any]"
PROGRESS = "notifications/progress"


class Peer:
    """The client's side of what a server asks and tells.

    :param handlers: method -> what answers it, params in and result out:
        ``sampling/createMessage``, ``elicitation/create``, ``roots/list``.
    :param on_log: takes level, data and the logger's name.
    :param on_notification: takes method and params of every notification.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler] | None = None,
        on_log: OnLog | None = None,
        on_notification: Callable[[str, dict[str, Any]], Any] | None = None,
    ) -> None:
        self._handlers = dict(handlers or {})
        self._on_log = on_log
        self._on_notification = on_notification
        self.progress: dict[int, Progress] = {}
        """By request; what its progress is told to."""
        self.changed: Callable[[str], Any] = lambda kind: None
        """Told ``tools``, ``prompts`` or ``resources`` when their list has changed."""

    def capabilities(self) -> dict[str, Any]:
        """What the handlers make of this client, for the handshake."""
        parts = {method.partition("/")[0] for method in self._handlers}
        return {part: {} for part in sorted(parts)}

    def knows(self, method: str) -> bool:
        return method in self._handlers

    def take(self, message: Message) -> Message | None:
        """Take what the server sent by itself; the answer, where it wants one."""
        method, params = message["method"], message.get("params") or {}
        if messages.is_request(message):
            return self._answer(message["id"], method, params)
        try:
            self._told(method, params)
        except Exception as error:
            logger.warning(
                "handler of %s failed: %s", shortened(method), type(error).__name__
            )
        return None

    def _answer(self, id: Any, method: str, params: dict[str, Any]) -> Message:
        if method == "ping":
            return messages.answer(id, {})
        handler = self._handlers.get(method)
        if handler is None:
            text = f"this client does not answer {shortened(method, 80)}"
            return messages.refusal(id, METHOD_NOT_FOUND, text)
        try:
            return messages.answer(id, dict(here().called(handler, params)))
        except Exception as error:
            # Its text may say more than a server should know.
            logger.warning("handler of %s failed", method, exc_info=error)
            return messages.refusal(id, INTERNAL_ERROR, "the handler failed")

    def _told(self, method: str, params: dict[str, Any]) -> None:
        kind, _, event = method.removeprefix("notifications/").partition("/")
        if method == PROGRESS:
            self._progressed(params)
        elif event == "list_changed":
            self.changed(kind)
        elif method == "notifications/message" and self._on_log is not None:
            level, named = params.get("level"), params.get("logger")
            here().called(self._on_log, str(level), params.get("data"), named)
        if self._on_notification is not None:
            here().called(self._on_notification, method, params)

    def _progressed(self, params: dict[str, Any]) -> None:
        token, done = params.get("progressToken"), params.get("progress")
        told = self.progress.get(token) if type(token) is int else None
        if told is None or isinstance(done, bool) or not isinstance(done, (int, float)):
            return
        total, text = params.get("total"), params.get("message")
        here().called(
            told,
            done,
            total if isinstance(total, (int, float)) else None,
            messages.plain(text) if isinstance(text, str) else None,
        )
