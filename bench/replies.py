"""The canned replies: what the loopback server sends, and on which path.

Every reply is a file that holds it as it goes over the wire, head included, so the
server does no work of its own while a client is measured. The shapes are those of the
Messages API, of chat completions and of the workflow API; the words mean nothing.
The table of routes is described in ``server/loopback.c``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

WORD = "word "
ANSWER = "The quick brown fox jumps over the lazy dog. " * 12
ROW_TEXT = "The quick brown fox jumps over the lazy dog. " * 17
DRIP = "/drip"
"""Path prefix under which streams come with one event per write."""

SHORT = "/short"
"""Path prefix under which streams are short: to warm up."""

BIG = "/large"
"""Path prefix under which a message has 400 blocks."""

LATE = "/late"
"""Path prefix under which replies come 20 ms after their requests."""

LATE_MS = 20
BLOCK = 65536
SHORT_EVENTS = 50

MESSAGE_HEADERS = {
    "Date": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Connection": "keep-alive",
    "Cache-Control": "no-cache",
    "Request-Id": "req_0123456789abcdefghijklmn",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "Anthropic-Organization-Id": "00000000-0000-4000-8000-000000000000",
    "Anthropic-Ratelimit-Requests-Limit": "4000",
    "Anthropic-Ratelimit-Requests-Remaining": "3999",
    "Anthropic-Ratelimit-Requests-Reset": "1970-01-01T00:00:01Z",
    "Anthropic-Ratelimit-Input-Tokens-Limit": "400000",
    "Anthropic-Ratelimit-Input-Tokens-Remaining": "399000",
    "Anthropic-Ratelimit-Input-Tokens-Reset": "1970-01-01T00:00:01Z",
    "Anthropic-Ratelimit-Output-Tokens-Limit": "80000",
    "Anthropic-Ratelimit-Output-Tokens-Remaining": "79000",
    "Anthropic-Ratelimit-Output-Tokens-Reset": "1970-01-01T00:00:01Z",
    "Anthropic-Ratelimit-Tokens-Limit": "480000",
    "Anthropic-Ratelimit-Tokens-Remaining": "478000",
    "Anthropic-Ratelimit-Tokens-Reset": "1970-01-01T00:00:01Z",
    "X-Robots-Tag": "none",
    "Via": "1.1 proxy",
    "Server": "loopback",
    "Vary": "Accept-Encoding",
    "X-Envoy-Upstream-Service-Time": "812",
}
PLAIN_HEADERS = {
    name: MESSAGE_HEADERS[name]
    for name in ("Date", "Connection", "Cache-Control", "Server", "Vary")
}

USAGE = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 120,
    "output_tokens_details": None,
    "server_tool_use": None,
    "service_tier": "standard",
    "inference_geo": None,
}


class Route(NamedTuple):
    """One line of the table of routes."""

    method: str
    pattern: str
    flag: str
    mode: str
    size: int
    file: str


def large_message() -> dict[str, object]:
    """Give a message of 200 KB: text and tool calls in turn."""
    said = {"type": "text", "text": ANSWER[:470], "citations": None}
    asked = {"query": ANSWER[:400], "limit": 10, "filters": ["a", "b"]}
    used = {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": asked}
    used["caller"] = {"type": "direct"}
    return message("") | {"content": [said, used] * 200}


def message(text: str) -> dict[str, object]:
    """Give a finished message with one block of text."""
    return {
        "id": "msg_0123456789abcdefghijklmn",
        "type": "message",
        "role": "assistant",
        "model": "model-1",
        "content": [{"type": "text", "text": text, "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": USAGE,
    }


def message_stream(count: int) -> Iterator[bytes]:
    """Give a streamed message of ``count`` events as server-sent events."""
    return (_sse(event, named=True) for event in _message_events(count))


def _message_events(count: int) -> Iterator[dict[str, object]]:
    begun = message("") | {"content": [], "stop_reason": None}
    block = {"type": "text", "text": "", "citations": None}
    yield {"type": "message_start", "message": begun}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    delta = {"type": "text_delta", "text": WORD}
    for _ in range(count - 5):
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    end = {"stop_reason": "end_turn", "stop_sequence": None, "container": None}
    usage = {"output_tokens": count, "input_tokens": 12, "server_tool_use": None}
    usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    yield {"type": "message_delta", "delta": end, "usage": usage}
    yield {"type": "message_stop"}


def large_completion() -> dict[str, object]:
    """Give a completion of 200 KB: this API has no blocks, so 400 tool calls."""
    arguments = _json({"query": ANSWER[:390]}).decode()
    function = {"name": "look_up", "arguments": arguments}
    calls = [{"id": "call_1", "type": "function", "function": function}] * 400
    reply = {"role": "assistant", "content": ANSWER, "tool_calls": calls}
    choice = {"index": 0, "message": reply, "finish_reason": "tool_calls"}
    return completion("") | {"choices": [choice | {"logprobs": None}]}


def completion(text: str) -> dict[str, object]:
    """Give a finished chat completion."""
    reply = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": reply, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 12, "completion_tokens": 120, "total_tokens": 132}
    return {
        "id": "chatcmpl-0123456789abcdefghijklmnopq",
        "object": "chat.completion",
        "created": 1,
        "model": "model-1",
        "choices": [choice],
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }


def chunk_stream(count: int) -> Iterator[bytes]:
    """Give a streamed completion of ``count`` chunks as server-sent events."""
    for chunk in _completion_chunks(count):
        yield _sse(chunk, named=False)
    yield b"data: [DONE]\n\n"


def _completion_chunks(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        last = number == count - 1
        delta = {} if last else {"content": WORD}
        if number == 0:
            delta = {"role": "assistant", "content": ""}
        choice = {"index": 0, "delta": delta, "logprobs": None}
        choice["finish_reason"] = "stop" if last else None
        yield {
            "id": "chatcmpl-0123456789abcdefghijklmnopq",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "model-1",
            "system_fingerprint": "fp_0123456789",
            "choices": [choice],
        }


def batch() -> dict[str, object]:
    """Give a batch that has ended; its results are on this server too."""
    counts = {"processing": 0, "succeeded": 1, "errored": 0}
    return {
        "id": "msgbatch_1",
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": counts | {"canceled": 0, "expired": 0},
        "created_at": "1970-01-01T00:00:00Z",
        "expires_at": "1970-01-02T00:00:00Z",
        "ended_at": "1970-01-01T01:00:00Z",
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": "http://127.0.0.1:@PORT/v1/messages/batches/msgbatch_1/results",
    }


def batch_lines(count: int) -> Iterator[bytes]:
    """Give ``count`` results of about 1.2 KB as lines of JSON."""
    for number in range(count):
        result = {"type": "succeeded", "message": message(ROW_TEXT)}
        yield _json({"custom_id": f"request-{number}", "result": result}) + b"\n"


def uploaded_file(size: int) -> dict[str, object]:
    """Give what the file API, of either vendor, says about an uploaded file."""
    return {
        "id": "file_1",
        "type": "file",
        "filename": "upload.bin",
        "mime_type": "application/octet-stream",
        "size_bytes": size,
        "created_at": "1970-01-01T00:00:00Z",
        "downloadable": True,
    }


def uploaded_openai_file(size: int) -> dict[str, object]:
    """Give the other vendor's description of an uploaded file."""
    return {
        "id": "file_1",
        "object": "file",
        "bytes": size,
        "created_at": 1,
        "filename": "upload.bin",
        "purpose": "batch",
        "status": "processed",
    }


def run_result() -> dict[str, object]:
    """Give a finished workflow run in the shape of the second API version."""
    return {
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


def execution_result() -> dict[str, object]:
    """Give a finished workflow run in the shape of the first API version."""
    times = {"startTime": "1970-01-01T00:00:00Z", "endTime": "1970-01-01T00:00:01Z"}
    return {
        "success": True,
        "executionId": "run_1",
        "output": {"content": ANSWER},
        "error": None,
        "metadata": times | {"duration": 1000},
    }


def write(directory: Path, *, events: int, lines: int, file_size: int) -> list[Route]:
    """Write all replies and the table of routes into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    sse = "text/event-stream"
    bodies = {
        "message": _whole(message(ANSWER), MESSAGE_HEADERS),
        "message.bulk": _chunked(_blocks(message_stream(events)), sse),
        "message.large": _whole(large_message(), MESSAGE_HEADERS),
        "message.short": _chunked(_blocks(message_stream(SHORT_EVENTS)), sse),
        "message.drip": _chunked(message_stream(events), sse),
        "completion": _whole(completion(ANSWER), MESSAGE_HEADERS),
        "completion.large": _whole(large_completion(), MESSAGE_HEADERS),
        "completion.bulk": _chunked(_blocks(chunk_stream(events)), sse),
        "completion.short": _chunked(_blocks(chunk_stream(SHORT_EVENTS)), sse),
        "completion.drip": _chunked(chunk_stream(events), sse),
        "run": _whole(run_result(), PLAIN_HEADERS),
        "execution": _whole(execution_result(), PLAIN_HEADERS),
        "batch": _whole(batch(), MESSAGE_HEADERS),
        "lines": _chunked(_blocks(batch_lines(lines)), "application/x-jsonl"),
        "file": _whole(uploaded_file(file_size), MESSAGE_HEADERS),
        "openai-file": _whole(uploaded_openai_file(file_size), MESSAGE_HEADERS),
        "download": _head("application/octet-stream", PLAIN_HEADERS, file_size),
    }
    for name, body in bodies.items():
        (directory / name).write_bytes(body)
    table = routes(file_size)
    text = "".join(" ".join(map(str, route)) + "\n" for route in table)
    (directory / "routes").write_text(text)
    return table


def routes(file_size: int) -> list[Route]:
    """Give the table of routes; the first that matches is taken."""
    chat = "/v1/chat/completions"
    batches = "/v1/messages/batches/*"
    return [
        Route("POST", "/v1/messages", "stream", "whole", 0, "message.bulk"),
        Route("POST", "/v1/messages", "-", "whole", 0, "message"),
        Route("POST", f"{DRIP}/v1/messages", "stream", "pieces", 0, "message.drip"),
        Route("POST", f"{SHORT}/v1/messages", "stream", "whole", 0, "message.short"),
        Route("POST", f"{BIG}/v1/messages", "-", "whole", 0, "message.large"),
        Route("POST", f"{LATE}/v1/messages", "-", "late", LATE_MS, "message"),
        Route("POST", f"{LATE}{chat}", "-", "late", LATE_MS, "completion"),
        Route("POST", f"{BIG}{chat}", "-", "whole", 0, "completion.large"),
        Route("POST", chat, "stream", "whole", 0, "completion.bulk"),
        Route("POST", chat, "-", "whole", 0, "completion"),
        Route("POST", f"{DRIP}{chat}", "stream", "pieces", 0, "completion.drip"),
        Route("POST", f"{SHORT}{chat}", "stream", "whole", 0, "completion.short"),
        Route("POST", "/api/v2/workflows/*/execute", "-", "whole", 0, "run"),
        Route("POST", "/api/workflows/*/execute", "-", "whole", 0, "execution"),
        Route("GET", f"{batches}/results", "-", "whole", 0, "lines"),
        Route("GET", batches, "-", "whole", 0, "batch"),
        Route("POST", "/v1/files", "-", "whole", 0, "file"),
        Route("POST", "/openai/v1/files", "-", "whole", 0, "openai-file"),
        Route("GET", "/v1/files/*/content", "-", "fill", file_size, "download"),
        Route("GET", "/openai/v1/files/*/content", "-", "fill", file_size, "download"),
    ]


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _sse(value: dict[str, object], *, named: bool) -> bytes:
    name = f"event: {value['type']}\n".encode() if named else b""
    return name + b"data: " + _json(value) + b"\n\n"


def _head(media: str, headers: dict[str, str], length: int | None) -> bytes:
    sizing = "Transfer-Encoding: chunked"
    if length is not None:
        sizing = f"Content-Length: {length}"
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {media}", sizing]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "\r\n"]).encode()


def _whole(value: object, headers: dict[str, str]) -> bytes:
    body = _json(value)
    return _head("application/json", headers, len(body)) + body


def _chunked(parts: Iterable[bytes], media: str) -> bytes:
    framed = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"".join([_head(media, MESSAGE_HEADERS, None), *framed, b"0\r\n\r\n"])


def _blocks(parts: Iterable[bytes]) -> Iterator[bytes]:
    whole = b"".join(parts)
    for start in range(0, len(whole), BLOCK):
        yield whole[start : start + BLOCK]
