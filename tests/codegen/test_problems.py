"""Problems: kept once, shown with a place and a hint, never able to fool a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import specwire_codegen
from specwire_codegen.problems import (
    CODES,
    Problems,
    Unusable,
    did_you_mean,
    near,
    shown,
)

FRONT = (
    "source yamltree jsontext positions overlay jsonpath check check_paths dialect "
    "swagger2 refs ref_files remote plan plan_file plan_values plantext document"
)


def test_a_line_has_place_severity_code_message_and_hint() -> None:
    """One problem is one line, in the order file, line, column, what, hint."""
    problems = Problems()
    problems.error(
        "R004", "a.yaml#/x", "$ref '#/Pett' not found", "did you mean 'Pet'?"
    )
    line = "a.yaml:120:9: error R004 $ref '#/Pett' not found, did you mean 'Pet'?"
    assert [line] == problems.render(lambda at: (120, 9))


def test_without_a_place_the_pointer_is_shown() -> None:
    """Where nobody knows a line, the JSON pointer stands in for it."""
    problems = Problems()
    problems.warning("D005", "a.yaml#/info", "odd")
    problems.note("D005", "a.yaml#", "odd")
    assert problems.render() == [
        "a.yaml#/info: warning D005 odd",
        "a.yaml: note D005 odd",
    ]


def test_a_known_place_is_not_looked_up() -> None:
    """A syntax error brings its own line and column."""
    problems = Problems()
    problems.add("error", "S003", "a.yaml#", "broken", place=(3, 4))
    assert problems.render(lambda at: (9, 9)) == ["a.yaml:3:4: error S003 broken"]


def test_the_same_problem_is_kept_once() -> None:
    """Two steps that find the same thing make one line."""
    problems = Problems()
    for _ in range(2):
        problems.error("R004", "a#/x", "gone")
    assert len(problems) == 1


def test_only_errors_count_as_errors() -> None:
    """Warnings and notes do not stop anybody."""
    problems = Problems()
    problems.warning("D005", "a#", "w")
    problems.note("D005", "a#", "n")
    assert not problems.has_errors
    problems.error("D004", "a#", "e")
    assert problems.has_errors


def test_as_json_splits_file_and_pointer() -> None:
    """The machine-readable form has every fact as a member of its own."""
    problems = Problems()
    problems.error("R004", "a.yaml#/x/y", "gone", "look")
    assert problems.as_json(lambda at: (7, 2)) == [
        {
            "severity": "error",
            "code": "R004",
            "file": "a.yaml",
            "pointer": "/x/y",
            "line": 7,
            "column": 2,
            "message": "gone",
            "hint": "look",
        }
    ]


def test_unusable_says_why() -> None:
    """The exception's text is the errors it carries."""
    problems = Problems()
    problems.warning("D005", "a#", "odd")
    problems.error("S001", "a#", "gone")
    assert str(Unusable(problems)) == "a: error S001 gone"


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("Pett", ["Pet", "Order"], "Pet"),
        ("PET", ["Pet"], "Pet"),
        ("zzz", ["Pet"], None),
        ("x" * 100_000, ["x" * 100_001], None),
        ("a", [], None),
    ],
)
def test_near_finds_what_was_meant(
    name: str, candidates: list[str], expected: str | None
) -> None:
    """A slip is found, a stranger is not, and huge names cost nothing."""
    assert expected == near(name, candidates)


def test_no_hint_when_nothing_is_near() -> None:
    """A hint is given or not; it is never a guess."""
    assert did_you_mean("zzz", ["Pet"]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a\\nb"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("caf\u00e9", "caf\u00e9"),
        ("\ud800", "\\ud800"),
        (12, "12"),
    ],
)
def test_shown_text_stays_on_its_line(text: object, expected: str) -> None:
    """Control and direction characters of a document are shown, not obeyed."""
    assert expected == shown(text)


def test_shown_text_is_short() -> None:
    """A megabyte in a document is not a megabyte in a message."""
    assert len(shown("x" * 1_000_000)) == 100


def test_every_code_of_the_front_end_is_in_the_table_and_used() -> None:
    """The table of codes and the modules that use them agree."""
    folder = Path(specwire_codegen.__file__).parent
    text = "".join((folder / f"{name}.py").read_text("utf-8") for name in FRONT.split())
    used = set(re.findall(r'"([SODRP][0-9]{3})"', text))
    assert {code for code in CODES if code[0] in "SODRP"} == used
