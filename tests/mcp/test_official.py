"""Against the official server package, over both transports."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from specwire.errors import APITimeoutError
from specwire.mcp import MCPClient, MCPError

from ..scripted import serving
from ..tools.replies import WANT, asking, call, replied, text

SERVER = Path(__file__).with_name("official_server.py")
ROOTS = {"roots/list": lambda params: {"roots": [{"uri": "file:///work"}]}}

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("mcp") is None,
        reason="needs the official server package: pip install mcp",
    ),
    pytest.mark.slow,
]


STATELESS = "2026-07-28"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with at_port() as url:
        yield url


@pytest.fixture(scope="module", params=["stdio", "http", STATELESS])
def client(request: pytest.FixtureRequest) -> Iterator[MCPClient]:
    target: Any = [sys.executable, str(SERVER)]
    revision = None
    if request.param != "stdio":
        target = request.getfixturevalue("url")
    if request.param == STATELESS:
        if version("mcp").startswith("1."):
            pytest.skip(f"revision {STATELESS} needs mcp 2 or later")
        revision = STATELESS
    settings: Any = {"handlers": ROOTS, "timeout": 30, "revision": revision}
    with MCPClient(target, **settings) as client:
        yield client


@contextlib.contextmanager
def at_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(SERVER), str(port)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=pipe)
    errors = process.stderr
    assert errors is not None
    try:
        for line in errors:
            if b"running on http" in line:
                break
        draining = threading.Thread(target=errors.read, daemon=True)
        draining.start()
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()
        draining.join()
        errors.close()


def test_the_handshake(client: MCPClient) -> None:
    """A revision is agreed on, and the server says who it is."""
    assert client.protocol_version >= "2025-03-26"
    assert client.server_info["name"] == "official"
    assert client.instructions == "Be kind."
    assert set(client.capabilities) >= {"tools", "resources", "prompts"}
    client.ping()


def test_tools(client: MCPClient) -> None:
    """Tools are listed and called; one that fails says so in its result."""
    listed = {tool.name: tool for tool in client.list_tools()}
    assert listed["add"].description == "Add two numbers."
    assert set(listed["add"].input_schema["properties"]) == {"a", "b"}
    found = client.call_tool("add", {"a": 2, "b": 3})
    assert (found.text, found.structured, found.is_error) == ("5", {"result": 5}, False)
    assert client.call_tool("fail").is_error
    assert client.call_tool("add", {"a": "x"}).is_error


def test_progress(client: MCPClient) -> None:
    """Progress is told in order, before the result is there."""
    told: list[Any] = []
    client.call_tool("count", {"upto": 3}, on_progress=lambda *f: told.append(f[:2]))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_server_may_ask(client: MCPClient) -> None:
    """A request of the server's is answered in the middle of a call."""
    if client.protocol_version == STATELESS:
        pytest.skip(f"revision {STATELESS} has no such requests")
    assert client.call_tool("where").text.startswith("file:///work")


def test_resources_and_prompts(client: MCPClient) -> None:
    """They are listed, read and filled in."""
    assert [each.uri for each in client.list_resources()] == ["note://welcome"]
    (template,) = client.list_resource_templates()
    assert template.uri_template == "note://{name}/card"
    assert client.read_resource("note://welcome")[0].text == "Welcome."
    assert client.read_resource("note://Ann/card")[0].data == b"Dear Ann"
    assert [each.name for each in client.list_prompts()] == ["greet"]
    (said,) = client.get_prompt("greet", {"name": "Ann"}).messages
    assert said["content"]["text"] == "Greet Ann."


def test_what_is_not_there(client: MCPClient) -> None:
    """Unknown methods and resources are refused, with a number."""
    with pytest.raises(MCPError) as caught:
        client.request("no/such/method")
    assert caught.value.code < 0
    with pytest.raises(MCPError):
        client.read_resource("note://nothing/at/all")


def test_a_call_that_takes_too_long(client: MCPClient) -> None:
    """It ends in time, and the connection stays good."""
    with pytest.raises(APITimeoutError):
        client.call_tool("wait", timeout=0.2)
    assert client.call_tool("add", {"a": 1, "b": 1}).text == "2"


def test_many_calls_at_a_time(client: MCPClient) -> None:
    """Each thread gets its own answer."""

    def add(n: int) -> str:
        return client.call_tool("add", {"a": n, "b": n}).text

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(40))) == [str(2 * n) for n in range(40)]


def test_its_tools_join_the_runner(client: MCPClient) -> None:
    """A model's calls reach the server, and its answers the model."""
    calls = [call("t1", "add", a=2, b=3), call("t2", "fail")]
    with serving(replied(*calls), replied(text("Five."))) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=client.tools())
        assert runner.until_done().content[0].text == "Five."
        sent = server.received[0].json()["tools"]
        assert {each["name"] for each in sent} >= {"add", "fail"}
        first, second = server.received[1].json()["messages"][-1]["content"]
    assert first["content"] == [text("5")]
    assert second["is_error"]
