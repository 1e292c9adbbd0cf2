"""``specwire manifests check`` and ``compile``: what they say and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire_codegen.manifest_cli import main

from .manifesting import PROTOCOL, manifest

EXAMPLE = Path(__file__).parent / "manifests/example.yaml"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fine_files(capsys: pytest.CaptureFixture[str]) -> None:
    """Manifests, registries and contracts are told apart by their shape."""
    files = [
        EXAMPLE,
        PROTOCOL / "models/openai.yaml",
        PROTOCOL / "contracts/gemini.yaml",
    ]
    assert main(["check", "--strict", *map(str, files)]) == 0
    said = capsys.readouterr()
    assert said.err == "3 checked: 0 errors, 0 warnings\n"
    assert said.out == ""


def test_all_that_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every problem of every file has its line, and the exit code is 1."""
    (here / "a.yaml").write_text("id: A\nprotocol_version: '9'\nbase_url: http://x\n")
    (here / "b.yaml").write_text("id: bb\nbase_url: http://x\n")
    assert main(["check", "a.yaml", "b.yaml"]) == 1
    rows = capsys.readouterr().err.splitlines()
    assert [row.split(" ")[:3] for row in rows[:-1]] == [
        ["a.yaml:1:1:", "error", "M005"],
        ["a.yaml:2:1:", "error", "M004"],
        ["b.yaml:1:1:", "warning", "M004"],
    ]
    assert rows[-1] == "2 checked: 2 errors, 1 warning"


def test_problems_as_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` puts them on standard output, each with all its facts."""
    (here / "a.yaml").write_text("id: A\nprotocol_version: '2.0'\nbase_url: http://x\n")
    assert main(["check", "--json", "a.yaml"]) == 1
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["file"], one["pointer"], one["line"]) == ("a.yaml", "/id", 1)


def test_the_full_schema_is_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt key inside a block is found with ``--strict`` only."""
    data = manifest(retry_policy={"strategy": "none", "max_retires": 3})
    (here / "a.json").write_text(json.dumps(data))
    assert main(["check", "a.json"]) == 0
    assert main(["check", "--strict", "a.json"]) == 1
    assert "/retry_policy/max_retires" not in capsys.readouterr().err
    assert main(["compile", "--strict", "a.json"]) == 1


def test_what_cannot_be_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and broken YAML end with 2, after all others were looked at."""
    (here / "a.yaml").write_text("a: [")
    assert main(["check", "a.yaml", "gone.yaml", str(EXAMPLE)]) == 2
    said = capsys.readouterr().err
    assert "error S001" in said
    assert "error S003" in said
    assert main(["compile", "gone.yaml"]) == 2


def test_compile_writes_the_record(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To standard output, or to a file; the same bytes."""
    assert main(["compile", str(EXAMPLE)]) == 0
    text = capsys.readouterr().out
    assert json.loads(text)["id"] == "example"
    assert main(["compile", str(EXAMPLE), "-o", "out.json"]) == 0
    assert (here / "out.json").read_text() == text


def test_compile_writes_nothing_that_is_wrong(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A manifest with an error is no record."""
    (here / "a.json").write_text(json.dumps(manifest(auth={"type": "smoke"})))
    assert main(["compile", "a.json", "-o", "out.json"]) == 1
    assert "no key is sent as 'smoke'" in capsys.readouterr().err
    assert not (here / "out.json").exists()


@pytest.mark.parametrize("argv", [[], ["check"], ["compile", "a", "b"], ["build", "a"]])
def test_a_wrong_command(argv: list[str]) -> None:
    """What cannot be meant ends with 2."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
