"""A server made with the official package, of either major version; run as a program.

Without an argument it is on its pipes; with one it serves HTTP at that port.
"""

from __future__ import annotations

import sys
from typing import Any

try:
    from mcp.server.mcpserver import Context, MCPServer
except ImportError:
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as MCPServer

HTTP = {"port": int(sys.argv[1])} if len(sys.argv) > 1 else {}
NEW = "mcpserver" in MCPServer.__module__
server = MCPServer("official", instructions="Be kind.", **({} if NEW else HTTP))


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("it broke")


@server.tool()
async def count(upto: int, ctx: Context) -> str:
    """Count, with progress."""
    for n in range(upto):
        await ctx.report_progress(n + 1, upto)
    return "counted"


@server.tool()
async def wait() -> str:
    """Wait until it is cancelled."""
    import anyio

    await anyio.sleep_forever()
    return ""


@server.tool()
async def where(ctx: Context) -> str:
    """Ask the client for its roots."""
    found: Any = await ctx.session.list_roots()
    return str(found.roots[0].uri)


@server.resource("note://welcome")
def welcome() -> str:
    """A note."""
    return "Welcome."


@server.resource("note://{name}/card")
def card(name: str) -> str:
    """A card for somebody."""
    return f"Dear {name}"


@server.prompt()
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Greet {name}."


if __name__ == "__main__":
    if not HTTP:
        server.run("stdio")
    elif NEW:
        server.run("streamable-http", **HTTP)
    else:
        server.run("streamable-http")
