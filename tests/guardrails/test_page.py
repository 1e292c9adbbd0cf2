"""``docs/guardrails.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/guardrails.md").read_text("utf-8")


def test_the_page_runs(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys from the environment, against a sandbox that quotes what it gets."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
    monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/guardrails.md", "exec"), names)
    assert capsys.readouterr().out.splitlines() == [
        "{'guardrails': {'block': 0, 'mask': 1, 'warn': 0}}",
        "False",
        "True",
        "Pay with [card].",
        "https://docs.example.com/a and [url]",
        "please (loud) that",
    ]
    assert len(blocks) == 3
