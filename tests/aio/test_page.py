"""``docs/async.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/async.md").read_text("utf-8")

WORKFLOWS = (ROOT / "docs/workflows.md").read_text("utf-8").partition("## In tasks")[2]


def test_runs_of_workflows_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The block of ``docs/workflows.md``."""
    block = WORKFLOWS.partition("```python\n")[2].partition("```")[0]
    with Sandbox() as box:
        monkeypatch.setenv("SIM_API_KEY", box.api_keys["sim"])
        monkeypatch.setenv("SIM_BASE_URL", box.base_urls["sim"])
        exec(compile(block, "docs/workflows.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["5", "True", "completed"]


def test_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys from the environment, against a sandbox."""
    names: dict[str, object] = {}
    with Sandbox() as box:
        monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
        monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(block, "docs/async.md", "exec"), names)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["end_turn", "20 answers", "True", "True", "assistant"]
