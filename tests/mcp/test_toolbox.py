"""A server's tools as tools of a model: names, texts, schemas, pages, results."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire.errors import DecodeError
from specwire.mcp import MCPClient, tools_of

from ..scripted import serving
from ..tools.replies import WANT, asking, call, replied, text
from .servers import odd

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}
SDK = Path(__file__).resolve().parents[2] / "sdk"


def listed(*tools: Any, **more: Any) -> list[Any]:
    return [{"tools": [{"inputSchema": SCHEMA, **tool} for tool in tools], **more}]


def names(client: MCPClient, **how: Any) -> list[str]:
    return [tool.name for tool in client.tools(**how)]


@contextlib.contextmanager
def small() -> Iterator[MCPClient]:
    """The server of the sandbox."""
    command = [sys.executable, "-m", "specwire.sandbox.mcp"]
    with MCPClient(command, env={"PYTHONPATH": str(SDK)}, timeout=20) as client:
        yield client


def test_names_are_made_fit_and_called_as_they_were() -> None:
    """An API's rules for names are kept; the server gets the name that it knows."""
    long = "n" * 100
    pages = listed(
        {"name": "a/b.c"}, {"name": "a_b_c"}, {"name": long}, {"name": "名前"}
    )
    with odd(pages=pages) as client:
        tools = client.tools(prefix="x__")
        called = [tool.call({})[0]["text"] for tool in tools]
    made = [tool.name for tool in tools]
    assert made[0] == "x__a_b_c"
    assert re.fullmatch("x__a_b_c_[0-9a-f]{8}", made[1])
    assert len(set(made)) == 4
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", name) for name in made)
    assert called == ["a/b.c", "a_b_c", long, "名前"]


def test_names_of_several_servers_do_not_clash() -> None:
    """Each tool has its server's name before its own."""
    pages = listed({"name": "find"})
    with odd(pages=pages) as one, odd(pages=pages) as two:
        found = tools_of({"one": one, "two": two})
        assert [tool.name for tool in found] == ["one__find", "two__find"]


@pytest.mark.parametrize("prefix", ["a b", "a/", "x" * 41])
def test_a_prefix_has_an_apis_letters(prefix: str) -> None:
    """Another is refused."""
    with odd() as client, pytest.raises(ValueError, match="expected a prefix"):
        client.tools(prefix=prefix)


def test_only_some_tools() -> None:
    """``only`` says which, by the server's names."""
    with odd(pages=listed({"name": "a"}, {"name": "b"})) as client:
        assert names(client, only=["b"]) == ["b"]


def test_a_tool_without_a_schema_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """An API would refuse the whole request for it; it is named in the log, and can be
    called all the same."""
    bad: list[Any] = [
        {"type": "array"},
        {"type": "object", "properties": {"q": {"type": "text"}}},
        {"type": "object", "properties": 7},
        {"type": ["object", "null"]},
        {"type": "object", "enum": [0] * 20_000},
        None,
        "text",
    ]
    tools = [{"name": f"bad{n}", "inputSchema": schema} for n, schema in enumerate(bad)]
    with odd(pages=listed({"name": "good"}, *tools)) as client:
        with caplog.at_level(logging.WARNING, "specwire.mcp"):
            assert names(client) == ["good"]
        assert client.call_tool("bad0").text == "bad0"
    assert [f"'bad{n}'" in each for n, each in enumerate(caplog.messages)] == [
        True
    ] * len(bad)


def test_a_schema_that_leaves_its_type_out() -> None:
    """It is an object's, as the protocol says, and may be missing altogether."""
    pages = [{"tools": [{"name": "a"}, {"name": "b", "inputSchema": {"title": "B"}}]}]
    with odd(pages=pages) as client:
        one, two = (tool.to_dict()["input_schema"] for tool in client.tools())
    assert (one, two) == ({"type": "object"}, {"type": "object", "title": "B"})


def test_texts_are_cleaned_and_bounded() -> None:
    """A description has no hidden characters, and an end; ``raw`` is as it came."""
    told = "Find.\u202e\x1b[8m\U000e0041 secret" + "x" * 20_000
    with odd(pages=listed({"name": "a", "description": told})) as client:
        (tool,) = client.tools()
        (kept,) = client.list_tools()
    said = tool.to_dict()["description"]
    assert said.startswith("Find.[8m secret")
    assert len(said) <= 10_010
    assert kept.raw["description"] == told


def test_pages_are_followed_and_duplicates_dropped() -> None:
    """All pages are read; a tool that is listed twice counts once."""
    pages = [
        *listed({"name": "a"}, {"name": "b"}, nextCursor="1"),
        *listed({"name": "b"}, {"name": "c"}),
    ]
    with odd(pages=pages) as client:
        assert names(client) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "page",
    [
        *listed(nextCursor="0"),
        *listed(nextCursor=["x"]),
        {"tools": None},
        {"tools": {"a": 1}},
        {"tools": ["a"]},
        {"tools": [{"inputSchema": {}}]},
        {"tools": [{"name": 7}]},
    ],
)
def test_a_list_of_another_shape_is_a_decode_error(page: Any) -> None:
    """Pages without an end are given up, and tools have names."""
    with odd(pages=[page]) as client, pytest.raises(DecodeError, match="tools/list"):
        client.list_tools()


def test_a_structured_result_is_checked_by_the_tools_schema() -> None:
    """What the server promised in its list is held against what it answers."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    pages = listed({"name": "raw", "outputSchema": schema})
    answer = {"result": {"content": [], "structuredContent": {"n": "x"}}}
    with odd(pages=pages) as client:
        assert client.call_tool("raw", answer).structured == {"n": "x"}
        client.list_tools()
        with pytest.raises(DecodeError, match="at /n: 'x' is not") as caught:
            client.call_tool("raw", answer)
        assert caught.value.pointer == "/n"
        answer["result"]["isError"] = True  # type: ignore[assignment]
        assert client.call_tool("raw", answer).is_error


def doubling(levels: int) -> dict[str, Any]:
    """A small schema whose check takes twice as long with every level."""
    steps = {
        f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(levels)
    }
    return {"$defs": {**steps, f"s{levels}": {}}, "$ref": "#/$defs/s0"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"n": {"pattern": "^(a+)+$"}}},
        {"patternProperties": {"^(a+)+$": {}}},
        doubling(60),
        {"$ref": "#"},
        {"properties": {"n": {"enum": [0] * 20_000}}},
    ],
)
def test_a_schema_keeps_nobody_busy(schema: Any) -> None:
    """Patterns and references that would take for ever are not tried: such a result is
    handed out as it is."""
    data = {"n": "a" * 60 + "!", "a" * 60 + "!": 1}
    answer = {"result": {"content": [], "structuredContent": data}}
    with odd(pages=listed({"name": "raw", "outputSchema": schema})) as client:
        client.list_tools()
        assert client.call_tool("raw", answer).structured == data


def test_a_result_is_not_held_against_a_schema_that_is_none() -> None:
    """Then nothing was promised."""
    schema = {"type": "object", "properties": {"n": {"type": "nonsense"}}}
    answer = {"result": {"content": [], "structuredContent": {"n": 1}}}
    with odd(pages=listed({"name": "raw", "outputSchema": schema})) as client:
        client.list_tools()
        assert client.call_tool("raw", answer).structured == {"n": 1}


def test_no_uri_of_the_server_is_opened() -> None:
    """A link is told as text, and a schema's reference to elsewhere is not read."""
    with serving() as other:
        link = {"type": "resource_link", "uri": f"{other.url}/x", "name": "x"}
        schema = {"type": "object", "properties": {"a": {"$ref": f"{other.url}/y"}}}
        tool = {"name": "raw", "inputSchema": schema, "outputSchema": schema}
        content = {"content": [link], "structuredContent": {"a": 1}}
        with odd(pages=listed(tool)) as client:
            (made,) = client.tools()
            with pytest.raises(DecodeError, match="leads nowhere"):
                made.call({"result": content})
            del content["structuredContent"]
            assert made.call({"result": content}) == [text(f"{other.url}/x")]
        assert other.connections == 0


def test_tools_join_the_runner() -> None:
    """A model's calls reach the server, failures too, and the answers the model."""
    calls = [call("t1", "add", a=2, b=3), call("t2", "add", a="x"), call("t3", "echo")]
    with small() as client, serving(replied(*calls), replied(text("."))) as server:
        tools = client.tools(only=["add"])
        asking(server).messages.tool_runner(**WANT, tools=tools).until_done()
        first, second, third = server.received[1].json()["messages"][-1]["content"]
    assert first["content"] == [text('{"sum": 5}')]
    assert second["is_error"]
    assert "not found" in third["content"]


def test_the_sandboxs_server() -> None:
    """It has tools, a resource and a prompt, and refuses what it has not."""
    with small() as client:
        assert client.server_info["name"] == "specwire-sandbox"
        assert client.call_tool("echo", {"text": "é"}).text == "é"
        assert client.call_tool("add", {"a": 1, "b": 2}).structured == {"sum": 3}
        assert client.list_resource_templates() == []
        (note,) = client.list_resources()
        assert client.read_resource(note.uri)[0].data == b"Welcome."
        (prompt,) = client.list_prompts()
        assert client.get_prompt(prompt.name).messages[0]["role"] == "user"
        client.ping()
        client.notify("notifications/roots/list_changed")
