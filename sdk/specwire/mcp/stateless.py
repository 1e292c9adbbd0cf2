"""The revision without a handshake (2026-07-28): each request says who asks.

There is no session, no ping and no request of the server's: what it wants to know it
asks for in a result, and the request is sent again with the answers. Only what differs
from the older revisions is here; sans-I/O.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import APIStatusError, DecodeError, SpecwireError
from . import messages
from .errors import METHOD_NOT_FOUND, MCPError
from .messages import Message
from .peer import Peer

REVISION: Final = "2026-07-28"
DISCOVER: Final = "server/discover"
UNSUPPORTED: Final = -32022
MOST_ROUNDS: Final = 10
"""How often the server may ask back before it answers."""
_KEY: Final = "io.modelcontextprotocol/"
_NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_PLAIN: Final = re.compile(r"(?! )[\x20-\x7e]*(?<! )").fullmatch


def wanted(error: SpecwireError) -> bool:
    """Whether a handshake was refused by a server that knows none."""
    if isinstance(error, MCPError):
        return error.code in (UNSUPPORTED, METHOD_NOT_FOUND)
    body: Any = error.body if isinstance(error, APIStatusError) else None
    told = body.get("error") if isinstance(body, dict) else None
    return isinstance(told, dict) and told.get("code") in (UNSUPPORTED, -32601)


def said(
    params: Message | None,
    info: Mapping[str, str],
    capabilities: Mapping[str, Any],
    log_level: str | None,
) -> Message:
    """``params`` with what each request says of the client."""
    meta = {
        **(params or {}).get("_meta", {}),
        f"{_KEY}protocolVersion": REVISION,
        f"{_KEY}clientInfo": dict(info),
        f"{_KEY}clientCapabilities": dict(capabilities),
    }
    if log_level is not None:
        meta[f"{_KEY}logLevel"] = log_level
    return {**(params or {}), "_meta": meta}


def facts(result: Message) -> dict[str, Any]:
    """What the server says of itself, as a handshake would have told it.

    :raises DecodeError: where it does not speak this revision.
    """
    versions = result.get("supportedVersions")
    if not isinstance(versions, list) or REVISION not in versions:
        raise DecodeError(
            f"mcp {DISCOVER}: expected a server of the revision {REVISION}, it speaks "
            f"{versions!r:.80}",
            body=result,
        )
    meta = result.get("_meta")
    info = meta.get(f"{_KEY}serverInfo") if isinstance(meta, dict) else None
    return {**result, "protocolVersion": REVISION, "serverInfo": info or {}}


def headers(message: Message) -> dict[str, str]:
    """What stands in the request's headers as well, for whoever routes it."""
    method = message["method"]
    made = {"MCP-Protocol-Version": REVISION, "Mcp-Method": method}
    named = _NAMED.get(method)
    if named is not None:
        made["Mcp-Name"] = _header(str(message.get("params", {}).get(named, "")))
    return made


def _header(text: str) -> str:
    if _PLAIN(text) and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def asks_back(result: Message) -> bool:
    return result.get("resultType") == "input_required"


def pause_s(result: Message, round: int) -> float:
    """How long to wait before asking again, where nothing but time is wanted."""
    return 0.0 if result.get("inputRequests") else min(0.05 * 2.0**round, 0.25)


def answered(peer: Peer, params: Message | None, result: Message) -> Message:
    """The parameters to ask again with: what the server wanted to know, answered.

    :raises MCPError: where there is no handler for it, or it failed.
    """
    asked = result.get("inputRequests") or {}
    messages.an_object(asked, "input_required", "'inputRequests'")
    responses: dict[str, Any] = {}
    for key, each in asked.items():
        messages.an_object(each, "input_required", "each of 'inputRequests'")
        call = messages.request(0, str(each.get("method")), each.get("params") or {})
        answer = peer.take(call) or {}
        if "result" not in answer:
            raise MCPError(
                f"mcp: the server wants {call['method']!r:.60} answered first: "
                f"{answer['error']['message']}; give MCPClient a handler for it",
                code=answer["error"]["code"],
                method=call["method"],
            )
        responses[key] = answer["result"]
    more: dict[str, Any] = {"inputResponses": responses} if responses else {}
    if result.get("requestState") is not None:
        more["requestState"] = result["requestState"]
    if not more:
        raise DecodeError(
            "mcp: expected a result that asks back to say what for", body=result
        )
    return {**(params or {}), **more}
