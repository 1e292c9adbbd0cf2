"""``docs/chat.md`` is true: its blocks run, against a sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[2] / "docs/chat.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_page_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, with keys and addresses from the environment."""
    with Sandbox() as box:
        for provider in ("openai", "anthropic"):
            name = provider.upper()
            monkeypatch.setenv(f"{name}_API_KEY", box.api_keys[provider])
            monkeypatch.setenv(f"{name}_BASE_URL", box.base_urls[provider])
        exec(compile(block, str(PAGE), "exec"), {})


def test_there_are_blocks() -> None:
    """A call, the client, a stream, tasks, a token, a manifest."""
    assert len(BLOCKS) == 6
