"""``specwire mcp``: what a server of the Model Context Protocol has, and its tools."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import inputs
from .exits import FAILED, TOLD, UsageError
from .output import document, item, say
from .parsing import Parser, seconds

if TYPE_CHECKING:
    from ..mcp import MCPClient

_EXAMPLES = (
    ("specwire mcp list -- npx some-server", "its tools and resources"),
    ('specwire mcp call add \'{"a": 2, "b": 3}\' --url URL', "what a tool says"),
    ("specwire mcp read note://welcome -- some-server", "a resource"),
)


def main(argv: Sequence[str]) -> int:
    """Ask a server; 0 done, 1 failed, 2 wrong usage, 4 no access, 6 time-out."""
    args = list(argv)
    at = args.index("--") if "--" in args else len(args)
    asked = parser()
    options = asked.parse_args(args[:at])
    server: Any = args[at + 1 :] or options.url
    if not server or (options.url and args[at + 1 :]):
        asked.error("say where the server is: --url URL, or -- COMMAND [ARGUMENT ...]")
    if (options.action == "list") != (options.name is None):
        asked.error("call and read want a NAME, and list has none")
    given = inputs.json_of(options.arguments or "{}", "ARGUMENTS")
    if not isinstance(given, dict):
        asked.error("the arguments of a tool are a JSON object: '{\"a\": 1}'")
    try:
        return _asked(server, options, given)
    except ValueError as error:  # an address that is none
        raise UsageError(str(error)) from None


def _asked(server: Any, options: argparse.Namespace, given: dict[str, Any]) -> int:
    from ..mcp import MCPClient

    settings: dict[str, Any] = {"timeout": options.timeout}
    if options.url:
        settings["token"] = os.environ.get("MCP_TOKEN") or None
    with MCPClient(server, **settings) as client:
        if options.action == "list":
            return _list(client, as_json=options.json)
        if options.action == "read":
            for part in client.read_resource(options.name):
                item(part.raw) if options.json else say(part.text or part.blob or "")
            return 0
        result = client.call_tool(options.name, given)
        document(result.raw) if options.json else say(result.text)
        return FAILED if result.is_error else 0


def _list(client: MCPClient, *, as_json: bool) -> int:
    declared = client.capabilities
    tools = client.list_tools() if "tools" in declared else []
    resources = client.list_resources() if "resources" in declared else []
    if as_json:
        raw = {
            "tools": [each.raw for each in tools],
            "resources": [each.raw for each in resources],
        }
        document(raw)
        return 0
    rows = [("tool", t.name, t.description or t.title) for t in tools]
    rows += [("resource", r.uri, r.description or r.name) for r in resources]
    for kind, name, told in rows:
        first = told.strip().partition("\n")[0]
        say(f"{kind:<9} {name}  {first}".rstrip())
    return 0


def parser() -> Parser:
    parser = Parser(
        prog="specwire mcp",
        examples=_EXAMPLES,
        description="Ask a server of the Model Context Protocol what it has, call a "
        "tool, read a resource.",
        epilog=f"The key of a URL is the variable MCP_TOKEN.\n\n{TOLD}",
    )
    actions = ("list", "call", "read")
    told = ", ".join(actions)
    parser.add_argument("action", choices=actions, metavar="ACTION", help=told)
    told = "of a tool, or the URI of a resource"
    parser.add_argument("name", nargs="?", metavar="NAME", help=told)
    told = "of the tool, a JSON object; @FILE, or - to read it"
    parser.add_argument("arguments", nargs="?", metavar="ARGUMENTS", help=told)
    parser.add_argument("--url", help="where the server is")
    parser.add_argument("--json", action="store_true", help="print what came, as JSON")
    parser.add_argument(
        "--timeout", type=seconds, default=60.0, metavar="SECONDS", help="(60)"
    )
    return parser
