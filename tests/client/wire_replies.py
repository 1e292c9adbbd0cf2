"""What the server of a wire case answers, from the case's data to bytes."""

from __future__ import annotations

import json
from typing import Any

from tests.samples import message
from tests.scripted import Step, chunked, reply

from .streams import pieces, wire

MESSAGE = message("Hello", usage={"input_tokens": 3, "output_tokens": 2})


def step_of(said: Any, base: str) -> Step:
    """One reply as bytes, or what is done in its place; ``{base}`` is the server."""
    if said == "message":
        said = {"json": MESSAGE}
    elif isinstance(said, int):
        kind = {"type": "error", "error": {"type": "api_error", "message": "no"}}
        said = {"status": said, "json": kind}
    if said == "hold":
        return lambda conn, _: _hold(conn)
    if said == "close":
        return lambda conn, _: None
    said = json.loads(json.dumps(said).replace("{base}", base))
    if "message" in said:
        said = {**said, "json": {**MESSAGE, **said["message"]}}
    if "blocks" in said:
        said = {**said, "events": events_of(said)}
    if "events" in said or "sse" in said:
        return _events(said)
    headers = said.get("headers", {})
    whole = reply(
        said.get("status", 200),
        said.get("json", bytes.fromhex(said.get("hex", "")) or said.get("text", "")),
        headers,
        said.get("type", "application/json"),
    )

    if "cut" in said:  # the head announces all of it
        cut = whole[: len(whole) - said["cut"]]
        return lambda conn, _: conn.sendall(cut)
    return whole


def _events(said: Any) -> Step:
    body = said["sse"].encode() if "sse" in said else wire(said["events"])
    body += said.get("then", "").encode() * said.get("times", 1)
    if "bytes" in said:
        body = body.replace(b"{bytes}", bytes.fromhex(said["bytes"]))
    headers = "".join(f"{k}: {v}\r\n" for k, v in said.get("headers", {}).items())
    chunks = pieces(body, said.get("chunk", len(body) or 1))
    return chunked(*chunks, end=not said.get("cut"), headers=headers)


def events_of(said: Any) -> list[Any]:
    """The events of a message: per block its start, then its deltas."""
    begun = {**MESSAGE, "content": [], "stop_reason": None, **said.get("start", {})}
    events: list[Any] = [{"type": "message_start", "message": begun}]
    for index, (start, *deltas) in enumerate(said["blocks"]):
        kind, at = "content_block_", {"index": index}
        events.append({"type": f"{kind}start", **at, "content_block": start})
        events += [{"type": f"{kind}delta", **at, "delta": each} for each in deltas]
        events.append({"type": f"{kind}stop", **at})
    last = {"stop_reason": "end_turn", "stop_sequence": None}
    delta = {"type": "message_delta", "delta": last, "usage": {"output_tokens": 2}}
    events.append({**delta, **said.get("end", {})})
    return [*events, {"type": "message_stop"}]


def _hold(conn: Any) -> None:
    conn.recv(1)  # nothing comes: until the client goes
