"""``docs/async.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/async.md").read_text("utf-8")


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
