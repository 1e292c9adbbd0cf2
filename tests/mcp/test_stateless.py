"""The revision without a handshake: each request says who asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire.errors import DecodeError
from specwire.mcp import MCPClient, MCPError

from ..scripted import reply, serving
from .servers import odd, result, text

REVISION = "2026-07-28"
KEY = "io.modelcontextprotocol/"
FACTS = {"supportedVersions": [REVISION], "capabilities": {}}
ROOTS = {"roots/list": lambda params: {"roots": params}}


@pytest.mark.parametrize("code", [-32022, -32601])
def test_a_server_without_a_handshake_is_found_out(code: int) -> None:
    """Where it refuses the handshake; from then on each request says who asks."""
    with odd({"handlers": ROOTS}, stateless=code) as client:
        assert client.protocol_version == REVISION
        client.set_log_level("info")
        sent = json.loads(client.call_tool("received").text)
    methods = [each["method"] for each in sent]
    assert methods == ["initialize", "server/discover", "tools/call"]
    meta = sent[-1]["params"]["_meta"]
    assert meta[f"{KEY}protocolVersion"] == REVISION
    assert meta[f"{KEY}clientInfo"]["name"] == "specwire"
    assert meta[f"{KEY}clientCapabilities"] == {"roots": {}}
    assert meta[f"{KEY}logLevel"] == "info"


def test_another_refusal_is_the_callers() -> None:
    """What is wrong with the handshake otherwise is not hidden."""
    client = odd(stateless=-32000)
    with pytest.raises(MCPError, match="initialize"), client:
        pass  # not reached


def test_a_revision_may_be_said() -> None:
    """Then nothing else is tried."""
    with odd({"revision": "2025-03-26"}) as client:
        (first, *_) = json.loads(client.call_tool("received").text)
    assert first["params"]["protocolVersion"] == "2025-03-26"
    with pytest.raises(ValueError, match="2026-07-28, got '1999'"):
        odd({"revision": "1999"})
    client = odd({"revision": REVISION}, facts={"supportedVersions": ["2030-01-01"]})
    with pytest.raises(DecodeError, match="it speaks"), client:
        pass  # not reached


def test_the_headers_say_it_too() -> None:
    """Method and name stand in headers, names that are no plain text in base64; there
    is no session and nothing to end."""
    script = [
        reply(400, {"jsonrpc": "2.0", "id": None, "error": {"code": -32022}}),
        reply(200, result(2, FACTS)),
        reply(200, result(3, text("a"))),
        reply(200, result(4, text("b"))),
        reply(200, result(5, FACTS)),
    ]
    with serving(*script) as server, MCPClient(server.url, handlers=ROOTS) as client:
        client.call_tool("add")
        client.call_tool("名前")
        client.ping()
    _, found, plain, coded, ping = [each.headers for each in server.received]
    assert found["mcp-method"] == ping["mcp-method"] == "server/discover"
    assert plain["mcp-protocol-version"] == REVISION
    assert (plain["mcp-method"], plain["mcp-name"]) == ("tools/call", "add")
    assert coded["mcp-name"] == "=?base64?5ZCN5YmN?="


def asked_back(client: MCPClient, asked: Any, rounds: int = 1) -> Any:
    """What the server gets in the end, after it has asked back."""
    given = {"until": 3 + rounds, "result": asked}
    return json.loads(client.call_tool("ask_back", given).text)


def test_what_the_server_asks_back_is_answered() -> None:
    """By the handlers, with its state; and the request is made again."""
    ask = {"method": "roots/list", "params": {"n": 1}}
    asked = {"inputRequests": {"k": ask}, "requestState": "s"}
    with odd({"handlers": ROOTS}, stateless=-32022) as client:
        params = asked_back(client, asked)
    assert params["inputResponses"] == {"k": {"roots": {"n": 1}}}
    assert params["requestState"] == "s"


def test_a_server_may_want_nothing_but_time() -> None:
    """A state alone is sent back."""
    with odd(stateless=-32022) as client:
        assert asked_back(client, {"requestState": "s"})["requestState"] == "s"


def test_what_nobody_answers_is_an_error() -> None:
    """It names what wants a handler."""
    asked = {"inputRequests": {"k": {"method": "elicitation/create"}}}
    with odd(stateless=-32022) as client:
        with pytest.raises(MCPError, match="'elicitation/create'") as caught:
            asked_back(client, asked)
    assert caught.value.code == -32601


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "say what for"),
        ({"inputRequests": [1]}, "an object"),
        ({"inputRequests": {"k": 1}}, "an object"),
        ({"inputRequests": {"k": {"method": "ping"}}}, "asked back 10 times"),
    ],
)
def test_asking_back_has_a_shape_and_an_end(asked: Any, told: str) -> None:
    """A server that asks for ever, or for nothing, is given up."""
    with odd(stateless=-32022) as client, pytest.raises(DecodeError, match=told):
        asked_back(client, asked, 100)
