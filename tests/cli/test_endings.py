"""How a command ends that is not let come to its end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from specwire import Client

from ..terminal import CTRL_C
from .command import Shell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no terminal to play")


def test_ctrl_c_leaves_what_has_come(shell: Shell) -> None:
    """The text so far, a line of its own for what follows, exit code 130."""
    shell.box.fail("POST /v1/messages", drip_s=0.0015)
    ended = shell.terminal("ask", "Hello", keys=[("About", CTRL_C)])
    assert ended.code == 130
    lines = ended.out.replace("^C", "").splitlines()
    assert lines[0].startswith("About")
    assert lines[-1] == "interrupted"


@pytest.mark.parametrize(
    ("words", "route", "word"),
    [
        ("workflows run wf_demo --stream", "POST /api/workflows/*/execute", "Workflow"),
        ("api POST /v1/messages -d @body.json", "POST /v1/messages", "message_start"),
    ],
)
def test_ctrl_c_leaves_a_line(shell: Shell, words: str, route: str, word: str) -> None:
    """What has come is not run together with what is said of it."""
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": "claude-haiku-4-5", "max_tokens": 99, "messages": messages}
    (shell.folder / "body.json").write_text(json.dumps({**body, "stream": True}))
    shell.box.fail(route, drip_s=0.003)
    ended = shell.terminal(*words.split(), keys=[(word, CTRL_C)])
    assert ended.code == 130
    assert ended.out.replace("^C", "").splitlines()[-1] == "interrupted"


def test_ctrl_c_of_json_is_a_document(shell: Shell) -> None:
    """Which says that it is not complete."""
    shell.box.fail("POST /v1/messages", drip_s=0.003)
    words = "ask", "--json", "Hello"
    script = f"exec {sys.executable} -m specwire {' '.join(words)}"
    process = subprocess.Popen(
        ["/bin/sh", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shell.folder,
        env=shell.environ,
    )
    wait_for_request(shell)
    process.send_signal(2)
    out, _ = process.communicate(timeout=30)
    found = json.loads(out)
    assert (process.returncode, found["complete"]) == (130, False)


def wait_for_request(shell: Shell) -> None:
    """Until the sandbox has begun to answer."""
    import threading

    looked = threading.Event()
    for _ in range(600):
        if shell.box.requests:
            looked.wait(0.3)  # the answer's first events are on their way
            return
        looked.wait(0.05)
    raise AssertionError("no request came")


def test_ctrl_c_waits_for_the_name_of_a_batch(shell: Shell) -> None:
    """What was sent can be found: its name is printed, then it ends."""
    (shell.folder / "p.jsonl").write_text('"One"\n')
    shell.box.fail("POST /v1/messages/batches", latency_s=1.0)
    process = subprocess.Popen(
        [sys.executable, "-m", "specwire", "batch", "submit", "p.jsonl"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shell.folder,
        env=shell.environ,
    )
    wait_for_request(shell)
    process.send_signal(2)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.fullmatch(rb"msgbatch_\w+\n", out)
    assert b"stopping as soon as its name is known" in err


def test_watching_can_be_left(shell: Shell) -> None:
    """Ctrl-C says how to go on; the batch does by itself."""
    (shell.folder / "p.jsonl").write_text('"One"\n')
    id = shell.piped("batch", "submit", "p.jsonl").out.strip()
    shell.box.fail("GET /v1/messages/batches/*", latency_s=30.0)
    words = "batch", "watch", id
    process = subprocess.Popen(
        [sys.executable, "-m", "specwire", *words],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=shell.folder,
        env=shell.environ,
    )
    while len(shell.box.requests) < 2:
        assert process.poll() is None
    process.send_signal(2)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode() == f"interrupted; it goes on: specwire batch watch {id}\n"


@pytest.mark.parametrize(
    "words",
    ["ask Hello", "--help", "ask --help", "api GET /v1/models", "completion bash"],
)
def test_a_reader_may_leave(shell: Shell, words: str) -> None:
    """``specwire … | head -0`` is quiet."""
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "specwire", *words.split()],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        cwd=shell.folder,
        env=shell.environ,
        timeout=30,
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("batch submit p.jsonl", r"batch msgbatch_\w+"),
        ("workflows run wf_demo --background", r"job \w+"),
    ],
)
def test_a_full_disk_is_said_and_what_was_started_is_named(
    shell: Shell, words: str, name: str
) -> None:
    """Its name goes to standard error where standard output takes none."""
    (shell.folder / "p.jsonl").write_text('"One"\n')
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "specwire", *words.split()],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=shell.folder,
            env=shell.environ,
            timeout=30,
        )
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert re.fullmatch(name, lines[0])
    command = words.split()[0]
    assert lines[1:] == [f"specwire {command}: No space left on device"]


@pytest.mark.parametrize(
    "words",
    ["files download {id} -o - >&-", "batch submit p.jsonl <&- >&- 2>&-"],
)
def test_closed_streams(shell: Shell, words: str) -> None:
    """Are as good as a stream that nobody reads; nothing else takes their place."""
    (shell.folder / "p.jsonl").write_text('"One"\n')
    with Client(api_keys=shell.box.api_keys, base_urls=shell.box.base_urls) as client:
        id = client.files.upload(file=shell.folder / "p.jsonl").id
    line = f'"$PY" -m specwire {words.format(id=id)}'
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        capture_output=True,
        cwd=shell.folder,
        env={**shell.environ, "PY": sys.executable},
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("columns", [0, 20, 300])
def test_any_width_of_terminal(shell: Shell, columns: int) -> None:
    """None at all, a narrow one, a wide one."""
    path = shell.folder / "a-file-with-quite-a-long-name.txt"
    path.write_text("x" * 100)
    ended = shell.terminal("files", "upload", path.name, columns=columns)
    assert ended.code == 0
    assert re.search(r"(?m)^file_\w+  a-file-with-quite-a-long-name.txt$", ended.out)
    drawn = [part for part in re.split(r"[\r\n]", ended.raw) if "\x1b[K" in part]
    assert all(len(part) <= (columns or 80) + 3 for part in drawn)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_a_terminal(shell: Shell, encoding: str) -> None:
    """What it lacks is written as Python would; JSON stays JSON."""
    environ = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    text = shell.piped("ask", "Hello", **environ)
    assert text.code == 0
    assert ("“" in text.out) is (encoding == "utf-8")
    assert (r"\u201cHello\u201d" in text.out) is (encoding != "utf-8")
    found = json.loads(shell.piped("ask", "--json", "Hello", **environ).out)
    assert "“Hello”" in found["text"]


def test_a_terminal_is_not_commanded(shell: Shell) -> None:
    """What a model says cannot move the cursor; in a pipe it is left as it is."""
    said = "say \x1b[2Jthis\x07"
    assert "\x1b[2J" not in shell.terminal("ask", said).raw
    assert "\x1b[2J" in shell.piped("ask", said).out


def test_half_a_character_at_the_end_is_shown(shell: Shell) -> None:
    """Bytes that are no text yet are not kept back for ever."""
    shell.box.fail("GET /v1/models", [200], body=b"cut \xe2\x82")
    ended = shell.terminal("api", "GET", "/v1/models")
    assert (ended.code, ended.out) == (0, "cut \ufffd\n")


def test_progress_is_for_terminals(shell: Shell) -> None:
    """In a pipe there is none, and --quiet takes it from a terminal."""
    (shell.folder / "a.txt").write_text("x")
    assert shell.piped("files", "upload", "a.txt").err == ""
    assert "\x1b[K" in shell.terminal("files", "upload", "a.txt").raw
    assert "\x1b[K" not in shell.terminal("files", "upload", "a.txt", "-q").raw


def test_rich_draws_where_it_is_installed(shell: Shell) -> None:
    """And colours are allowed."""
    pytest.importorskip("rich", reason="the extra 'cli' is not installed")
    (shell.folder / "a.txt").write_text("x" * 1000)
    ended = shell.terminal("files", "upload", "a.txt", NO_COLOR="")
    assert (ended.code, "━" in ended.raw) == (0, True)
