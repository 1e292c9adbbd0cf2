"""Completion: the scripts, and what real shells propose by them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from specwire.cli import completion_shells as shells
from specwire.cli.completion import Words, words

from .shells import proposed

SHELLS = ("bash", "zsh", "fish")
WORDS = list(words())
PLUGGED = Words(("plugged",), {}, {}, {}, set(), free=True)
FILES = ["a-folder", "prompts.jsonl"]
LINES: dict[str, list[str]] = {
    "specwire do": ["doctor"],
    "specwire plug": ["plugged"],
    "specwire batch w": ["watch"],
    "specwire batches retry": ["retry-failed"],
    "specwire batch watch --po": ["--poll"],
    "specwire usage --by m": ["model"],
    "specwire usage --csv --by pro": ["provider"],
    "specwire api GE": ["GET"],
    "specwire codegen ex": ["explain"],
    "specwire manifests sh": ["show"],
    "specwire manifests show --j": ["--json"],
    "specwire ask batch --mo": ["--model"],
    "specwire run pro": ["prompts.jsonl"],
    "specwire run --quiet -o pro": ["prompts.jsonl"],
    "specwire batch submit pro": ["prompts.jsonl"],
    "specwire plugged pro": ["prompts.jsonl"],
    "specwire run --via b": ["batches"],
    "specwire run --via=b": ["--via=batches"],
    "specwire run --via ": ["batches", "calls"],
    "specwire batch watch --poll ": FILES,
}
"""Lines, and what is proposed at their ends."""


@pytest.fixture
def script(shell: str, tmp_path: Path) -> Path:
    """The script of a shell, with a plugin's command, in a folder with some files."""
    top = WORDS[0]._replace(commands={**WORDS[0].commands, "plugged": "of a plugin"})
    path = tmp_path / "script"
    path.write_text(getattr(shells, shell)([top, PLUGGED, *WORDS[1:]]))
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "prompts.jsonl").touch()
    return path


@pytest.mark.skipif(os.name == "nt", reason="no terminal to type at")
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes(shell: str, script: Path) -> None:
    """Commands, their commands, a plugin's, flags, values of flags, and files."""
    place = shutil.which(shell)
    if place is None:
        pytest.skip(f"no {shell} here")
    found = proposed(shell, place, script, list(LINES))
    hidden = {"script", "start"}
    seen = {
        line: sorted({word.rstrip("/") for word in words} - hidden)
        for line, words in found.items()
    }
    assert seen == LINES


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_every_script(shell: str) -> None:
    """And every flag."""
    script = getattr(shells, shell)(WORDS)
    for place in WORDS:
        for name in (*place.commands, *place.choices.get("", ())):
            assert name in script
        for flag in place.flags:
            assert (flag if shell != "fish" else flag.lstrip("-")) in script
