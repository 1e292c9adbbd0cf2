"""Paths and expressions of records, against an interpreter that goes one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.chat import programs

NAMES = st.sampled_from(["a", "b", "type"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, "", "x", "y", 10**400])
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=12,
)
STEPS = NAMES | st.sampled_from([0, 1, -1, None])


def paths(levels: int = 1) -> st.SearchStrategy[list[Any]]:
    filters = st.builds(
        lambda name: ["?", ["exists", [0, name]]],
        NAMES,
    )
    return st.builds(
        lambda level, steps: [level, *steps],
        st.integers(0, levels - 1),
        st.lists(STEPS | filters, max_size=3),
    )


def atoms(levels: int) -> st.SearchStrategy[list[Any]]:
    literal = st.sampled_from([None, True, 0, 1, "x", "y"])
    return st.one_of(
        st.just(["true"]),
        st.builds(lambda path: ["exists", path], paths(levels)),
        st.builds(
            lambda kind, path, value: [kind, path, value],
            st.sampled_from(["==", "!="]),
            paths(levels),
            literal,
        ),
        st.builds(
            lambda path, values: ["in", path, values],
            paths(levels),
            st.lists(literal, max_size=3),
        ),
    )


def exprs(levels: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.recursive(
        atoms(levels),
        lambda inner: (
            st.builds(lambda part: ["not", part], inner)
            | st.builds(
                lambda kind, some: [kind, *some],
                st.sampled_from(["and", "or"]),
                st.lists(inner, min_size=1, max_size=3),
            )
        ),
        max_leaves=5,
    )


# -- one by one --------------------------------------------------------------------


def reach(path: list[Any], env: tuple[Any, ...]) -> list[Any]:
    """All values of a path; where every step has one place, there is one value."""
    found = [env[path[0]]]
    for step in path[1:]:
        found = [inner for value in found for inner in _step(step, value)]
    return found


def _step(step: Any, value: Any) -> list[Any]:
    if isinstance(step, str):
        return [value.get(step) if isinstance(value, dict) else None]
    if isinstance(step, int):
        inside = isinstance(value, list) and -len(value) <= step < len(value)
        return [value[step] if inside else None]
    elements = value if isinstance(value, list) else []
    if step is None:
        return elements
    return [element for element in elements if holds(step[1], (element,))]


def same(value: Any, literal: Any) -> bool:
    both = isinstance(value, bool) == isinstance(literal, bool)
    return bool(value == literal) and both


def holds(expr: list[Any], env: tuple[Any, ...]) -> bool:
    kind = expr[0]
    if kind == "true":
        return True
    if kind == "not":
        return not holds(expr[1], env)
    if kind in ("and", "or"):
        return (all if kind == "and" else any)(holds(part, env) for part in expr[1:])
    values = reach(expr[1], env)
    if kind == "exists":
        return any(value is not None for value in values)
    if kind == "in":
        return any(same(value, one) for value in values for one in expr[2])
    if kind == "==" and expr[2] is None:
        return not values or any(value is None for value in values)
    wanted = kind == "=="
    return any(same(value, expr[2]) == wanted for value in values)


@given(exprs(2), JSON, JSON)
def test_an_expression_says_what_its_parts_say(
    expr: list[Any], frame: Any, element: Any
) -> None:
    """Compiled and interpreted agree on any frame, of whatever shape."""
    env = (frame, element)
    assert holds(expr, env) == bool(programs.test(expr)(env))


@given(paths(), JSON)
def test_a_path_leads_where_its_steps_lead(path: list[Any], frame: Any) -> None:
    """Every value of a path is found, and none besides."""
    assert reach(path, (frame,)) == programs.several(path)((frame,))


@given(exprs(2), JSON, JSON)
def test_hooks_hold_wherever_the_expression_does(
    expr: list[Any], frame: Any, element: Any
) -> None:
    """An index may look at the hooks alone: it misses no frame."""
    hooks = programs.hooks(expr)
    there = [
        value is not None if text is None else value == text
        for level, names, text in hooks
        for value in reach([level, *names], (frame, element))
    ]
    if hooks and holds(expr, (frame, element)):
        assert any(there)
    if hooks and programs.hooked(expr):
        assert holds(expr, (frame, element)) == any(there)


# -- what stands in the language's description --------------------------------------


@pytest.mark.parametrize(
    ("expr", "frame", "expected"),
    [
        (["exists", [0, "a"]], {"a": None}, False),
        (["exists", [0, "a"]], {"a": 0}, True),
        (["==", [0, "a"], None], {}, True),
        (["==", [0, "a", None, "b"], None], {"a": []}, True),
        (["!=", [0, "a", None, "b"], None], {"a": [{"b": None}]}, False),
        (["!=", [0, "a", None, "b"], None], {"a": [{}, {"b": 1}]}, True),
        (["==", [0, "a"], 1], {"a": True}, False),
        (["in", [0, "a"], ["x", "y"]], {"a": ["x"]}, False),
        (["in", [0, "a"], ["x", "y"]], {"a": "y"}, True),
        (["!=", [0, "a"], "x"], [], True),
    ],
)
def test_null_absence_and_kinds(expr: list[Any], frame: Any, expected: bool) -> None:
    """Null is absent, true is not 1, and a wildcard asks each element."""
    assert programs.test(expr)((frame,)) is expected


def test_texts_of_several_places_are_one() -> None:
    """A path through a filter joins the texts that it leads to."""
    path = [0, "content", ["?", ["==", [0, "type"], "text"]], "text"]
    content = [{"type": "text", "text": "a"}, {"type": "x", "text": "b"}]
    get = programs.getter(path)
    assert get(({"content": [*content, *content]},)) == "aa"
    assert get(({"content": content},)) == "a"
    assert get(({"content": "a"},)) is None


def test_the_first_alternative_that_gives_something_wins() -> None:
    """Null is nothing; a literal stands in, and is known for one."""
    get = programs.source([["$", [0, "a"]], ["$", [0, "b"]], ["=", "stop"]])
    assert get(({"a": None, "b": 0},)) == 0
    assert get(({},)) == "stop"
    assert isinstance(get(({},)), programs.Literal)


def test_an_unknown_expression_is_refused() -> None:
    """A record of a newer format does not pass for an empty one."""
    with pytest.raises(ValueError, match="'xor'"):
        programs.test(["xor", ["true"]])
