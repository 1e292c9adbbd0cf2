"""``docs/text-tool-calls.md`` is true: its blocks run, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs/text-tool-calls.md"


def test_the_blocks_of_the_page_run() -> None:
    """Each goes on where the one before ended, and what it asserts holds."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert len(blocks) == 2
