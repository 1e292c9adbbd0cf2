"""``--json`` is the same everywhere: sorted, one document, or a line an item."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire.cli import main
from specwire.cli.output import item, json_file

DOCUMENTS = [
    "ask --json Hello",
    "messages create --user Hi --json",
    "batch submit p.jsonl --json",
    "workflows run wf_demo --json",
    "workflows status wf_demo --json",
    "api GET /v1/models --json",
    "run p.jsonl -o out.jsonl --json",
    "usage --json",
    "manifests list --json",
    "manifests show openai --json",
    "codegen build api.json --json",
    "codegen check api.json --json",
    "codegen explain api.json one --json",
    "codegen diff api.json api.json --json",
    "doctor --json",
]
LINES = [
    "messages create --user Hi --stream --json",
    "workflows run wf_demo --stream --json",
    "files upload p.jsonl p.jsonl --json",
    "files list --json",
    "batch list --json",
    "run p.jsonl --journal j.db",
]
ONE = {"/a": {"get": {"operationId": "one", "responses": {"200": {}}}}}


@pytest.fixture
def files(here: Path) -> Path:
    """What the commands are given."""
    (here / "p.jsonl").write_text('"One"\n"Two"\n')
    info = {"title": "t", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": ONE}
    (here / "api.json").write_text(json.dumps(document))
    return here


@pytest.mark.parametrize("line", DOCUMENTS)
def test_one_document(
    files: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its members are sorted, two blanks a level."""
    if line.startswith("usage"):
        main(["run", "p.jsonl", "-o", "o", "-q", "--budget", "5usd"])
        capsys.readouterr()
    main(line.split())
    text = capsys.readouterr().out
    ascii_only = line.startswith("codegen")
    value = json.loads(text)
    options = {"indent": 2, "sort_keys": True, "ensure_ascii": ascii_only}
    assert text == json.dumps(value, **options) + "\n"


@pytest.mark.parametrize("line", LINES)
def test_a_line_an_item(
    files: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them sorted, so that lines can be compared."""
    if "list" in line:
        main(["files", "upload", "p.jsonl"])
        main(["batch", "submit", "p.jsonl"])
        capsys.readouterr()
    assert main(line.split()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines
    for each in lines:
        value = json.loads(each)
        assert each == json.dumps(value, sort_keys=True, ensure_ascii=False)


def test_half_a_character_is_still_json(tmp_path: Path) -> None:
    """A file takes it as JSON escapes it."""
    path = tmp_path / "out.jsonl"
    with json_file(str(path)) as file:
        item({"text": "\ud83d “é”"}, file)
    assert json.loads(path.read_text("utf-8")) == {"text": "\ud83d “é”"}
