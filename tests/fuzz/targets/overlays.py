"""Overlays: any action on a document changes it, or is a problem; paths are bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from specwire_codegen.jsonpath import PathError, find
from specwire_codegen.overlay import apply
from specwire_codegen.problems import Problems
from specwire_codegen.source import Source

from ..taking import Taking

DATA: dict[str, Any] = {
    "paths": {
        "/a": {
            "get": {
                "tags": ["x", "y"],
                "parameters": [
                    {"name": "q", "in": "query", "required": True, "n": 1.5},
                    {"name": "p", "in": "path"},
                ],
            }
        }
    },
    "list": [0, [1, [2]], None, "text", True],
    "deep": {"a": {"a": {"a": {}}}},
}
# A byte over 127 is one of these, so that few bytes are already a path.
WORDS = (
    *("$", "..", ".*", "[*]", "[?", "@", "]", "['a']", ".paths", ".list", ".a"),
    *("[0]", "[-1]", "[1:]", "[::-1]", " == ", " != ", " <= ", "&&", "||", "!", "("),
    *(")", "'query'", "@.in", "@.name", "$.deep", "null", "true", "1.5", ".get"),
    *(".parameters", "..a", "[?@..a]", "[?@ == $]", "['\\u0061']", "[?!@.required]"),
)
UPDATES = (
    *({"a": 1}, [1], None, "text", {"list": [1, {"a": {}}]}, {"a": {"b": {"c": []}}}),
    {"deep": {"a": None}},
)


def check(data: bytes) -> None:
    """Actions: a kind, an update, the length of a path and the path."""
    take = Taking(data)
    actions: list[Any] = []
    while take and len(actions) < 4:
        kind, update = take.number(6), take.one(UPDATES)
        target = path_of(take.bytes(take.number(48)))
        _found(target)
        actions.append(_action(kind, target, update, path_of(take.bytes(kind // 4))))
    problems = Problems()
    overlay = {"overlay": "1.0.0", "info": {}, "actions": actions}
    before = json.dumps(DATA)
    source = Source("overlay.yaml", Path("overlay.yaml"), overlay, "")
    changed = apply(DATA, source, problems)
    assert json.dumps(DATA) == before
    json.dumps(changed, allow_nan=False)
    for line in problems.render():
        assert line.isprintable() and len(line) < 1000


def path_of(data: bytes) -> str:
    return "".join(
        WORDS[byte % len(WORDS)] if byte > 127 else chr(byte) for byte in data
    )


def _action(kind: int, target: str, update: Any, source: str) -> Any:
    return (
        {"target": target, "update": update},
        {"target": target, "remove": True},
        {"target": target, "copy": "$.deep"},
        {"target": target, "remove": update},
        {"target": target, "copy": source},
        update,
    )[kind]


def _found(target: str) -> None:
    """A match says where it is."""
    try:
        matches = find(DATA, target)
    except PathError as error:
        assert 0 <= error.offset <= len(target)
        return
    assert len({match.tokens for match in matches}) == len(matches)
    for match in matches:
        value: Any = DATA
        for token in match.tokens:
            value = value[token]
        assert value is match.value
