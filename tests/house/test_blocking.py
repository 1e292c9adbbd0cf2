"""What a task may run blocks nothing: it waits through ``core.crew`` and the clock.

All tasks of an async client live in one thread. Code that blocks it while another task
has what it waits for blocks for ever.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .modules import SDK, modules, tree_of

# Programs of their own, and the side that is async already.
OUTSIDE = {"sandbox", "cli", "testing", "aio", "__main__", "models", "resources"}
BLOCKING = {
    *("time.sleep", "threading.Event", "threading.Thread", "threading.Timer"),
    *("threading.Semaphore", "threading.BoundedSemaphore", "threading.Condition"),
    *("threading.Barrier", "Thread", "ThreadPoolExecutor", "SimpleQueue"),
    *("queue.Queue", "queue.SimpleQueue", "Queue"),
}
"""What is made only to be blocked by."""
WAITING = {"acquire", "wait", "join", "result"}
"""Methods that may block; a ``join`` that has a text's one argument does not."""

DONE = "of a future that is done"
CALL = "a call of the client's, or a value: no future"
QUEUE = "a queue of the crew's"
SERVER = "in a thread of its own, or by whoever closes, which runs apart"
ALLOWED = {
    "batch.collector: future.result": DONE,
    "batch.provider_batches: self._client.batches.wait": CALL,
    "batch.runner: self._stored.result": CALL,
    "batch.running: future.result": DONE,
    "batch.running: self._events.get": QUEUE,
    "batch.writer: SimpleQueue": "the journal's thread takes from it; others only put",
    "cache.hook: flight.wait": "gives an event to wait for",
    "compat.simstudio.client: runs.get": CALL,
    "compat.simstudio.stream: self._source.result": CALL,
    "core.clock: threading.Condition": "part of an event",
    "core.crew: SimpleQueue": "the way of threads",
    "core.crew: came.get": QUEUE,
    "core.crew: event.wait": "the way of threads",
    "core.crew: future.result": DONE,
    "core.crew: threading.Thread": "the way of threads",
    "core.lease: self._wake.wait": "the watchdog's thread",
    "core.lease: threading.Condition": "the watchdog's thread",
    "core.lease: threading.Thread": "the watchdog's thread",
    "core.threads: SimpleQueue": "the way of threads",
    "core.threads: thread.join": "the way of threads",
    "core.threads: threading.Thread": "the way of threads",
    "ledger: client.jobs.wait": CALL,
    "mcp.process: queue.SimpleQueue": SERVER,
    "mcp.process: self._child.wait": SERVER,
    "mcp.process: self._threads[0].join": SERVER,
    "mcp.process: thread.join": SERVER,
    "mcp.process: threading.Thread": SERVER,
    "mcp.stdio: threading.BoundedSemaphore": "never waited for",
    "mcp.waiting: self._came.get": QUEUE,
    "mixins.run_answers: stream.until_done().result": CALL,
    "mixins.workflow_stream: self.result": CALL,
    "resilience.executor: self.limiter.acquire": "waits by its clock",
    "resilience.limit_file: store._lock.acquire": "for a moment, before a fork",
    "resilience.preflight: self._limiter.acquire": "waits by its clock",
    "telemetry.health: done.result": DONE,
    "telemetry.serving: self._thread.join": "the page of the numbers is closed once",
    "telemetry.serving: threading.Thread": "a server of its own",
}
WAITS = {"sleep", "send", "until", "pause", "_pause", "all", "as_done", "apart"}
"""What may switch to another task, which may want the same lock."""


def blocking(root: Path, outside: set[str] = OUTSIDE) -> list[str]:
    """``module: call`` of everything that may block whoever runs it."""
    found = []
    for name, path in modules(root / "specwire").items():
        if name.split(".")[0] in outside:
            continue
        calls = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call)]
        found += [f"{name}: {ast.unparse(n.func)}" for n in calls if _blocks(n)]
    return sorted(set(found))


def _blocks(call: ast.Call) -> bool:
    if ast.unparse(call.func) in BLOCKING:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    name, said = call.func.attr, {each.arg for each in call.keywords}
    if name == "get":
        return "timeout" in said
    if name == "join":  # a text's has one argument, which is no number
        return not call.args or isinstance(getattr(call.args[0], "value", ""), float)
    return name in WAITING and "blocking" not in said


def waiting_with_a_lock(root: Path, outside: set[str] = OUTSIDE) -> list[str]:
    """``module: call`` of what waits inside ``with ...lock:``."""
    found = []
    for name, path in modules(root / "specwire").items():
        if name.split(".")[0] in outside:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.With) and any(map(_is_lock, node.items)):
                calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
                names = [c for c in calls if isinstance(c, ast.Attribute)]
                found += [f"{name}: {ast.unparse(c)}" for c in names if c.attr in WAITS]
    return sorted(set(found))


def _is_lock(item: ast.withitem) -> bool:
    return ast.unparse(item.context_expr).endswith(("lock", "making", "_wake"))


def test_nothing_blocks_the_thread_that_tasks_share() -> None:
    """Locks, events, queues and threads are waited for by the crew and the clock."""
    assert sorted(set(blocking(SDK)) - set(ALLOWED)) == []


def test_no_exception_is_left_over() -> None:
    """What is allowed to block is there."""
    assert sorted(set(ALLOWED) - set(blocking(SDK))) == []


def test_nothing_waits_while_it_has_a_lock() -> None:
    """A task that waits inside a lock would hold up all that want it."""
    assert waiting_with_a_lock(SDK) == []


@pytest.mark.parametrize(
    "line",
    [
        "time.sleep(1)",
        "lock.acquire(timeout=3)",
        "threading.Event()",
        "event.wait(1)",
        "queue.get(timeout=1)",
        "thread.join()",
        "thread.join(0.5)",
        "future.result()",
        "ThreadPoolExecutor(3)",
    ],
)
def test_what_blocks_is_found(tmp_path: Path, line: str) -> None:
    """A module that blocks is named with what it calls."""
    name = _written(tmp_path, line)
    assert blocking(tmp_path) == [f"{name}: {line.partition('(')[0]}"]


@pytest.mark.parametrize(
    "line", ["lock.acquire(blocking=False)", "', '.join(words)", "settings.get('a', 1)"]
)
def test_what_does_not_block_is_none(tmp_path: Path, line: str) -> None:
    """A lock that is tried, a text and a dictionary wait for nobody."""
    _written(tmp_path, line)
    assert blocking(tmp_path) == []


def test_a_wait_inside_a_lock_is_found(tmp_path: Path) -> None:
    """``with lock: clock.sleep(1)`` is named."""
    name = _written(tmp_path, "with self._lock:\n    clock.sleep(1)")
    assert waiting_with_a_lock(tmp_path) == [f"{name}: clock.sleep"]


def _written(root: Path, text: str) -> str:
    (root / "specwire" / "core").mkdir(parents=True)
    (root / "specwire" / "core" / "odd.py").write_text(f"{text}\n", "utf-8")
    return "core.odd"
