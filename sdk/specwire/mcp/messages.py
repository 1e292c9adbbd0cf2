"""JSON-RPC 2.0 messages as MCP uses them: made, read and told apart; no I/O.

What comes from a server is untrusted: each shape is checked before it is believed.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from ..core.codec import loads
from ..core.errors import DecodeError, shortened
from .errors import MCPError

Message: TypeAlias = "dict[str, Any]"

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Revisions of MCP that are spoken, the newest first."""
MOST_BATCHED: Final = 1_000


def request(id: int, method: str, params: dict[str, Any] | None = None) -> Message:
    return {**notification(method, params), "id": id}


def notification(method: str, params: dict[str, Any] | None = None) -> Message:
    made: Message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        made["params"] = params
    return made


def answer(id: Any, result: dict[str, Any]) -> Message:
    return {"jsonrpc": "2.0", "id": id, "result": result}


def refusal(id: Any, code: int, text: str) -> Message:
    error = {"code": code, "message": text}
    return {"jsonrpc": "2.0", "id": id, "error": error}


def read(text: bytes) -> list[Message]:
    """The messages of one transmission: one, or those of a batch (2025-03-26).

    :raises ValueError: in words, for what is none.
    """
    try:
        data = loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:
        raise ValueError("is not JSON") from None
    if isinstance(data, list) and len(data) > MOST_BATCHED:
        raise ValueError(f"holds more than {MOST_BATCHED} messages")
    found = data if isinstance(data, list) else [data]
    if not all(map(_is_message, found)):
        raise ValueError("is not JSON-RPC 2.0")
    return found


def _is_message(data: Any) -> bool:
    if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
        return False
    if "method" in data:
        known = isinstance(data["method"], str)
        return known and isinstance(data.get("params", {}), dict)
    return "id" in data and ("result" in data) != ("error" in data)


def is_answer(message: Message, id: Any = None) -> bool:
    """Whether it answers the request ``id``, or any; ``true`` is not 1, nor ``"1"``."""
    if "method" in message:
        return False
    given = message["id"]
    return id is None or (type(given) is type(id) and bool(given == id))


def is_request(message: Message) -> bool:
    return "method" in message and "id" in message


def result_of(message: Message, method: str) -> dict[str, Any]:
    """What an answer holds.

    :raises MCPError: where the server refuses.
    :raises DecodeError: where it is neither an object nor an error.
    """
    if "error" in message:
        raise _refused(message["error"], method)
    return an_object(message["result"], method, "the result")


def _refused(error: Any, method: str) -> Exception:
    known = isinstance(error, dict) and type(error.get("code")) is int
    if not known:
        return DecodeError(
            f"mcp {method}: expected an error with a code, got {error!r:.80}",
            body=error,
        )
    text, code = shortened(plain(str(error.get("message", "")))), error["code"]
    return MCPError(
        f"mcp {method}: the server refused it ({code}): {text}",
        code=code,
        data=error.get("data"),
        method=method,
    )


def an_object(value: Any, method: str, what: str) -> dict[str, Any]:
    """``value``, which has to be an object; :raises DecodeError: where it is none."""
    if isinstance(value, dict):
        return value
    kind = type(value).__name__
    raise DecodeError(
        f"mcp {method}: expected {what} to be an object, got {kind} {value!r:.60}",
        body=value,
    )


_HIDDEN: Final = {
    **{n: None for n in range(0x20) if n not in (0x09, 0x0A)},
    **dict.fromkeys(range(0x7F, 0xA0)),
    # What turns text around or has no width: it is not what a reader sees.
    **dict.fromkeys([0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),
    **dict.fromkeys(range(0xE0000, 0xE0080)),
}


def plain(text: str) -> str:
    """``text`` without control characters and others that hide what it says."""
    return text.translate(_HIDDEN)
