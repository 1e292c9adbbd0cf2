"""What is wrong with an input, as values: where, what, how bad, what was meant.

Steps add to one :class:`Problems` and go on; everything is shown together at the end.
An *error* says that a part of the input could not be used as it was meant, a *warning*
that it was understood in spite of a slip, a *note* what was decided. Lines and columns
are looked up only when something is shown: see :mod:`~specwire_codegen.positions`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from attrs import frozen

Severity: TypeAlias = Literal["error", "warning", "note"]
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""
Locate: TypeAlias = Callable[[str], "Place | None"]
"""From ``file#/json/pointer`` to a place; ``None`` when nobody can tell."""

CODES: dict[str, str] = {
    # input files
    "S001": "the file cannot be read",
    "S002": "the text is not in a known encoding",
    "S003": "the text is not JSON or YAML",
    "S004": "the file is empty, or holds more than one document",
    "S005": "a key appears twice in one mapping",
    "S006": "an alias is recursive, unknown, or expands too far",
    "S007": "the nesting is too deep",
    "S008": "a tag, or a key, that JSON cannot express",
    "S009": "a number that JSON cannot express",
    "S010": "half of a surrogate pair, replaced by U+FFFD",
    "S011": "a package needed to read this file is not installed",
    "S012": "a document on the network cannot be had as it was",
    # overlays
    "O001": "the overlay, or one of its actions, has the wrong shape",
    "O002": "the target is not a JSONPath this program knows",
    "O003": "the target matches nothing",
    "O004": "the update does not fit what the target selects",
    # shape of the document
    "D001": "this is not an OpenAPI document, or not a version that can be read",
    "D002": "a later or unknown minor version, read as the nearest known one",
    "D003": "the document describes nothing",
    "D004": "a part has the wrong shape and is ignored",
    "D005": "a loose value was put right or ignored",
    "D006": "a path does not start with a slash",
    "D007": "a name in the path is not declared as a parameter",
    "D008": "a path parameter does not occur in the path",
    "D009": "an operationId is used more than once",
    "D010": "a parameter is declared twice",
    "D011": "something of Swagger 2.0 cannot be expressed and was left out",
    # references
    "R001": "a reference leaves the folder of the document",
    "R002": "a reference to the network",
    "R003": "the file of a reference cannot be used",
    "R004": "a reference to something that is not there",
    "R005": "references that lead only to each other",
    # plan.toml
    "P001": "the plan is not TOML",
    "P002": "a key the plan does not know",
    "P003": "a value of the wrong type",
    "P004": "a value that is missing",
    "P005": "a value that cannot be right",
    # twins.toml, besides those of plan.toml
    "T001": "a module, class or function that is not there",
    "T002": "a name or pattern that fits no member of the class",
    "T003": "something that has no async face as the plan has it",
}
"""Every code of the steps up to the references, and what it means in one line."""

_SHOWN = 100


@frozen
class Problem:
    """One finding. ``at`` is ``file#/json/pointer``; ``hint`` completes the message.

    ``place`` is set only where there is no pointer to look up, as in a syntax error.
    """

    severity: Severity
    code: str
    at: str
    message: str
    hint: str | None = None
    place: Place | None = None


class Problems:
    """All findings of one run, in the order they were made; the same one only once."""

    def __init__(self) -> None:
        self._all: dict[Problem, None] = {}

    def add(
        self,
        severity: Severity,
        code: str,
        at: str,
        message: str,
        hint: str | None = None,
        *,
        place: Place | None = None,
    ) -> None:
        """Keep one finding."""
        self._all[Problem(severity, code, at, message, hint, place)] = None

    def error(self, code: str, at: str, message: str, hint: str | None = None) -> None:
        """A part of the input could not be used as it was meant."""
        self.add("error", code, at, message, hint)

    def warning(
        self, code: str, at: str, message: str, hint: str | None = None
    ) -> None:
        """Something was understood in spite of a slip."""
        self.add("warning", code, at, message, hint)

    def note(self, code: str, at: str, message: str, hint: str | None = None) -> None:
        """Something was decided that the reader may want to know."""
        self.add("note", code, at, message, hint)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(problem.severity == "error" for problem in self._all)

    def render(self, locate: Locate | None = None, *, notes: bool = True) -> list[str]:
        """One line each: ``file:line:col: error R004 message, hint``.

        Without ``notes`` those are left out, and nothing is looked up for them.
        """
        return [
            _line(problem, _place(problem, locate))
            for problem in self._all
            if notes or problem.severity != "note"
        ]

    def as_json(self, locate: Locate | None = None) -> list[dict[str, Any]]:
        """One JSON object each.

        ``{"severity": str, "code": str, "file": str, "pointer": str,
        "line": int | None, "column": int | None, "message": str, "hint": str | None}``
        """
        return [_object(problem, _place(problem, locate)) for problem in self._all]


class Unusable(Exception):
    """An input of which nothing can be used; ``problems`` says why."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        errors = [line for line in problems.render() if " error " in line]
        super().__init__("\n".join(errors) or "the input cannot be used")


def near(name: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The candidate that ``name`` was probably meant to be, if there is one.

    >>> near("Pett", ["Pet", "Order"])
    'Pet'
    """
    # difflib is quadratic in the length, and a document may hold 100 kB "names".
    if len(name) > 200:
        return None
    names = [one for one in candidates if len(one) <= 200]
    folded = {one.lower(): one for one in reversed(names)}
    if name.lower() in folded:
        return folded[name.lower()]
    found = get_close_matches(name, names[:5000], n=1, cutoff=cutoff)
    return found[0] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """``near`` as a hint: ``did you mean 'Pet'?``."""
    found = near(name, candidates)
    return None if found is None else f"did you mean '{shown(found)}'?"


def shown(value: object) -> str:
    """A value of a document for a message: on one line, short, nothing invisible.

    >>> shown("a\\nb")
    'a\\\\nb'
    """
    text = value if isinstance(value, str) else repr(value)
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(c if _visible(c) else ascii(c)[1:-1] for c in cut)


def _visible(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZ"


def _place(problem: Problem, locate: Locate | None) -> Place | None:
    if problem.place is not None or locate is None:
        return problem.place
    return locate(problem.at)


def _line(problem: Problem, place: Place | None) -> str:
    file, _, pointer = problem.at.partition("#")
    where = f"{shown(file)}:{place[0]}:{place[1]}" if place else shown(file)
    if place is None and pointer:
        where += f"#{shown(pointer)}"
    hint = f", {problem.hint}" if problem.hint else ""
    return f"{where}: {problem.severity} {problem.code} {problem.message}{hint}"


def _object(problem: Problem, place: Place | None) -> dict[str, Any]:
    file, _, pointer = problem.at.partition("#")
    line, column = place or (None, None)
    return {
        "severity": problem.severity,
        "code": problem.code,
        "file": file,
        "pointer": pointer,
        "line": line,
        "column": column,
        "message": problem.message,
        "hint": problem.hint,
    }
