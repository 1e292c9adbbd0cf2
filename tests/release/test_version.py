"""The version stands in one place, ``sdk/specwire/__init__.py``; the rest read it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import specwire
import specwire_codegen
from specwire.core.client import USER_AGENT
from tests.house.modules import CODEGEN, ROOT, SDK

LITERAL = re.compile(r'^__?version(?:__)? = "\d', re.MULTILINE)


def literals() -> list[str]:
    """Files of ours in which a version is assigned as text."""
    files = [ROOT / "pyproject.toml", ROOT / "setup.cfg", ROOT / "docs/conf.py"]
    files += [*SDK.rglob("*.py"), *CODEGEN.rglob("*.py")]
    found = [
        f.relative_to(ROOT).as_posix()
        for f in files
        if LITERAL.search(f.read_text("utf-8"))
    ]
    return [name for name in found if "/compat/" not in name]


def test_one_file_has_it() -> None:
    """No other file says a version of its own; the drop-ins say whose they are."""
    assert literals() == ["sdk/specwire/__init__.py"]


def test_the_generator_reads_it() -> None:
    """What is generated names the version that generated it."""
    assert specwire_codegen.__version__ == specwire.__version__


def test_the_generator_needs_no_runtime() -> None:
    """It reads the file; ``specwire`` is not imported."""
    code = "import sys, specwire_codegen; print('specwire' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(CODEGEN)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "False\n", done.stderr


def test_servers_are_told_it() -> None:
    """The user agent has it."""
    assert USER_AGENT.startswith(f"specwire/{specwire.__version__} ")


def test_the_changes_have_it() -> None:
    """The newest heading of ``CHANGELOG.md`` is this version or an earlier one."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.findall(r"^## (\S+)", text, re.MULTILINE)[0]
    assert parts(newest) <= parts(specwire.__version__)


def parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_the_distribution_has_it() -> None:
    """The build reads it from the module."""
    tomllib = pytest.importorskip("tomllib", reason="TOML without tomli")
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert data["project"]["dynamic"] == ["version"]
    dynamic = data["tool"]["setuptools"]["dynamic"]
    assert dynamic == {"version": {"attr": "specwire.__version__"}}


def test_entries_are_of_a_kind() -> None:
    """Each file of ``changelog.d/`` has a kind that the release knows, and a text."""
    kinds = ("added", "changed", "fixed", "removed")
    for path in sorted((ROOT / "changelog.d").glob("*.md")):
        if path.name != "README.md":
            assert path.name.split(".")[-2] in kinds, path.name
            assert 10 < len(path.read_text("utf-8")) < 600, path.name
