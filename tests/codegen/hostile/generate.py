"""Runs the generator over prepared folders, watched: ``python generate.py FOLDER...``.

Each folder holds ``spec/`` with one document. The report, one JSON object a line, says
how the run ended and what it did that no run may do. A process of its own, because an
audit hook cannot be taken off and limits cannot be raised again.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from specwire_codegen.cli import main as codegen

CPU_S = 5.0
MEMORY = 1 << 30
FORBIDDEN = ("exec", "socket.", "subprocess.", "os.", "shutil.", "urllib.", "ctypes.")
HARMLESS = ("os.listdir", "os.mkdir", "os.rename", "os.remove", "os.scandir")


class Watch:
    """What the current run may touch, and what it touched besides."""

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] | None = None
        self.events: list[str] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event == "open":
            self._opened(args[0], str(args[1] or ""), int(args[2] or 0))
        elif event.startswith(FORBIDDEN) and event not in HARMLESS:
            self.events.append(f"{event} {args!a}"[:300])

    def _opened(self, name: object, mode: str, flags: int) -> None:
        if not isinstance(name, (str, bytes)):
            return
        path = os.path.realpath(os.fsdecode(name))
        assert self.allowed is not None
        writes = set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR)
        places = self.allowed[1:] if writes else self.allowed
        if not any(path.startswith(place) for place in places):
            self.events.append(f"open {path} {mode}")


def run(folder: Path, watch: Watch, *options: str) -> dict[str, Any]:
    """One run of the command line."""
    spec = next(p for p in (folder / "spec").iterdir() if p.stem == folder.name)
    out, said, errors = folder / "out", io.StringIO(), io.StringIO()
    argv = ["build", str(spec), "-o", str(out), "--package", folder.name, "--json"]
    crash: str | None = None
    code: object = None
    watch.events = []
    before = os.times()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        watch.allowed = (f"{folder / 'spec'}/", f"{out}/")
        try:
            code = codegen([*argv, *options])
        except SystemExit as stop:
            code = stop.code
        except BaseException:
            watch.allowed = None
            crash = traceback.format_exc()[-1500:]
        finally:
            watch.allowed = None
            signal.setitimer(signal.ITIMER_PROF, 0)
    after = os.times()
    return {
        "name": folder.name,
        "code": code,
        "crash": crash,
        "events": watch.events,
        "problems": [] if crash else json.loads(said.getvalue() or "[]"),
        "errors": errors.getvalue()[-1500:],
        "cpu": round(after.user + after.system - before.user - before.system, 3),
    }


def _late(*_: object) -> None:
    raise TimeoutError(f"over {CPU_S} s of CPU")


def main(folders: list[Path]) -> None:
    signal.signal(signal.SIGPROF, _late)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
    watch = Watch()
    # The first folder is a plain document: what is imported late is imported now.
    run(folders[0], watch)
    sys.addaudithook(watch)
    for folder in folders[1:]:
        found = run(folder, watch)
        print(json.dumps(found), flush=True)
        if found["code"] == 2:
            found = run(folder, watch, "--keep-going")
            print(json.dumps({**found, "again": True}), flush=True)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
