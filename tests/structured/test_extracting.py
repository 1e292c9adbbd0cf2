"""``extract_json``: the JSON in a text that holds more than that."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.structured import extract_all, extract_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (' [1, 2]\n', [1, 2]),
        ("42", 42),
        ('Sure! {"a": {"b": [1, {}]}} Is that right?', {"a": {"b": [1, {}]}}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Text\n```\n{"a": 1}\n```\nmore', {"a": 1}),
        ('~~~JSON\n[{"a": 1}]\n~~~', [{"a": 1}]),
        ('```json\n{"a": 1}', {"a": 1}),
        ('```python\nx = {}\n```\n```json\n{"z": 1}\n```', {"z": 1}),
        ('{"no": 1}\n```json\n{"yes": 1}\n```', {"yes": 1}),
        ('{"code": "```\\nx\\n```"} done', {"code": "```\nx\n```"}),
        ('{"a": [1, 2,], "b": 2,} ok', {"a": [1, 2], "b": 2}),
        ('as in [1] we get {"a": 1}', {"a": 1}),
        ("[1] and [2, 3]", [1]),
        ("[] then [2]", [2]),
        ('use {name} and {{x}}: {"a": "}"}', {"a": "}"}),
        ('{"a": 1} {"b": 2}', {"a": 1}),
        ('say {"a": "x\ny"}', {"a": "x\ny"}),
        ('It\'s "{" then {"a": "\\u00e9\\""} end', {"a": 'é"'}),
    ],
)  # fmt: skip
def test_json_is_found(text: str, value: Any) -> None:
    """In fences, between words, with a comma too many; objects before lists."""
    assert extract_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON here",
        "{not json}",
        '{"a": {"b": 1}, "c": ',
        '{"a": {"b": 1}, "c": oops} and so on',
        'Here: [{"a": 1}, {"b": ',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a" 1}',
        '{"a": 1]',
        "[1 2]",
        "[,]",
        '{"a":}',
        "[" * 1000 + "]" * 1000,
    ],
)
def test_what_is_cut_or_broken_is_none(text: str) -> None:
    """No part of it is handed out as if it were the whole."""
    assert extract_json(text) is None
    assert extract_json(text, default=0) == 0


def test_every_value_can_be_had() -> None:
    """In order; what is inside another is part of that."""
    assert extract_all('a [1] b {"c": [2]} d [] e {bad} [3') == [[1], {"c": [2]}, []]


HOSTILE = {
    "brackets": "[" * 50_000,
    "braces": "{" * 50_000,
    "deep objects": '{"a":' * 30_000,
    "short depths": ("[" * 199 + "a") * 400,
    "open strings": '{"' * 50_000,
    "escapes": '{"\\"' * 40_000,
    "fences": "```json\n{\n" * 30_000,
    "ticks": "`" * 100_000,
    "quotes and marks": ("> " * 50 + "\n") * 2_000,
    "broken members": '{"a":1,' * 30_000,
    "blanks": ("[" + " " * 20) * 10_000,
    "lists of words": "[a" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_no_more_than_a_long_one(name: str) -> None:
    """A quarter of a million characters are a second's work at most, where the time
    of squares would be minutes."""
    begun = time.process_time()
    extract_json(HOSTILE[name])
    assert time.process_time() - begun < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = st.text(st.characters(blacklist_characters='{}[]"`~', codec="utf-8"))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, min_size=1), WORDS, WORDS)
def test_any_object_is_found_between_any_words(value: Any, one: str, two: str) -> None:
    """Compact or in lines, in a fence or not."""
    assert extract_json(f"{one} {json.dumps(value)} {two}") == value
    text = json.dumps(value, indent=2, ensure_ascii=False)
    assert extract_json(f"{one}\n```json\n{text}\n```\n{two}") == value


@settings(max_examples=150, deadline=None)
@given(st.text('{}[]":,\\ a1\n`', max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    """And every value that is found can be written again."""
    for value in extract_all(text):
        json.dumps(value)
