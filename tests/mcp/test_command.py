"""``specwire mcp``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from specwire.cli import main

from ..cli.test_codes import ended
from ..scripted import reply, serving
from .servers import ODD, begin, result, text

SMALL = Path(__file__).resolve().parents[2] / "sdk/specwire/sandbox/mcp.py"
SERVER = ["--", sys.executable, "-I", "-S", str(SMALL)]


def mcp(*args: str) -> int:
    return main(["mcp", *args])


def test_a_servers_parts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, or as they came."""
    assert mcp("list", *SERVER) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tool      add  Add two numbers."
    assert lines[-1] == "resource  note://welcome  welcome"
    assert mcp("list", "--json", *SERVER) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in found["tools"]] == ["add", "echo"]


def test_tools_are_called_and_resources_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What they say is on standard output; a tool that fails is exit code 1."""
    assert mcp("call", "echo", '{"text": "a\\u001b[31mb"}', *SERVER) == 0
    assert mcp("read", "note://welcome", *SERVER) == 0
    assert capsys.readouterr().out == "a\x1b[31mb\nWelcome.\n"
    assert mcp("call", "echo", *SERVER) == 1
    assert capsys.readouterr().out == "these arguments do not fit\n"


def test_a_url_and_its_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is a variable, never an argument; without access the code is 4."""
    monkeypatch.setenv("MCP_TOKEN", "t-secret-1")
    script = [*begin(), reply(200, result(2, text("hi"))), reply(200), reply(401, {})]
    with serving(*script) as server:
        assert mcp("call", "x", "--url", server.url) == 0
        assert mcp("call", "x", "--url", server.url) == 4
    assert server.received[0].headers["authorization"] == "Bearer t-secret-1"
    said = capsys.readouterr()
    assert said.out == "hi\n"
    assert "secret" not in said.err


def test_failures_have_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """A time-out is 6, a refusal and a server that dies are 1."""
    odd = ["--", sys.executable, "-I", "-S", str(ODD)]
    assert mcp("call", "silent", "--timeout", "0.5", *odd) == 6
    assert mcp("call", "die", *odd) == 1
    assert mcp("call", "nothing", *SERVER) == 1
    assert "there is no tool 'nothing'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args",
    [
        ["list"],
        ["list", "--url", "http://127.0.0.1:9", *SERVER],
        ["list", "add", *SERVER],
        ["call", *SERVER],
        ["call", "add", "[1]", *SERVER],
        ["call", "add", "{", *SERVER],
        ["sing", *SERVER],
    ],
)
def test_wrong_usage(args: Any) -> None:
    """Is exit code 2, before a server is asked."""
    assert ended(["mcp", *args]) == 2
