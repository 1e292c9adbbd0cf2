"""``explain``: what a part of a document became, found by any of its names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main

from .building import DOCUMENTS, document, replies, saved

LIBRARY = DOCUMENTS / "library.json"


def explained(
    capsys: pytest.CaptureFixture[str], wanted: str, *more: str, spec: Path = LIBRARY
) -> str:
    capsys.readouterr()
    assert main(["explain", str(spec), wanted, *more]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "wanted",
    [
        "createAnswer",
        "POST /v2/answers",
        "answers.create",
        "/paths/~1v2~1answers/post",
        "#/paths/~1v2~1answers/post",
        "library.json#/paths/~1v2~1answers/post",
    ],
)
def test_an_operation_has_many_names(
    capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    """Id, method and path, Python name and pointers lead to the same operation."""
    out = explained(capsys, wanted)
    assert out.startswith("operation /paths/~1v2~1answers/post (")
    assert "client.answers.create" in out
    assert "Answer | _Stream[AnswerEvent]" in out


def test_decisions_have_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    """Flag, retry and paging say which statement or rule they come from."""
    out = explained(capsys, "createAnswer")
    assert "stream switches to a stream (by x-specwire-flag)" in out
    assert "always (x-specwire-retry says so)" in out
    out = explained(capsys, "listBooks")
    assert "after from last_id (by x-specwire-paging)" in out
    assert "always (GET may be repeated)" in out
    out = explained(capsys, "getShelf")
    assert "data of the reply (by x-specwire-value)" in out


def test_the_async_side_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the module that it is in; of a plan that leaves it out there is none."""
    out = explained(capsys, "createAnswer")
    assert "the same of AsyncClient, awaited; aio/resources/answers.py" in out
    assert "AsyncClient, awaited or iterated over;" in explained(capsys, "listBooks")
    get = {"operationId": "one", "responses": replies(True)}
    saved(document({"/a": {"get": get}}), tmp_path)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[package]\nname = "x"\nout = "x"\nasync = false\n'
        '[[document]]\nfile = "api.json"\nservice = "x"\n'
    )
    assert main(["explain", "--plan", str(plan), "one"]) == 0
    assert "AsyncClient" not in capsys.readouterr().out


def test_a_schema_has_two_sides(capsys: pytest.CaptureFixture[str]) -> None:
    """What is received and sent has a name, a module and members for each side."""
    out = explained(capsys, "Book")
    assert "created_at (on the wire createdAt): _dt.datetime" in out
    assert "secret: only in requests" in out
    assert "BookParam" in out
    assert "models/books_params.py" in out


def test_a_part_of_something(capsys: pytest.CaptureFixture[str]) -> None:
    """A member is explained alone; what has no name counts to what holds it."""
    out = explained(capsys, "/components/schemas/Thing/properties/createdAt")
    assert "Book.created_at: _dt.datetime" in out
    inner = explained(capsys, "/components/schemas/Thing/properties/createdAt/format")
    assert inner == out


def test_degradation_is_shown_with_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Findings about the part, and only those, follow its facts."""
    spec = saved(
        document(
            {
                "/a/{b}": {"get": {"operationId": "one", "responses": replies(True)}},
                "/c/{d}": {"get": {"operationId": "two", "responses": replies(True)}},
            }
        ),
        tmp_path,
    )
    out = explained(capsys, "one", spec=spec)
    assert "warning D007 '{b}' in the path is not declared" in out
    assert "{d}" not in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` is a list of objects with the same facts."""
    found: list[dict[str, Any]] = json.loads(explained(capsys, "Book", "--json"))
    assert [one["pointer"] for one in found] == ["/components/schemas/Book"]
    assert ["received as", "Book"] in found[0]["facts"]


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("Bok", "'Book'"),
        ("createAnswr", "'createAnswer'"),
        ("/components/schemas/Bok", "'/components/schemas/Book'"),
    ],
)
def test_an_unknown_name(
    capsys: pytest.CaptureFixture[str], wanted: str, near: str
) -> None:
    """What is not there ends in 2, with what was probably meant."""
    assert main(["explain", str(LIBRARY), wanted]) == 2
    assert f"did you mean {near}?" in capsys.readouterr().err


def test_nothing_near(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a near name the message says what may be asked for; text is escaped."""
    assert main(["explain", str(LIBRARY), "\x1b[31mqqqqqqqqq"]) == 2
    error = capsys.readouterr().err
    assert "expected a JSON pointer, an operationId" in error
    assert "\x1b" not in error


def test_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--plan`` the names are the plan's."""
    get = {"operationId": "one", "responses": replies(True)}
    saved(document({"/a": {"get": get}}), tmp_path)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[package]\nname = "shop"\nout = "shop"\n'
        '[[document]]\nfile = "api.json"\nservice = "shop"\n'
        '[operations]\none = "things.fetch"\n'
    )
    assert main(["explain", "--plan", str(plan), "one"]) == 0
    out = capsys.readouterr().out
    assert "client.things.fetch" in out
    assert "by the plan" in out


def test_the_pointer_may_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    """``explain POINTER SPEC`` is the same as ``explain SPEC POINTER``."""
    usual = explained(capsys, "#/paths/~1v2~1answers/post")
    assert main(["explain", "#/paths/~1v2~1answers/post", str(LIBRARY)]) == 0
    assert capsys.readouterr().out == usual
