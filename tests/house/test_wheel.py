"""The built wheel holds what users need, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .modules import CODEGEN, ROOT, SDK, modules

NEEDED = [
    "specwire/py.typed",
    "specwire/models/__init__.py",
    "specwire/models/messages.py",
    "specwire/resources/messages.py",
    "specwire/resources/_surface.py",
    "specwire/aio/resources/messages.py",
    "specwire/providers/index.json",
    "specwire/providers/_dialects.json",
    "specwire/providers/openai.json",
    "specwire/providers/models/openai.json",
    "specwire/specs/anthropic.json",
    "specwire/specs/sim.json",
    "specwire/sandbox/server.py",
    "specwire/sandbox/page/index.html",
    "specwire/sandbox/page/page.css",
    "specwire/sandbox/page/page.js",
    "specwire_codegen/cli.py",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel that was built from a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("sdk", "codegen"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    code = "import setuptools.build_meta as b; print(b.build_wheel('.'))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(next(copy.glob("*.whl"))) as archive:
        return archive.namelist()


def lacking(names: list[str], root: Path) -> list[str]:
    """Modules below ``root`` that are not in the wheel."""
    files = (path.relative_to(root).as_posix() for path in modules(root).values())
    return sorted(file for file in files if file not in names)


def strangers(names: list[str]) -> list[str]:
    """Files in the wheel that belong to no package or are not for users."""
    return sorted(
        name
        for name in names
        if not name.startswith(("specwire/", "specwire_codegen/", "specwire-"))
        or "/tests/" in name
        or name.endswith((".yaml", ".toml", ".pyc"))
    )


def test_needed_files_are_in(wheel: list[str]) -> None:
    """py.typed, generated modules, data, sandbox and generator are in the wheel."""
    assert [name for name in NEEDED if name not in wheel] == []


def test_every_module_is_in(wheel: list[str]) -> None:
    """No package is missing from setup.cfg."""
    assert lacking(wheel, SDK) == []
    assert lacking(wheel, CODEGEN) == []


def test_nothing_else_is_in(wheel: list[str]) -> None:
    """No tests, no specs' sources, no stray top-level package."""
    assert strangers(wheel) == []


def test_a_missing_package_is_found(wheel: list[str]) -> None:
    """The check sees a package that setup.cfg forgot."""
    less = [name for name in wheel if not name.startswith("specwire/core/")]
    assert "specwire/core/engine.py" in lacking(less, SDK)
    assert strangers([*wheel, "tests/test_x.py"]) == ["tests/test_x.py"]
