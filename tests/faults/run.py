"""Runs one case against one library, and judges what came of it."""

from __future__ import annotations

import contextlib
import logging
import pickle
import tempfile
import threading
import time
import traceback
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from . import actions, checks
from .actions import World
from .case import GOOD, Case, Outcome
from .client import Library
from .dialects import ANSWER
from .script import Script
from .server import FaultServer

GRACE_S = 4.0
"""How much longer than it may a case can take before it counts as hanging."""
NOTHING_TO_LOSE = {"redirect", "status", "retry", "retry-after", "secrets"}
"""Groups in which an unexpected success is wrong for another reason."""
GOODS = {
    "call": ANSWER,
    "run": ANSWER,
    "upload": "file_1",
    "get": "m1",
}


def run(case: Case, library: Library) -> Outcome:
    """Play ``case`` to ``library``. Safe to call from several threads."""
    outcome = Outcome(key=_key(case))
    with contextlib.ExitStack() as stack:
        marks = {"@KEY@": outcome.key}
        other = stack.enter_context(FaultServer(case.other or Script(), marks=marks))
        marks |= {"@OTHER@": other.url, "@OPORT@": str(other.port)}
        server = stack.enter_context(
            FaultServer(case.script, now=library.now, marks=marks)
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        setup = replace(case.setup, base_url=server.url, key=outcome.key)
        world = World(case, library, setup, server, other, Path(folder), outcome)
        worker = threading.Thread(target=_work, args=(world,), daemon=True)
        worker.start()
        worker.join(case.expect.seconds + GRACE_S)
        outcome.log, outcome.elsewhere = list(server.log), list(other.log)
        outcome.connections = server.connections
    worker.join(1.0)  # the servers are gone: what hung on them is free now
    outcome.shown += "\n".join(_records.about(outcome.key))
    return outcome


def _work(world: World) -> None:
    outcome, case = world.outcome, world.case
    started = time.monotonic()
    try:
        value = actions.ACTIONS[case.action].perform(world)
        kind = "ok"
    except BaseException as error:
        value, kind = None, world.kind(error)
        outcome.text = f"{type(error).__name__}: {error}"[:300]
        outcome.shown = "\n".join(shown(error))
        if case.group == "secrets" or world.library.exact:
            outcome.hidden = "\n".join(hidden(error, world.library))
        outcome.facts["wish"] = world.library.wish(error)
    # Last: a case that hangs is judged by what was there when it was given up.
    took = time.monotonic() - (world.began or started)
    outcome.seconds = outcome.seconds or took
    outcome.good = GOODS.get(case.action)
    outcome.value, outcome.kind = value, kind
    world.close()


def _key(case: Case) -> str:
    """A key of the case's own, so that its traces can be told from others'."""
    return f"sk-fault-{zlib.crc32(case.id.encode()):010d}-0123456789"


# -- what people see ---------------------------------------------------------------


def shown(error: BaseException) -> Iterator[str]:
    """Everything of ``error`` that may be printed or logged, causes included."""
    for current in _chain(error):
        yield f"{current}\n{current!r}\n{current.args!r}"
        yield repr({name: repr(value) for name, value in vars(current).items()})
        yield repr(dict(getattr(current, "headers", None) or {}))


def hidden(error: BaseException, library: Library) -> Iterator[str]:
    """What tools that look deeper find: locals of the library's frames, a pickle."""
    for current in _chain(error):
        yield from _frames(current, library.package)
    with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError):
        yield repr(pickle.dumps(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        waiting += [current.__cause__, current.__context__]
        yield current


def _frames(error: BaseException, package: str) -> Iterator[str]:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if f"/{package}/" in frame.f_code.co_filename:
            for value in frame.f_locals.values():
                with contextlib.suppress(Exception):
                    yield repr(value)


class _Records(logging.Handler):
    """Keeps all that is logged, at any level, by any library."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):
            self._texts.append(f"{record.name}: {record.getMessage()}")

    def about(self, key: str) -> list[str]:
        return [text for text in list(self._texts) if key in text]


_records = _Records()


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Hear every log record at DEBUG while cases run."""
    root = logging.getLogger()
    level = root.level
    root.addHandler(_records)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(_records)
        root.setLevel(level)


# -- judging -----------------------------------------------------------------------


def judge(case: Case, outcome: Outcome, library: Library) -> list[str]:
    """What is wrong with ``outcome``; empty if nothing is."""
    expect = case.expect
    wrong = []
    if outcome.kind not in expect.kinds:
        wanted = " or ".join(expect.kinds)
        wrong.append(f"expected {wanted}, got {outcome.kind} {outcome.text}")
    elif outcome.kind == "ok":
        value = outcome.good if expect.value is GOOD else expect.value
        if outcome.value != value:
            wrong.append(f"expected {value!r:.200}, got {outcome.value!r:.200}")
    if expect.items is not None and outcome.items != list(expect.items):
        wrong.append(
            f"expected items {expect.items!r:.200}, got {outcome.items!r:.200}"
        )
    if outcome.seconds > expect.seconds:
        wrong.append(f"took {outcome.seconds:.2f} s, may take {expect.seconds}")
    wrong += _counted(case, outcome, library)
    wrong += _waited(case, outcome)
    if outcome.leaks:
        wrong.append("the key stands in an exception or a log")
    if outcome.key and outcome.key in outcome.hidden:
        wrong.append("the key stands in a frame's locals or a pickle")
    if outcome.betrayed:
        wrong.append("the key went to another origin")
    for name in expect.checks:
        problem = getattr(checks, name)(outcome, library)
        wrong += [problem] if problem else []
    return wrong


def _counted(case: Case, outcome: Outcome, library: Library) -> Iterator[str]:
    least, most = case.expect.requests
    count = len(outcome.log)
    if not least <= count <= most:
        yield f"{count} requests arrived, expected {least} to {most}"
    elif library.exact and case.expect.attempts not in (None, count):
        yield f"{count} requests arrived, expected {case.expect.attempts}"


def _waited(case: Case, outcome: Outcome) -> Iterator[str]:
    if any(wait > 60 for wait in outcome.slept):
        yield f"waited {max(outcome.slept):.3g} s"
    bounds = case.expect.slept
    if bounds is None:
        return
    fits = len(bounds) == len(outcome.slept) and all(
        low <= wait <= high
        for (low, high), wait in zip(bounds, outcome.slept, strict=True)
    )
    if not fits:
        yield f"waited {outcome.slept}, expected {list(bounds)}"


def lost(case: Case, outcome: Outcome) -> bool:
    """It looks as if all went well, and something is missing or wrong."""
    if outcome.kind != "ok" or case.group in NOTHING_TO_LOSE:
        return False
    if "ok" not in case.expect.kinds:
        return True
    value = outcome.good if case.expect.value is GOOD else case.expect.value
    return bool(outcome.value != value)


def hung(case: Case, outcome: Outcome) -> bool:
    """It was given up, or would have been in real time."""
    return outcome.kind == "hang" or any(wait > 60 for wait in outcome.slept)
