"""``docs/resilience.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/resilience.md").read_text("utf-8")


def test_the_page_runs(
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """With keys from the environment, against a sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
    monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/resilience.md", "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("closed 0 ")
    assert said[1:3] == ["True done 1", "all of it"]
    assert len(blocks) == 6
