"""The bench's own virtual environment, with all peers and this project in it.

All clients are measured with one interpreter. A peer that cannot be installed is
reported and left out; the run goes on.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from peers import PEERS

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "bench" / ".venv"
OURS = "specwire"
PROJECT_PARTS = ("pyproject.toml", "setup.cfg", "README.md", "LICENSE")
PROJECT_FOLDERS = ("sdk", "codegen")


def python() -> Path:
    """Give the interpreter of the environment."""
    return HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare(build: Path, peers=PEERS, *, extras: str = "") -> dict[str, str]:
    """Make or reuse the environment; give what could not be installed, and why.

    ``extras`` are those of this project that are needed, as pip spells them.
    """
    if not python().exists():
        venv.create(HOME, with_pip=True)
    problems = {}
    project = _install_project(build, extras)
    for peer in peers:
        problem = _pip(peer.install) if peer.install else project
        if problem:
            problems[peer.name] = problem
    return problems


def _install_project(build: Path, extras: str) -> str:
    """Install a copy of the sources: setuptools would leave its traces in the tree."""
    copy = build / "project"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for part in PROJECT_PARTS:
        if (ROOT / part).exists():
            shutil.copy(ROOT / part, copy / part)
    for folder in PROJECT_FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    # The version may be that of the last run while the sources are not.
    return _pip(f"{copy}{extras}") or _pip("--force-reinstall", "--no-deps", str(copy))


def _pip(*wanted: str) -> str:
    """Install; give "" or the first line of what went wrong."""
    command = [str(python()), "-m", "pip", "install", "-q"]
    flags = ["--disable-pip-version-check"]
    done = subprocess.run(
        [*command, *flags, *wanted], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    errors = [line for line in said if line.lower().startswith("error: ")]
    errors = [line for line in errors if "subprocess-exited" not in line]
    return (errors or said[-1:] or ["pip failed"])[0]


def versions(peers=PEERS) -> dict[str, str]:
    """Give the installed version of each peer that is there."""
    names = {peer.name: peer.install.split("==")[0] or OURS for peer in peers}
    code = (
        "import sys\nfrom importlib.metadata import version, PackageNotFoundError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(version(name))\n"
        "    except PackageNotFoundError: print('')\n"
    )
    done = subprocess.run(
        [str(python()), "-c", code, *names.values()],
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(zip(names, done.stdout.splitlines(), strict=True))
    return {name: version for name, version in found.items() if version}


def machine() -> str:
    """Say in one line what the figures were taken on."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    version = ".".join(map(str, sys.version_info[:3]))
    python_name = f"{platform.python_implementation()} {version}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {python_name}"
