"""Which transport a server is reached by: a URL's, or that of a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .connection import Connection
from .peer import Peer


def opened(
    server: str | Sequence[str],
    peer: Peer,
    *,
    of_url: dict[str, Any],
    of_command: dict[str, Any],
    listens: bool,
    settings: dict[str, Any],
) -> Connection:
    """A connection to ``server``; nothing is sent or started yet.

    :raises TypeError: for settings of the one where ``server`` is the other.
    """
    try:
        if isinstance(server, str):
            _refuse(of_command, "a command, not a URL")
            from .http import HTTPConnection

            return HTTPConnection(server, peer, **of_url, **settings)
        _refuse({**of_url, "listen": listens or None}, "a URL; a command gets env=")
        from .stdio import StdioConnection

        return StdioConnection(server, peer, **of_command, **settings)
    finally:
        of_url.clear()  # a key is not to be read from a traceback's frames
        of_command.clear()


def _refuse(given: dict[str, Any], whose: str) -> None:
    odd = [name for name, value in given.items() if value is not None]
    given.clear()
    if odd:
        raise TypeError(f"MCPClient: {', '.join(odd)} is for {whose}")
