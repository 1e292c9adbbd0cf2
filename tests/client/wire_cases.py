"""Plays the cases of ``tests/wire/messages_*.json``: what is called, what comes back.

A case is data: the call and its arguments, the replies in order, the requests that are
expected on the wire, and how it ends. ``tests/wire/README.md`` says what may stand
where. Nothing here knows what is right.
"""

from __future__ import annotations

import contextlib
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from specwire import Client, errors, transform_schema
from specwire.aio import AsyncClient
from specwire.testing import FakeClock
from tests.awaited import Awaited
from tests.scripted import serving

from .wire_replies import step_of
from .wire_values import Making

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
    "messages.create": {"model": "m", "max_tokens": 9, "messages": SAY},
    "messages.stream": {"model": "m", "max_tokens": 9, "messages": SAY},
    "messages.parse": {"model": "m", "messages": SAY},
    "messages.tool_runner": {"model": "m", "max_tokens": 9, "messages": SAY},
    "messages.count_tokens": {"model": "m", "messages": SAY},
}


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
        usual = USUAL.get(".".join(name.split(".")[-2:]), {})
        given = {**usual, **self.case.get("arguments", {})}
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


def async_client(url: str, clock: FakeClock, settings: dict[str, Any]) -> Any:
    """``specwire.aio.AsyncClient`` as a case has it, each step awaited."""
    key = {"api_keys": {"anthropic": "sk-test"}}
    places = {"base_urls": {"anthropic": url}}
    return Awaited(AsyncClient(**{**key, **places, **settings}, _clock=clock))


def plain_client(url: str, clock: FakeClock, settings: dict[str, Any]) -> Client:
    """``specwire.Client`` as a case has it."""
    key = {"api_keys": {"anthropic": "sk-test"}}
    places = {"base_urls": {"anthropic": url}}
    return Client(**{**key, **places, **settings}, _clock=clock)
