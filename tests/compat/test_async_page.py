"""What the page for those who move says of ``AsyncAnthropic`` is true: it runs."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/migrating-from-anthropic.md").read_text("utf-8")


def test_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys from the environment, against a sandbox."""
    names: dict[str, object] = {}
    with Sandbox() as box:
        monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
        monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(block, "docs/migrating-from-anthropic.md", "exec"), names)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["assistant", "tool_use", "end_turn", "200 message", "message"]
