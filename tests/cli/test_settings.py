"""Where settings and keys come from, and which source counts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from specwire.cli import config_files, main
from specwire.cli.exits import UsageError
from specwire.cli.settings import Settings
from specwire.sandbox import Sandbox

pytest.importorskip("tomllib", reason="TOML without tomli")
USER = "home/config/specwire/config.toml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def sources(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **flags: Any
) -> Iterator[Any]:
    """Where the model is from, as one source after the other goes."""
    write(folder / "specwire.toml", 'model = "of/project"\n')
    write(folder / USER, 'model = "of/user"\n')
    monkeypatch.setenv("SPECWIRE_MODEL", "of/variable")
    yield Settings({"model": "of/flag"}).get("model")
    yield Settings().get("model")
    monkeypatch.delenv("SPECWIRE_MODEL")
    yield Settings().get("model")
    (folder / "specwire.toml").unlink()
    yield Settings().get("model")
    (folder / USER).unlink()
    yield Settings().get("model")


def test_the_order_of_sources(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flag, environment, project file, user file, default."""
    found = list(sources(here, monkeypatch))
    assert [(one.source, one.value) for one in found] == [
        ("flag", "of/flag"),
        ("environment", "of/variable"),
        ("project file", "of/project"),
        ("user file", "of/user"),
        ("default", "anthropic/claude-sonnet-4-5"),
    ]


class FakeKeyring(ModuleType):
    """What stands in for the library: one key."""

    @staticmethod
    def get_password(service: str, name: str) -> str | None:
        return {("specwire", "sim"): "of-keyring"}.get((service, name))


def test_the_order_of_keys(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable, the project's file, the user's, then the keyring."""
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring("keyring"))
    write(here / "specwire.toml", '[api_keys]\nsim = "of-project"\n')
    write(here / USER, '[api_keys]\nsim = "of-user"\n')
    found = [Settings().key("sim")]
    monkeypatch.delenv("SIM_API_KEY")
    found.append(Settings().key("sim"))
    (here / "specwire.toml").unlink()
    found.append(Settings().key("sim"))
    (here / USER).unlink()
    found.append(Settings().key("sim"))
    assert [one and (one.source, one.value[:10]) for one in found] == [
        ("environment", os.environ.get("SIM_API_KEY", found[0].value)[:10]),  # type: ignore[union-attr]
        ("project file", "of-project"),
        ("user file", "of-user"),
        ("keyring", "of-keyring"),
    ]
    assert Settings().key("anthropic").source == "environment"  # type: ignore[union-attr]


def test_a_key_of_the_users_file_is_sent(
    here: Path,
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By every command, ``run`` as well; and never shown."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    key = box.api_keys["anthropic"]
    write(here / USER, f'[api_keys]\nanthropic = "{key}"\n')
    write(here / "in.jsonl", '"One"\n')
    assert main(["ask", "Hello"]) == 0
    assert main(["messages", "create", "--user", "Hello"]) == 0
    words = ["run", "in.jsonl", "-o", "out.jsonl", "--model", "claude-sonnet-4-5", "-q"]
    assert main(words) == 0
    assert main(["doctor"]) == 0
    shown = capsys.readouterr()
    assert key not in shown.out + shown.err
    assert f"…{key[-4:]} (user file " in shown.out


def test_a_file_above_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest one."""
    write(here / "specwire.toml", "max_retries = 7\n")
    (here / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(here / "a" / "b")
    assert Settings().get("max_retries").value == 7
    write(here / "a" / "specwire.toml", "max_retries = 8\n")
    assert Settings().get("max_retries").value == 8


def test_a_project_cannot_take_the_users_key(
    here: Path,
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An address in its file is for keys in its file, or for this machine."""
    monkeypatch.delenv("ANTHROPIC_BASE_URL")
    url = '[base_urls]\nanthropic = "https://elsewhere.example"\n'
    write(here / "specwire.toml", url)
    assert main(["ask", "Hello"]) == 2
    assert "would send the anthropic key of the environment to" in (
        capsys.readouterr().err
    )
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    write(here / "specwire.toml", f'{url}[api_keys]\nanthropic = "own"\n')
    assert Settings().base_url("anthropic").source == "project file"  # type: ignore[union-attr]
    local = f'[base_urls]\nanthropic = "{box.base_urls["anthropic"]}"\n'
    monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
    write(here / "specwire.toml", local)
    assert main(["ask", "Hello"]) == 0


def test_a_project_cannot_name_files_to_send(here: Path, box: Sandbox) -> None:
    """``@FILE`` is for flags; elsewhere it is a text like any other."""
    write(here / "secret.txt", "of the user")
    write(here / "specwire.toml", 'system = "@secret.txt"\n')
    assert main(["ask", "Hello"]) == 0
    assert main(["messages", "create", "--user", "Hello"]) == 0
    assert main(["ask", "Hello", "--system", "@secret.txt"]) == 0
    sent = [json.loads(request.body)["system"] for request in box.requests]
    assert ["of the user" in json.dumps(each) for each in sent] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modle = 'x'", "no setting 'modle'; did you mean 'model'?"),
        ("model = 1", "model: expected str"),
        ("max_retries = true", "max_retries: expected int"),
        ("[api_keys]\nsim = 1", "api_keys: expected a text for each service"),
        ("api_keys = 'x'", "api_keys: expected a table"),
        ("model = ", "is no TOML (at "),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, told: str) -> None:
    """With its path; no value is quoted, as it may be a key."""
    path = write(tmp_path / "specwire.toml", text)
    with pytest.raises(UsageError) as caught:
        config_files.read(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("timeout", "soon", "expected float, got 'soon'"),
        ("timeout", "-1", "expected seconds above 0"),
        ("timeout", "nan", "expected seconds above 0"),
        ("max_tokens", "0", "expected 1 or more"),
        ("max_retries", "-1", "expected 0 or more"),
    ],
)
def test_a_setting_is_one_that_its_flag_would_take(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, told: str
) -> None:
    """Else the variable, or the file, is named."""
    variable = f"SPECWIRE_{name.upper()}"
    monkeypatch.setenv(variable, text)
    with pytest.raises(UsageError, match=f"{variable}: {told}"):
        Settings().get(name)
    monkeypatch.delenv(variable)
    if text != "soon":
        path = write(here / "specwire.toml", f"{name} = {text}\n")
        with pytest.raises(UsageError, match=f"{path}: {name}: {told}"):
            Settings()


def test_a_key_that_cannot_be_one(
    here: Path,
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Is told by its place, not by its text, and by the doctor as well."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-of\nuser")
    assert main(["ask", "Hello"]) == 4
    told = capsys.readouterr().err
    assert told.startswith("specwire ask: ANTHROPIC_API_KEY: expected printable ASCII")
    assert main(["doctor", "--online", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["problems"][0].startswith("ANTHROPIC_API_KEY: ")
    assert "k-of" not in told + json.dumps(report)


@pytest.mark.skipif(os.name == "nt", reason="no such rights there")
def test_the_doctor_sees_an_open_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys that others can read are a problem."""
    path = write(here / USER, '[api_keys]\nsim = "k-of-user-000000000000"\n')
    path.chmod(0o644)
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == [
        f"{path}: it holds keys and others may read it: chmod 600 it"
    ]
    assert "k-of-user" not in json.dumps(report)


def test_the_doctor_survives_a_bad_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And tells it as a problem."""
    write(here / "specwire.toml", "nonsense = 1\n")
    assert main(["doctor", "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert "no setting 'nonsense'" in problem
