"""A run of items against a sandbox that fails, whose driver or workers are killed.

The sandbox is in this process and sees every request; the run is ``driver.py`` in a
process of its own, which is killed and started again. What came of it is told by the
export of the journal, and by what the sandbox received.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from specwire.batch import BatchRunner
from specwire.sandbox import Sandbox
from specwire.sandbox.app import ReceivedRequest
from specwire.sandbox.faults import Fault

DRIVER = Path(__file__).with_name("driver.py")
LIMIT_S = 900.0
LOOK_S = 0.25
SHARES = {"429": 0.05, "cut": 0.02, "500": 0.01}
"""How much of all requests meets which fault."""
FAULTS = {
    "429": Fault(status=429, retry_after=0.05),
    "cut": Fault(cut_after=40),
    "500": Fault(status=500),
}


@frozen
class Course:
    """How a run goes.

    :ivar kills: how often the driver is killed, at even parts of the run.
    :ivar worker_kills: how often one of its workers is.
    """

    items: int
    executor: str = "threads"
    workers: int = 32
    kills: int = 0
    worker_kills: int = 0
    seed: int = 1


@define
class Report:
    """What came of it; ``good`` is what each run has to be.

    :ivar rows: rows of the export.
    :ivar lost: items without a row; ``twice`` those with more than one.
    :ivar failed: rows without a result; ``wrong`` those with another item's.
    :ivar two_keys: items that were sent with more than one idempotency key.
    :ivar again: requests that a death made necessary: neither the first of an item
        nor after a fault.
    """

    course: Course
    seconds: float = 0.0
    requests: int = 0
    faults: Counter[str] = field(factory=Counter)
    killed: int = 0
    workers_killed: int = 0
    rows: int = 0
    lost: int = 0
    twice: int = 0
    failed: int = 0
    wrong: int = 0
    two_keys: int = 0
    again: int = 0

    @property
    def good(self) -> bool:
        """Each item has exactly one result, its own, and was sent under one key."""
        bad = self.lost, self.twice, self.failed, self.wrong, self.two_keys
        return self.rows == self.course.items and not any(bad)


def planned(course: Course) -> list[str]:
    """The fault, or "none", of each request there may be, in the order they come."""
    chance = random.Random(course.seed)
    kinds = [*FAULTS, "none"]
    weights = [*SHARES.values(), 1 - sum(SHARES.values())]
    return chance.choices(kinds, weights, k=course.items * 2)


class Watch:
    """Everything the sandbox received, also beyond what it keeps."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._seen: dict[str, ReceivedRequest] = {}

    def look(self) -> int:
        """Take over what is new; how many there are."""
        for one in reversed(self._box.requests):
            if one.request_id in self._seen:
                break
            self._seen[one.request_id] = one
        return len(self._seen)

    def by_item(self) -> dict[int, list[ReceivedRequest]]:
        """The requests of each item."""
        found = defaultdict(list)
        for one in self._seen.values():
            match = re.search(rb"<(\d+)>", one.body)
            assert match is not None
            found[int(match[1])].append(one)
        return found


def run(course: Course) -> Report:
    """Run it to its end, whatever dies in between."""
    report = Report(course)
    with tempfile.TemporaryDirectory() as folder, Sandbox() as box:
        faults = [FAULTS.get(kind) for kind in planned(course)]
        box.fail("POST /v1/messages", faults)
        watch, began = Watch(box), time.perf_counter()
        _drive(course, report, box, folder, watch)
        report.seconds = time.perf_counter() - began
        watch.look()
        _judge(report, folder, watch)
    return report


def _drive(
    course: Course, report: Report, box: Sandbox, folder: str, watch: Watch
) -> None:
    deaths = course.kills + course.worker_kills
    due = [course.items * (n + 1) // (deaths + 1) for n in range(deaths)]
    settings = {
        "journal": f"{folder}/run.db",
        "items": course.items,
        "base_url": box.base_urls["anthropic"],
        "executor": course.executor,
        "workers": course.workers,
    }
    env = os.environ | {"ANTHROPIC_API_KEY": box.api_keys["anthropic"]}
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, str(DRIVER), json.dumps(settings)]
    ended, lives = time.monotonic() + LIMIT_S, []
    # A file, for workers that outlive their driver keep a pipe open.
    with open(f"{folder}/errors", "w+", encoding="utf-8") as errors:
        try:
            while not lives or lives[-1].returncode == -signal.SIGKILL:
                process = subprocess.Popen(
                    command,
                    env=env,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    start_new_session=True,
                )
                lives.append(process)
                _live(course, report, process, watch, due, ended)
        finally:
            for process in lives:
                _end_all(process)
        errors.seek(0)
        if lives[-1].returncode:
            raise RuntimeError(f"{course}: the driver failed\n{errors.read()[-4000:]}")


def _live(
    course: Course,
    report: Report,
    process: subprocess.Popen[str],
    watch: Watch,
    due: list[int],
    ended: float,
) -> None:
    """Watch one life of the driver, and end it where that is due."""
    assert process.stdout is not None
    with process.stdout:
        first = process.stdout.readline()
    workers = json.loads(first) if first.strip() else []
    while process.poll() is None:
        if time.monotonic() > ended:
            raise TimeoutError(f"{course}: {watch.look()} requests in {LIMIT_S:.0f} s")
        seen = watch.look()
        if due and seen >= due[0]:
            due.pop(0)
            if report.killed < course.kills:
                process.kill()
                process.wait()
                report.killed += 1
            else:
                os.kill(workers.pop(), signal.SIGKILL)
                report.workers_killed += 1
        time.sleep(LOOK_S)


def _end_all(process: subprocess.Popen[str]) -> None:
    """End what a driver has left: the workers of its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _judge(report: Report, folder: str, watch: Watch) -> None:
    items, out = report.course.items, f"{folder}/out.jsonl"
    BatchRunner(journal=f"{folder}/run.db").export_jsonl(out)
    seen: Counter[str] = Counter()
    with open(out, encoding="utf-8") as file:
        for line in file:
            row: dict[str, Any] = json.loads(line)
            seen[row["custom_id"]] += 1
            if "result" not in row:
                report.failed += 1
            elif f"<{row['custom_id'][1:]}>" not in json.dumps(row["result"]):
                report.wrong += 1
    report.rows = sum(seen.values())
    report.lost = sum(f"n{number}" not in seen for number in range(items))
    report.twice = sum(count > 1 for count in seen.values())
    _judge_requests(report, watch)


def _judge_requests(report: Report, watch: Watch) -> None:
    by_item = watch.by_item()
    report.requests = sum(map(len, by_item.values()))
    for sent in by_item.values():
        keys = {one.headers["idempotency-key"] for one in sent}
        report.two_keys += len(keys) > 1
    met = planned(report.course)[: report.requests]
    report.faults = Counter(kind for kind in met if kind in FAULTS)
    report.again = report.requests - len(by_item) - sum(report.faults.values())
