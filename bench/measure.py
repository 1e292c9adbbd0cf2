"""Takes the measurements: one child process each, the peers in turn in every round.

The peers stand next to each other in time, so a slow phase of the machine touches all
of them; that is why ratios are made inside a round and only then the median of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from threading import Timer
from typing import NamedTuple

from figures import Figure, Scale
from peers import PEERS

CHILD = str(Path(__file__).resolve().parent / "child.py")
LIMIT_S = 120
BASELINE = "requests"

Values = dict[str, float]
Spawn = Callable[..., "Finished"]
PLAIN_MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}


class Failed(Exception):
    """A child process did not give its figure; the text is the last it said."""


class Finished(NamedTuple):
    """A child process that ended well."""

    output: str
    first_line_ms: float
    cpu_ms: float


class Job(NamedTuple):
    """What all measurements of a run share."""

    spawn: Spawn
    port: int
    scale: Scale
    file: Path


class Cell(NamedTuple):
    """A figure of one peer: medians over the rounds."""

    value: float
    ratio: float | None
    samples: list[float]


def spawner(python: Path) -> Spawn:
    """Give a function that runs this interpreter with arguments and measures it."""
    dropped = ("PYTHON", "ANTHROPIC", "OPENAI", "SIM_", "AI_")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and not name.lower().endswith("_proxy")
    }

    def spawn(arguments: list[str], plain_malloc: bool = False) -> Finished:
        more = PLAIN_MALLOC if plain_malloc else {}
        return _run([str(python), *arguments], environment | more)

    return spawn


def _run(command: list[str], environment: dict[str, str]) -> Finished:
    with tempfile.TemporaryFile("w+") as errors:
        before = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert process.stdout is not None
        timer = Timer(LIMIT_S, process.kill)
        timer.start()
        with process.stdout:
            output = process.stdout.readline()
            first_line_ms = (time.perf_counter() - before) * 1e3
            output += process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        if process.returncode:
            errors.seek(0)
            said = errors.read().strip().splitlines() or [f"exit {process.returncode}"]
            raise Failed(said[-1])
    cpu_ms = (usage.ru_utime + usage.ru_stime) * 1e3
    return Finished(output, first_line_ms, cpu_ms)


def one(figure: Figure, peer: type, job: Job) -> Values:
    """Measure ``figure`` of ``peer`` once.

    :raises Failed: the client could not do it.
    """
    if figure.name == "import":
        return {"import": job.spawn(["-c", f"import {peer.package}"]).cpu_ms}
    if figure.name == "front":
        return {"front": job.spawn(["-c", peer.front]).cpu_ms}
    amount = getattr(job.scale, figure.amount) if figure.amount else 0
    place = [str(job.port), str(amount), str(job.file)]
    done = job.spawn([CHILD, peer.name, figure.name, *place], figure.plain_malloc)
    if figure.name == "start":
        return {"start_wall": done.first_line_ms, "start_cpu": done.cpu_ms}
    return json.loads(done.output)


class Results:
    """What the rounds gave, by row and peer."""

    def __init__(self) -> None:
        self.samples: dict[str, dict[str, list[float]]] = {}
        self.failures: dict[tuple[str, str], str] = {}

    def add(self, peer: str, values: Values) -> None:
        """Keep the values of one measurement."""
        for key, value in values.items():
            self.samples.setdefault(key, {}).setdefault(peer, []).append(value)

    def cell(self, key: str, peer: str) -> Cell | None:
        """Give the medians of a row and a peer, or nothing when it was not measured."""
        row = self.samples.get(key, {})
        if not (taken := row.get(peer)):
            return None
        pairs = zip(taken, row.get(BASELINE, []), strict=False)
        ratios = [mine / base for mine, base in pairs if base > 0]
        return Cell(median(taken), median(ratios) if ratios else None, taken)


def rounds(figure: Figure, names: list[str], job: Job, results: Results) -> None:
    """Measure a figure of all peers, round by round; a failure takes a peer out."""
    able = [peer for peer in PEERS if peer.name in names and _can(peer, figure)]
    # -1: a round that only fills the caches
    first, end = (0, 1) if figure.once else (-1, job.scale.rounds)
    first = 0 if figure.method else first
    for number in range(first, end):
        bare_ms = 0.0
        if figure.name in ("import", "front"):
            bare_ms = job.spawn(["-c", "pass"]).cpu_ms
        turn = max(number, 0) % max(len(able), 1)
        for peer in able[turn:] + able[:turn]:
            try:
                values = one(figure, peer, job)
            except Failed as problem:
                results.failures[figure.name, peer.name] = str(problem)
                able.remove(peer)
                continue
            if number >= 0:
                results.add(peer.name, {k: v - bare_ms for k, v in values.items()})


def _can(peer: type, figure: Figure) -> bool:
    return hasattr(peer, figure.method or "front")
