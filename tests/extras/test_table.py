"""The table of extras is that of ``pyproject.toml``; one place knows the command."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

import pytest

from specwire.cli.doctor import NEEDED
from specwire.core.extras import EXTRAS, needed
from tests.house.modules import ROOT, SDK
from tests.house.test_floors import promised

from .alone import PLANS

NAMED = {
    *("agentic", "async", "audio", "batch", "bedrock", "cli", "codegen", "dask"),
    *("embeddings", "fast", "full", "keyring", "limits", "metrics", "otel", "ray"),
    *("structured", "telemetry", "tokenizer", "truststore", "vertex", "vision"),
}
OURS = {"browser", "dev", "docs", "fuzz", "release", "test"}
"""For who works on the project."""


@pytest.fixture
def table() -> dict[str, list[str]]:
    tomllib = pytest.importorskip("tomllib", reason="TOML without tomli")
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    found: dict[str, list[str]] = project["optional-dependencies"]
    return {name: needs for name, needs in found.items() if name not in OURS}


def differences(table: dict[str, list[str]], extras: dict[str, Any]) -> list[str]:
    """Extras whose libraries or parts differ between the two tables."""
    found = list({*table} ^ {*extras})
    for name in set(table) & set(extras):
        parts = [need for need in table[name] if need.startswith("specwire[")]
        own = [need for need in table[name] if need not in parts]
        dists = {re.split(r"[\[><=;, ]", need)[0].lower() for need in own}
        dists -= {"tomli"}  # of the standard library since 3.11
        words = {w for part in parts for w in part[9:].partition("]")[0].split(",")}
        known = {dist.lower() for dist in extras[name].modules}
        if dists != known or words != set(extras[name].includes):
            found.append(name)
    return sorted(found)


def test_both_tables_are_the_same(table: dict[str, list[str]]) -> None:
    """Each extra brings in ``pyproject.toml`` what the doctor looks for."""
    assert differences(table, EXTRAS) == []
    assert set(table) >= NAMED


def test_a_difference_is_found(table: dict[str, list[str]]) -> None:
    """Another library, an extra that is nowhere else, a part that is missing."""
    wrong = {**table, "keyring": ["keyringg"], "new": [], "telemetry": []}
    assert differences(wrong, EXTRAS) == ["keyring", "new", "telemetry"]


def test_each_extra_is_tried_alone(table: dict[str, list[str]]) -> None:
    """``make extras`` has a plan for each, and its tests exist."""
    assert set(PLANS) == set(table)
    paths = [ROOT / "tests" / path for plan in PLANS.values() for path in plan.tests]
    assert [path for path in paths if not path.exists()] == []


def test_the_doctor_knows_the_floors() -> None:
    """Of the libraries that are always needed."""
    assert promised((ROOT / "pyproject.toml").read_text("utf-8")) == NEEDED


def test_one_place_knows_the_command() -> None:
    """What is missing is told by ``core.extras`` alone."""
    told = [
        path.relative_to(SDK).as_posix()
        for path in SDK.rglob("*.py")
        if re.search(r"(?m)^[^`\n]*pip install 'specwire\[", path.read_text("utf-8"))
    ]
    assert told == ["specwire/core/extras.py"]


def test_the_sentence_names_part_user_and_command() -> None:
    """And the import's own error is the cause."""
    with pytest.raises(ImportError) as caught:
        with needed("metrics", "MetricsCollector.serve"):
            import_module("prometheus_that_is_not")
    assert str(caught.value) == (
        "MetricsCollector.serve needs prometheus_that_is_not, which is not installed: "
        "pip install 'specwire[metrics]'"
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_another_error_is_left_as_it_is() -> None:
    """Only what cannot be imported is told so; a part of a library is that library."""
    with pytest.raises(ZeroDivisionError):
        with needed("metrics", "x"):
            1 / 0  # noqa: B018
    assert EXTRAS["vertex"].module("google") == "google.auth"
    assert EXTRAS["limits"].module(None) == "redis"
    assert sys.modules["specwire.core.extras"].command("ray").endswith("[ray]'")


def test_the_page_has_the_table() -> None:
    """``docs/extras.md`` tells of each what it is for and what it brings."""
    page = (ROOT / "docs/extras.md").read_text("utf-8")
    rows = []
    for name, extra in sorted(EXTRAS.items()):
        brings = [*extra.modules, *(f"`{part}`" for part in extra.includes)]
        rows.append(f"| `{name}` | {extra.what} | {', '.join(brings) or 'nothing'} |")
    assert re.findall(r"(?m)^\| `.*", page) == rows


def test_the_page_runs() -> None:
    """Its Python, where truststore is installed."""
    pytest.importorskip("truststore", reason="the extra 'truststore' is not installed")
    page = (ROOT / "docs/extras.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/extras.md", "exec"), names)
    names["client"].close()
