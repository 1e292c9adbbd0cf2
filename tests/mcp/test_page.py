"""``docs/mcp.md`` is true: its blocks run, against a sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/mcp.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_page_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, with keys and addresses from the environment."""
    with Sandbox() as box:
        for provider in ("openai", "anthropic"):
            name = provider.upper()
            monkeypatch.setenv(f"{name}_API_KEY", box.api_keys[provider])
            monkeypatch.setenv(f"{name}_BASE_URL", box.base_urls[provider])
        # The server's process gets nothing of PYTHONPATH: from a checkout it is told.
        given = f"env={{'PYTHONPATH': {str(ROOT / 'sdk')!r}}}"
        block = block.replace("MCPClient(command", f"MCPClient(command, {given}")
        start = '"specwire.sandbox.mcp"],\n'
        block = block.replace(start, f"{start[:-1]} {given},\n")
        exec(compile(block, str(PAGE), "exec"), {})


def test_there_are_blocks() -> None:
    """A server's parts, tools for a model, in tasks, and what the server says."""
    assert len(BLOCKS) == 4
