"""What providers send, as data: ``wires/<provider>.json``, made from their documents.

``{"provider", "dialect", "marks", "streams": {name: {"lines", "expected"}},
"failing_streams": [{"lines", "code", "text"}], "replies": {name: {"body", "expected"}},
"errors": [{"status", "body", "code"}]}``. A stream is its lines, each ended by a line
feed. ``marks`` are the texts that say why an answer ended, and that a stream did.
``finish_reason`` is a list where more than one is right.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "wires"
PROVIDERS = sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def sample(provider: str) -> dict[str, Any]:
    """All samples of one provider."""
    found: dict[str, Any] = json.loads((FOLDER / f"{provider}.json").read_text("utf-8"))
    return found


def body(stream: dict[str, Any]) -> bytes:
    """The bytes of a stream."""
    return "".join(f"{line}\n" for line in stream["lines"]).encode()
