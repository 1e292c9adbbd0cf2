"""``run_tools``: a chat that runs its tools until none is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import AiClient, CancelToken, tool
from specwire.errors import CancelledError, RequestValidationError

from ..scripted import ScriptedServer, reply, serving

ASKED: list[int] = []


@tool
def double(n: int) -> int:
    """Double a number."""
    ASKED.append(n)
    return 2 * n


def plain(word: str) -> str:
    """A function without a decorator."""
    return word.upper()


def broken() -> str:
    """Fail."""
    raise ValueError("it broke")


@pytest.fixture(autouse=True)
def nothing_asked() -> Iterator[None]:
    ASKED.clear()
    yield


def calling(*calls: tuple[str, Any], reason: str = "tool_calls") -> bytes:
    made = [
        {
            "id": f"c{n}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": given if isinstance(given, str) else json.dumps(given),
            },
        }
        for n, (name, given) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": made}
    return answer(message, reason)


def answer(message: Any, reason: str = "stop") -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return reply(200, {"id": "x", "model": "gpt-4o", "choices": [choice]})


DONE = answer({"role": "assistant", "content": "Done."})


def chat(server: ScriptedServer, *tools: Any) -> Any:
    client = AiClient.create("openai/gpt-4o", api_key="k-1", base_url=server.url)
    return client.chat().user("Go").tools(tools)


def results(server: ScriptedServer) -> list[Any]:
    """What the second request tells of the tools."""
    messages = server.received[1].json()["messages"]
    return [m["content"] for m in messages if m["role"] == "tool"]


def test_tools_are_run_until_none_is_called() -> None:
    """Decorated or not; results stand in the order of the calls."""
    calls = calling(("double", {"n": 4}), ("plain", {"word": "a"}))
    with serving(calls, DONE) as server:
        asked = chat(server, double, plain)
        assert asked.run_tools().content == "Done."
        assert results(server) == ["8", "A"]
        assert len(server.received) == 2


def test_the_conversation_is_the_builders() -> None:
    """It can be gone on with."""
    with serving(calling(("double", {"n": 4})), DONE, DONE) as server:
        asked = chat(server, double)
        asked.run_tools()
        asked.user("And?").run_tools()
        roles = [m["role"] for m in server.received[2].json()["messages"]]
    assert roles == ["user", "assistant", "tool", "user"]


def test_failures_are_told_to_the_model() -> None:
    """A tool that fails, arguments that do not fit, and ones that are no JSON."""
    calls = calling(("broken", {}), ("double", {"n": "x"}), ("double", "{"))
    with serving(calls, DONE) as server:
        chat(server, double, broken).run_tools()
        first, second, third = results(server)
    assert "it broke" in first
    assert "do not fit" in second
    assert "not JSON" in third
    assert ASKED == []


def test_calls_that_are_the_callers_end_it() -> None:
    """A tool without code is the caller's to run."""
    definition = {"name": "theirs", "parameters": {"type": "object"}}
    with serving(calling(("theirs", {}))) as server:
        response = chat(server, double, definition).run_tools()
        assert [each.name for each in response.tool_calls] == ["theirs"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_that_was_cut_off_runs_nothing(reason: str) -> None:
    """What it calls may not be what the model meant."""
    with serving(calling(("double", {"n": 4}), reason=reason)) as server:
        assert chat(server, double).run_tools().tool_calls
    assert ASKED == []


def test_rounds_are_bounded() -> None:
    """The model is asked at most so often; what the last answer calls is not run."""
    with serving(*[calling(("double", {"n": 4}))] * 5) as server:
        assert chat(server, double).run_tools(max_rounds=3).tool_calls
        assert len(server.received) == 3
    assert ASKED == [4, 4]


def test_what_cannot_be_run_is_refused() -> None:
    """Without a tool that has code, and without a round, nothing is sent."""
    with serving() as server:
        with pytest.raises(RequestValidationError, match="with code"):
            chat(server, {"name": "x", "parameters": {}}).run_tools()
        with pytest.raises(RequestValidationError, match="max_rounds"):
            chat(server, double).run_tools(max_rounds=0)
    assert server.received == []


def test_a_token_ends_it() -> None:
    """A token that is cancelled while tools would run ends the loop."""
    token = CancelToken()

    def stop() -> str:
        token.cancel()
        return "stopped"

    with serving(calling(("stop", {})), DONE) as server:
        with pytest.raises(CancelledError):
            chat(server, stop).run_tools(token)
        assert len(server.received) == 1
