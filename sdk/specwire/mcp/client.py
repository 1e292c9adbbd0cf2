"""``MCPClient``: what a Model Context Protocol server offers, called from plain code.

Speaks the revisions of :data:`~specwire.mcp.messages.VERSIONS` (specification:
modelcontextprotocol.io) over streamable HTTP and over the pipes of a process. The
handshake is made with the first call; threads may share a client, with any number of
calls under way over its one connection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.types import UNSET
from . import messages, values
from .connection import Limit
from .listing import Remembered, all_pages
from .messages import Message
from .opening import opened
from .peer import Handler, OnLog, Peer, Progress
from .session import Session, TimeoutOption
from .stateless import DISCOVER

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.cancelling import CancelToken
    from ..core.hooks import Hook
    from ..core.types import Timeout
    from ..tools.mcp import MCPTool

T = TypeVar("T")


class MCPClient:
    """A client of one MCP server.

    >>> with MCPClient("https://example.com/mcp", token="...") as mcp:  # doctest: +SKIP
    ...     print(mcp.call_tool("add", {"a": 2, "b": 3}).text)

    :param server: the server's URL, or the command that starts it, as a list.
    :param token: sent to a URL as ``Authorization: Bearer``.
    :param headers: further headers of a URL; their values are never shown.
    :param env: what a started server gets besides ``PATH``, ``HOME`` and the like; it
        gets nothing else of this program's environment.
    :param cwd: where it is started.
    :param timeout: seconds a call may take, or a :class:`~specwire.Timeout`.
    :param max_retries: how often what is safe to repeat is: a tool that may have begun
        is not called again.
    :param hooks: see every message that is sent, as of any client.
    :param handlers: what answers the server: method -> function of params, for
        ``sampling/createMessage``, ``elicitation/create``, ``roots/list``. A request
        without one is refused.
    :param on_log: told level, data and logger of the server's log messages.
    :param on_change: told ``tools``, ``resources`` or ``prompts`` when a list changed.
    :param on_notification: told method and params of all notifications.
    :param on_stderr: told each line that a started server writes to standard error.
    :param listen: hear what a server at a URL says between calls, in a thread; if
        nothing is said, where one of the parameters above wants to be told.
    :param revision: of the protocol, where it is not to be agreed on.
    :param max_message_bytes: how large one message may be.
    """

    def __init__(
        self,
        server: str | Sequence[str],
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        timeout: float | Timeout | None = 60.0,
        max_retries: int = 2,
        hooks: Sequence[Hook] = (),
        handlers: Mapping[str, Handler] | None = None,
        on_log: OnLog | None = None,
        on_change: Callable[[str], Any] | None = None,
        on_notification: Callable[[str, dict[str, Any]], Any] | None = None,
        on_stderr: Callable[[str], Any] | None = None,
        listen: bool | None = None,
        revision: str | None = None,
        max_message_bytes: int = 16 << 20,
        **settings: Any,
    ) -> None:
        peer = Peer(handlers, on_log, on_notification)
        self._lists = Remembered()
        self._lists.on_change = on_change
        peer.changed = self._lists.changed  # not the client's: a thread holds the peer
        settings.update(
            timeout=timeout,
            max_retries=max_retries,
            hooks=hooks,
            max_body_bytes=max_message_bytes,
        )
        try:
            self._connection = opened(
                server,
                peer,
                of_url={"token": token, "headers": headers},
                of_command={"env": env, "cwd": cwd, "on_stderr": on_stderr},
                listens=bool(listen),
                settings=settings,
            )
        finally:
            del token, headers, env  # not to be read from a traceback's frames
        wanted = any((handlers, on_log, on_change, on_notification))
        self._session = Session(
            self._connection,
            peer,
            renewed=self._lists.clear,
            listen=wanted if listen is None else listen,
            revision=revision,
        )

    # -- the handshake -------------------------------------------------------------

    def connect(self, *, timeout: TimeoutOption = UNSET) -> Self:
        """Make the handshake, if it was not made: begins a session, starts a process.

        :raises DecodeError: where the server speaks no revision that is known.
        """
        self._session.ready(self._session.limit(timeout))
        return self

    @property
    def protocol_version(self) -> str:
        """The revision that was agreed on."""
        return str(self._known("protocolVersion"))

    @property
    def server_info(self) -> Mapping[str, Any]:
        """``name`` and ``version`` of the server, as it says."""
        info = self._known("serverInfo")
        return info if isinstance(info, dict) else {}

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the server declares: ``tools``, ``resources``, ``prompts`` ..."""
        declared = self._known("capabilities")
        return declared if isinstance(declared, dict) else {}

    @property
    def instructions(self) -> str:
        """What the server says of its use, for a model; it is not to be trusted."""
        return messages.plain(str(self._known("instructions") or ""))

    def _known(self, name: str) -> Any:
        self.connect()
        return self._session.facts.get(name)

    # -- tools ---------------------------------------------------------------------

    def list_tools(self, *, timeout: TimeoutOption = UNSET) -> list[values.Tool]:
        """The server's tools; asked for once, and again where it says they changed.

        A tool that is listed twice counts once.
        """
        return self._listed("tools", "tools/list", "tools", values.tool, timeout)

    def tools(
        self, *, prefix: str = "", only: Iterable[str] | None = None
    ) -> list[MCPTool]:
        """The tools, for ``tool_runner`` and ``chat().tools``: calling one calls it.

        Names are made fit for an API (64 letters, digits, ``_`` and ``-``), texts freed
        of hidden characters. A tool whose schema is none is left out, with a warning in
        the log.

        :param prefix: stands before each name, where several servers are used.
        :param only: names of the tools that are wanted, as the server has them.
        """
        from .toolbox import runnable

        wanted = None if only is None else frozenset(only)
        chosen = [t for t in self.list_tools() if wanted is None or t.name in wanted]
        return runnable(chosen, self._call_for_model, prefix)

    def _call_for_model(self, name: str, arguments: Any) -> Mapping[str, Any]:
        return self.call_tool(name, arguments).raw

    def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: TimeoutOption = UNSET,
        on_progress: Progress | None = None,
        cancel_token: CancelToken | None = None,
    ) -> values.ToolResult:
        """Call a tool.

        A tool that fails gives a result with ``is_error``. A call that takes too long,
        or is given up, is cancelled at the server too.

        :param on_progress: told how far it is, out of how much, and a text.
        :raises MCPError: where the server refuses the call.
        :raises DecodeError: where the result is not what the tool's own schema says.
        """
        params = {"name": name, "arguments": dict(arguments or {})}
        raw = self.request(
            "tools/call",
            params,
            timeout=timeout,
            on_progress=on_progress,
            cancel_token=cancel_token,
        )
        result = values.tool_result(raw)
        listed = next((t for t in self._lists.known("tools") if t.name == name), None)
        if listed is not None and not result.is_error:
            from .toolbox import check_result

            check_result(listed, result)
        return result

    # -- resources and prompts -----------------------------------------------------

    def list_resources(
        self, *, timeout: TimeoutOption = UNSET
    ) -> list[values.Resource]:
        """What can be read, remembered as the tools are."""
        return self._listed(
            "resources", "resources/list", "resources", values.resource, timeout
        )

    def list_resource_templates(
        self, *, timeout: TimeoutOption = UNSET
    ) -> list[values.ResourceTemplate]:
        """What can be read once a URI's places are filled."""
        method, kind = "resources/templates/list", "resourceTemplates"
        found = self._pages(method, kind, self._session.limit(timeout))
        return [values.template(each) for each in found]

    def read_resource(
        self,
        uri: str,
        *,
        timeout: TimeoutOption = UNSET,
        cancel_token: CancelToken | None = None,
    ) -> list[values.ResourceContents]:
        """What the resource holds. The server reads it; no URI is opened here."""
        raw = self.request(
            "resources/read", {"uri": uri}, timeout=timeout, cancel_token=cancel_token
        )
        found = values.objects(raw.get("contents"), "resources/read", "contents")
        return [values.contents(each) for each in found]

    def list_prompts(self, *, timeout: TimeoutOption = UNSET) -> list[values.Prompt]:
        """The server's prompts, remembered as the tools are."""
        return self._listed(
            "prompts", "prompts/list", "prompts", values.prompt, timeout
        )

    def get_prompt(
        self,
        name: str,
        arguments: Mapping[str, str] | None = None,
        *,
        timeout: TimeoutOption = UNSET,
    ) -> values.PromptMessages:
        """A prompt, filled in with ``arguments``."""
        params = {"name": name, "arguments": dict(arguments or {})}
        raw = self.request("prompts/get", params, timeout=timeout)
        return values.prompt_messages(raw)

    # -- the rest of the protocol --------------------------------------------------

    def ping(self, *, timeout: TimeoutOption = UNSET) -> None:
        """See that the server answers."""
        self.connect(timeout=timeout)
        method = DISCOVER if self._session.stateless else "ping"
        self.request(method, timeout=timeout)

    def set_log_level(self, level: str, *, timeout: TimeoutOption = UNSET) -> None:
        """From which level on the server logs: ``debug`` ... ``emergency``."""
        self.connect(timeout=timeout)
        if self._session.stateless:
            self._session.log_level = level
        else:
            self.request("logging/setLevel", {"level": level}, timeout=timeout)

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: TimeoutOption = UNSET,
        on_progress: Progress | None = None,
        cancel_token: CancelToken | None = None,
    ) -> dict[str, Any]:
        """Any request of the protocol: what the server answers, as JSON data.

        :raises MCPError: where the server refuses.
        """
        return self._session.request(
            method,
            params,
            timeout=timeout,
            on_progress=on_progress,
            cancel_token=cancel_token,
        )

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Any notification to the server."""
        self._session.notify(method, params)

    def _listed(
        self,
        kind: str,
        method: str,
        items: str,
        made: Callable[[Mapping[str, Any]], T],
        timeout: TimeoutOption,
    ) -> list[T]:
        def ask() -> list[T]:
            found = self._pages(method, items, self._session.limit(timeout))
            key = "uri" if kind == "resources" else "name"
            first: dict[Any, T] = {}
            for each in found:
                value = made(each)
                first.setdefault(getattr(value, key), value)
            return list(first.values())

        def keeps() -> bool:
            declared = self.capabilities.get(kind)
            changes = isinstance(declared, dict) and declared.get("listChanged")
            return not changes or self._connection.hears

        return self._lists.get(kind, ask, keeps=keeps)

    def _pages(self, method: str, items: str, limit: Limit) -> list[dict[str, Any]]:
        def ask(method: str, params: Message | None) -> Message:
            return self.request(method, params, timeout=limit.left)

        return all_pages(ask, method, items)

    # -- its life ------------------------------------------------------------------

    def close(self) -> None:
        """End the session, or the process, and what is under way in any thread."""
        self._connection.close()

    def __enter__(self) -> Self:
        try:
            return self.connect()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        (place,) = self._connection._base_urls.values()
        return f"<MCPClient of {place}>"
