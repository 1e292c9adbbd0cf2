"""The expression language of manifests: every form, every slip, no way to hang it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire_codegen.manifest_expressions import (
    BadExpression,
    parse,
    parse_path,
    path_text,
    text_of,
)

FORMS: list[tuple[str, Any]] = [
    ("$.a.b", ["exists", [0, "a", "b"]]),
    ("a.b", ["exists", [0, "a", "b"]]),
    ("$", ["exists", [0]]),
    ("exists($.a)", ["exists", [0, "a"]]),
    ("exists(functionCall)", ["exists", [0, "functionCall"]]),
    ("exists", ["exists", [0, "exists"]]),
    ("$.a[0].b", ["exists", [0, "a", 0, "b"]]),
    ("$.a.0.b", ["exists", [0, "a", 0, "b"]]),
    ("$.a[*].b[*]", ["exists", [0, "a", None, "b", None]]),
    ("$.a.*", ["exists", [0, "a", None]]),
    ("$['a b']['c']", ["exists", [0, "a b", "c"]]),
    ("$.x-y_z", ["exists", [0, "x-y_z"]]),
    ("$.type == 'error'", ["==", [0, "type"], "error"]),
    ('$.type == "error"', ["==", [0, "type"], "error"]),
    ("'error' == $.type", ["==", [0, "type"], "error"]),
    ("type=='tool_use'", ["==", [0, "type"], "tool_use"]),
    ("$.n == 1", ["==", [0, "n"], 1]),
    ("$.n == -1.5e2", ["==", [0, "n"], -150.0]),
    ("$.n == true", ["==", [0, "n"], True]),
    ("$.n == false", ["==", [0, "n"], False]),
    ("$.n != null", ["!=", [0, "n"], None]),
    ("$.t in ['a', \"b\", 1]", ["in", [0, "t"], ["a", "b", 1]]),
    ("$.t in []", ["in", [0, "t"], []]),
    ("$.in == 1", ["==", [0, "in"], 1]),
    ("true", ["true"]),
    ("false", ["not", ["true"]]),
    ("!$.a", ["not", ["exists", [0, "a"]]]),
    ("!!a", ["not", ["not", ["exists", [0, "a"]]]]),
    ("a && b && c", ["and", *(["exists", [0, x]] for x in "abc")]),
    ("a || b", ["or", ["exists", [0, "a"]], ["exists", [0, "b"]]]),
    (
        "a && b || c",
        ["or", ["and", *(["exists", [0, x]] for x in "ab")], ["exists", [0, "c"]]],
    ),
    (
        "a && (b || c)",
        ["and", ["exists", [0, "a"]], ["or", *(["exists", [0, x]] for x in "bc")]],
    ),
    (
        "$.c[?(@.type=='text')].text",
        ["exists", [0, "c", ["?", ["==", [0, "type"], "text"]], "text"]],
    ),
    (
        "$.p[?(@.text)].text",
        ["exists", [0, "p", ["?", ["exists", [0, "text"]]], "text"]],
    ),
    ("$.p[?@.text]", ["exists", [0, "p", ["?", ["exists", [0, "text"]]]]]),
    ("$.t == 'it\\'s'", ["==", [0, "t"], "it's"]),
    ("  $.a\n&&\t$.b ", ["and", ["exists", [0, "a"]], ["exists", [0, "b"]]]),
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[form[0] for form in FORMS])
def test_a_form_is_read(text: str, expected: Any) -> None:
    """Each form that manifests use becomes its small list."""
    assert expected == parse(text)


@pytest.mark.parametrize("text", [form[0] for form in FORMS])
def test_what_was_read_can_be_written(text: str) -> None:
    """The text of a form, read again, is the same form."""
    assert parse(text) == parse(text_of(parse(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "character 1: expected a path, got the end"),
        ("$.", "character 3: expected a name after '.', got the end"),
        ("$..a", "character 2: '..' is not known here: name every step"),
        ("$a", "character 2: expected '.' or '[', got 'a'"),
        ("a == ", "character 6: expected a text in quotes, a number"),
        ("a == b", "character 6: expected a text in quotes, a number"),
        ("a b", "character 3: expected the end, got 'b'"),
        ("(a", "character 3: expected ')', got the end"),
        ("a[1", "character 4: expected ']', got the end"),
        ("a[-1]", "character 3: expected an index, '*', a filter or a name"),
        ("a in ['b'", "character 10: expected ',', got the end"),
        ("a == 'b", "character 6: ''' has no place in an expression"),
        ("a > 1", "character 3: '>' has no place in an expression"),
        ("a == 1e999", "character 6: '1e999' is too large"),
        ("'a'", "character 4: expected '==' or '!=', got the end"),
        ("a[1234567]", "character 3: an index of more than 6 digits"),
    ],
)
def test_a_slip_is_named_with_its_character(text: str, message: str) -> None:
    """What cannot be read says where it stands and what was expected there."""
    with pytest.raises(BadExpression) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "(" * 5_000,
        "!" * 9_000,
        "$.a[?(@.b" * 1_000,
        "a." * 5_000,
        "a || " * 2_000,
        "'" + "\\" * 9_990,
        "$.a == " + "1" * 9_000,
        "\x00",
        "\ud800",
    ],
    ids=[
        *("1MB", "brackets", "nots", "filters", "dots"),
        *("ors", "escapes", "digits", "nul", "surrogate"),
    ],
)
def test_hostile_text_is_an_error_at_once(text: str) -> None:
    """Deep nesting and great length are refused; nothing hangs or overflows a stack."""
    begun = time.perf_counter()
    with pytest.raises(BadExpression):
        parse(text)
    assert time.perf_counter() - begun < 0.5


@given(st.text(max_size=60) | st.text("$@.[]()*?'\"&|!=, ainxe0", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text gives another error, and what is read can be written and read again."""
    try:
        found = parse(text)
    except BadExpression:
        return
    assert found == parse(text_of(found))


_NAMES = st.text(min_size=1, max_size=6).filter(lambda text: text.isprintable())
_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(-1e9, 1e9).filter(lambda value: "e" not in repr(value))
    | st.text(max_size=8)
)


def _expressions(depth: int) -> st.SearchStrategy[Any]:
    inner = _expressions(depth - 1) if depth else st.just(["true"])
    steps = _NAMES | st.integers(0, 999) | st.none()
    steps = steps | (inner.map(lambda e: ["?", e]) if depth else st.nothing())
    paths = st.lists(steps, max_size=4).map(lambda found: [0, *found])
    plain = (
        st.just(["true"])
        | paths.map(lambda path: ["exists", path])
        | st.tuples(st.sampled_from(["==", "!="]), paths, _VALUES).map(list)
        | st.tuples(st.just("in"), paths, st.lists(_VALUES, max_size=3)).map(list)
    )
    if not depth:
        return plain
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        plain
        | inner.map(lambda e: ["not", e])
        | several.map(lambda found: ["and", *found])
        | several.map(lambda found: ["or", *found])
    )


@given(_expressions(2))
def test_writing_and_reading_are_inverse(expression: Any) -> None:
    """Whatever can be expressed survives being written as text and read."""
    assert expression == parse(text_of(expression))


def test_a_path_is_written_with_its_root() -> None:
    """A path's text begins with ``$`` and quotes what is no plain name."""
    assert path_text(parse_path("a[*]['b c'][3]")) == "$.a[*]['b c'][3]"
