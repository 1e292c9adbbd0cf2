"""The cron job of ``examples/nightly.py``: its exit codes, its log line, its locks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..house.modules import ROOT, SDK
from ..ledger.runs import Runs, script
from ..scripted import Received, reply, serving
from .loading import example

pytestmark = pytest.mark.skipif(os.name == "nt", reason="cron, flock and SIGALRM")


class Job:
    """Starts the job in this process; ``line`` is what the last start logged."""

    def __init__(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.module = example("nightly")
        self.state = tmp_path / "state"
        self.capsys, self.monkeypatch = capsys, monkeypatch
        self.line: dict[str, Any] = {}
        self.out = ""

    def __call__(self, url: str, *words: str) -> int:
        self.monkeypatch.setenv("SIM_BASE_URL", url)
        command = ["wf_1", "--state", str(self.state), "--key", "k", *words]
        code: int = self.module.main(command)
        self.out, err = self.capsys.readouterr()
        self.line = json.loads(err)  # one line, and nothing else
        assert self.line["exit"] == code
        return code


@pytest.fixture
def job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Job:
    return Job(tmp_path, capsys, monkeypatch)


def test_it_tries_itself_without_a_key(job: Job) -> None:
    """``--sandbox`` needs no server, no key and leaves no state behind."""
    assert job("http://127.0.0.1:9", "--sandbox") == 0
    assert "content" in json.loads(job.out)
    assert job.line["outcome"] == "completed"
    assert not job.state.exists()


def test_a_night_is_run_once(job: Job) -> None:
    """The second start says "done before", prints the output again, sends nothing."""
    runs = Runs()
    with serving(*script(runs)) as server:
        assert job(server.url) == 0
        first = job.out, job.line["run_id"]
        assert job(server.url) == 0
    assert (job.out, job.line["run_id"]) == first
    assert (job.line["outcome"], runs.began) == ("done before", 1)
    assert {"job", "workflow", "key", "seconds", "time", "attempts"} <= set(job.line)


def test_a_second_start_leaves_at_once(job: Job) -> None:
    """While one start has the lock the next one says so and exits with 0."""
    job.state.mkdir()
    with job.module.lock(job.state / "lock") as mine, serving() as server:
        assert mine is True
        assert job(server.url) == 0
    assert "still at it" in job.line["outcome"]
    assert server.received == []


def test_a_failed_run_is_run_again_when_asked(job: Job) -> None:
    """A failure is exit 1, also the next time; ``--again`` runs it again."""
    runs = Runs()
    runs.now = "failed"
    with serving(*script(runs)) as server:
        assert (job(server.url), job(server.url), runs.began) == (1, 1, 1)
        assert (job.line["outcome"], job.line["error"]) == ("failed", "block broke")
        runs.now = "completed"
        assert (job(server.url, "--again"), runs.began) == (0, 2)


WAIT = {"Retry-After": "3600", "Connection": "close"}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (429, {"error": "Rate limit exceeded"}, 5),
        (402, {"error": "Usage limit exceeded", "code": "USAGE_LIMIT_EXCEEDED"}, 5),
        (503, {"error": "overloaded", "code": "SERVICE_OVERLOADED"}, 5),
        (401, {"error": "Unauthorized", "code": "UNAUTHORIZED"}, 1),
        (500, {"success": False, "error": "block broke"}, 1),
    ],
)
def test_exit_codes_of_answers(job: Job, status: int, body: Any, code: int) -> None:
    """A limit that outlasts the job's time is 5 at once, everything else is 1."""
    with serving(reply(status, body, WAIT)) as server:
        assert job(server.url, "--limit", "60") == code
    assert job.line["error"]
    if status == 429:
        assert job.line["retry_after_s"] == 3600


def test_silence_is_out_of_time(job: Job) -> None:
    """A server that says nothing ends the job at its limit with 6."""

    def silent(conn: socket.socket, request: Received) -> None:
        conn.recv(1)

    with serving(silent) as server:
        assert job(server.url, "--limit", "0.4") == 6
    assert job.line["seconds"] < 2
    assert job.line["outcome"] == "out of time"


def test_an_old_server_after_a_crash_is_a_failure(job: Job) -> None:
    """What nobody can say is exit 1, with the identifier and what to do."""
    with serving(lambda conn, request: None, *script(Runs("old"))) as server:
        assert job(server.url) == 1
        assert job(server.url) == 1
    assert "ledger.forget('k')" in job.line["error"]
    assert job.line["run_id"]


def test_sigterm_is_an_interruption(tmp_path: Path) -> None:
    """A job that is ended while it waits exits with 130 and still logs its line."""
    started: list[subprocess.Popen[str]] = []

    def ends_it(conn: socket.socket, request: Received) -> None:
        started[0].send_signal(signal.SIGTERM)
        conn.recv(1)

    with serving(ends_it) as server:
        env = {**os.environ, "PYTHONPATH": str(SDK), "SIM_BASE_URL": server.url}
        command = [sys.executable, str(ROOT / "examples" / "nightly.py"), "wf_1"]
        started.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
            )
        )
        _, err = started[0].communicate(timeout=30)
    assert started[0].returncode == 130
    assert json.loads(err)["outcome"] == "interrupted"
