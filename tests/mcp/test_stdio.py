"""A server over its pipes: what it does wrong, and how it ends."""

from __future__ import annotations

import gc
import json
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from specwire import CancelToken, Hook
from specwire.errors import (
    APIConnectionError,
    APITimeoutError,
    CancelledError,
    DecodeError,
)
from specwire.mcp import MCPClient, MCPError
from specwire.mcp.stdio import StdioEngine

from .servers import odd


def received(client: MCPClient) -> list[Any]:
    """What the odd server got so far."""
    found: list[Any] = json.loads(client.call_tool("received").text)
    return found


def until_asked(client: MCPClient, times: int = 1) -> None:
    """Wait until the server got that many calls that it will not answer."""

    def asked() -> int:
        names = [m.get("params", {}).get("name") for m in received(client)]
        return names.count("silent")

    while asked() < times:
        pass


def pid_of(client: MCPClient) -> int:
    engine = client._connection._engine
    assert isinstance(engine, StdioEngine)
    return engine.pipes().process.child_pid


def gone(pid: int) -> bool:
    """Whether there is no process of that number, not even a dead one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_handshake() -> None:
    """The newest revision is offered, the server's taken; then it is told so."""
    with odd() as client:
        assert client.protocol_version == "2025-06-18"
        assert client.server_info == {"name": "odd"}
        first, second, _ = received(client)
    assert (first["id"], first["method"]) == (1, "initialize")
    assert first["params"]["protocolVersion"] == "2025-11-25"
    assert first["params"]["capabilities"] == {}
    assert first["params"]["clientInfo"]["name"] == "specwire"
    assert second == {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.mark.parametrize("version", ["2099-01-01", None, 7])
def test_an_unknown_revision_is_refused(version: Any) -> None:
    """A server that speaks none of ours is left, with the revisions that would do."""
    client = odd(facts={"protocolVersion": version})
    with pytest.raises(DecodeError, match="2024-11-05, the server speaks"), client:
        pass  # not reached
    assert client._connection._engine.closed.is_set()


def test_lines_that_are_no_messages_are_passed_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a server prints beside its messages is logged, and the call goes on."""
    lines = ["hello", "", '{"a": 1}', "[]", "[" * 5000, "\x00\ufffd"]
    with odd() as client, caplog.at_level(logging.WARNING, "specwire.mcp"):
        assert client.call_tool("say", {"lines": lines}).text == "ok"
        with pytest.raises(APITimeoutError, match="4 lines of its standard output"):
            client.call_tool("silent", timeout=0.05)
    assert sum("a line is" in each for each in caplog.messages) == 4


@pytest.mark.parametrize("name", ["twice", "wrong", "batch"])
def test_only_the_answer_counts(name: str) -> None:
    """Second answers and answers with other ids go nowhere; a batch may hold one."""
    with odd() as client:
        said = {"twice": "ok", "wrong": "right", "batch": "of a batch"}[name]
        assert client.call_tool(name).text == said
        assert client.call_tool("next").text == "next"


def test_a_server_that_dies_fails_all_that_wait() -> None:
    """Every waiting call hears how it ended, and so does each that follows."""
    environment = {"SECRET": "swordfish-1"}
    with odd({"env": environment}) as client, ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(client.call_tool, "silent") for _ in range(3)]
        until_asked(client, 3)
        waiting.append(pool.submit(client.call_tool, "die"))
        errors = [each.exception(20) for each in waiting]
        with pytest.raises(APIConnectionError) as caught:
            client.ping()
    errors.append(caught.value)
    assert len({id(error) for error in errors}) == 5
    for error in errors:
        assert isinstance(error, APIConnectionError)
        assert "ended with 3; it said: fatal: ***[31m" in str(error)
        assert not error.retryable


def test_a_line_that_is_too_large_ends_it() -> None:
    """No line is held beyond the limit; the server is ended and the call told why."""
    with odd({"max_message_bytes": 10_000}) as client:
        pid = pid_of(client)
        with pytest.raises(DecodeError, match="more than 10000 bytes"):
            client.call_tool("huge", {"bytes": 10_000_000})
    assert gone(pid)


def test_a_call_that_takes_too_long_is_cancelled_there() -> None:
    """Its time limit holds, the server is told, and the connection stays good."""
    with odd() as client:
        with pytest.raises(APITimeoutError, match=r"no answer within 0\.05 s"):
            client.call_tool("silent", timeout=0.05)
        *_, silent, notice, _ = received(client)
    assert notice["method"] == "notifications/cancelled"
    assert notice["params"] == {"requestId": silent["id"], "reason": "time-out"}


def test_a_token_ends_a_call() -> None:
    """A call that is cancelled from another thread returns at once; so it is told."""
    token = CancelToken()
    with odd() as client, ThreadPoolExecutor(1) as pool:
        client.connect()
        call = pool.submit(client.call_tool, "silent", cancel_token=token)
        until_asked(client)
        token.cancel()
        with pytest.raises(CancelledError, match="user_request"):
            call.result(20)
        assert received(client)[-2]["method"] == "notifications/cancelled"


def test_many_calls_share_the_pipes() -> None:
    """Answers reach those who asked, from any thread."""
    names = [f"n{n}" for n in range(200)]
    with odd() as client, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda name: client.call_tool(name).text, names))
    assert found == names


def test_closing_ends_the_process_and_what_waits() -> None:
    """Closing wakes a call that waits, leaves no process, and can be done twice."""
    client = odd()
    pid = pid_of(client.connect())
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.call_tool, "silent")
        until_asked(client)
        client.close()
        with pytest.raises(CancelledError, match="closed"):
            call.result(20)
    client.close()
    assert gone(pid)
    with pytest.raises(CancelledError, match="the client is closed"):
        client.ping()


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX signals")
def test_a_process_that_will_not_end_is_killed() -> None:
    """One that ignores the end of its input and SIGTERM is gone all the same."""
    client = odd(stubborn=True).connect()
    pid = pid_of(client)
    engine = client._connection._engine
    assert isinstance(engine, StdioEngine)
    engine.pipes().process.close(grace_s=0.05)
    client.close()
    assert gone(pid)


def test_a_client_that_is_dropped_leaves_no_process() -> None:
    """A client that nobody holds any more ends its server."""
    client = odd().connect()
    pid = pid_of(client)
    del client
    gc.collect()
    assert gone(pid)


def test_a_server_that_cannot_be_started() -> None:
    """The error names the command; nothing was begun."""
    client = MCPClient(["/nowhere/server"], env={"TOKEN": "t-12345678"})
    with pytest.raises(APIConnectionError, match="'server' could not be started: No"):
        client.connect()


@pytest.mark.parametrize("command", [b"x", [1], [], ["a", None]])
def test_a_command_is_a_list_of_texts(command: Any) -> None:
    """No shell reads it, so that it cannot be one text."""
    with pytest.raises((TypeError, ValueError), match="expected a command"):
        MCPClient(command)


def test_the_environment_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server gets what it is given, and no key of this program."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    with odd({"env": {"GIVEN": "yes"}}) as client:
        environment = json.loads(client.call_tool("environ").text)
    assert environment["GIVEN"] == "yes"
    assert "ANTHROPIC_API_KEY" not in environment
    assert environment["PATH"] == os.environ["PATH"]


def test_what_it_writes_to_standard_error_is_told() -> None:
    """Each line, without control characters; a handler that fails changes nothing."""
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        raise RuntimeError

    client = odd({"on_stderr": hear})
    with client, pytest.raises(APIConnectionError):
        client.call_tool("die")
    assert said == ["fatal: None[31m"]


def test_hooks_see_messages_over_pipes() -> None:
    """A hook sees each message, and may refuse one, as of any call."""

    class Watch(Hook):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def before_attempt(self, call: Any) -> None:
            self.seen.append(call.name)
            if b'"forbidden"' in call.request.body:
                raise PermissionError("not this one")

    watch = Watch()
    with odd({"hooks": [watch]}) as client:
        client.call_tool("fine")
        with pytest.raises(PermissionError):
            client.call_tool("forbidden")
    assert watch.seen == [
        "mcp initialize",
        "mcp notifications/initialized",
        *["mcp tools/call"] * 2,
    ]


# -- what the server says by itself ----------------------------------------------------


def test_a_request_without_a_handler_is_refused() -> None:
    """Sampling, elicitation and roots are "method not found"; a ping is answered."""
    with odd() as client:
        asked = client.call_tool("ask", {"method": "sampling/createMessage"})
        assert json.loads(asked.text)["error"]["code"] == -32601
        asked = client.call_tool("ask", {"method": "ping"})
        assert json.loads(asked.text)["result"] == {}


def test_a_handler_answers_and_is_declared() -> None:
    """What has a handler is declared in the handshake; it may use the client itself."""
    client: MCPClient

    def roots(params: dict[str, Any]) -> dict[str, Any]:
        return {"roots": [{"uri": client.call_tool("file:///x").text}]}

    client = odd({"handlers": {"roots/list": roots}})
    with client:
        asked = client.call_tool("ask", {"method": "roots/list"})
        assert json.loads(asked.text)["result"] == {"roots": [{"uri": "file:///x"}]}
        assert received(client)[0]["params"]["capabilities"] == {"roots": {}}


def test_a_handler_that_fails_tells_the_server_nothing() -> None:
    """The server hears that it failed, not why; the call goes on."""

    def fails(params: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("my secret")

    with odd({"handlers": {"elicitation/create": fails}}) as client:
        asked = client.call_tool("ask", {"method": "elicitation/create"})
    error = {"code": -32603, "message": "the handler failed"}
    assert json.loads(asked.text)["error"] == error


def test_progress_is_told_before_the_result() -> None:
    """In the calling thread, in order; progress of no call goes nowhere."""
    told: list[Any] = []

    def on_progress(*facts: Any) -> None:
        told.append((threading.current_thread(), *facts))

    with odd() as client:
        client.call_tool("progress", on_progress=on_progress)
        stray = {"progressToken": 3, "progress": 9}
        tell = {"method": "notifications/progress", "params": stray}
        client.call_tool("tell", tell)
    here = threading.current_thread()
    assert told == [(here, 1, 2, None), (here, 2, 2, None)]


def test_log_messages_and_notifications_are_told() -> None:
    """Level, data and logger; and each notification as it came."""
    told: list[Any] = []
    done = threading.Event()

    def on_notification(method: str, params: dict[str, Any]) -> None:
        told.append(method)
        done.set()

    handlers = {"on_log": lambda *facts: told.append(facts)}
    with odd({**handlers, "on_notification": on_notification}) as client:
        params = {"level": "info", "data": {"n": 1}, "logger": "db"}
        client.call_tool("tell", {"method": "notifications/message", "params": params})
        assert done.wait(20)
    assert told == [("info", {"n": 1}, "db"), "notifications/message"]


def test_a_list_that_changed_is_asked_for_again() -> None:
    """Lists are asked for once, and again after the server said that they changed."""
    changed = threading.Event()
    pages = [{"tools": [{"name": "a", "inputSchema": {}}]}]
    with odd({"on_change": lambda kind: changed.set()}, pages=pages) as client:
        for _ in range(2):
            assert [tool.name for tool in client.list_tools()] == ["a"]
        tell = {"method": "notifications/tools/list_changed", "params": {}}
        client.call_tool("tell", tell)
        assert changed.wait(20)
        client.list_tools()
        asked = [m.get("method") for m in received(client)]
    assert asked.count("tools/list") == 2


@pytest.mark.parametrize(
    "given",
    [
        {"result": {}},
        {"result": {"content": "text"}},
        {"result": {"content": [1]}},
        {"result": {"content": [{"text": "no type"}]}},
        {"result": 7},
        {"error": {"message": "no code"}},
    ],
)
def test_a_result_of_another_shape_is_a_decode_error(given: Any) -> None:
    """A tool's result has a list of blocks."""
    with odd() as client, pytest.raises(DecodeError, match="mcp tools/call: expected"):
        client.call_tool("raw", given)


def test_a_refusal_is_an_mcp_error() -> None:
    """What the server refuses is raised, with its number."""
    error = {"error": {"code": -32602, "message": "no such tool"}}
    with odd() as client, pytest.raises(MCPError, match="no such tool") as caught:
        client.call_tool("raw", error)
    assert caught.value.code == -32602


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_leaves_the_server_alone() -> None:
    """A child process may not use its parent's server, and does not end it."""
    with odd() as client:
        child = os.fork()
        if child == 0:
            try:
                client.ping()
            except APIConnectionError:
                client.close()
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert client.call_tool("still").text == "still"
