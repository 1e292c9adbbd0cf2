"""JSON that arrives in pieces: the value so far at every cut, the whole at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.structured.partial_json import PartialJSON

DOCUMENTS = [
    '{"a": "hel\\"lo", "b": [1, 2.5e3, -0, true, null, {"c": {}}], "d": [[]]}',
    '"\\u00e9\\ud83d\\ude00 \\ud83d x \\ud83d\\u0041 \\\\\\/\\b\\f\\n\\r\\t"',
    " [ ] ",
    "-12.5E+3",
    "null",
    '{"é": {"": [false, {"k": "v"}]}, "a": 1, "a": 2}',
    '"a\u2028b\x7f"',
]
NOTHING = object()
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def fed(*pieces: str, keep: bool = False, look: bool = False) -> Any:
    parser = PartialJSON(keep_strings=keep)
    for piece in pieces:
        parser.feed(piece)
        if look:
            parser.value()
    return parser.value(NOTHING)


@pytest.mark.parametrize("text", DOCUMENTS)
@pytest.mark.parametrize("keep", [False, True])
def test_the_whole_is_what_json_loads_says(text: str, keep: bool) -> None:
    """At every split into two, and character by character, looked at in between."""
    want = json.loads(text)
    assert fed(*text, keep=keep, look=True) == want
    for at in range(len(text) + 1):
        assert fed(text[:at], text[at:], keep=keep, look=True) == want, at


@pytest.mark.parametrize("text", DOCUMENTS)
@pytest.mark.parametrize("keep", [False, True])
def test_looking_and_cutting_change_nothing(text: str, keep: bool) -> None:
    """What a beginning says does not depend on how it came or who looked."""
    for end in range(len(text)):
        whole = fed(text[:end], keep=keep)
        assert fed(*text[:end], keep=keep, look=True) == whole, end


@pytest.mark.parametrize(
    ("text", "dropped", "kept"),
    [
        ("", NOTHING, NOTHING),
        ('"hel', NOTHING, "hel"),
        ('{"a": "hel', {}, {"a": "hel"}),
        ('{"a": "hel\\u00', {}, {"a": "hel"}),
        ('{"a": "x\\ud83d', {}, {"a": "x"}),
        ('{"a', {}, {}),
        ('{"a": 1', {"a": 1}, {"a": 1}),
        ('{"a": 1.', {}, {}),
        ("[1, tru", [1], [1]),
        ("[1, true", [1, True], [1, True]),
        ('["a", "b', ["a"], ["a", "b"]),
        ('[{"b": 1}, {"c"', [{"b": 1}, {}], [{"b": 1}, {}]),
    ],
)
def test_what_is_not_finished(text: str, dropped: Any, kept: Any) -> None:
    """Beginnings of strings are dropped, or kept where that was chosen."""
    assert fed(text) == dropped
    assert fed(text, keep=True) == kept


@pytest.mark.parametrize(
    "text",
    [
        *("{]", "[}", "[,", "[1,]", '{"a" 1', '{"a":}', "{1:", "1 2", "[1 2"),
        *("nope", "[tru]", "01", "[-]", "[1.]", '"\\x', '"\\u12g', '"\n', "NaN"),
        *('{"a":1,}', "}", "]", ":", '"a" "b"', "[1e]", "+1", "'a'"),
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    """At once or at the next character, and from then on each time."""
    parser = PartialJSON()
    with pytest.raises(ValueError, match="not JSON"):
        for char in text + " ":
            parser.feed(char)
    with pytest.raises(ValueError, match="not JSON"):
        parser.feed("")


def test_the_value_grows_in_place() -> None:
    """It is one object, which the next piece changes."""
    parser = PartialJSON()
    parser.feed('{"a": [1, ')
    value = parser.value()
    parser.feed("2]}")
    assert parser.value() is value
    assert value == {"a": [1, 2]}
    assert parser.complete


@given(JSON_VALUES, st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_any_value_in_any_pieces(value: Any, cuts: list[int], ascii_: bool) -> None:
    """As json.loads reads the whole, however it is cut."""
    text = json.dumps(value, ensure_ascii=ascii_)
    ends = [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    pieces = [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    assert fed(*pieces, look=True) == json.loads(text)
    assert fed(*text, keep=True, look=True) == json.loads(text)


@given(st.text(alphabet='{}[]",:\\u0123e+-.tfn '))
def test_what_json_loads_refuses_is_never_complete(text: str) -> None:
    """Complete means that json.loads takes it, and the other way round."""
    parser = PartialJSON()
    try:
        parser.feed(text)
        complete = parser.complete
    except ValueError:
        complete = False
    try:
        want = json.loads(text)
    except ValueError:
        assert not complete
    else:
        assert complete
        assert parser.value() == want
