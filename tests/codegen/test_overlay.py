"""Overlays: merge, append, remove, and what is said when an action does not fit."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.overlay import apply
from specwire_codegen.problems import Problems
from specwire_codegen.source import Source

DATA: dict[str, Any] = {
    "info": {"title": "T"},
    "tags": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    "paths": {"/a": {"get": {"operationId": "x", "tags": ["one"]}}},
}


def overlay(*actions: Any, **more: Any) -> Source:
    """An overlay of these actions."""
    head = {"overlay": "1.0.0", "info": {"title": "O", "version": "1"}}
    data = {**head, "actions": list(actions), **more}
    return Source("o.yaml", Path("o.yaml"), data, "")


def applied(*actions: Any, data: Any = DATA) -> tuple[Any, list[str]]:
    """The result and the problems without their places."""
    problems = Problems()
    out = apply(data, overlay(*actions), problems)
    return out, [f"{p.severity} {p.code} {p.at}" for p in problems]


def test_objects_are_merged_member_by_member() -> None:
    """An update adds and replaces; what it does not name stays."""
    update = {"summary": "s", "operationId": "y", "x": {"deep": 1}}
    out, said = applied({"target": "$.paths['/a'].get", "update": update})
    expected = {"operationId": "y", "tags": ["one"], "summary": "s", "x": {"deep": 1}}
    assert (expected, []) == (out["paths"]["/a"]["get"], said)


def test_lists_inside_an_update_are_added_to() -> None:
    """Merging never loses an entry of a list."""
    out, _ = applied({"target": "$.paths.*.get", "update": {"tags": ["two"]}})
    assert out["paths"]["/a"]["get"]["tags"] == ["one", "two"]


@pytest.mark.parametrize("update", [{"name": "d"}, [{"name": "d"}]])
def test_an_update_of_a_list_is_appended(update: Any) -> None:
    """One entry, or a list of entries, goes to the end."""
    out, _ = applied({"target": "$.tags", "update": update})
    assert out["tags"][-1] == {"name": "d"}


def test_remove_takes_out_members_and_entries() -> None:
    """Several entries of one list are all the right ones."""
    out, said = applied(
        {"target": "$.tags[?@.name != 'b']", "remove": True},
        {"target": "$.info.title", "remove": True, "update": {"ignored": 1}},
    )
    assert (out["tags"], out["info"], said) == ([{"name": "b"}], {}, [])


def test_remove_of_a_parent_and_its_child_is_fine() -> None:
    """A target may select both what holds and what is held."""
    out, said = applied({"target": "$.paths..*", "remove": True})
    assert (out["paths"], said) == ({}, [])


def test_actions_see_what_earlier_ones_did() -> None:
    """Order is the overlay's."""
    out, said = applied(
        {"target": "$", "update": {"x-new": {"a": 1}}},
        {"target": "$.x-new", "update": {"b": 2}},
    )
    assert (out["x-new"], said) == ({"a": 1, "b": 2}, [])


def test_copy_merges_another_part() -> None:
    """Overlay 1.1: the value of an update may come from the document."""
    out, said = applied({"target": "$.info", "copy": "$.paths['/a'].get"})
    assert (
        out["info"],
        said,
    ) == ({"title": "T", "operationId": "x", "tags": ["one"]}, [])


def test_the_document_given_is_not_changed() -> None:
    """The result is a copy, and parts inserted twice are two parts."""
    before = deepcopy(DATA)
    out, _ = applied({"target": "$.tags.*", "update": {"x": {"y": []}}})
    assert before == DATA
    out["tags"][0]["x"]["y"].append(1)
    assert out["tags"][1]["x"]["y"] == []


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"target": "$.nope", "remove": True}, "warning O003 {at}/target"),
        ({"target": "$.tags[", "remove": True}, "error O002 {at}/target"),
        ({"target": "$.info.title", "update": "U"}, "error O004 {at}/update"),
        ({"target": "$.info", "update": "U"}, "error O004 {at}/update"),
        ({"target": "$", "remove": True}, "error O004 {at}"),
        ({"target": "$.info"}, "error O001 {at}"),
        ({"update": {}}, "error O001 {at}"),
        ({"target": 1, "update": {}}, "error O001 {at}"),
        ({"target": "$.info", "remove": "yes"}, "error O001 {at}/remove"),
        ("x", "error O001 {at}"),
        ({"target": "$.info", "updat": {}, "remove": True}, "warning O001 {at}/updat"),
        ({"target": "$.info", "copy": "$.tags.*"}, "error O004 {at}/copy"),
        ({"target": "$.info", "copy": "$.nope"}, "warning O003 {at}/copy"),
    ],
)
def test_an_action_that_does_not_fit_is_a_problem(action: Any, expected: str) -> None:
    """The action is skipped, the others are done, nothing is raised."""
    out, said = applied(action, {"target": "$.tags", "update": {"name": "z"}})
    assert [expected.format(at="o.yaml#/actions/0")] == said
    assert out["tags"][-1] == {"name": "z"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "error O001 o.yaml#"),
        ({"openapi": "3.1.0"}, "error O001 o.yaml#"),
        ({"overlay": "2.0.0"}, "error O001 o.yaml#/overlay"),
        ({"overlay": "1.0.0", "info": {}}, "error O001 o.yaml#"),
        ({"overlay": "1.0.0", "info": {}, "actions": {}}, "error O001 o.yaml#"),
    ],
)
def test_what_is_no_overlay_changes_nothing(data: Any, code: str) -> None:
    """A file of another kind is an error and the document stays as it was."""
    problems = Problems()
    source = Source("o.yaml", Path("o.yaml"), data, "")
    assert apply(DATA, source, problems) == DATA
    assert [code] == [f"{p.severity} {p.code} {p.at}" for p in problems]


def test_a_bomb_made_of_copies_is_stopped() -> None:
    """Doubling the document again and again ends in a problem, not in swap."""
    doubling = [{"target": f"$['{n}']", "copy": "$"} for n in range(40)]
    data = {str(n): {} for n in range(40)}
    _, said = applied(*doubling, data=data)
    assert "error O004" in said[-1]


def test_nesting_made_by_actions_is_bounded() -> None:
    """What is too deep to read from a file is too deep to build."""
    deep: Any = {}
    for _ in range(150):
        deep = {"a": deep}
    _, said = applied(
        {"target": "$", "update": deep},
        {"target": "$" + ".a" * 150, "update": deep},
    )
    assert said == ["error O004 o.yaml#/actions/1"]
