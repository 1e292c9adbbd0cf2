"""Overlays: merge, append, remove, and what is said when an action does not fit."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main
from specwire_codegen.overlay import apply
from specwire_codegen.problems import Problems
from specwire_codegen.source import Source, load

from .building import HERE, reads, saved

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
        ({"overlay": "1.0.0", "info": {}, "actions": []}, "error O001 o.yaml#/actions"),
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


# -- cases as files ------------------------------------------------------------------

CASES = sorted(path.parent for path in HERE.glob("overlays/*/overlay.yaml"))


@pytest.mark.parametrize("folder", CASES, ids=[case.name for case in CASES])
def test_cases(folder: Path) -> None:
    """A document and an overlay give what is expected, and say what ``x-said`` says."""
    problems = Problems()
    before, over, expected = (
        load(folder / f"{name}.yaml", problems, root=folder)
        for name in ("document", "overlay", "expected")
    )
    said = expected.data.pop("x-said", [])
    assert apply(before.data, over, problems) == expected.data
    assert said == [f"{p.severity} {p.code} {p.at}" for p in problems]


def test_there_is_a_case_of_each_kind() -> None:
    """The kinds of the official sets are all here."""
    assert len(CASES) == 8


ACTION = "[{target: $.info, update: {title: T}}]"


@pytest.mark.parametrize(
    ("overlay", "code", "said"),
    [
        (
            f"overlay: 2.0.0\ninfo: {{}}\nactions: {ACTION}",
            2,
            "1: error O001 overlay v",
        ),
        ("overlay: 1.0.0\ninfo: {}", 2, "error O001 expected a list in 'actions'"),
        (
            "overlay: 1.0.0\ninfo: {}\nactions: []",
            2,
            "error O001 expected at least one",
        ),
        (f"openapi: 3.1.0\nactions: {ACTION}", 2, "error O001 expected an object with"),
        (
            "overlay: 1.0.0\ninfo: {}\nactions:\n- {target: '$.info[', remove: true}",
            2,
            "o.yaml:4:4: error O002 '$.info[' is not a JSONPath",
        ),
        (
            "overlay: 1.0.0\ninfo: {}\nactions:\n- {target: info, remove: true}",
            2,
            "o.yaml:4:4: error O002 'info' is not a JSONPath",
        ),
        (
            "overlay: 1.0.0\ninfo: {}\nactions:\n- {target: $.nope, remove: true}",
            0,
            "o.yaml:4:4: warning O003 '$.nope' matches nothing",
        ),
        ("overlay: [", 2, "error S003 this is not YAML"),
    ],
)
def test_overlays_that_are_wrong(
    overlay: str,
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An overlay that cannot be applied ends in 2; an action on nothing does not."""
    path = tmp_path / "o.yaml"
    path.write_text(overlay)
    spec = saved(reads(Box={"type": "object"}), tmp_path)
    out = tmp_path / "out"
    assert main(["build", str(spec), "-o", str(out), "--overlay", str(path)]) == code
    assert said in capsys.readouterr().err
    assert out.exists() is (code == 0)
