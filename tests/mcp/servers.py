"""How the tests reach servers: the odd one over pipes, scripted ones over HTTP."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from specwire.mcp import MCPClient

from ..scripted import ScriptedServer, reply, serving

ODD = Path(__file__).with_name("odd_server.py")


def odd(client: dict[str, Any] | None = None, **settings: Any) -> MCPClient:
    """A client of an odd server with ``settings``."""
    # Without site packages it starts in half the time.
    command = [sys.executable, "-I", "-S", str(ODD), json.dumps(settings)]
    return MCPClient(command, **{"timeout": 20, **(client or {})})


def result(id: int, result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "result": result}


def text(value: str) -> dict[str, Any]:
    """A tool's result."""
    return {"content": [{"type": "text", "text": value}]}


def event(message: Any, id: str = "", retry: int | None = None) -> bytes:
    """One event of a stream."""
    lines = [f"id: {id}"] * bool(id) + [f"retry: {retry}"] * (retry is not None)
    data = message if isinstance(message, str) else json.dumps(message)
    return "\n".join([*lines, f"data: {data}", "", ""]).encode()


FACTS = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {}}
ACCEPTED = reply(202)


def begin(id: int = 1, session: str = "s1", **facts: Any) -> list[bytes]:
    """What a server answers to a handshake."""
    headers = {"Mcp-Session-Id": session} if session else {}
    return [reply(200, result(id, {**FACTS, **facts}), headers), ACCEPTED]


@contextlib.contextmanager
def at_url(*script: Any, **settings: Any) -> Iterator[tuple[MCPClient, ScriptedServer]]:
    """A client of a server that plays ``script`` after the handshake."""
    with serving(*begin(), *script, reply(200)) as server:
        with MCPClient(
            f"{server.url}/mcp", **{"timeout": 20, "listen": False, **settings}
        ) as client:
            yield client, server
