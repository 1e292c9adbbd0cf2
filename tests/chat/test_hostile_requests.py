"""Whatever a program hands over: a body that is JSON, or an error that says why not."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire.chat.request import ChatRequest, payload
from specwire.errors import RequestValidationError

from .request_records import provider

CASES = json.loads((Path(__file__).parent / "requests" / "bodies.json").read_text())
ASKS = [
    *(case["request"] for case in CASES),
    {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "document", "source": {"type": "base64", "data": "JV"}},
                    {"type": "input_audio", "input_audio": {"data": "x"}},
                    {"type": "file", "file": {"file_id": "f"}},
                ],
            }
        ]
    },
    {
        "messages": ["Hi"],
        "response_format": {
            "$ref": "#/$defs/N",
            "$defs": {
                "N": {
                    "type": "object",
                    "properties": {
                        "a": {"allOf": [{"$ref": "#/$defs/N"}, {"required": ["a"]}]},
                        "b": {"anyOf": [{"type": "null"}, {"type": "array"}]},
                    },
                }
            },
        },
    },
]
JUNK: list[Any] = [
    *(None, True, -1, 1.5, "", "x", [], {}, ["x"], [[]], "data:x,y", "data:"),
    *({"type": "text"}, {"type": 1}, {"a": 1}, {"self": 1, "role": "user"}),
    *({"$ref": "#"}, {"$ref": "#/a"}, {"allOf": [{"$ref": "#"}]}),
]


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all that is in ``value``."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in members:
        yield (*way, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*way, key))


def broken(ask: Any, dice: random.Random) -> Any:
    """``ask`` with something in its place that does not belong there."""
    ask = copy.deepcopy(ask)
    for _ in range(dice.choice((1, 1, 2))):
        inside = [way for way in places(ask) if len(way) > 1 and way[0] != "extra"]
        *way, last = dice.choice(inside)
        at = ask
        for key in way:
            at = at[key]
        at[last] = copy.deepcopy(dice.choice(JUNK))
    return ask


@pytest.mark.parametrize("seed", range(4))
def test_any_request_is_json_or_refused(seed: int) -> None:
    """Nothing but a refusal comes out of a request that makes no sense."""
    dice = random.Random(seed)
    refused = 0
    for _ in range(300):
        ask = broken(dice.choice(ASKS), dice)
        for dialect in ("openai", "anthropic", "gemini", "cohere"):
            try:
                sent = payload(provider(dialect), ChatRequest("m", **ask))
            except RequestValidationError as error:
                refused += bool(str(error))
            else:
                assert json.dumps(sent.body)
    assert 0 < refused < 1200
