"""A plan's ``[protocol]`` becomes provider data, and every difference is seen."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main
from specwire_codegen.manifest_build import compile_protocol, lines
from specwire_codegen.manifests import read_manifest
from specwire_codegen.plan import ProtocolPlan
from specwire_codegen.problems import Problems

from .manifesting import PROTOCOL, ROOT, compiled

EXAMPLES = Path(__file__).parent / "manifests"
PLAN = """
[package]
name = "shop"
[protocol]
providers = "providers"
models = "models"
contracts = "contracts"
"""
REGISTRY = """
provider: example
as_of: "2026-11-01"
models:
  example-1: {aliases: [newest], max_output_tokens: 50}
  example-2: {model_id: two}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a plan, contracts, a manifest and its models."""
    shutil.copytree(PROTOCOL / "contracts", tmp_path / "contracts")
    (tmp_path / "providers").mkdir()
    shutil.copy(EXAMPLES / "example.yaml", tmp_path / "providers")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/example.yaml").write_text(REGISTRY)
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def run(project: Path, command: str = "build") -> int:
    return main([command, "--plan", str(project / "plan.toml")])


def data(project: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (project / "shop/providers" / name).read_text("utf-8")
    )
    return found


def test_the_golden_record() -> None:
    """The record of the example is as it was looked at; change it knowingly.

    ``python -m tests.codegen.golden`` writes it anew.
    """
    source = read_manifest(EXAMPLES / "example.yaml", Problems())
    assert lines(compiled(source)) == (EXAMPLES / "example.json").read_text("utf-8")


def test_a_plan_of_manifests_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a document there is provider data, and nothing else."""
    assert run(project) == 0
    assert "1 provider: 5 files written" in capsys.readouterr().err
    folder = project / "shop/providers"
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")) == [
        "_dialects.json",
        "example.json",
        "index.json",
        "models/example.json",
        "models/index.json",
    ]
    assert data(project, "index.json") == {
        "format": 1,
        "providers": {"example": {"name": "Example", "dialect": "cohere"}},
        "aliases": {"sample": "example"},
    }
    assert data(project, "example.json")["source"] == "providers/example.yaml"
    assert run(project, "check") == 0


def test_models_of_a_registry_and_of_a_manifest_are_joined(project: Path) -> None:
    """The registry says more of a model that the manifest knows."""
    run(project)
    models = data(project, "models/example.json")["models"]
    assert models["example-1"]["max_output_tokens"] == 50
    assert models["example-1"]["prices"] == {"input": 2.0}
    assert data(project, "models/index.json") == {
        "example-1": ["example"],
        "example-2": ["example"],
        "newest": ["example"],
        "two": ["example"],
    }


def test_an_edited_record_is_drift(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One changed byte of a record fails the check, and a build refuses to lose it."""
    run(project)
    path = project / "shop/providers/example.json"
    path.write_text(path.read_text().replace("60.0", "61.0"))
    assert run(project, "check") == 1
    assert "providers/example.json" in capsys.readouterr().out
    assert run(project) == 1


def test_a_changed_manifest_is_drift_and_a_stranger_too(project: Path) -> None:
    """Input that nobody compiled and files that do not belong there are seen."""
    run(project)
    stranger = project / "shop/providers/mine.json"
    stranger.write_text("{}")
    assert run(project, "check") == 1
    stranger.unlink()
    path = project / "providers/example.yaml"
    path.write_text(path.read_text().replace("Example", "Sample"))
    assert run(project, "check") == 1


def test_a_provider_that_is_gone_is_removed(project: Path) -> None:
    """What no manifest makes any more is deleted."""
    run(project)
    for folder in ("providers", "models"):
        (project / folder / "example.yaml").unlink()
    assert run(project) == 0
    assert not (project / "shop/providers/example.json").exists()
    assert not (project / "shop/providers/models/example.json").exists()


def test_a_broken_manifest_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every problem has its line, and the exit code is 2."""
    (project / "providers/second.yaml").write_text("id: other\nbase_url: 'nowhere'\n")
    assert run(project) == 2
    said = capsys.readouterr().err
    assert "second.yaml:2:1: error M005 'nowhere' is no base URL" in said
    assert not (project / "shop").exists()


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "providers/other.yaml",
            "id: another\nbase_url: http://x\nprotocol_version: '2.0'\n",
            "error M013 the file is called 'other.yaml'",
        ),
        (
            "providers/sample.yaml",
            "id: sample\nbase_url: http://x\nprotocol_version: '2.0'\n",
            "error M013 'sample' already names another provider",
        ),
        (
            "providers/index.yaml",
            "id: index\nbase_url: http://x\nprotocol_version: '2.0'\n",
            "error M005 'index' is the name of a file of all providers",
        ),
        ("models/ghost.yaml", "provider: ghost\nmodels: {}\n", "no provider 'ghost'"),
        ("contracts/x.yaml", "dialect: x\n", "error M002 there is no 'known_as'"),
    ],
)
def test_files_that_do_not_go_together(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str,
    message: str,
) -> None:
    """Names that clash, models of nobody and half a contract are errors."""
    (project / file).write_text(text)
    assert run(project) == 2
    assert message in capsys.readouterr().err


def test_without_contracts_those_of_specwire_hold(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's plan names its manifests, and the languages are known already."""
    (project / "plan.toml").write_text(PLAN.replace('contracts = "contracts"\n', ""))
    monkeypatch.setattr(sys, "path", [str(ROOT / "sdk"), *sys.path])
    assert run(project) == 0
    assert not (project / "shop/providers/_dialects.json").exists()
    assert data(project, "example.json")["dialect"] == "cohere"


def test_the_plan_knows_its_keys(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt folder is an error with a hint, a missing one as well."""
    plan = project / "plan.toml"
    plan.write_text(PLAN.replace("models =", "modles ="))
    assert run(project) == 2
    assert "did you mean 'models'?" in capsys.readouterr().err
    plan.write_text(PLAN.replace('"models"', '"gone"'))
    assert run(project) == 2
    assert "gone: error S001 there is no such folder" in capsys.readouterr().err


def test_two_runs_give_equal_bytes() -> None:
    """The same input gives the same files, in whatever order members stood."""
    plan = ProtocolPlan(PROTOCOL / "providers", PROTOCOL / "models")
    plan = ProtocolPlan(plan.providers, plan.models, PROTOCOL / "contracts")
    first, second = (
        compile_protocol(plan, Problems(), root=ROOT).files for _ in range(2)
    )
    assert first == second
    assert lines({"b": 1, "a": {"d": 2, "c": 3}}) == (
        '{\n "a": {"c":3,"d":2},\n "b": 1\n}\n'
    )
