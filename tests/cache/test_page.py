"""``docs/cache.md`` is true: its Python runs, block after block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/cache.md").read_text("utf-8")


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys from the environment, against a sandbox."""
    names: dict[str, object] = {}
    monkeypatch.chdir(tmp_path)
    with Sandbox() as box:
        for provider in ("anthropic", "openai"):
            variable = provider.upper()
            monkeypatch.setenv(f"{variable}_API_KEY", box.api_keys[provider])
            monkeypatch.setenv(f"{variable}_BASE_URL", box.base_urls[provider])
        for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(block, "docs/cache.md", "exec"), names)
        for client in ("client", "chat"):
            names[client].close()  # type: ignore[attr-defined]
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["None hit", "1 1", "1 2", "None None 2"]
