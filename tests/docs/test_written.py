"""What stands on the pages besides Python is so: commands, data, names, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from specwire.cli import config_files
from tests.house.modules import ROOT

from . import written
from .pages import DOCS

PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
CHECKS = [
    written.unknown_blocks,
    written.wrong_commands,
    written.unreadable_data,
    written.unknown_names,
    written.unknown_flags,
    written.missing_files,
    written.unlinked_pages,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_is_written_is_so(check: Callable[[str], list[str]]) -> None:
    """No page has a mistake of this kind."""
    found = {path.name: check(path.read_text("utf-8")) for path in PAGES}
    assert {name: mistakes for name, mistakes in found.items() if mistakes} == {}


@pytest.mark.parametrize(
    ("check", "text", "mistake"),
    [
        (written.unknown_blocks, "```py\n1\n```\n", "nobody looks at a block of py"),
        (written.unknown_blocks, "```\n1\n```\n", "nobody looks at a block of no kind"),
        (written.wrong_commands, "```sh\nspecwire aks Hi\n```\n", "aks Hi: no such"),
        (written.wrong_commands, "```sh\nspecwire ask -Q Hi\n```\n", "arguments: -Q"),
        (written.wrong_commands, "```console\n$ make tset\n```\n", "tset: no target"),
        (written.wrong_commands, "```sh\na | specwire run\n```\n", "required: FILE"),
        (written.unreadable_data, "```toml\na = = 1\n```\n", "toml: "),
        (written.unreadable_data, "```json\n{a: 1}\n```\n", "json: "),
        (written.unreadable_data, "```yaml\na: [\n```\n", "yaml: "),
        (
            written.unreadable_data,
            "```diff\n-import a\n+from specwire.compat import a\n```\n",
            "diff: cannot import name 'a'",
        ),
        (written.unknown_names, "See `specwire.cache.Cash`.", "specwire.cache.Cash"),
        (written.unknown_names, "Say `pip install 'specwire[x]'`.", "specwire[x]"),
        (written.unknown_flags, "With `--quiet` and `--zzz`.", "--zzz"),
        (written.missing_files, "See `tests/none/` and `tests/wire/`.", "tests/none"),
        (written.missing_files, "See `core/none.py`.", "sdk/specwire/core/none.py"),
        (written.unlinked_pages, "See `docs/cache.md`.", "is no link"),
    ],
)
def test_a_mistake_is_found(
    check: Callable[[str], list[str]], text: str, mistake: str
) -> None:
    """Each kind, planted on a page."""
    (found,) = check(text)
    assert mistake in found


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_link_leads_somewhere(page: str) -> None:
    """Those of the pages that Sphinx does not build."""
    text = written.prose((ROOT / page).read_text("utf-8"))
    links = re.findall(r"\]\(([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_file_of_settings_is_one(tmp_path: Path) -> None:
    """The command's page shows each setting, and the command takes the file."""
    (shown,) = written.blocks((DOCS / "command.md").read_text("utf-8"), "toml")
    path = tmp_path / "specwire.toml"
    path.write_text(shown)
    assert set(config_files.read(str(path))) == set(config_files.TYPES)
