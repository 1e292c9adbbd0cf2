"""Files of the generator: plain JSON data, or Unusable with the reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from specwire_codegen.problems import Problems, Unusable
from specwire_codegen.source import read
from specwire_codegen.yamltree import DEPTH

from ..taking import Taking


def check(data: bytes) -> None:
    """One byte for the ending of the file's name, then the file."""
    take = Taking(data)
    name = take.one(("api.yaml", "api.json", "api"))
    problems = Problems()
    try:
        found = read(name, Path(name), take.rest(), problems).data
    except Unusable as error:
        assert error.problems.has_errors
        found = None
    for line in problems.render():
        assert line.isprintable() and len(line) < 1000, line
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    text.encode("utf-8")
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    assert _depth(found) <= DEPTH


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [
        inner
        for each in level
        if isinstance(each, (dict, list))
        for inner in (each.values() if isinstance(each, dict) else each)
    ]:
        depth += 1
    return depth
