"""Generated code is fresh: the check sees one damaged byte, and two runs are equal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .modules import CODEGEN, ROOT

HEADS = ("--- ", "+++ ")
GENERATED = ("aio/faces", "aio/resources", "models", "providers", "resources", "specs")


def run(command: str, plan: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "specwire_codegen", command, "--plan", str(plan)],
        env={**os.environ, "PYTHONPATH": str(CODEGEN), **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the input and of the package that was generated from it."""
    for name in ("openapi", "sdk/specwire"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("sdk", "openapi")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


def named(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The files that a check has something to say about."""
    heads = (line[4:] for line in done.stdout.splitlines() if line[:4] in HEADS)
    return sorted({head[2:] for head in heads if head.startswith(("a/", "b/"))})


def test_generated_code_is_fresh() -> None:
    """What lies in the generated folders is what openapi/ gives."""
    done = run("check", ROOT / "openapi/plan.toml")
    assert done.returncode == 0, done.stdout + done.stderr


DAMAGED = (
    "models/messages.py",
    "resources/batches.py",
    "aio/faces/messages.py",
    "aio/resources/batches.py",
    "aio/faces/batches.py",
    "specs/sim.json",
    "providers/groq.json",
    "providers/models/openai.json",
)


def test_one_damaged_byte_is_seen(copy: Path) -> None:
    """The check fails, with exit 1, and names each file of which one byte differs."""
    for name in DAMAGED:
        path = copy / "sdk/specwire" / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    done = run("check", copy / "openapi/plan.toml")
    assert done.returncode == 1
    assert named(done) == sorted(DAMAGED)


def test_a_missing_and_a_strange_file_are_seen(copy: Path) -> None:
    """The check fails, and names what is gone and what does not belong there."""
    (copy / "sdk/specwire/models/mine.py").write_text("x = 1\n")
    (copy / "sdk/specwire/resources/files.py").unlink()
    done = run("check", copy / "openapi/plan.toml")
    assert done.returncode == 1
    assert named(done) == ["models/mine.py", "resources/files.py"]


def test_a_changed_document_is_seen(copy: Path) -> None:
    """The check fails when the input changed and nobody generated anew."""
    path = copy / "openapi/sim.yaml"
    path.write_text(path.read_text().replace("needsRedeployment", "needsIt"))
    assert run("check", copy / "openapi/plan.toml").returncode == 1


def test_a_changed_signature_is_seen(copy: Path) -> None:
    """The check fails when a class written by hand is no longer as its face is."""
    path = copy / "sdk/specwire/mixins/jobs.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("first_delay: float = 0.5", "first_delay: int = 1"))
    done = run("check", copy / "openapi/plan.toml")
    assert done.returncode == 1
    assert "+        first_delay: int = 1," in done.stdout


def test_two_runs_give_equal_bytes(copy: Path, tmp_path: Path) -> None:
    """Hash seed, locale and folder leave no trace in what is written."""
    other = tmp_path / "another place"
    for name in ("openapi", "sdk"):
        shutil.copytree(copy / name, other / name)
    for name in GENERATED:
        shutil.rmtree(other / "sdk/specwire" / name)
    done = run(
        "build", other / "openapi/plan.toml", PYTHONHASHSEED="77", LC_ALL="tr_TR.UTF-8"
    )
    assert done.returncode == 0, done.stderr
    again = run("build", copy / "openapi/plan.toml", PYTHONHASHSEED="1", LC_ALL="C")
    assert again.returncode == 0, again.stderr
    assert files(other) == files(copy)
