"""Texts put together at random, cut at random: a stream is judged as the whole is."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

from specwire.chat.events import ContentDelta, PartialToolCall
from specwire.errors import GuardrailError
from specwire.guardrails import (
    Filter,
    Guardrails,
    KeywordFilter,
    PiiDetector,
    RegexFilter,
    SecretFilter,
    UrlFilter,
)
from specwire.guardrails.deciding import findings_in
from specwire.guardrails.folding import View

from .test_sample import rows

ODD = "kill kills skill 爆弾 nai\u0308ve na\u00efve c++ k\u0456ll k\u200bill TICK-1234"
PARTS = [
    *ODD.split(),
    *("end it all", "end  it", "http://evil.net/a", "https://ok.org", "-----BEGIN"),
    *("12", "1", "(", "+", "-", ".", ",", "\n", " ", "DE", "A", "\u0301", "\u00e9"),
    *(text for kinds, text in rows() if kinds),
]
CALL: Any = type("Call", (), {"name": "x", "attempts_made": 1, "args": {}})


def filters(action: str) -> list[Filter]:
    words = ["kill", "kills", "end it all", "爆弾", "na\u00efve", "c++"]
    return [
        KeywordFilter(words, action=action),
        PiiDetector([*PiiDetector().kinds, "ip"], action=action),
        SecretFilter(action=action),
        UrlFilter(allowed=["ok.org"], action=action),
        RegexFilter(r"TICK-[0-9]{3,6}", action=action),
    ]


def texts(seed: int, count: int) -> Iterator[tuple[str, random.Random]]:
    chance = random.Random(seed)
    for _ in range(count):
        parts = chance.choices(PARTS, k=chance.randint(1, 7))
        yield (
            "".join(part + chance.choice(("", "", " ", ", ")) for part in parts),
            chance,
        )


def cut(text: str, chance: random.Random) -> list[str]:
    most = min(len(text) - 1, 12)
    cuts = sorted(chance.sample(range(1, len(text)), chance.randint(0, most)))
    return [text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)])]


def through(guard: Guardrails, events: list[Any]) -> tuple[str, bool]:
    """What is handed out of the events, and whether they were refused."""
    CALL.operation = type("Operation", (), {"result": None})
    tap: Any = guard.tap(CALL)
    out = list(tap.items(iter(events)))
    refused = bool(out) and isinstance(out[-1], GuardrailError)
    out += () if refused else tap.rest()
    refused = bool(out) and isinstance(out[-1], GuardrailError)
    said = [getattr(e, "content", "") or getattr(e, "arguments", "") for e in out]
    return "".join(said), refused


def test_masked_as_the_whole_is() -> None:
    """The same text, whatever the pieces."""
    guard = Guardrails(filters("mask"))
    for text, chance in texts(1, 150):
        whole = through(guard, [ContentDelta(text)])
        pieces = [ContentDelta(piece) for piece in cut(text, chance)]
        assert through(guard, pieces) == whole, text


def test_refused_as_the_whole_is() -> None:
    """And never is the whole of what is refused handed out."""
    guard = Guardrails(filters("block"))
    for text, chance in texts(2, 150):
        found = findings_in(guard.filters, View(text))
        pieces = [ContentDelta(piece) for piece in cut(text, chance)]
        said, refused = through(guard, pieces)
        assert refused is bool(found), text
        assert text.startswith(said)
        assert len(said) < min((each.end for each in found), default=len(text) + 1)


def test_json_stays_json() -> None:
    """Masked in a call's arguments, escaped or not, at any cut."""
    guard = Guardrails(filters("mask"))
    for text, chance in texts(3, 100):
        value = {"a": text, "b": [4111111111111111, None, "kill"], text[:9]: 1}
        written = json.dumps(value, ensure_ascii=chance.random() < 0.5)
        whole = through(guard, [PartialToolCall("t", written)])
        pieces = [PartialToolCall("t", piece) for piece in cut(written, chance)]
        assert through(guard, pieces) == whole, written
        assert json.loads(whole[0])["b"] == ["[card]", None, "[keyword]"]
