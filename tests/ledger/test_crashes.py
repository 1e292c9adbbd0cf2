"""SIGKILL at every point of a run, and two processes at once, for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from specwire.ledger import RunLedger

from ..house.modules import ROOT, SDK
from ..scripted import serving
from .runs import Runs, script

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")


API = {"today": "auto", "old": "auto", "v2": "v2"}


def process(module: str, *words: str) -> subprocess.Popen[str]:
    """A process of its own, whose output can be read."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.ledger.{module}", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{SDK}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(job: subprocess.Popen[str]) -> str:
    """What the process said after its first line; it must end by itself."""
    out, _ = job.communicate(timeout=30)
    assert job.returncode == 0
    return out.splitlines()[-1]


def killed(path: Path, url: str, point: str, runs: Runs) -> None:
    """Start a job that dies at ``point``."""
    job = process("start", str(path), url, point, API[runs.kind])
    if point == "running":
        runs.kills = job.pid
    job.communicate(timeout=30)
    runs.kills = None
    assert job.returncode == -signal.SIGKILL


KINDS = [
    kind if kind == "v2" else pytest.param(kind, marks=pytest.mark.soak) for kind in API
]


@pytest.mark.parametrize("point", ["sending", "running", "answered"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_job_never_runs_twice(point: str, kind: str, tmp_path: Path) -> None:
    """Killed before, during and after the run, and started again: it ran once. A
    server that cannot be asked is sent nothing, even where nothing had run."""
    path, runs = tmp_path / "runs.db", Runs(kind)
    with serving(*script(runs)) as server:
        killed(path, server.url, point, runs)
        assert runs.began == (point != "sending")
        (entry,) = RunLedger(path).entries()
        assert entry.status == "sent"
        again = ended(process("start", str(path), server.url, "-"))
        third = ended(process("start", str(path), server.url, "-"))
    if kind == "old":
        assert (again, third) == ("unknown", "unknown")
        assert runs.began == (point != "sending")
    else:
        how = "sent" if point == "sending" else "recorded"
        assert again == f"completed {entry.run_id} {how}"
        assert third == f"completed {entry.run_id} recorded"
        assert runs.began == 1


@pytest.mark.parametrize("kind", list(API))
def test_two_processes_share_one_run(kind: str, tmp_path: Path) -> None:
    """Both start while neither has a result; one sends, both have the result. No
    server is asked for that, so an old one does as well."""
    runs = Runs(kind)
    runs.let_go.clear()
    with serving(*script(runs)) as server:
        words = str(tmp_path / "runs.db"), server.url, "-"
        jobs = [process("start", *words) for _ in range(2)]
        for job in jobs:
            assert job.stdout is not None and job.stdout.readline() == "started\n"
        runs.let_go.set()
        said = sorted(ended(job).split() for job in jobs)
    assert (runs.began, runs.lookups) == (1, 0)
    assert said[0][:2] == said[1][:2]
    assert sorted(words[2] for words in said) == ["recorded", "sent"]


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    """Killed amid a write, the file holds all that was committed, and still works."""
    path = tmp_path / "runs.db"
    job = process("write", str(path))
    assert job.stdout is not None
    last = [int(job.stdout.readline()) for _ in range(25)][-1]
    os.kill(job.pid, signal.SIGKILL)
    said = [int(line) for line in job.communicate(timeout=30)[0].splitlines()]
    last = max([last, *said])
    keys = {entry.key for entry in RunLedger(path).entries()}
    assert keys >= {f"k{number}" for number in range(last + 1)}
    assert len(keys) <= last + 2
