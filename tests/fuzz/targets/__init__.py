"""The targets, each a module with ``check``, which takes bytes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final

TARGETS: Final = (
    "bases",
    "chunks",
    "codings",
    "documents",
    "files",
    "heads",
    "identifiers",
    "jsonl",
    "literals",
    "models",
    "overlays",
    "parts",
    "redirects",
    "sse",
    "waits",
)


def check_of(target: str) -> Callable[[bytes], None]:
    """The property of ``target``."""
    check: Callable[[bytes], None] = importlib.import_module(
        f"{__name__}.{target}"
    ).check
    return check
