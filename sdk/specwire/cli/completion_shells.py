"""The scripts of the shells: the words are theirs, the decisions are alike.

The words before the cursor lead to a place; a flag before it wants a value of its own,
of which some are known, and elsewhere files are proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .completion import Words

_BASH = """\
_specwire() {
    local cur prev place word words
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    [ "$cur" = "=" ] && cur=""
    [ "$prev" = "=" ] && prev="${COMP_WORDS[COMP_CWORD-2]}"
    place=""
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$place $word" in
            @PLACES@) place="$place $word" ;;
        esac
    done
    case "$place,$prev" in
@VALUES@
    esac
    case "$place" in
@WORDS@
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _specwire specwire
"""
_ZSH = """\
#compdef specwire
_specwire() {
    local place="" word prev="${words[CURRENT-1]}" free=""
    local -a found
    if [[ $PREFIX = --*=* ]]; then
        prev="${PREFIX%%=*}"
        compset -P '*='
    fi
    for word in "${(@)words[2,CURRENT-1]}"; do
        case "$place $word" in
            (@PLACES@) place="$place $word" ;;
        esac
    done
    case "$place,$prev" in
@VALUES@
    esac
    case "$place" in
@WORDS@
    esac
    compadd -a found
    [[ -n $free ]] && _files
}
if [[ $funcstack[1] = _specwire ]]; then
    _specwire "$@"  # autoloaded: this is the first time that it is asked
else
    compdef _specwire specwire
fi
"""
_FISH = """\
function __specwire_at
    set -l place
    for word in (commandline -opc)[2..-1]
        contains -- "$place $word" @PLACES@; and set place "$place $word"
    end
    test "$place" = "$argv[1]"
end
"""


def bash(all_words: Sequence[Words]) -> str:
    """For bash 3.2 and newer."""
    values = [
        *(
            f'        "{_at(w)},{flag}") COMPREPLY=($(compgen -W '
            f'"{" ".join(values)}" -- "$cur")); return ;;'
            for w in all_words
            for flag, values in w.choices.items()
            if flag
        ),
        *(
            f"        {_either(f'{_at(w)},{flag}' for flag in sorted(free))}) "
            "COMPREPLY=(); return ;;"
            for w in all_words
            for free in [w.valued - set(w.choices)]
            if free
        ),
    ]
    words = [f'        "{_at(w)}") words="{" ".join(_all(w))}" ;;' for w in all_words]
    return _filled(_BASH, all_words, values, words)


def zsh(all_words: Sequence[Words]) -> str:
    """For zsh with its completion system loaded."""
    values = [
        *(
            f'        ("{_at(w)},{flag}") compadd -- {" ".join(values)}; return ;;'
            for w in all_words
            for flag, values in w.choices.items()
            if flag
        ),
        *(
            f"        ({_either(f'{_at(w)},{flag}' for flag in sorted(free))}) "
            "_files; return ;;"
            for w in all_words
            for free in [w.valued - set(w.choices)]
            if free
        ),
    ]
    words = [
        f'        ("{_at(w)}") found=({" ".join(_all(w))}){" free=1" * w.free} ;;'
        for w in all_words
    ]
    return _filled(_ZSH, all_words, values, words)


def fish(all_words: Sequence[Words]) -> str:
    """For fish 3 and newer."""
    places = " ".join(_quoted(_at(w)) for w in all_words if w.path)
    lines = [_FISH.replace("@PLACES@", places).rstrip("\n")]
    for w in all_words:
        at = f"complete -c specwire -n {_quoted(f'__specwire_at {_quoted(_at(w))}')}"
        if not w.free:
            lines.append(f"{at} -f")
        for name, told in w.commands.items():
            lines.append(f"{at} -f -a {name} -d {_quoted(told)}")
        for value in w.choices.get("", ()):
            lines.append(f"{at} -f -a {_quoted(value)}")
        for flag, told in w.flags.items():
            name = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            value = " -r" if flag in w.valued else ""
            if flag in w.choices:
                value = f" -x -a {_quoted(' '.join(w.choices[flag]))}"
            lines.append(f"{at} {name}{value} -d {_quoted(told)}")
    return "\n".join(lines) + "\n"


def _filled(
    text: str, all_words: Sequence[Words], values: list[str], words: list[str]
) -> str:
    places = _either(_at(w) for w in all_words if w.path)
    text = text.replace("@PLACES@", places).replace("@VALUES@", "\n".join(values))
    return text.replace("@WORDS@", "\n".join(words))


def _at(words: Words) -> str:
    return "".join(f" {word}" for word in words.path)


def _all(words: Words) -> list[str]:
    return [*words.commands, *words.choices.get("", ()), *words.flags]


def _either(texts: Iterable[str]) -> str:
    return "|".join(f'"{text}"' for text in texts)


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{plain}'"
