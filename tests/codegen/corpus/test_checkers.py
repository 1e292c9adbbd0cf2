"""Type checkers in their strictest mode find nothing in generated packages."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import packages

SDK = packages.ROOT / "sdk"
CHOSEN = ("petstore-3.1", "ollama", "sim-v2-tables", "train-travel-3.1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All our own documents, and some of the shared ones, as packages side by side."""
    folder = tmp_path_factory.mktemp("checked")
    some = [spec for spec in packages.shared() if spec.stem in CHOSEN]
    for spec in [*packages.own(), *some]:
        name = packages.package_name(spec)
        packages.written(packages.generated(spec, name), folder / name)
    return folder


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


@pytest.mark.slow
def test_mypy_strict_has_nothing_to_say(folder: Path) -> None:
    """``mypy --strict`` for the oldest Python, over every module."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed (it comes with the extra 'dev')")
    options = ["--strict", "--python-version", "3.10", "--follow-imports", "silent"]
    config = ["--config-file", os.devnull, "--cache-dir", str(folder / ".cache")]
    names = [each for name in _names(folder) for each in ("-p", name)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *config, *names],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        env={**os.environ, "MYPYPATH": f"{folder}{os.pathsep}{SDK}"},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_pyright_strict_has_nothing_to_say(folder: Path) -> None:
    """``pyright`` in strict mode over every module."""
    found = shutil.which("pyright", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("pyright is not installed (it comes with the extra 'dev')")
    settings = {
        "include": _names(folder),
        "extraPaths": [str(SDK)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    try:
        done = subprocess.run(
            [found, "--outputjson", "--pythonpath", sys.executable],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=120,
        )
        report = json.loads(done.stdout)
    except (ValueError, subprocess.TimeoutExpired):
        pytest.skip("pyright cannot run here (it needs node)")
    assert report["summary"]["filesAnalyzed"] > 0
    problems = [
        f"{Path(one['file']).relative_to(folder)}: {one['message']}"
        for one in report["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert not problems, "\n".join(problems[:20])
