"""The ``specwire`` command in a process of its own, with a directory of plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.house.modules import CODEGEN, SDK

PLAIN = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "VIRTUAL_ENV")


def run(place: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Nothing of the environment reaches it but what a process needs, and ``env``."""
    kept = {name: os.environ[name] for name in PLAIN if name in os.environ}
    path = os.pathsep.join([str(SDK), str(CODEGEN), str(place)])
    return subprocess.run(
        [sys.executable, "-m", "specwire", *args],
        env={**kept, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
