"""The good answers of the services, so that one fault can be played to any client.

The shapes are those of the services' public documents; the words mean nothing.
"""

from __future__ import annotations

import json
from typing import Any

ANSWER = "hello"


class Dialect:
    """One service's way of answering. Times and counts do not matter.

    ``ok`` answers a call, ``ran`` a run, ``model`` a get, ``file`` an upload.
    ``piece(n)`` is a server-sent event that hands out ``p<n>``; ``begin`` goes before
    the first and ``finish`` after the last, with ``mark`` as what ends the stream.
    """

    ran: dict[str, Any] = {}
    model: dict[str, Any] = {"id": "m1"}
    file: dict[str, Any] = {"id": "file_1"}
    begin: bytes = b""
    mark: bytes = b""
    finish: bytes = b""
    ping: bytes = b": ping\n\n"

    def ok(self, text: str = ANSWER) -> dict[str, Any]:
        raise NotImplementedError

    def piece(self, number: int, text: str | None = None) -> bytes:
        raise NotImplementedError

    def pieces(self, count: int) -> bytes:
        return self.begin + b"".join(self.piece(n) for n in range(count))

    def whole(self, count: int) -> bytes:
        """A stream that is complete."""
        return self.pieces(count) + self.finish + self.mark

    def error(self, kind: str = "api_error", text: str = "no") -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": text}}

    def error_event(self, kind: str = "overloaded_error") -> bytes:
        return sse(self.error(kind), "error")

    def batch(self, count: int) -> dict[str, Any]:
        """What is said of a batch with ``count`` results."""
        return {}

    def row(self, number: int, text: str = ANSWER) -> bytes:
        raise NotImplementedError


def sse(data: Any, name: str = "") -> bytes:
    """One server-sent event."""
    named = f"event: {name}\n" if name else ""
    text = data if isinstance(data, str) else json.dumps(data)
    return f"{named}data: {text}\n\n".encode()


class Messages(Dialect):
    """The Messages API."""

    ran = {"success": True, "executionId": "run_1", "output": {"content": ANSWER}}
    model = {
        "id": "m1",
        "type": "model",
        "display_name": "M 1",
        "created_at": "1970-01-01T00:00:00Z",
    }
    file = {
        "id": "file_1",
        "type": "file",
        "filename": "a.bin",
        "mime_type": "application/octet-stream",
        "size_bytes": 3,
        "created_at": "1970-01-01T00:00:00Z",
        "downloadable": True,
    }
    ping = sse({"type": "ping"}, "ping")
    mark = sse({"type": "message_stop"}, "message_stop")

    def ok(self, text: str = ANSWER) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m1",
            "content": [{"type": "text", "text": text, "citations": None}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }

    @property
    def begin(self) -> bytes:  # type: ignore[override]
        started = {**self.ok(), "content": [], "stop_reason": None}
        block = {"type": "text", "text": "", "citations": None}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": block},
        ]
        return b"".join(sse(event, event["type"]) for event in events)

    @property
    def finish(self) -> bytes:  # type: ignore[override]
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        usage = {"output_tokens": 1}
        events: list[dict[str, Any]] = [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": delta, "usage": usage},
        ]
        return b"".join(sse(event, event["type"]) for event in events)

    def piece(self, number: int, text: str | None = None) -> bytes:
        delta = {"type": "text_delta", "text": f"p{number}" if text is None else text}
        event = {"type": "content_block_delta", "index": 0, "delta": delta}
        return sse(event, "content_block_delta")

    def batch(self, count: int) -> dict[str, Any]:
        counts = {"processing": 0, "succeeded": count, "errored": 0}
        return {
            "id": "b1",
            "type": "message_batch",
            "processing_status": "ended",
            "request_counts": counts | {"canceled": 0, "expired": 0},
            "created_at": "1970-01-01T00:00:00Z",
            "expires_at": "1970-01-02T00:00:00Z",
            "ended_at": "1970-01-01T01:00:00Z",
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": "@SELF@/v1/messages/batches/b1/results",
        }

    def row(self, number: int, text: str = ANSWER) -> bytes:
        result = {"type": "succeeded", "message": self.ok(text)}
        row = {"custom_id": f"r{number}", "result": result}
        return json.dumps(row, ensure_ascii=False).encode()


class Chat(Dialect):
    """Chat completions."""

    file = {
        "id": "file_1",
        "object": "file",
        "bytes": 3,
        "created_at": 1,
        "filename": "a.bin",
        "purpose": "batch",
        "status": "processed",
    }
    model = {"id": "m1", "object": "model", "created": 1, "owned_by": "us"}
    mark = b"data: [DONE]\n\n"

    def ok(self, text: str = ANSWER) -> dict[str, Any]:
        reply = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": reply, "logprobs": None}
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "m1",
            "choices": [choice | {"finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }

    def piece(self, number: int, text: str | None = None) -> bytes:
        return self._chunk({"content": f"p{number}" if text is None else text})

    @property
    def finish(self) -> bytes:  # type: ignore[override]
        return self._chunk({}, "stop")

    @staticmethod
    def _chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        about = {"id": "c1", "object": "chat.completion.chunk", "created": 1}
        return sse({**about, "model": "m1", "choices": [choice]})

    def error_event(self, kind: str = "overloaded_error") -> bytes:
        return sse(self.error(kind))

    def row(self, number: int, text: str = ANSWER) -> bytes:
        body = {"status_code": 200, "body": self.ok(text)}
        row = {"custom_id": f"r{number}", "response": body, "error": None}
        return json.dumps(row, ensure_ascii=False).encode()


class Workflows(Messages):
    """Workflow runs, in the second version of their API: every call is a run."""

    ran = {
        "data": {
            "runId": "run_1",
            "workflowId": "wf",
            "status": "completed",
            "output": {"content": ANSWER},
            "error": None,
            "startedAt": "1970-01-01T00:00:00.000Z",
            "endedAt": "1970-01-01T00:00:01.000Z",
            "durationMs": 1000,
        }
    }
    model = {"isDeployed": True, "deployedAt": None, "needsRedeployment": False}

    def ok(self, text: str = ANSWER) -> dict[str, Any]:
        return {"data": {**self.ran["data"], "output": {"content": text}}}
