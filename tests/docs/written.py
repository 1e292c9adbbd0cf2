"""What stands on a page besides Python, held against what there is.

Each function takes a page's text and gives a sentence for each mistake: a command that
takes no such word, data that cannot be read, a name, an extra or a file that is not
there. Words in capitals and ``*`` in a path stand for any.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from specwire.cli import _COMMANDS, _OTHER_NAMES
from specwire.cli.completion import _parser_of
from specwire.cli.completion import words as places
from specwire.core.extras import EXTRAS
from tests.house.modules import CODEGEN, ROOT, SDK

FENCE = re.compile(r"(?ms)^( *)```(\S*)[^\n]*\n(.*?)^\1```$")
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
KINDS = {
    *("python", "text", "console", "sh", "toml", "yaml", "json", "diff"),
    *("{toctree}", "{include}", "{literalinclude}"),
}
"""Blocks that are looked at: Python and text by running them, directives by Sphinx."""
FOLDERS = "bench|codegen|docs|examples|openapi|sdk|tests"
NAMES_OF_OTHER_THINGS = {
    *("specwire.toml", "specwire.hooks", "specwire.manifests", "specwire.commands"),
    *("specwire.attempt", "specwire.outcome", "specwire.calls"),
}
"""A file, groups of entry points, attributes of spans, a logger."""


FLAGS_OF_OTHER_PROGRAMS = {
    *("--key", "--sandbox"),  # examples/nightly.py
    "--specwire-record",  # pytest
    "--yes",  # towncrier
    "--keep",  # tests/fuzz/guided.py
}


def prose(text: str) -> str:
    """The page without its blocks."""
    return FENCE.sub("", text)


def blocks(text: str, *kinds: str) -> Iterator[str]:
    """The blocks of these kinds."""
    return (found[3] for found in FENCE.finditer(text) if found[2] in kinds)


def unknown_blocks(text: str) -> list[str]:
    """Blocks of a kind that nothing looks at."""
    found = {kind for _, kind, _ in FENCE.findall(text)} - KINDS
    return [f"nobody looks at a block of {kind or 'no kind'}" for kind in sorted(found)]


def typed(text: str) -> Iterator[str]:
    """The lines that a reader would type."""
    for block in blocks(text, "sh"):
        yield from block.replace("\\\n", " ").splitlines()
    for block in blocks(text, "console"):
        lines = (line.strip() for line in block.replace("\\\n", " ").splitlines())
        yield from (line[2:] for line in lines if line.startswith("$ "))


def wrong_commands(text: str) -> list[str]:
    """What ``specwire`` or ``make`` would refuse."""
    return [
        f"{line}: {problem}"
        for line in typed(text)
        for problem in (_refused(line), _no_target(line))
        if problem
    ]


def words_of(line: str) -> list[str]:
    """The words behind ``specwire`` in a line of a shell, if it is there."""
    found = re.search(r"(?:^|[(/|] ?)specwire (.*)", line)
    if found is None:
        return []
    rest = re.split(r" \\?\| ", found[1])[0]
    words = shlex.split(
        rest.removesuffix(')"') if "$(" in line else rest, comments=True
    )
    return words[: words.index(">")] if ">" in words else words


def _refused(line: str) -> str:
    words = words_of(line)
    if not words:
        return ""
    name = _OTHER_NAMES.get(words[0], words[0])
    if name not in _COMMANDS:
        return "no such command"
    parser = parser_of(name)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            _, left = parser.parse_known_args(words[1:])
    except SystemExit as end:
        return said.getvalue().splitlines()[-1] if end.code else ""
    # A word behind the options is the generator's own to take.
    return ", ".join(word for word in left if word.startswith("-"))


@cache
def parser_of(name: str) -> argparse.ArgumentParser:
    """What takes a command's words."""
    parser = _parser_of(_COMMANDS[name][1])
    assert parser is not None
    return parser


def _no_target(line: str) -> str:
    found = re.match(r"make (\S+)", line)
    if found is None:
        return ""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return "" if re.search(rf"^{found[1]}:", makefile, re.MULTILINE) else "no target"


def unreadable_data(text: str) -> list[str]:
    """Blocks of TOML, YAML, JSON and changed lines that are none."""
    readers: dict[str, Callable[[str], object]] = {
        "toml": _toml,
        "yaml": import_module("yaml").safe_load,
        "json": json.loads,
        "diff": _imports,
    }
    found = []
    for kind, read in readers.items():
        for block in blocks(text, kind):
            try:
                read(block)
            except Exception as error:
                found.append(f"{kind}: {error}")
    return found


def _toml(block: str) -> object:
    try:
        return import_module("tomllib").loads(block)
    except ModuleNotFoundError:  # Python 3.10
        return import_module("tomli").loads(block)


def _imports(block: str) -> None:
    """Run the imports that a program gets instead of its own."""
    lines = [line[1:] for line in block.splitlines() if line.startswith("+")]
    tree = ast.parse("\n".join(lines))
    assert all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in tree.body)
    exec(compile(tree, "diff", "exec"), {})


def unknown_names(text: str) -> list[str]:
    """Names below ``specwire`` that nothing has, and extras that there are not."""
    shown = " ".join(INLINE.findall(prose(text)))
    names = set(re.findall(r"(?<![\w./-])specwire(?:\.[A-Za-z_]\w*)+", shown))
    extras = {
        extra.strip()
        for found in re.findall(r"specwire\[([^\]\"]+)\]", text)
        for extra in found.split(",")
    }
    return [
        *(n for n in sorted(names - NAMES_OF_OTHER_THINGS) if not _is_there(n)),
        *(f"specwire[{extra}]" for extra in sorted(extras - set(EXTRAS))),
    ]


def unknown_flags(text: str) -> list[str]:
    """Options in the prose that no command has."""
    named = re.findall(
        r"(?<![\w-])--[a-z][a-z-]+", " ".join(INLINE.findall(prose(text)))
    )
    return sorted({*named} - known_flags() - FLAGS_OF_OTHER_PROGRAMS)


@cache
def known_flags() -> set[str]:
    """The options of all commands."""
    return {flag for place in places() for flag in place.flags}


def _is_there(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def missing_files(text: str) -> list[str]:
    """Files of the repository that pages name, and that are not there."""
    shown = "\n".join([*INLINE.findall(prose(text)), *typed(text)])
    paths = set(re.findall(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*-]*\w", shown))
    paths |= {
        f"sdk/specwire/{found}"
        for found in re.findall(r"(?m)^((?:aio|chat|core)/[\w/]+\.py)$", shown)
    }
    return [path for path in sorted(paths) if not _is_a_file(path)]


def _is_a_file(path: str) -> bool:
    anything = re.sub(r"\b[A-Z]{2,}\b", "*", path)
    return any(any(place.glob(anything)) for place in (ROOT, SDK, CODEGEN))


def unlinked_pages(text: str) -> list[str]:
    """Other pages that are named and not linked, and links that lead nowhere."""
    return [
        f"`{name}` is no link" for name in INLINE.findall(prose(text)) if _a_page(name)
    ]


def _a_page(name: str) -> bool:
    return re.fullmatch(r"(docs/)?[a-z-]+\.md", name) is not None
