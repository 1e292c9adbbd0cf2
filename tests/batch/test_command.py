"""``specwire run``: results in a file, exit codes, Ctrl-C, and going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from specwire.cli import main

from ..house.modules import SDK
from .asked import Asked


@pytest.fixture
def prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Asked) -> Path:
    """A file of prompts, and the environment that a key comes from."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", asked.url)
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, [{"prompt": f"hi {number}"} for number in range(20)])


def written(folder: Path, rows: list[Any]) -> Path:
    path = folder / "prompts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*words: str) -> int:
    files = "prompts.jsonl", "-o", "out.jsonl"
    return main(["run", *files, "--model", "m", "--max-retries", "0", *words])


def rows(path: Path) -> list[dict[str, Any]]:
    text = (path.parent / "out.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_result_a_line(
    prompts: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty prompts, twenty rows, exit 0; nothing is said where no terminal is."""
    assert run("--rate", "1000/s", "--workers", "3") == 0
    found = rows(prompts)
    assert sorted(row["custom_id"] for row in found) == sorted(
        f"item-{number}" for number in range(20)
    )
    assert asked.most <= 3
    assert capsys.readouterr() == ("", "")


def test_going_on_has_to_be_said(prompts: Path, asked: Asked) -> None:
    """A journal that is there is gone on with by ``--resume``, or refused."""
    assert run() == 0
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 2
    (prompts.parent / "out.jsonl").write_text("torn")
    assert run("--resume") == 0
    assert (len(rows(prompts)), asked.count) == (20, 20)


def test_some_failed(
    prompts: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3; failed rows have their error; ``--json`` says how many."""
    written(prompts.parent, [{"prompt": "bad"}, "hi"])
    assert run("--json") == 3
    shown = capsys.readouterr()
    facts = json.loads(shown.out)
    assert (facts["succeeded"], facts["failed"], shown.err) == (1, 1, "")
    assert run("--resume", "--retry-failed") == 3
    assert (len(asked.keys["bad"]), len(asked.keys["hi"])) == (2, 1)


def test_a_wrong_key(prompts: Path, asked: Asked) -> None:
    """Exit 4, and the journal is there to go on with."""
    asked.status = 401
    assert run() == 4
    asked.status = None
    assert run("--resume") == 0


def test_no_key(prompts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is missing is the same."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert run() == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "fast"], "50/s"),
        (["--budget", "much"], "5usd"),
        (["--workers", "0"], "1 or more"),
    ],
)
def test_wrong_usage(
    words: list[str], said: str, prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with what was expected."""
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_line_that_is_no_json(
    prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with the line's number; what stands before it is done."""
    prompts.write_text('{"prompt": "hi"}\nnot json\n')
    assert run() == 2
    assert "line 2" in capsys.readouterr().err
    assert len(rows(prompts)) == 1


def test_a_mended_first_line_needs_no_other_journal(prompts: Path) -> None:
    """A run that has sent nothing is none to go on with."""
    prompts.write_text("not json\n")
    assert run() == 2
    prompts.write_text('"hi"\n')
    assert run() == 0


def test_the_usual_model(prompts: Path, asked: Asked) -> None:
    """Is that of the other commands, where nobody says one."""
    words = "prompts.jsonl", "-o", "out.jsonl", "--max-retries", "0"
    assert main(["run", *words]) == 0
    (row, *_) = rows(prompts)
    assert row["status"] == "succeeded"


def test_no_such_file(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 with its name."""
    prompts.unlink()
    assert run() == 2
    assert "prompts.jsonl" in capsys.readouterr().err


def process(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "specwire", "run", *words, "--model", "m"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SDK)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_pipe(prompts: Path) -> None:
    """Standard input to standard output, with a journal that is named."""
    job = process(prompts.parent, "-", "--journal", "run.db")
    out, err = job.communicate(prompts.read_text(), timeout=30)
    assert (job.returncode, err, len(out.splitlines())) == (0, "", 20)


def test_a_reader_that_leaves(prompts: Path) -> None:
    """A broken pipe is no error, and quiet."""
    with process(prompts.parent, "prompts.jsonl", "--journal", "run.db") as job:
        assert job.stdout is not None and job.stderr is not None
        job.stdout.close()
        assert job.stderr.read() == ""
    assert job.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT there")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c(times: int, prompts: Path, asked: Asked) -> None:
    """Once: what is under way ends and is written. Twice: it is given up, at once. The
    next run does the rest; what was given up has the key it had."""
    written(prompts.parent, [{"prompt": f"wait {number}"} for number in range(9)])
    words = ["prompts.jsonl", "-o", "out.jsonl", "--workers", "2"]
    with process(prompts.parent, *words) as job:
        assert job.stderr is not None
        for _ in range(2):
            assert asked.waiting.acquire(timeout=20)
        for _ in range(times):
            job.send_signal(signal.SIGINT)
            assert "stop" in job.stderr.readline()
        if times == 1:
            asked.let_go.set()
        job.stderr.read()
    asked.let_go.set()
    assert job.returncode == 130
    assert (prompts.parent / "out.jsonl").exists() == (times == 1)
    process(prompts.parent, *words, "--resume").communicate(timeout=30)
    assert len({row["custom_id"] for row in rows(prompts)}) == 9
    assert asked.count == 9 + (0 if times == 1 else 2)
    assert all(len(set(keys)) == 1 for keys in asked.keys.values())
