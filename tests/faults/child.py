"""The process that an isolated case is done in: ``python -m tests.faults.child JSON``.

It prints one line of JSON: how it ended, what it returned, by how much it grew.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from .case import Setup
from .client import Library


def find(name: str) -> Library:
    """The adapter ``module:Class``."""
    module, _, attribute = name.partition(":")
    made: Library = getattr(importlib.import_module(module), attribute)()
    return made


def main(job: dict[str, Any]) -> None:
    # Shells start what runs in the background with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    library = find(job["library"])
    setup = Setup(**job["setup"])
    result: dict[str, Any] = {"kind": "ok", "value": None, "text": ""}
    before = _memory("VmRSS")
    _forget_peak()
    try:
        result["value"] = JOBS[job["do"]](library, setup, job["args"])
    except BaseException as error:
        result |= {"kind": library.kind(error), "text": str(error)[:300]}
    peak = job["args"].get("peak", True)
    result["grown_mib"] = (_memory("VmHWM" if peak else "VmRSS") - before) / 1024
    result["grown_mib"] = job["args"].get("grown", result["grown_mib"])
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def _memory(field: str) -> float:
    """A field of this process in KiB; 0 where the system does not say."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(field):
                    return float(line.split()[1])
    except OSError:
        pass
    return 0.0


def _forget_peak() -> None:
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


# -- what is done ------------------------------------------------------------------


def call(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    return library.call(library.make(setup))


def stream(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    return sum(len(text) for text in library.stream(library.make(setup)))


def rows(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    return sum(1 for _ in library.rows(library.make(setup)))


def download(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    return sum(len(piece) for piece in library.download(library.make(setup)))


def interrupted(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """A call that is interrupted, and the next one on the same client."""
    client = library.make(setup)
    try:
        if args.get("streaming"):
            first = "".join(library.stream(client))
        else:
            first = library.call(client)
    except BaseException as error:
        first = library.kind(error)
    return [first, library.call(client)]


def forked(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """Calls on both sides of forks; the wrong answers on all of them."""
    client = library.make(setup)
    library.call(client)
    children = []
    for _ in range(args["forks"]):
        child = os.fork()
        if child == 0:
            os._exit(min(_wrong(library, client, os.getpid(), args["calls"]), 255))
        children.append(child)
    wrong = _wrong(library, client, 0, args["calls"])
    for child in children:
        wrong += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return wrong


def _wrong(library: Library, client: Any, who: int, count: int) -> int:
    wrong = 0
    for number in range(count):
        name = f"m{who}-{number}"
        try:
            wrong += library.get(client, name) != name
        except Exception:
            wrong += 1
    return wrong


def fork_drops_stream(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """A child leaves a stream that its parent goes on to read."""
    client = library.make(setup)
    pieces = library.stream(client)
    texts = [next(pieces)]
    child = os.fork()
    if child == 0:
        del pieces
        library.close(client)
        os._exit(0)
    os.waitpid(child, 0)
    return "".join([*texts, *pieces])


def deadline_in_fork(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """A call of a child, whose parent has used the client before."""
    client = library.make(setup)
    library.call(client)
    child = os.fork()
    if child == 0:
        kind = "ok"
        try:
            library.call(client)
        except Exception as error:
            kind = library.kind(error)
        os._exit(0 if kind == args["kind"] else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def leaves_open(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """The process ends while streams are open, one of them being read."""
    client = library.make(setup)
    _kept.append(library.stream(client))
    next(_kept[0])
    reading = library.stream(client)
    next(reading)
    threading.Thread(target=list, args=(reading,), daemon=True).start()
    return "open"


_kept: list[Any] = []


def many_clients(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """Clients made and dropped; how much the process grows after the first ones."""
    for _ in range(args["warm"]):
        library.make(setup)
    before = _memory("VmRSS")
    for _ in range(args["count"]):
        library.make(setup)
    args["grown"] = (_memory("VmRSS") - before) / 1024
    return "made"


def warned(library: Library, setup: Setup, args: dict[str, Any]) -> Any:
    """How often a client warns while it is made and asked twice."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = library.make(setup)
        for _ in range(2):
            try:
                library.call(client)
            except Exception:
                pass
    return sum("http" in str(one.message) for one in caught)


JOBS: dict[str, Callable[[Library, Setup, dict[str, Any]], Any]] = {
    job.__name__: job
    for job in (
        call,
        stream,
        rows,
        download,
        interrupted,
        forked,
        fork_drops_stream,
        deadline_in_fork,
        leaves_open,
        many_clients,
        warned,
    )
}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
