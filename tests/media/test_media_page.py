"""``docs/media.md`` is true: its blocks run, against a sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[2] / "docs/media.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_page_runs(
    block: str, box: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As it stands, with keys and addresses from the environment."""
    monkeypatch.chdir(tmp_path)
    for provider in ("openai", "xai"):
        name = provider.upper()
        monkeypatch.setenv(f"{name}_API_KEY", box.api_keys[provider])
        monkeypatch.setenv(f"{name}_BASE_URL", box.chat_urls[provider])
    exec(compile(block, str(PAGE), "exec"), {})


def test_there_are_blocks() -> None:
    """A message, speech, pictures, a film, and in tasks."""
    assert len(BLOCKS) == 5
