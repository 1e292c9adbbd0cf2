"""What is done under a fault: the same steps for every library.

Each action says what it asks of a library; one that a library cannot express is left
out of its score. Those in :mod:`isolated` run in a process of their own.
"""

from __future__ import annotations

import contextlib
import gc
import io
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .case import Case, Outcome, Setup
from .client import Library
from .server import FaultServer


@dataclass
class World:
    """What an action has to work with. ``began``: when its preparations were over."""

    case: Case
    library: Library
    setup: Setup
    server: FaultServer
    other: FaultServer
    folder: Path
    outcome: Outcome
    made: Any = None
    making: bool = False
    began: float | None = None

    @property
    def client(self) -> Any:
        """The client; made when it is first asked for."""
        if self.made is None:
            self.making = True
            self.made = self.library.make(self._setup())
            self.making = False
        return self.made

    def _setup(self) -> Setup:
        args = self.case.args
        url = args.get("base_url", self.setup.base_url)
        url = url.replace("@PORT@", str(self.server.port))
        if "@CLOSED@" in url:
            url = url.replace("@CLOSED@", str(closed_port()))
        key = args.get("key", "@KEY@").replace("@KEY@", self.setup.key)
        return replace(self.setup, base_url=url, key=key)

    def kind(self, error: BaseException) -> str:
        told = getattr(error, "kind", None)
        if isinstance(told, str):
            return told
        if self.making and isinstance(error, (ValueError, TypeError)):
            return "refused"
        return self.library.kind(error)

    def close(self) -> None:
        if self.made is not None:
            self.outcome.slept += self.library.slept(self.made)
            with contextlib.suppress(Exception):
                self.library.close(self.made)


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Action:
    perform: Callable[[World], Any]
    needs: frozenset[str]


pause = threading.Event().wait
"""Not ``time.sleep``, which may be stopped for the sake of other waits."""

ACTIONS: dict[str, Action] = {}


def action(*needs: str) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    """Register a function as the action of its name."""

    def register(perform: Callable[[World], Any]) -> Callable[[World], Any]:
        ACTIONS[perform.__name__] = Action(perform, frozenset(needs))
        return perform

    return register


def able(case: Case, library: Library) -> bool:
    """Whether ``library`` can express the case, and means the same by it."""
    needs = ACTIONS[case.action].needs | set(case.args.get("needs", ()))
    return needs <= library.can and case.id not in library.apart


# -- one call ----------------------------------------------------------------------


@action("call")
def call(world: World) -> Any:
    return world.library.call(world.client)


@action("run")
def run(world: World) -> Any:
    return world.library.run(world.client)


@action("get")
def get(world: World) -> Any:
    return world.library.get(world.client)


@action("call")
def calls(world: World) -> Any:
    """Several calls, one after the other; ``pause`` seconds between them."""
    values = []
    for number in range(world.case.args.get("count", 2)):
        if number:
            pause(world.case.args.get("pause", 0))
        values.append(world.library.call(world.client))
    return values


@action("call")
def fail_then_call(world: World) -> Any:
    """A call that must fail, and then one that must not."""
    try:
        world.library.call(world.client)
    except Exception as error:
        first = world.kind(error)
    else:
        first = "ok"
    return [first, world.library.call(world.client)]


@action("stream")
def stream(world: World) -> Any:
    world.outcome.items.clear()
    world.library.read(world.client, world.outcome.items)
    return "".join(world.outcome.items)


@action("stream")
def streams(world: World) -> Any:
    """One stream after the other; the number of those that were as expected."""
    right = world.case.args["each"]
    count = world.case.args["count"]
    return sum(
        "".join(world.library.stream(world.client)) == right for _ in range(count)
    )


@action("stream")
def first_piece(world: World) -> Any:
    """Only the first piece of a stream that goes on."""
    pieces = world.library.stream(world.client)
    try:
        return next(pieces)
    finally:
        pieces.close()  # type: ignore[attr-defined]


@action("stream", "call")
def stream_then_call(world: World) -> Any:
    """A stream left after one piece in some way, and a call on the same client."""
    pieces = world.library.stream(world.client)
    first = next(pieces)
    if world.case.args["leave"] == "close":
        pieces.close()  # type: ignore[attr-defined]
    del pieces
    gc.collect()
    second = world.library.call(world.client)
    world.outcome.facts["left_open"] = world.server.wait_idle(1, 1.0)
    return [first, second]


@action("rows")
def rows(world: World) -> Any:
    world.library.read_rows(world.client, world.outcome.items)
    return len(world.outcome.items)


@action("upload")
def upload(world: World) -> Any:
    """A file of ``size`` bytes, handed over as ``kind`` says."""
    size = world.case.args.get("size", 100_000)
    content = bytes(range(256)) * (size // 256 + 1)
    path = world.folder / world.case.args.get("filename", "a.bin")
    path.write_bytes(content[:size])
    kind = world.case.args.get("kind", "path")
    world.began = time.monotonic()
    if kind == "path":
        return world.library.upload(world.client, path)
    if kind == "memory":
        return world.library.upload(world.client, ("a.bin", content[:size]))
    with path.open("rb") as file:
        if kind == "tail":
            file.seek(world.case.args["offset"])
        return world.library.upload(
            world.client, file if kind != "pipe" else Pipe(file)
        )


class Pipe(io.RawIOBase):
    """A file that can be read once, as a pipe is."""

    name = "a.bin"

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        data = self._file.read(len(into))
        into[: len(data)] = data
        return len(data)


@action("download")
def download(world: World) -> Any:
    return sum(len(piece) for piece in world.library.download(world.client))


# -- many calls --------------------------------------------------------------------


@action("call")
def outage(world: World) -> Any:
    """Calls to a server that is down for all of them; the failures."""
    kinds = set()
    for _ in range(world.case.args["count"]):
        try:
            world.library.call(world.client)
        except Exception as error:
            kinds.add(world.kind(error))
    return sorted(kinds)


@action("call")
def recovers(world: World) -> Any:
    """Calls during an outage until one is answered, and then some more."""
    for _ in range(500):
        try:
            world.library.call(world.client)
        except Exception:
            continue
        break
    return [world.library.call(world.client) for _ in range(world.case.args["count"])]


@action("call")
def storm(world: World) -> Any:
    """Calls of several threads that fail at one moment; how their waits spread."""
    count = world.case.args["count"]
    results = together(count, lambda _: world.library.call(world.client))
    slept = world.library.slept(world.client)
    mean = sum(slept) / max(len(slept), 1)
    spread = (sum((s - mean) ** 2 for s in slept) / max(len(slept), 1)) ** 0.5
    world.outcome.facts |= {"mean": mean, "spread": spread / mean if mean else 0}
    enough = mean >= 0.15 and spread >= 0.1 * mean
    return [sorted(set(results)), len(slept), "spread" if enough else "together"]


@action("get", "call")
def threads(world: World) -> Any:
    """Calls of many threads, each for a thing of its own; the wrong answers."""
    per_thread = world.case.args["calls"]

    def work(thread: int) -> int:
        wrong = 0
        for number in range(per_thread):
            if number % 3:
                wanted = f"m{thread}-{number}"
                wrong += world.library.get(world.client, wanted) != wanted
            else:
                wrong += world.library.call(world.client) != "hello"
        return wrong

    return sum(together(world.case.args["threads"], work))


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What ``work`` gives in each of ``count`` threads that start at one moment."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count
    failures: list[BaseException] = []

    def one(number: int) -> None:
        gate.wait(10)
        try:
            results[number] = work(number)
        except BaseException as error:
            failures.append(error)

    workers = [
        threading.Thread(target=one, args=(n,), daemon=True) for n in range(count)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    if failures:
        raise failures[0]
    return results


# -- the life of a client ----------------------------------------------------------


@action("call")
def use_after_close(world: World) -> Any:
    world.library.close(world.client)
    return world.library.call(world.client)


@action("call")
def close_during_call(world: World) -> Any:
    """Another thread closes the client while a call waits for its reply."""
    client = world.client

    def close() -> None:
        world.server.wait_requests(1)
        world.outcome.facts["closed_at"] = time.monotonic()
        world.library.close(client)

    threading.Thread(target=close, daemon=True).start()
    try:
        return world.library.call(client)
    finally:
        _since_close(world)


@action("stream")
def close_during_stream(world: World) -> Any:
    """Another thread closes the client while a stream is being read."""
    client = world.client
    begun = threading.Event()

    def close() -> None:
        begun.wait(5)
        pause(0.05)
        world.outcome.facts["closed_at"] = time.monotonic()
        world.library.close(client)

    threading.Thread(target=close, daemon=True).start()
    try:
        for text in world.library.stream(client):
            world.outcome.items.append(text)
            begun.set()
        return "".join(world.outcome.items)
    finally:
        _since_close(world)


def _since_close(world: World) -> None:
    closed_at = world.outcome.facts.get("closed_at")
    if closed_at is not None:
        world.outcome.seconds = time.monotonic() - closed_at


@action("stream")
def streams_dropped(world: World) -> Any:
    """Streams that were begun and forgotten; the connections left open."""
    for _ in range(world.case.args["count"]):
        pieces = world.library.stream(world.client)
        next(pieces)
        del pieces
    gc.collect()
    return world.server.wait_idle(world.case.args.get("kept", 0), 2.0)


@action("call")
def clients_dropped(world: World) -> Any:
    """Clients that were made, used and dropped or closed; connections left open."""
    for number in range(world.case.args["count"]):
        client = world.library.make(world.setup)
        world.library.call(client)
        if number % 2:
            world.library.close(client)
        del client
    gc.collect()
    return world.server.wait_idle(0, 10.0)


from . import isolated as isolated  # noqa: E402
from . import secretive as secretive  # noqa: E402
