"""Commands of plugins, and ``specwire doctor``, in processes of their own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from .command import run
from .packages import install

PACK = """\
import sys
from specwire import Hook

def hello(argv):
    print("hello", *argv)

def five(argv):
    return 5

def parsed(argv):
    import argparse
    argparse.ArgumentParser(prog="specwire parsed").parse_args(argv)

def fails(argv):
    raise ValueError("no such thing")

class Watch(Hook):
    pass
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A package with good and bad commands, and one that cannot be imported."""
    names = ("hello", "five", "parsed", "fails")
    entries = {f"commands:{name}": f"cmd_pack:{name}" for name in names}
    entries["commands:run"] = "cmd_pack:hello"
    entries["hooks:watch"] = "cmd_pack:Watch"
    install(tmp_path, "cmd-pack", entries, {"cmd_pack.py": PACK})
    install(tmp_path, "bad-pack", {"commands:bad": "not_there:main"})
    return tmp_path


def doctor(place: Path, *args: str, **env: str) -> tuple[int, Any]:
    done = run(place, "doctor", "--json", *args, **env)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_command_has_its_exit_code(place: Path) -> None:
    """``None`` is 0; argparse's own way out keeps its code."""
    hello = run(place, "hello", "you")
    assert (hello.returncode, hello.stdout, hello.stderr) == (0, "hello you\n", "")
    assert run(place, "five").returncode == 5
    assert run(place, "parsed", "--nope").returncode == 2


def test_a_command_that_fails_says_so_in_a_line(place: Path) -> None:
    """With exit code 1, as one that cannot be loaded has it."""
    failed = run(place, "fails")
    assert failed.stderr == "specwire fails: ValueError: no such thing\n"
    bad = run(place, "bad")
    assert bad.stderr.startswith("specwire: commands plugin 'bad' of bad-pack 1.0 ")
    assert "No module named 'not_there'" in bad.stderr
    assert len(bad.stderr.splitlines()) == 1
    assert failed.returncode == bad.returncode == 1


def test_an_unknown_command_is_wrong_usage(place: Path) -> None:
    """A plugin's name is proposed like the command's own."""
    done = run(place, "helo")
    assert done.returncode == 2
    assert "did you mean 'hello'?" in done.stderr
    off = run(place, "hello", SPECWIRE_PLUGINS="0")
    assert off.returncode == 2
    assert "no command 'hello'" in off.stderr


def test_a_shell_completes_it_too(place: Path) -> None:
    """By its name; what stands behind that, only the plugin knows."""
    done = run(place, "completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    assert " five " in done.stdout
    assert '" five") words=""' in done.stdout


def test_the_commands_own_names_stay_its_own(place: Path) -> None:
    """A plugin called ``run`` is not run; the doctor calls it broken."""
    assert "journal" in run(place, "run", "--help").stdout
    code, report = doctor(place)
    (found,) = [p for p in report["plugins"] if p["name"] == "run"]
    assert code == 1
    assert found["state"] == "broken"
    assert "has one of that name itself" in found["reason"]


def test_the_doctor_names_what_is_broken_and_what_is_off(place: Path) -> None:
    """Each with the package, the place and the reason."""
    code, report = doctor(place, SPECWIRE_PLUGINS="-watch,-run")
    states = {(p["group"], p["name"]): p["state"] for p in report["plugins"]}
    assert code == 1
    assert states["commands", "bad"] == "broken"
    assert states["commands", "hello"] == "working"
    assert states["hooks", "watch"] == states["commands", "run"] == "disabled"
    (problem,) = report["problems"]
    assert problem.startswith("commands plugin 'bad' of bad-pack 1.0 (not_there:main)")


def test_a_sound_installation_has_no_problems(tmp_path: Path) -> None:
    """Exit code 0; libraries with versions, extras with commands where missing."""
    code, report = doctor(tmp_path, XDG_STATE_HOME=str(tmp_path))
    assert (code, report["problems"], report["plugins"]) == (0, [], [])
    assert all(library["version"] for library in report["libraries"])
    for extra in report["extras"]:
        told = f"pip install 'specwire[{extra['name']}]'"
        assert extra["command"] == (None if extra["installed"] else told)
    state = str(tmp_path / "specwire")
    assert report["state"] == {"folder": state, "exists": False, "writable": True}
    assert not os.path.exists(state)


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """Variables of keys by name only, proxies without their password."""
    secrets = {
        "ANTHROPIC_API_KEY": "sk-ant-secret-one",
        "OPENAI_API_KEY": "sk-secret-two",
        "HTTPS_PROXY": "http://me:secret-three@proxy.example:3128/x?secret-four",
        "http_proxy": "me:secret-five@other.example:3128",
    }
    for args in ((), ("--json",)):
        done = run(tmp_path, "doctor", *args, **secrets)
        told = done.stdout + done.stderr
        assert "secret-" not in told
        assert "ANTHROPIC_API_KEY" in told and "OPENAI_API_KEY" in told
        assert "http://proxy.example:3128" in told
        assert "http://other.example:3128" in told


def test_what_keeps_calls_from_working_is_a_problem(tmp_path: Path) -> None:
    """A bundle that is not there, a state folder that cannot be, a wrong word."""
    (tmp_path / "file").write_text("")
    code, report = doctor(
        tmp_path,
        SSL_CERT_FILE=str(tmp_path / "none.pem"),
        XDG_STATE_HOME=str(tmp_path / "file"),
        SPECWIRE_CERTIFICATES="sytem",
    )
    told = "\n".join(report["problems"])
    assert code == 1
    assert "SSL_CERT_FILE: there is nothing at" in told
    assert "usage cannot be written down" in told
    assert "expected 'system' or 'certifi', got 'sytem'" in told


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    """As everywhere."""
    assert run(tmp_path, "doctor", "--nope").returncode == 2
