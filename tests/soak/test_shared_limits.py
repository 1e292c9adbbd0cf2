"""A shared limit through seconds of real time, with processes that stop and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from pathlib import Path

import pytest

from tests.house.modules import ROOT, SDK
from tests.resilience.redis_server import running

pytestmark = pytest.mark.soak


def let_go(shared: str) -> list[float]:
    """When threads of four processes were; one is stopped for a second, one killed."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SDK), str(ROOT)])}
    command = [sys.executable, "-u", "-m", "tests.soak.sharing", shared, "8", "25"]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)
        for _ in range(4)
    ]
    time.sleep(1.5)
    started[0].send_signal(signal.SIGSTOP)
    started[1].kill()
    time.sleep(1)
    started[0].send_signal(signal.SIGCONT)
    said = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, -9, 0, 0]
    return sorted(float(line) for text in said for line in text.split())


def check(times: list[float]) -> None:
    """600 at least are let go, 100 a second; a thread may be stopped by the machine
    after it was let go, before it looks at the clock."""
    most = max(bisect_left(times, t + 1) - n for n, t in enumerate(times))
    assert len(times) >= 600
    assert most <= 100 + 8


def test_processes_that_stop_and_die_share_a_file(tmp_path: Path) -> None:
    """Those who wake up late do not go all at once."""
    check(let_go(f"sqlite:///{tmp_path / 'limits.db'}"))


def test_processes_that_stop_and_die_share_a_server(tmp_path: Path) -> None:
    """Nor through Redis."""
    with running(tmp_path) as server:
        check(let_go(server.url))
