"""Completion: the scripts, and what a real shell makes of them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from specwire.cli import completion_shells as shells
from specwire.cli.completion import words

WORDS = list(words())
BASH = shutil.which("bash")


def completed(line: str) -> list[str]:
    """What bash proposes at the end of ``line``."""
    script = shells.bash(WORDS) + (
        "COMP_WORDS=($1); [[ $1 == *' ' ]] && COMP_WORDS+=('')\n"
        "COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))\n"
        "_specwire; printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    done = subprocess.run(
        [str(BASH), "-c", script, "bash", line],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(BASH is None, reason="no bash here")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("specwire do", ["doctor"]),
        ("specwire --v", ["--version"]),
        ("specwire batch w", ["watch"]),
        ("specwire batches retry", ["retry-failed"]),
        ("specwire batch watch --po", ["--poll"]),
        ("specwire batch watch --poll ", []),
        ("specwire usage --by m", ["model"]),
        ("specwire completion ", ["bash", "zsh", "fish", "-h", "--help"]),
        ("specwire api GE", ["GET"]),
        ("specwire codegen ex", ["explain"]),
        ("specwire manifests sh", ["show"]),
        ("specwire manifests show --j", ["--json"]),
        ("specwire ask batch --mo", ["--model"]),
    ],
)
def test_bash_completes(line: str, found: list[str]) -> None:
    """Commands, their commands, flags, and values of flags."""
    assert completed(line) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_reads_its_script(shell: str) -> None:
    """Without a complaint, where it is installed."""
    place = shutil.which(shell)
    if place is None:
        pytest.skip(f"no {shell} here")
    script = getattr(shells, shell)(WORDS)
    done = subprocess.run([place, "-n"], input=script, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_in_every_script(shell: str) -> None:
    """And every flag."""
    script = getattr(shells, shell)(WORDS)
    for place in WORDS:
        for name in (*place.commands, *place.choices.get("", ())):
            assert name in script
        for flag in place.flags:
            assert (flag if shell != "fish" else flag.lstrip("-")) in script
