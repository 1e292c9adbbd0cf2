"""``docs/testing.md`` is true: its tests pass under the plugin, its blocks run."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT
from tests.testing.conftest import Run

PAGE = (ROOT / "docs/testing.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FILES = {
    found[1]: block
    for block in BLOCKS
    if (found := re.match(r"# (test_\w+)\.py", block))
}
PLAIN = [block for block in BLOCKS if block not in FILES.values()]
FIXTURES = [
    *("specwire_sandbox", "specwire_client", "specwire_clock", "specwire_cassette"),
    *("specwire_requests", "assert_requested"),
]


def test_its_tests_pass(pytester: pytest.Pytester, run: Run) -> None:
    """The file of the program's tests, as a suite of its own."""
    pytester.makepyfile(test_report=FILES["test_report"])
    run().assert_outcomes(passed=4)


def test_its_cassette_is_recorded_and_played(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the two commands, into the file that they name."""
    pytester.makepyfile(test_story=FILES["test_story"])
    with Sandbox() as box, monkeypatch.context() as patch:
        for name, value in box.environment.items():
            patch.setenv(name, value)
        run("--specwire-record=once").assert_outcomes(passed=1)
    (named,) = re.findall(r"answers from (\S+\.json)", PAGE)
    assert (pytester.path / named).is_file()
    run().assert_outcomes(passed=1)


def test_its_blocks_run(pytester: pytest.Pytester) -> None:
    """In order, in an empty folder, with nothing but what the page brings."""
    pytest.importorskip("vcr")
    names: dict[str, object] = {}
    for block in PLAIN:
        exec(compile(block, "docs/testing.md", "exec"), names)
    assert len(PLAIN) == 4
    assert {path.name for path in pytester.path.iterdir()} == {
        "hello.json",
        "hello.yaml",
    }


def test_every_fixture_is_there(pytester: pytest.Pytester, run: Run) -> None:
    """The table names those of the plugin, and no others."""
    table = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Cassettes")[0], re.M)
    assert set(FIXTURES) <= set(table)
    shown = run("--fixtures", "-p", "no:cacheprovider").stdout.str()
    found = set(re.findall(r"^(specwire_\w+|assert_requested)\b", shown, re.M))
    assert found == set(FIXTURES)
