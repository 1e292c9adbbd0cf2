"""Plays the cases of ``tests/wire/messages_*.json``: what is called, what comes back.

A case is data: the call and its arguments, the replies in order, the requests that are
expected on the wire, and how it ends. ``tests/wire/README.md`` says what may stand
where. Nothing here knows what is right.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from specwire import UNSET, Client, Timeout, dump, errors, load, models
from specwire.core.hooks import Hook
from specwire.core.types import Model
from specwire.structured import transform_schema
from specwire.testing import FakeClock
from specwire.tools import tool
from tests.scripted import Received, Step, chunked, reply, serving

from .streams import pieces, wire

FOLDER = Path(__file__).parents[1] / "wire"
SECTIONS = (
    "retry",
    "errors",
    "sse",
    "accumulation",
    "requests",
    "models",
    "parse_tools",
)
TABLES: dict[str, Any] = {
    name: json.loads((FOLDER / f"messages_{name}.json").read_text("utf-8"))
    for name in SECTIONS
}
CASES: dict[str, Any] = {
    f"{name}: {case['name']}": {**table.get("usual", {}), **case}
    for name, table in TABLES.items()
    for case in table["cases"]
}
SAY = [{"role": "user", "content": "Hi"}]
USUAL: dict[str, Any] = {
    "create": {"model": "m", "max_tokens": 9, "messages": SAY},
    "stream": {"model": "m", "max_tokens": 9, "messages": SAY},
    "parse": {"model": "m", "messages": SAY},
    "tool_runner": {"model": "m", "max_tokens": 9, "messages": SAY},
    "count_tokens": {"model": "m", "messages": SAY},
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2},
}


# -- what the server answers ---------------------------------------------------------


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


# -- what the client is asked --------------------------------------------------------


@attrs.frozen
class AttrsPoint:
    type: str
    text: str


@dataclasses.dataclass
class DataPoint:
    type: str
    text: str


class PydanticLike:
    """What is taken for a pydantic model: it can dump itself."""

    def __init__(self, type: str, text: str) -> None:
        self.own = {"type": type, "text": text}

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return self.own


class Answer(Model):
    """A class that an answer is read as."""

    a: int


@attrs.frozen
class Pair:
    """Another one, of the user's own."""

    name: str
    score: float


class Failing(Hook):
    """A hook with a mistake in it."""

    def before_attempt(self, call: Any) -> None:
        raise AttributeError("a mistake of the hook's")


@tool
def add(a: int, b: int) -> str:
    """Add two numbers.

    :param a: one.
    :param b: the other.
    """
    return str(a + b)


@tool
def boom() -> str:
    """Fail."""
    raise ValueError("kaboom")


NAMED: dict[str, Any] = {
    "unset": UNSET,
    "nan": float("nan"),
    "inf": float("inf"),
    "Pair": Pair,
    "add": add,
    "boom": boom,
    "hook": Failing(),
}
MADE: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda text: text.encode(),
    "io": lambda text: io.BytesIO(text.encode()),
    "generator": lambda items: (item for item in items),
    "tuple": tuple,
    "set": set,
    "attrs": lambda values: AttrsPoint(**values),
    "dataclass": lambda values: DataPoint(**values),
    "pydantic": lambda values: PydanticLike(**values),
    "reply": lambda data: load(models.Message, data),
    "timeout": lambda values: Timeout(**values),
    "deep": lambda depth: _nested(depth),
}


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@attrs.frozen
class Making:
    """Makes values of a case's data; what it opens is closed with ``stack``."""

    folder: Path
    stack: contextlib.ExitStack

    def value(self, data: Any) -> Any:
        """``data`` with its tagged forms made: ``{"$": "bytes", "of": "text"}``."""
        if isinstance(data, list):
            return [self.value(each) for each in data]
        if not isinstance(data, dict):
            return data
        if "$" not in data:
            return {key: self.value(each) for key, each in data.items()}
        if data["$"] in NAMED:
            return NAMED[data["$"]]
        inner = self.value(data.get("of"))
        if data["$"] not in ("path", "file"):
            return MADE[data["$"]](inner)
        path = self.folder / data["name"]
        path.write_bytes(inner.encode())
        return (
            path if data["$"] == "path" else self.stack.enter_context(path.open("rb"))
        )


class Ticking(FakeClock):
    """A clock that goes on by itself each time somebody looks."""

    tick_s = 0.0

    def monotonic(self) -> float:
        self.now += self.tick_s
        return self.now


class Play:
    """One case played: what was seen, what came of it, and what was sent."""

    def __init__(self, case: Any, make: Callable[..., Any], folder: Path) -> None:
        self.case = case
        self.kinds: list[Any] = []
        self.value: Any = None
        self.error: Any = None
        self.clock = Ticking(chance=case.get("chance", 1.0))
        self.clock.tick_s = case.get("tick_s", 0.0)
        with serving() as server, contextlib.ExitStack() as stack:
            self.making = Making(folder, stack)
            self.base = server.url + case.get("under", "")
            server.script += [step_of(r, server.url) for r in case.get("replies", ())]
            try:
                settings = self.making.value(case.get("client", {}))
                with make(self.base, self.clock, settings) as client:
                    self.value = self._called(client)
            except Exception as error:
                self.error = error
            self.received = server.received

    def _called(self, client: Any) -> Any:
        name = self.case["call"]
        if name == "transform_schema":
            return transform_schema(self.case["arguments"])
        *path, last = name.split(".")
        given = {**USUAL.get(last, {}), **self.case.get("arguments", {})}
        for gone in self.case.get("without", ()):
            del given[gone]
        place = client
        for part in path:
            place = getattr(place, part)
        if self.case.get("closed"):
            client.close()
        args = self.making.value(self.case.get("positional", []))
        return self._read(getattr(place, last)(*args, **self.making.value(given)))

    def _read(self, value: Any) -> Any:
        how = self.case.get("read", "value")
        if how == "value":
            return value
        if how == "with":
            with value as stream:
                return self._noted(stream)
        if how == "final":
            with value as stream:
                return stream.get_final_message()
        if how == "text":
            with value as stream:
                return "".join(stream.text_stream)
        if how in ("last", "ends"):
            with value as stream:
                events = list(stream)
            ends = [e for e in events if e.type == "content_block_stop"]
            return ends if how == "ends" else events[-1]
        if how == "not entered":
            return None
        if how == "two ways":
            with value as stream:
                first = next(stream.text_stream)
                return [first, next(stream).type, *stream.text_stream]
        if how == "rows":
            return list(value)
        if how == "past errors":
            return list(_past_errors(value))
        if how == "bytes":
            return value.read().decode()
        if how == "turns":
            return [turn.id for turn in value]
        if how == "done":
            return value.until_done()
        if how == "changed":
            other = pickle.loads(pickle.dumps(value))
            same, other.id = other == value, "msg_2"
            return [same, other == value, other.id]
        if how == "pickled":
            return pickle.loads(pickle.dumps(value))
        if how == "events":
            return self._noted(value)
        raise LookupError(f"nothing reads as {how!r}")

    def _noted(self, stream: Any) -> Any:
        for event in stream:
            self.kinds.append(getattr(event, "type", None))
            self.value = event
        return getattr(stream, "current_message_snapshot", event)


def _past_errors(rows: Any) -> Iterator[Any]:
    """Rows and errors, in order; reading goes on behind an error."""
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except errors.SpecwireError as error:
            yield error


# -- what is expected ----------------------------------------------------------------


def at(value: Any, pointer: str) -> Any:
    """What ``pointer`` leads to: members, items, attributes; ``()`` calls."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/")
        if part == "()":
            value = value()
        elif part == "len":
            value = len(value)
        elif part == "class":
            value = type(value).__name__
        elif part == "dump":
            value = dump(value)
        elif part == "hex":
            value = value.encode("utf-8", "surrogatepass").hex()
        elif isinstance(value, (list, tuple)) and part.lstrip("-").isdigit():
            value = value[int(part)]
        elif isinstance(value, Mapping):
            value = value[part]
        else:
            value = getattr(value, part)
    return value


def check(played: Play) -> None:
    """Compare what happened with what the case expects."""
    case = played.case
    wanted = case.get("error")
    if played.error is not None and wanted is None:
        raise played.error
    if wanted is not None:
        _check_error(played, dict(wanted))
    for pointer, expected in case.get("gives", {}).items():
        _same(pointer, expected, at(played.value, pointer))
    if "kinds" in case:
        _same("kinds of events", case["kinds"], played.kinds)
    if "waits" in case:
        _check_waits(case["waits"], played.clock.slept)
    expected = case.get("requests")
    count = len(case.get("replies", [])) if expected is None else len(expected)
    _same("number of requests", case.get("sent", count), len(played.received))
    for want, got in zip(expected or (), played.received, strict=False):
        _check_request(want, got, urlsplit(played.base).path)
    if case.get("same_requests"):
        first = played.received[0]
        for other in played.received:
            _same("body", first.body, other.body)
            _same("key", *(r.headers.get("idempotency-key") for r in (first, other)))


def _check_error(played: Play, wanted: dict[str, Any]) -> None:
    error = played.error
    assert error is not None, f"expected {wanted}, got {played.value!r}"
    found: Any = getattr(errors, wanted["class"], None) or wanted["class"]
    if isinstance(found, str):
        _same("class of the error", found, type(error).__name__)
    elif type(error) is not found:
        raise error
    del wanted["class"]
    says = wanted.pop("says", "")
    assert re.search(says, str(error)), f"expected /{says}/, got {error}"
    for base in wanted.pop("is", ()):
        assert isinstance(error, getattr(errors, base)), base
    if wanted.pop("pickles", False):
        _same("pickled", str(error), str(pickle.loads(pickle.dumps(error))))
    for pointer, expected in wanted.items():
        _same(pointer, expected, at(error, pointer))


def _check_waits(wanted: list[Any], waits: list[float]) -> None:
    assert len(waits) == len(wanted), f"waits: expected {wanted}, got {waits}"
    for want, wait in zip(wanted, waits, strict=True):
        low, high = want if isinstance(want, list) else (want, want)
        assert low - 1e-6 <= wait <= high + 1e-6, f"expected {wanted}, got {waits}"


def _check_request(want: Any, got: Received, under: str) -> None:
    path, _, query = got.target.partition("?")
    if "method" in want:
        _same("method", want["method"], got.method)
    if "path" in want:
        _same("path", want["path"], path.removeprefix(under if under != "/" else ""))
    if "whole_path" in want:
        _same("path", want["whole_path"], path)
    if "query" in want:
        _same("query", want["query"], query)
    if "pairs" in want:
        _same("query", want["pairs"], [list(pair) for pair in parse_qsl(query, True)])
    for name, value in want.get("headers", {}).items():
        _same(f"header {name}", value, got.headers.get(name))
    lines = [line.partition(":")[0].lower() for line in _lines(got)]
    assert len(lines) == len(set(lines)), f"a header stands twice: {lines}"
    if "body" in want:
        _same("body", want["body"], got.json())
    if "text" in want:
        _same("body as it is", want["text"], got.body.decode())
    for pointer, value in want.get("has", {}).items():
        _same(pointer, value, at(got.json(), pointer))
    for name in want.get("lacks", ()):
        assert name not in got.json(), name
    for part in want.get("parts", ()):
        assert part in got.body.decode(), f"expected {part!r} in {got.body!r}"
    for part in want.get("no_parts", ()):
        assert part not in got.body.decode(), f"{part!r} is in {got.body!r}"


def _lines(got: Received) -> Iterator[str]:
    yield from got.head.decode("latin-1").split("\r\n")[1:]


def _same(what: str, expected: Any, got: Any) -> None:
    if isinstance(got, tuple):
        got = list(got)
    if isinstance(expected, dict) and set(expected) == {"like"}:
        assert re.fullmatch(expected["like"], got), f"{what}: {expected}, got {got!r}"
        return
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def plain_client(url: str, clock: FakeClock, settings: dict[str, Any]) -> Client:
    """``specwire.Client`` as a case has it."""
    key = {"api_keys": {"anthropic": "sk-test"}}
    places = {"base_urls": {"anthropic": url}}
    return Client(**{**key, **places, **settings}, _clock=clock)
