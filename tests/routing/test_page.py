"""``docs/routing.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/routing.md").read_text("utf-8")


def test_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys and addresses from the environment, against a sandbox."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    with Sandbox() as box:
        for name in ("openai", "anthropic"):
            monkeypatch.setenv(f"{name.upper()}_API_KEY", box.api_keys[name])
        monkeypatch.setenv("OPENAI_BASE_URL", box.base_urls["openai"])
        monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        for block in blocks:
            exec(compile(block, "docs/routing.md", "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "openai/gpt-4o gpt-4o openai"
    assert "/" in said[1]
    assert said[2] in ("openai/gpt-4o", "groq/llama-3.1-8b-instant")
    assert said[3] == "asked https://one.example.com"
    assert len(blocks) == 5
