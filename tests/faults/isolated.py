"""Actions that need a process of their own: memory, forks, signals, its very end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .actions import World, action

ROOT = Path(__file__).resolve().parents[2]


class Told(Exception):
    """How the child said that it ended."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@action()
def isolated(world: World) -> Any:
    """The job ``do`` of :mod:`child`; ``signal_after``: SIGINT at so many requests."""
    args = world.case.args
    setup = world._setup()
    job = {
        "library": f"{type(world.library).__module__}:{type(world.library).__name__}",
        "setup": asdict(setup),
        "do": args["do"],
        "args": args.get("args", {}),
    }
    command = [sys.executable, "-W", "error", "-m", "tests.faults.child"]
    process = subprocess.Popen(
        [*command, json.dumps(job)],
        env=_environment(world),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    if "signal_after" in args:
        threading.Thread(target=_interrupt, args=(world, process), daemon=True).start()
    ended = True
    try:
        out, err = process.communicate(timeout=world.case.expect.seconds + 3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        ended = False
    if not ended:  # outside: the exception above holds the command, with the key
        raise Told("hang", "the process did not end")
    return _read(world, process.returncode, out, err)


def _environment(world: World) -> dict[str, str]:
    named = world.case.args.get("env", {})
    marks = {"@FOLDER@": str(world.folder), **world.server.marks}
    for name, text in world.case.args.get("files", {}).items():
        file = world.folder / name
        file.write_text(_filled(text, marks))
        file.chmod(0o600)
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **{name: _filled(value, marks) for name, value in named.items()},
    }


def _filled(text: str, marks: dict[str, str]) -> str:
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def _interrupt(world: World, process: subprocess.Popen[str]) -> None:
    world.server.wait_requests(world.case.args["signal_after"], 10)
    threading.Event().wait(0.3)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)


def _read(world: World, code: int, out: str, err: str) -> Any:
    world.outcome.shown += err
    try:
        result = json.loads(out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        last = (err.strip().splitlines() or ["nothing"])[-1]
        raise Told("untyped exit", f"exit code {code}: {last}") from None
    world.outcome.facts["grown_mib"] = result["grown_mib"]
    if result["kind"] != "ok":
        raise Told(result["kind"], result["text"])
    if code or err:
        last = (err.strip().splitlines() or ["nothing"])[-1]
        raise Told("untyped exit", f"exit code {code}, said: {last}")
    return result["value"]
