"""JSONPath: what targets of overlays select, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from specwire_codegen.jsonpath import PathError, find

DATA: dict[str, Any] = {
    "paths": {
        "/pets": {
            "get": {
                "operationId": "list",
                "parameters": [
                    {"name": "limit", "in": "query", "max": 100},
                    {"name": "trace", "in": "header", "max": 5},
                    {"name": "x", "in": "query", "required": True},
                ],
            },
            "post": {"operationId": "add", "deprecated": None},
        },
        "/a'b": {"get": {"operationId": "odd", "x-tag": 1}},
    },
    "list": [0, 1, 2, 3],
}


def paths(expression: str) -> list[str]:
    """The selected places as JSON pointers."""
    return ["/" + "/".join(map(str, m.tokens)) for m in find(DATA, expression)]


PETS = "/paths//pets"
PARAMETERS = f"{PETS}/get/parameters"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$", ["/"]),
        ("$.list", ["/list"]),
        ("$['list']", ["/list"]),
        ('$["list"]', ["/list"]),
        ("$.list[0]", ["/list/0"]),
        ("$.list[-1]", ["/list/3"]),
        ("$.list[9]", []),
        ("$.list[1:3]", ["/list/1", "/list/2"]),
        ("$.list[::-2]", ["/list/3", "/list/1"]),
        ("$.list[0, 0, 1]", ["/list/0", "/list/1"]),
        ("$.list.*", ["/list/0", "/list/1", "/list/2", "/list/3"]),
        ("$.paths['/pets'].get.operationId", [f"{PETS}/get/operationId"]),
        ("$.paths['/a\\'b'].get.x-tag", ["/paths//a'b/get/x-tag"]),
        ("$['paths']['\\u002fpets']", [PETS]),
        ("$.nothing.at.all", []),
        (
            "$.paths.*.*.operationId",
            [
                f"{PETS}/get/operationId",
                f"{PETS}/post/operationId",
                "/paths//a'b/get/operationId",
            ],
        ),
        ("$..max", [f"{PARAMETERS}/0/max", f"{PARAMETERS}/1/max"]),
        ("$..[?@.in == 'header']", [f"{PARAMETERS}/1"]),
        ("$.paths.*[?@.operationId=='add']", [f"{PETS}/post"]),
        (
            "$..parameters[?(@.in == 'query')].name",
            [f"{PARAMETERS}/{n}/name" for n in (0, 2)],
        ),
        ("$..parameters[?@.in != 'query']", [f"{PARAMETERS}/1"]),
        ("$..parameters[?@.required]", [f"{PARAMETERS}/2"]),
        ("$..parameters[?!@.required && @.max > 5]", [f"{PARAMETERS}/0"]),
        (
            "$..parameters[?@.max<6 || @.required==true]",
            [f"{PARAMETERS}/{n}" for n in (1, 2)],
        ),
        ("$..parameters[?@.max >= 5 && @.max <= 5]", [f"{PARAMETERS}/1"]),
        ("$.list[?@ == 1]", ["/list/1"]),
        ("$.list[?@ == true]", []),
        ("$.list[?@ > '0']", []),
        ("$.list[?@ == $.list[2]]", ["/list/2"]),
        ("$.paths.*[?@.deprecated == null]", [f"{PETS}/post"]),
        ("$..[?@.deprecated]", [f"{PETS}/post"]),
        ("  $.list  ", ["/list"]),
        ("$..*..*..*..max", [f"{PARAMETERS}/0/max", f"{PARAMETERS}/1/max"]),
    ],
)
def test_selects(expression: str, expected: list[str]) -> None:
    """Each form selects what RFC 9535 says, each place once."""
    assert expected == paths(expression)


def test_a_match_knows_its_parent() -> None:
    """The parent is the container itself, so an action can change it."""
    (match,) = find(DATA, "$.list[2]")
    assert match.parent is DATA["list"]
    assert match.tokens == ("list", 2)
    assert match.value == 2


def test_the_root_has_no_parent() -> None:
    """``$`` selects the whole and nothing holds it."""
    (match,) = find(DATA, "$")
    assert match.parent is None


@pytest.mark.parametrize(
    ("expression", "offset"),
    [
        ("", 0),
        ("paths", 0),
        ("$.", 2),
        ("$x", 1),
        ("$.a b", 3),
        ("$['a", 2),
        ("$[a]", 2),
        ("$[0", 3),
        ("$[::0]", 5),
        ("$[?]", 3),
        ("$[?'a']", 6),
        ("$[?@.a ==]", 9),
        ("$[?(@.a]", 7),
        ("$[?length(@.a) > 1]", 3),
        ("$.." + "[", 4),
    ],
)
def test_refuses_with_a_position(expression: str, offset: int) -> None:
    """What is not understood is a value error that says where."""
    with pytest.raises(PathError) as caught:
        find(DATA, expression)
    assert offset == caught.value.offset


@pytest.mark.parametrize(
    "expression", ["$[?" + "(" * 10_000, "$[?" + "!" * 10_000 + "@.a]"]
)
def test_nesting_is_bounded(expression: str) -> None:
    """Ten thousand brackets are an error, not a stack overflow."""
    with pytest.raises(PathError, match="nested too deep"):
        find(DATA, expression)


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression that would look at everything for everything is stopped."""
    monkeypatch.setattr("specwire_codegen.jsonpath.LIMIT", 10_000)
    data = {str(n): {"a": list(range(50))} for n in range(50)}
    with pytest.raises(PathError, match="looks at more than"):
        find(data, "$..[?@..[?@..a]]")
