"""The lock: which inputs made which files, by SHA-256; no dates, no machine's paths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

NAME = "codegen.lock"
NAMES = "names.lock"


@frozen
class Lock:
    """``files``, ``inputs`` and ``urls``: name to hash.

    ``urls`` are inputs from a network by address; their bytes are kept beside the lock.
    """

    version: str = ""
    inputs: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)
    urls: Mapping[str, str] = field(factory=dict)

    def text(self) -> str:
        table: dict[str, Any] = {
            "generator": self.version,
            "inputs": dict(self.inputs),
            "files": dict(self.files),
        }
        return dumped({**table, "urls": dict(self.urls)} if self.urls else table)


def dumped(value: Mapping[str, Any]) -> str:
    """A lock file's text: sorted, ASCII, one entry a line."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def digest(text: str) -> str:
    """The hash of a file's text as UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_lock(path: Path) -> Lock:
    """The lock at ``path``; an empty one where there is none or it is not ours."""
    data = read_table(path)
    return Lock(
        str(data.get("generator", "")),
        _texts(data.get("inputs")),
        _texts(data.get("files")),
        _texts(data.get("urls")),
    )


def read_table(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is none."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(k): str(v) for k, v in value.items()}
