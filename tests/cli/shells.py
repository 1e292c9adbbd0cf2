"""What real shells propose for lines that are typed: bash, zsh and fish.

bash and zsh have a terminal and are typed at. A key of theirs puts all that they
propose into the line; ``specwire`` is a function that prints the words it is given.
fish tells what it proposes when it is asked.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..terminal import play

_ALL: Final = "\x1b*"
_SAY: Final = "specwire() { printf '<%s>' \"$@\"; echo; }"
_BASH: Final = f"""\
PS1='ready> ' PS2=
bind 'set enable-bracketed-paste off'
{_SAY}
"""
_ZSH: Final = f"""\
PROMPT='ready> ' RPROMPT= PROMPT_EOL_MARK=
unsetopt zle_bracketed_paste prompt_cr prompt_sp 2>/dev/null; unset zle_bracketed_paste
zle -C all-of-them complete-word _generic
zstyle ':completion:all-of-them:*' completer _all_matches _complete
zstyle ':completion:all-of-them:*' insert true
bindkey '\\e*' all-of-them
{_SAY}
"""


def proposed(
    shell: str, place: str, script: Path, lines: Sequence[str]
) -> dict[str, list[str]]:
    """What ``shell`` proposes at the end of each line, in the folder of ``script``."""
    if shell == "fish":
        return _fish(place, script, lines)
    start = script.with_name("start")
    if shell == "bash":
        start.write_text(f"{_BASH}source {script}\n")
        words = [place, "--noprofile", "--rcfile", str(start), "-i"]
    else:
        loaded = f"autoload -Uz compinit\ncompinit -D -u\n{_ZSH}source {script}\n"
        start.with_name(".zshrc").write_text(loaded)
        words = [place, "-d", "-i"]
    environ = {
        "PATH": os.defpath,
        "HOME": str(script.parent),
        "ZDOTDIR": str(script.parent),
        "TERM": "dumb",
    }
    keys = [("ready> ", f"{line}{_ALL}\n".encode()) for line in lines]
    keys.append(("ready> ", b"exit\n"))
    played = play(words, cwd=script.parent, env=environ, keys=keys, columns=2000)
    told = played.screen
    found = re.findall(r"(?m)^((?:<[^>]*>)+)\r?$", told)
    assert len(found) == len(lines), told
    return {
        line: _new(line, re.findall("<(.*?)>", words))
        for line, words in zip(lines, found, strict=True)
    }


def _new(line: str, words: list[str]) -> list[str]:
    """Those that were not typed."""
    typed_ones = line.split()[1:]
    if not line.endswith(" "):
        typed_ones = typed_ones[:-1]
    return words[len(typed_ones) :]


def _fish(place: str, script: Path, lines: Sequence[str]) -> dict[str, list[str]]:
    asked = f"source {script}; for line in $argv; complete -C $line; echo; end"
    done = subprocess.run(
        [place, "--no-config", "-c", asked, *lines],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd=script.parent,
        env={"PATH": os.defpath, "HOME": str(script.parent)},
    )
    assert done.stderr == ""
    told = [part.splitlines() for part in f"\n{done.stdout}".split("\n\n")]
    return {
        line: [each.partition("\t")[0] for each in part if each]
        for line, part in zip(lines, told[:-1], strict=True)
    }
