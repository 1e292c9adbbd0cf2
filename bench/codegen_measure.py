"""Runs a generator once in a fresh process and looks at what it left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any, NamedTuple

from codegen_peers import PACKAGE, Generator

HERE = Path(__file__).resolve().parent
CHILD, LAUNCH = str(HERE / "codegen_child.py"), str(HERE / "codegen_launch.py")
LIMIT_S = 300
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class Spent(NamedTuple):
    """What one process took."""

    exit: int
    cpu_s: float
    peak_mb: float
    output: str


class Found(NamedTuple):
    """What one generator made of one document; figures are medians."""

    verdict: str
    operations: int | None
    cpu_s: float
    peak_mb: float
    lines: int
    import_ms: float | None


def run(command: list[str], folder: Path) -> Spent:
    """Run to the end (or for five minutes) with nothing of this process's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as temporary:
        figures = Path(temporary) / "figures"
        launch = [sys.executable, "-I", "-S", LAUNCH, str(figures), *command]
        process = subprocess.Popen(
            launch,
            env=kept,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        timer = Timer(LIMIT_S, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            output, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            timer.cancel()
        if not figures.exists():
            return Spent(-signal.SIGKILL, float(LIMIT_S), 0.0, "took too long")
        exit_, cpu_s, peak_mb = figures.read_text().split()
    return Spent(
        int(exit_), float(cpu_s), float(peak_mb), output.decode("utf-8", "replace")
    )


def generate(python: Path, peer: Generator, spec: Path, out: Path) -> Spent:
    """Generate into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return run([str(python), *peer.arguments(spec, out)], out)


def judged(python: Path, peer: Generator, out: Path, runs: list[Spent]) -> Found:
    """What the runs came to; the result of the last one lies in ``out``."""
    cpu_s, peak_mb = median(r.cpu_s for r in runs), median(r.peak_mb for r in runs)
    if not (out / peer.target).exists():
        why = "nothing written"
        return Found(f"exit {runs[-1].exit}, {why}", None, cpu_s, peak_mb, 0, None)
    texts = [path.read_bytes() for path in sorted(out.rglob("*.py"))]
    seen = _inside(python, out)
    verdict = f"exit {runs[-1].exit}, "
    if seen["failed"]:
        verdict += f"{seen['failed']} of {seen['modules']} modules fail"
    else:
        verdict += f"all {seen['modules']} modules import"
    return Found(
        verdict,
        seen["operations"] if peer.has_operations else None,
        cpu_s,
        peak_mb,
        sum(text.count(b"\n") for text in texts),
        None if seen["failed"] else import_ms(python, peer.front, out),
    )


def _inside(python: Path, out: Path) -> dict[str, Any]:
    done = run([str(python), CHILD, str(out), PACKAGE], out)
    try:
        return dict(json.loads(done.output.splitlines()[-1]))
    except (ValueError, IndexError):
        return {"modules": 0, "failed": 1, "operations": 0}


def import_ms(python: Path, line: str, folder: Path, *, rounds: int = 5) -> float:
    """CPU of a process that runs one line, over that of one that runs none."""
    spent: dict[str, list[float]] = {line: [], "pass": []}
    for number in range(rounds + 1):
        for code, taken in spent.items():
            cpu_s = run([str(python), "-c", code], folder).cpu_s
            # The first round only fills the caches.
            taken += [cpu_s] if number else []
    return (median(spent[line]) - median(spent["pass"])) * 1e3


def operations_in(spec: Path) -> int:
    """How many operations a document has."""
    text = spec.read_text("utf-8")
    if spec.suffix == ".json":
        data = json.loads(text)
    else:
        import yaml

        data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    items = [item for item in data["paths"].values() if isinstance(item, dict)]
    return sum(method in item for item in items for method in METHODS)
