"""Plays a case of the workflow API: the call, its requests, its replies, what came.

The format is that of ``sim_runs.json`` (README.md says what may stand where). A case is
played through the drop-in client on a loopback connection; waits only add up.
"""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from specwire import Client
from specwire.aio import AsyncClient
from specwire.compat.simstudio import SimStudioClient, SimStudioError
from specwire.core.clock import Clock
from specwire.core.codec import dump
from specwire.core.types import Model
from specwire.errors import SpecwireError
from specwire.testing import FakeClock
from tests.awaited import Awaited
from tests.scripted import Received, ScriptedServer, Step, chunked, reply, serving

KEY = "sk-test"
SHORT_S = 0.2
"""The limit where the server says nothing for ever."""
ANSWER = {"success": True, "output": {"content": "hi"}}


def by_drop_in(url: str, version: Any, limit_s: float, clock: Clock) -> Any:
    return SimStudioClient(KEY, url, api_version=version, timeout=limit_s, _clock=clock)


def by_client(
    url: str, version: Any, limit_s: float, clock: Clock, make: Any = Client
) -> Any:
    """The client behind: same calls, models in place of dataclasses, other errors."""
    return make(
        api_keys={"sim": KEY},
        base_urls={"sim": url},
        api_version=version,
        timeout=limit_s,
        max_retries=0,
        _clock=clock,
    )


def by_async_client(url: str, version: Any, limit_s: float, clock: Clock) -> Any:
    """The same calls of the async client, each of them awaited."""
    return Awaited(by_client(url, version, limit_s, clock, AsyncClient))


def play(
    case: Any,
    version: str,
    elsewhere: Callable[[str], Any] | None = None,
    make: Callable[..., Any] = by_drop_in,
) -> None:
    """Play ``case`` and compare all that it says.

    :param elsewhere: method -> the call that stands for it, where the client has none.
    """
    for chance in (0.0, 0.5, 1.0) if "sleeps" in case else (1.0,):
        with serving(*map(_step, case["exchanges"])) as server:
            clock = FakeClock(chance=chance)
            limit_s = SHORT_S if _hangs(case) else 30.0
            client = make(server.url, version, limit_s, clock)
            _Played(case, client, clock, server, elsewhere).compare()


class _Played:
    def __init__(
        self,
        case: Any,
        client: Any,
        clock: FakeClock,
        server: ScriptedServer,
        elsewhere: Callable[[str], Any] | None,
    ) -> None:
        self.case, self.client = case, client
        self.server, self.clock = server, clock
        self.expect = case["expect"]
        self.value: Any = None
        self.error: Any = None
        if "raises_or" in self.expect:
            server.script.append(reply(200, ANSWER))
        with self.client:
            call = case["call"]
            other = elsewhere and elsewhere(call["method"])
            args = _made(call["args"], server.url)
            options = _made(call["kwargs"], server.url)
            try:
                if other:
                    self.value = other(server.url, KEY, args, options)
                else:
                    self.value = self._called(call, args, options)
                if "stream" in self.expect:
                    self._read()
                if "iterated_ids" in self.expect.get("returns", {}):
                    self.value = [item.run_id for item in self.value]
                if "bytes" in self.expect.get("returns", {}):
                    self.value = b"".join(self.value)
            except Exception as error:
                self.error = error

    def _called(self, call: Any, args: Any, options: Any) -> Any:
        if call["method"] == "poll":
            return self._polled(*args)
        target = self.client
        *path, name = call["method"].removeprefix("v2.").split(".")
        for part in path:
            target = getattr(target, part)
        value = getattr(target, name)(*args, **options)
        if then := call.get("then"):
            more = ("wf_1",) if then == "execute_workflow" else ()
            value = getattr(self.client, then)(*more)
        return value

    def _polled(self, task_id: str) -> Any:
        status = self.client.get_job_status(task_id)
        while status["status"] in ("queued", "processing"):
            status = self.client.get_job_status(task_id)
        return status

    def _read(self) -> None:
        self.kinds: list[str] = []
        self.events: list[Any] = []
        self.blocks: dict[str, str] = {}
        for event in self.value:
            kind = getattr(event, "event", None) or "chunk"
            self.kinds.append(kind)
            self.events.append(event)
            if kind == "chunk":
                earlier = self.blocks.get(event.block_id, "")
                self.blocks[event.block_id] = earlier + event.chunk

    # -- comparing -----------------------------------------------------------------

    def compare(self) -> None:
        expect = self.expect
        stream = expect.get("stream", {})
        raises = expect.get("raises") or stream.get("raises")
        if raises:
            _same_error(raises, self.error)
        elif self.error is not None:
            raise self.error
        _same_stream(stream, self)
        if "returns" in expect:
            _same_value(expect["returns"], self.value)
        if "raises_or" in expect:
            sent = self.server.received[0].json()
            assert sent == {"input": self.case["call"]["args"][1]}
        else:
            self._same_requests()
        _same_sleeps(self.case.get("sleeps", {}), self.clock.slept)

    def _same_requests(self) -> None:
        wanted = [exchange["request"] for exchange in self.case["exchanges"]]
        got = self.server.received
        assert len(got) == len(wanted), [f"{r.method} {r.target}" for r in got]
        for request, received in zip(wanted, got, strict=True):
            _same_request(request, received)


def _made(value: Any, base: str) -> Any:
    """An argument out of data: ``$BASE`` is the server, ``$file`` an open file."""
    if isinstance(value, dict) and "$file" in value:
        file = io.BytesIO(value["$file"]["bytes"].encode())
        file.name = value["$file"]["name"]
        return file
    if isinstance(value, dict):
        return {name: _made(item, base) for name, item in value.items()}
    if isinstance(value, list):
        return [_made(item, base) for item in value]
    return value.replace("$BASE", base) if isinstance(value, str) else value


# -- the server's side -------------------------------------------------------------


def _hangs(case: Any) -> bool:
    return any(e["response"].get("action") == "hang" for e in case["exchanges"])


def _step(exchange: Any) -> Step:
    said = exchange["response"]
    if said.get("action") == "hang":
        return lambda conn, _: _hold(conn)
    if said.get("action") == "drop":
        return lambda conn, _: None
    headers = dict(said.get("headers", {}))
    if "chunks" in said:
        return _pieces(said["chunks"], headers)
    kind = headers.pop("Content-Type", "application/json")
    if "json" in said:
        return reply(said["status"], json.dumps(said["json"]), headers, kind)
    return reply(said["status"], said.get("body", ""), headers, kind)


def _pieces(pieces: list[Any], headers: dict[str, str]) -> Step:
    """An event stream, piece by piece: text, ``{"b64": bytes}``, seconds, a drop."""
    headers.pop("Content-Type", None)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def send(conn: Any, _: Received) -> None:
        conn.sendall(chunked(end=False, headers=lines))
        for piece in pieces:
            if isinstance(piece, (int, float)):
                threading.Event().wait(piece)
            elif isinstance(piece, str) or "b64" in piece:
                text = isinstance(piece, str)
                raw = piece.encode() if text else base64.b64decode(piece["b64"])
                conn.sendall(b"%x\r\n%s\r\n" % (len(raw), raw))
            else:
                return
        conn.sendall(b"0\r\n\r\n")

    return send


def _hold(conn: Any) -> None:
    conn.recv(1)  # nothing comes: until the client goes


# -- what is compared --------------------------------------------------------------


def _same_request(wanted: Any, received: Received) -> None:
    path, _, query = received.target.partition("?")
    assert (received.method, path) == (wanted["method"], wanted["path"])
    for name, value in wanted.get("headers", {}).items():
        got = received.headers.get(name)
        assert value in ("*", got), (name, got)
    for name in wanted.get("absent_headers", ()):
        assert name not in received.headers
    if "json" in wanted:
        assert json.loads(received.body or b"null") == wanted["json"]
    if "query" in wanted:
        assert dict(parse_qsl(query, keep_blank_values=True)) == wanted["query"]
    kind = received.headers.get("content-type", "")
    assert kind.startswith(wanted.get("content_type_startswith", ""))
    for name in wanted.get("multipart_fields", ()):
        assert f'name="{name}"'.encode() in received.body


def _same_error(wanted: Any, error: Any) -> None:
    if not isinstance(error, SpecwireError):
        raise AssertionError(f"expected an error of ours, got {error!r}") from error
    assert wanted.get("message_contains", "").lower() in str(error).lower()
    _contains(wanted.get("body_contains", {}), error.body)
    if isinstance(error, SimStudioError):
        names = [name for name in _TOLD if name in wanted]
        for name in names:
            got = getattr(error, name)
            assert wanted[name] == got or (wanted[name] == "*" and got), (name, got)
    elif not getattr(error, "in_stream", False):
        assert (getattr(error, "status_code", 0) or None) == wanted["status"]


_TOLD = ["code", "status", "server_code", "details", "body", "retry_after", "run_id"]


def _same_value(wanted: Any, value: Any) -> None:
    kinds = {"dict": dict, "bool": bool, "list": list}
    if wanted.get("type") in kinds:
        assert isinstance(value, kinds[wanted["type"]])
    elif "type" in wanted:
        assert type(value).__name__ == wanted["type"]
    for name, expected in wanted.get("fields", {}).items():
        got = getattr(value, name)
        assert expected in ("*", got), (name, got)
    if "equals" in wanted:
        assert value == wanted["equals"]
    if "contains" in wanted:
        _contains(wanted["contains"], _told(value))
    if "iterated_ids" in wanted:
        assert value == wanted["iterated_ids"]
    if "bytes" in wanted:
        assert value == base64.b64decode(wanted["bytes"])


def _told(value: Any) -> Any:
    """A model by its wire names; what it does not say is ``null``."""
    if not isinstance(value, Model):
        return value
    plain = dump(value)
    wire = getattr(value, "_wire", {})
    for name in type(value).__annotations__:
        plain.setdefault(wire.get(name, name), None)
    return plain


def _contains(wanted: Any, value: Any) -> None:
    for path, expected in wanted.items():
        got = value
        for part in path.split("."):
            got = got[part]
        assert got == expected, (path, got)


def _same_stream(wanted: Any, played: _Played) -> None:
    for name in ("text", "success", "output", "error", "status", "metadata"):
        if name in wanted:
            assert getattr(played.value, name) == wanted[name], name
    if "events" in wanted:
        assert played.kinds == [event["kind"] for event in wanted["events"]]
        for event, got in zip(wanted["events"], played.events, strict=True):
            for name in set(event) - {"kind"}:
                assert getattr(got, name) == event[name]
    if "kinds" in wanted:
        assert played.kinds == wanted["kinds"]
    if "blocks" in wanted:
        assert played.blocks == wanted["blocks"]


def _same_sleeps(wanted: Any, slept: list[float]) -> None:
    if "ranges" in wanted:
        assert len(slept) == len(wanted["ranges"])
        for (least, most), seconds in zip(wanted["ranges"], slept, strict=True):
            assert least <= seconds <= most, slept
    if "count_max" in wanted:
        assert len(slept) <= wanted["count_max"]
