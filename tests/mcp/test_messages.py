"""JSON-RPC messages: what is one, what answers what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire.errors import DecodeError
from specwire.mcp import MCPError
from specwire.mcp.messages import is_answer, plain, read, result_of

GOOD: list[Any] = [
    {"jsonrpc": "2.0", "method": "m"},
    {"jsonrpc": "2.0", "method": "m", "id": "a", "params": {}},
    {"jsonrpc": "2.0", "id": 1, "result": {}},
    {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": ""}},
]
BAD = [
    b"",
    b"no",
    b"NaN",
    b"{}",
    b"[1]",
    b"[" * 100_000,
    b'{"jsonrpc": "1.0", "method": "m"}',
    b'{"jsonrpc": "2.0", "method": 1}',
    b'{"jsonrpc": "2.0", "method": "m", "params": [1]}',
    b'{"jsonrpc": "2.0", "id": 1}',
    b'{"jsonrpc": "2.0", "result": {}}',
    b'{"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}}',
    b'{"jsonrpc": "2.0", "method": "\xff"}',
    json.dumps([GOOD[0]] * 1001).encode(),
]


@pytest.mark.parametrize("message", GOOD)
def test_messages_are_read(message: Any) -> None:
    """Requests, notifications and answers are messages, alone and in a batch."""
    assert read(json.dumps(message).encode()) == [message]
    assert read(json.dumps([message, message]).encode()) == [message, message]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_what_is_no_message_is_refused(line: bytes) -> None:
    """Anything else is refused in words."""
    with pytest.raises(ValueError, match=r"^(is|holds) "):
        read(line)


@pytest.mark.parametrize("id", [1.0, True, "1", None, [1]])
def test_an_answer_has_the_very_id(id: Any) -> None:
    """An id that only equals the one that was asked is another."""
    assert not is_answer({"jsonrpc": "2.0", "id": id, "result": {}}, 1)
    assert is_answer({"jsonrpc": "2.0", "id": 1, "result": {}}, 1)


def test_a_refusal_is_an_error_with_its_code() -> None:
    """Code, data and method of a refusal are facts; its text is freed of controls."""
    error = {"code": -32602, "message": "no\x1b[31m", "data": {"x": 1}}
    with pytest.raises(MCPError, match=r"tools/call: .*\(-32602\): no\[31m$") as caught:
        result_of({"id": 1, "error": error}, "tools/call")
    found = caught.value
    assert (found.code, found.data, found.method) == (-32602, {"x": 1}, "tools/call")


@pytest.mark.parametrize(
    "member",
    [
        {"error": None},
        {"error": "no"},
        {"error": {}},
        {"error": {"code": "1"}},
        {"error": {"code": True}},
        {"result": []},
        {"result": None},
    ],
)
def test_an_answer_of_another_shape_is_a_decode_error(member: Any) -> None:
    """A result is an object, and an error has a number."""
    with pytest.raises(DecodeError, match="mcp ping: expected"):
        result_of({"id": 1, **member}, "ping")


def test_hidden_characters_go() -> None:
    """Control, bidirectional and tag characters go; letters and line ends stay."""
    assert plain("a\x00\x1b[1m\u202eb\u200b\U000e0041\n\tc é 中 👩‍👧") == (
        "a[1mb\n\tc é 中 👩‍👧"
    )
