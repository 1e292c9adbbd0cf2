"""The command: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire_codegen.cli import main
from specwire_codegen.options import parsed

from .building import document, reads, replies, saved

DATA = reads(Box={"type": "object", "properties": {"a": {"type": "string"}}})


def build(spec: Path, out: Path, *more: str) -> int:
    return main(["build", str(spec), "-o", str(out), "--package", "shop", *more])


def check(spec: Path, out: Path) -> int:
    return main(["check", str(spec), "-o", str(out), "--package", "shop"])


def test_build_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A build leaves nothing for check to find; data goes nowhere but to files."""
    spec = saved(DATA, tmp_path)
    assert build(spec, tmp_path / "out") == 0
    assert (tmp_path / "out/shop/models/box.py").exists()
    assert (tmp_path / "out/shop/codegen.lock").exists()
    assert (tmp_path / "out/shop/names.lock").exists()
    assert check(spec, tmp_path / "out") == 0
    assert capsys.readouterr().out == ""


def test_check_prints_the_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drift is a unified diff and exit code 1; nothing is written."""
    spec = saved(DATA, tmp_path)
    build(spec, tmp_path / "out")
    file = tmp_path / "out/shop/models/box.py"
    old = file.read_text()
    file.write_text(old.replace("a: str", "a: int"))
    (tmp_path / "out/shop/models/extra.py").write_text("x = 1\n")
    capsys.readouterr()
    assert check(spec, tmp_path / "out") == 1
    out = capsys.readouterr().out
    assert "-    a: int | None = None\n+    a: str | None = None\n" in out
    assert "--- a/models/extra.py\n+++ /dev/null\n" in out
    assert "a: int" in file.read_text()


def test_check_sees_a_changed_document(tmp_path: Path) -> None:
    """A document that changed is drift, even where no file would."""
    spec = saved(DATA, tmp_path)
    build(spec, tmp_path / "out")
    spec.write_text(spec.read_text() + "\n")
    assert check(spec, tmp_path / "out") == 1


def test_hand_edits_stop_a_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file edited by hand is named and kept; --force overwrites it."""
    spec = saved(DATA, tmp_path)
    build(spec, tmp_path / "out")
    file = tmp_path / "out/shop/models/box.py"
    file.write_text("mine = 1\n")
    assert build(spec, tmp_path / "out") == 1
    assert "models/box.py" in capsys.readouterr().err
    assert file.read_text() == "mine = 1\n"
    assert build(spec, tmp_path / "out", "--force") == 0
    assert "class Box" in file.read_text()


def test_errors_have_a_place_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document with errors ends in 2, with a line for each, and no file."""
    monkeypatch.chdir(tmp_path)
    data = document(
        {"/a": {"get": {"responses": replies({"$ref": "#/components/schemas/Bx"})}}}
    )
    data["components"]["schemas"] = {"Box": {"type": "string"}}
    (tmp_path / "api.json").write_text(json.dumps(data, indent=1))
    assert main(["build", "api.json", "-o", "out"]) == 2
    error = capsys.readouterr().err.splitlines()[0]
    assert error.startswith("api.json:")
    assert ": error R004 " in error
    assert "did you mean 'Box'?" in error
    assert not (tmp_path / "out").exists()
    assert main(["build", "api.json", "-o", "out", "--keep-going"]) == 0
    assert (tmp_path / "out/api/resources/a.py").exists()


def test_unusable_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text that is no document at all ends in 2."""
    spec = tmp_path / "api.yaml"
    spec.write_text("a: [\n")
    assert build(spec, tmp_path / "out") == 2
    assert "error" in capsys.readouterr().err


def test_findings_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` gives each finding as an object on standard output."""
    data = document({"/a/{b}": {"get": {"responses": {}}}})
    assert build(saved(data, tmp_path), tmp_path / "out", "--json") == 0
    findings = json.loads(capsys.readouterr().out)
    assert {"severity", "code", "file", "line", "message"} <= findings[0].keys()


def test_flags_stand_anywhere(tmp_path: Path) -> None:
    """Between documents as well, and behind ``--`` there are none."""
    specs = [str(tmp_path / f"{name}.json") for name in ("a", "b", "c")]
    out = str(tmp_path / "out")
    one, two, three = specs
    words = ["build", one, "--json", two, "--package", "shop", "-o", out, "--", three]
    found = parsed(words)
    assert ([str(each) for each in found.specs], found.json) == (specs, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("bild a.yaml", "did you mean 'build'?"),
        ("build --packge x a.yaml", "did you mean --package?"),
        ("diff a.yaml b.yaml c.yaml", "unrecognized arguments: c.yaml"),
    ],
)
def test_what_was_meant(
    words: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped word is answered with the one that was meant."""
    with pytest.raises(SystemExit) as end:
        main(words.split())
    assert end.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["build"],
        ["frob"],
        ["build", "a.yaml", "--plan", "p.toml"],
        ["build", "a.yaml", "--package", "no-name"],
        ["build", "a.yaml", "--package", "class"],
    ],
)
def test_wrong_commands(argv: list[str]) -> None:
    """A command that means nothing ends in 2."""
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2
