"""``docs/batch.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/batch.md").read_text("utf-8")


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys from the environment, against a sandbox whose batches end at once."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    monkeypatch.chdir(tmp_path)
    with Sandbox(batch_steps=0) as box:
        monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
        monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        for block in blocks:
            exec(compile(block, "docs/batch.md", "exec"), names)
        names["client"].close()  # type: ignore[attr-defined]
    assert capsys.readouterr().out.splitlines() == [
        *("20 stories", "True", "20 rows", "msgbatch 5", "5"),
        "20 of 30 were there",
        "['RED', 'GREEN', 'BLUE'] 0",
    ]
