"""``specwire manifests list`` and ``show``: data on standard output, no key in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire.chat import builtin
from specwire.cli import main

SECRET = "sk-not-to-be-seen-1234567890"
OWN = """
id: atlas
protocol_version: "2.0"
aliases: [atl]
endpoint:
  base_url: https://api.atlas.example/v1
  auth: {type: bearer, token_env: ATLAS_KEY}
endpoints: {chat: {path: /chat/completions, adapter: openai}}
error_classification: {by_http_status: {"429": rate_limited}}
capabilities: {required: [text, streaming]}
metadata: {models: {atlas-large: {context_window: 8192, pricing: {input_per_1m: 2}}}}
"""


@pytest.fixture(autouse=True)
def no_other_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AI_PROTOCOL_DIR", "AI_PROTOCOL_PATH", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A directory with one manifest of the user's own."""
    (tmp_path / "atlas.yaml").write_text(OWN, "utf-8")
    return str(tmp_path)


def test_list_names_every_provider(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each under a line of heads, with what it speaks and how it is called."""
    assert main(["manifests", "list"]) == 0
    said = capsys.readouterr().out
    heads, *rows = said.splitlines()
    assert heads.split() == ["id", "dialect", "models", "name", "aliases"]
    assert [row.split()[0] for row in rows] == builtin.ids()
    assert "  gemini      gemini     11      Google Gemini" in said


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each entry has the same members; models are names."""
    assert main(["manifests", "list", "--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert sorted(rows) == builtin.ids()
    assert rows["cohere"]["dialect"] == "cohere"
    assert "gpt-4o" in rows["openai"]["models"]
    assert rows["ollama"]["models"] == []


def test_list_sees_a_directory(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    """A user's own manifest stands among the built-in ones."""
    assert main(["manifests", "list", "--json", "--dir", folder]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["atlas"]["models"] == ["atlas-large"]
    assert len(rows) == len(builtin.ids()) + 1


def test_list_names_what_cannot_be_used(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One broken manifest hides no other; it is named, and the exit code is 1."""
    (tmp_path / "broken.yaml").write_text("id: broken\nprotocol_version: '9'\n")
    assert main(["manifests", "list", "--dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == len(builtin.ids()) + 1
    assert "broken.yaml" in said.err


def test_show_tells_without_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key would come from is said, what it is is not."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for argv in (["show", "openai"], ["show", "openai", "--json"]):
        assert main(["manifests", *argv]) == 0
        said = capsys.readouterr().out
        assert SECRET not in said
        assert "OPENAI_API_KEY" in said
        assert "max_completion_tokens" in said
        assert "gpt-4o-mini" in said


def test_show_says_which_key_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the variables that would be read are named."""
    assert main(["manifests", "show", "openai"]) == 0
    assert "missing; set OPENAI_API_KEY" in capsys.readouterr().out


def test_show_knows_aliases(capsys: pytest.CaptureFixture[str]) -> None:
    """An alias leads to its provider; exactly as it is written."""
    assert main(["manifests", "show", "google"]) == 0
    assert "gemini (also google)" in capsys.readouterr().out
    assert main(["manifests", "show", "Google"]) == 1
    assert "did you mean google" in capsys.readouterr().err


def test_show_as_json(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    """The record is all of it, so that a program can read it."""
    assert main(["manifests", "show", "atl", "--json", "--dir", folder]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["record"]["base_url"] == "https://api.atlas.example/v1"
    assert shown["credential"]["status"] == "missing"
    assert shown["models"]["atlas-large"]["prices"]["input"] == 2


def test_every_provider_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """No record lacks what is shown of it."""
    for name in builtin.ids():
        assert main(["manifests", "show", name]) == 0
        assert f"{name}" in capsys.readouterr().out
