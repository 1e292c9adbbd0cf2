"""Beta twins: paths that a query alone tells apart, and what members imply or are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .building import built, document, lowered, replies


def operation(**more: Any) -> dict[str, Any]:
    return {"responses": replies({"$ref": "#/components/schemas/Answer"}), **more}


def asks(implied: Any, word: str = "implied") -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "by-wire": {"type": "string"}},
    }
    content = {"application/json": {"schema": body}}
    post = operation(requestBody={"content": content}, operationId="ask")
    return document(
        {"/answers": {"post": {**post, f"x-specwire-{word}": implied}}},
        {"Answer": {"type": "object", "properties": {"text": {"type": "string"}}}},
    )


def test_what_only_twins_reach_lives_with_the_plain_one(tmp_path: Path) -> None:
    """A schema of a path and its twin is in the module of the path without query."""
    data = document(
        {
            "/answers": {"get": operation(tags=["answers"])},
            "/answers?beta=true": {"get": operation(tags=["trials"])},
        },
        {"Answer": {"type": "object", "properties": {"text": {"type": "string"}}}},
    )
    output, _ = built(data, tmp_path)
    assert "resources/beta_trials.py" in output.files
    assert "class Answer(" in output.files["models/answers.py"]
    assert "models/shared.py" not in output.files


def test_a_member_may_imply_a_header(tmp_path: Path) -> None:
    """What the overlay says of a member is in the record, under the argument's name."""
    implied = {"by-wire": {"x-beta": "one"}}
    output, _ = built(asks(implied), tmp_path)
    text = "".join(output.files["resources/answers.py"].split())
    assert 'implied={"by_wire":("x-beta","one")}' in text


@pytest.mark.parametrize(
    "implied", [{"gone": {"x-beta": "one"}}, {"text": {"not a name": "one"}}]
)
def test_what_cannot_be_implied_is_left_out(tmp_path: Path, implied: Any) -> None:
    """A member that is not there, or a header that cannot be, is a warning."""
    api, problems = lowered(asks(implied), tmp_path)
    assert api.operations[0].implied == ()
    assert [problem.code for problem in problems] == ["L207"]


def test_values_and_places_of_members_may_be_retiring(tmp_path: Path) -> None:
    """The record has them by argument: a table of days, or the place that is new."""
    retiring = {"by-wire": {"old": "2030-01-31"}, "text": "by-wire.text"}
    output, _ = built(asks(retiring, "retiring"), tmp_path)
    text = "".join(output.files["resources/answers.py"].split()).replace(",}", "}")
    assert 'retiring={"by_wire":{"old":"2030-01-31"},"text":("by_wire","text")}' in text


@pytest.mark.parametrize(
    "retiring", [{"gone": {"a": "b"}}, {"text": "gone.text"}, {"text": 3}]
)
def test_what_cannot_be_retiring_is_left_out(tmp_path: Path, retiring: Any) -> None:
    """A member that is not there, or no place of the body, is a warning."""
    api, problems = lowered(asks(retiring, "retiring"), tmp_path)
    assert api.operations[0].retiring == ()
    assert [problem.code for problem in problems] == ["L207"]


def test_a_part_of_a_member_may_be_replaced(tmp_path: Path) -> None:
    """The record has it by argument: part, value, better value, and where it is so."""
    said = {
        "part": "kind",
        "value": "a",
        "instead": "b",
        "where": {"by-wire": ["x", 1]},
    }
    output, _ = built(asks({"text": said}, "replaced"), tmp_path)
    text = "".join(output.files["resources/answers.py"].split()).replace(",)", ")")
    assert 'replaced={"text":("kind","a","b","by_wire",("x","1"))}' in text
    for wrong in (3, {**said, "where": {"gone": []}}, {**said, "instead": None}):
        api, problems = lowered(asks({"text": wrong}, "replaced"), tmp_path)
        assert api.operations[0].replaced == ()
        assert [problem.code for problem in problems] == ["L207"]
