"""The extra ``fast``: large JSON is read by orjson, and reads the same."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.core import large_json
from specwire.core.codec import loads, loads_text

orjson = pytest.importorskip("orjson", reason="the extra 'fast' is not installed")
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(body: bytes) -> Any:
    """What orjson makes of ``body``; else what is made without it."""
    value = large_json.loads(body)
    return loads_text(body.decode()) if value is large_json.LEFT else value


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


@given(JSON)
def test_values_are_the_same(value: Any) -> None:
    """Integers of any size, floats to the last bit, every text."""
    body = json.dumps(value).encode()
    assert same(read(body), loads_text(body.decode()))


@pytest.mark.parametrize(
    "text",
    [
        *("1e400", "-1e400", "NaN", "Infinity", "[1,]", "{}x", "", "[" * 3000),
        *("123456789012345678901", "-9999999999999999999", "18446744073709551616"),
        *('"\\ud800"', "-0", "-0.0", "1E-400", "0.1e1", '{"a":1,"a":2}', " 1 ", "01"),
    ],
)
def test_oddities_are_the_same(text: str) -> None:
    """Values or refusals, as without it."""

    def outcome(reads: Any, given: Any) -> str:
        try:
            return repr(reads(given))
        except ValueError as error:
            return f"refused: {error}"

    assert outcome(read, text.encode()) == outcome(loads_text, text)


def test_only_large_bodies_are_read_by_it() -> None:
    """A small one is not even looked at; a large one is, and is the same."""
    vector = [math.sin(n) for n in range(2000)]
    body = json.dumps({"data": vector}).encode()
    assert len(body) > 8192
    assert large_json.loads(body) is not large_json.LEFT
    assert loads(body) == {"data": vector}
    with pytest.raises(ValueError, match="Expecting"):
        loads(body[:-2])
