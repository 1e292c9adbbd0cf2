"""Each example runs as ``python examples/NAME.py`` with no key."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from specwire import Client
from specwire.sandbox import Sandbox, fallback

from ..house.modules import CODEGEN, ROOT, SDK
from ..sandbox.test_life import until

EXAMPLES = ROOT / "examples"
SAID = {
    "async_tasks": [r"Lisbon: \w+", r"Faro: \w+", r"very short story"],
    "computer_use": [r"the model does \{'action': 'type'", r"note pad: Good morning"],
    "cron": [r"\{'content': 'Workflow workflow-id received "],
    "dask_run": [r"skipped: this needs pip install|20 of 20 done"],
    "lambda_cold_start": [r'cold: 200 in \d+ ms, \{"answer"', r"warm: 200 in \d+ ms"],
    "nightly": [r'"content": "Workflow workflow-id'],
    "own_sdk": [r"Book \d+ '\w+'"],
    "run_items": [r"story-0 \w+", r"20 of 20 done"],
    "script": [r"paper clip", r"\d+ tokens, request req_\w+"],
    "stream": [r"very short story", r"\nend_turn"],
    "structured": [r"invoice '\w+' in (EUR|USD|GBP)", r"\d+ of \w+: [\d.]+"],
    "threads": [r"Évora: \w+", r"8 answers"],
    "tools": [r"tool_use\n", r"12 packets of tea", r"end_turn"],
    "workflow_resume": [
        r"started run_\w+",
        r"it is paused",
        r"goes on as run_\w+ and is",
    ],
}
SERVES = {"flask_stream"}
"""Those that go on until they are ended."""
TALK = r"(no (ANTHROPIC|SIM)_API_KEY: this asks a sandbox\n)?"


def environment(**more: str) -> dict[str, str]:
    """No key and no proxy; the packages of this tree."""
    hidden = ("API_KEY", "BASE_URL", "AUTH_TOKEN", "PROXY")
    kept = {k: v for k, v in os.environ.items() if not k.upper().endswith(hidden)}
    return {**kept, "PYTHONPATH": f"{SDK}{os.pathsep}{CODEGEN}", **more}


def run(
    name: str, *args: str, at: Path, status: int = 0, **more: str
) -> tuple[str, str]:
    """What an example says, on both ways, with ``at`` as its folder."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *args],
        cwd=at,
        env=environment(PYTHONIOENCODING="utf-8", **more),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == status, done.stderr
    return done.stdout, done.stderr


def test_all_are_tried() -> None:
    """No example is in the folder that is not in these tests."""
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*SAID, *SERVES}


@pytest.mark.parametrize("name", SAID)
def test_it_runs_without_a_key(name: str, tmp_path: Path) -> None:
    """Against a sandbox of its own, which it tells of on standard error; it leaves
    nothing in the folder where it was started."""
    if name == "async_tasks":
        pytest.importorskip("aiohttp")
        pytest.importorskip("greenlet")
    out, err = run(name, at=tmp_path)
    for said in SAID[name]:
        assert re.search(said, out), out
    assert list(tmp_path.iterdir()) == []
    if name == "nightly":
        log = err.splitlines()[-1]
        assert json.loads(log)["outcome"] == "completed"
        err = err.replace(f"{log}\n", "")
    if name not in ("dask_run", "own_sdk"):
        assert re.fullmatch(TALK, err), err


@pytest.mark.parametrize("name", ["script", "workflow_resume"])
def test_it_asks_the_server_where_there_is_a_key(name: str, tmp_path: Path) -> None:
    """And says nothing of a sandbox."""
    with Sandbox() as box:
        out, err = run(name, at=tmp_path, **box.environment)
        assert box.requests
    assert (bool(out), err) == (True, "")


def test_a_run_has_the_size_that_is_asked_for(tmp_path: Path) -> None:
    """Its journal and its results are in the folder; a second start has all done."""
    for _ in range(2):
        out, _err = run("run_items", "120", str(tmp_path / "run"), at=tmp_path)
        assert "120 of 120 done" in out
    lines = (tmp_path / "run/stories.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 120


def test_a_run_that_fails_says_so(tmp_path: Path) -> None:
    """By its exit status."""
    with Sandbox() as box:
        box.fail("POST /v1/messages", [400])
        args = ("3", str(tmp_path / "run"))
        out, _ = run("run_items", *args, at=tmp_path, status=3, **box.environment)
    assert "2 of 3 done" in out


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("threads", -signal.SIGINT, r"KeyboardInterrupt"),
        ("run_items", 130, r"\d of 20 done; go on with /"),
    ],
)
def test_ctrl_c_in_the_middle(name: str, code: int, said: str) -> None:
    """Threads wait for no answer; a run says where it goes on."""
    with Sandbox() as box:
        box.fail("POST /v1/messages", times=40, latency_s=0.5)
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / f"{name}.py")],
            env=environment(**box.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: bool(box.requests))
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=30)
        assert process.returncode == code, err
    assert re.search(said, err)


def test_the_server_serves() -> None:
    """``flask_stream`` answers a browser, with Flask or without."""
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "flask_stream.py"), "wf_1", "0"],
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = None
        while found is None:
            line = process.stderr.readline()
            assert line, "it ended"
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
        with urllib.request.urlopen(
            f"{found[0]}/stream-workflow?message=Hi", timeout=30
        ) as page:
            text = page.read().decode()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert '"event": "done"' in text
    assert text.endswith("data: [DONE]\n\n")


def test_the_notebook_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cells, in order, in one namespace, and its answer shows itself."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    book = json.loads((EXAMPLES / "notebook.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        exec(compile("".join(cell["source"]), "notebook.ipynb", "exec"), names)
    assert "paper clip" in names["message"]._repr_markdown_()
    assert "very short story" in capsys.readouterr().out
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])


def test_all_fallbacks_share_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for the process; a service with a key, or an address, has none."""
    first, second = fallback(), fallback("openai")
    assert fallback() == first
    ports = {next(iter(each["base_urls"].values()))[:22] for each in (first, second)}
    assert len(ports) == 1
    with Client(**second) as client:
        assert client.chat("openai/gpt-4o").user("Hello").execute().content
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "t")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    assert (fallback(), fallback("openai")) == ({}, {})
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "")
    assert fallback() == first
