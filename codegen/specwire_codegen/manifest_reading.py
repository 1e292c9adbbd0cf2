"""One mapping of a manifest: values by their types, every slip a problem with a place.

What has the wrong type is reported and read as if it were not there, so that one run
finds everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .grammar import step
from .manifest_expressions import BadExpression, Expr, Path, parse, parse_path
from .problems import Problems, shown

CODES = {
    "M001": "this is no manifest",
    "M002": "something every manifest must have is missing",
    "M003": "a value of the wrong type, which is ignored",
    "M004": "the protocol version is missing, or none that can be read",
    "M005": "a name that cannot be used as one",
    "M006": "an expression or a path that cannot be read",
    "M007": "an event of a kind that is not known",
    "M008": "an error class, or a reason to stop, that is not known",
    "M009": "the capability profile breaks the protocol's rules",
    "M010": "the wire language is not known",
    "M011": "something was put right",
    "M012": "the full schema says otherwise",
    "M013": "two files say the same thing differently",
}
"""Every code of this step, and what it means in one line."""

_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


class Reader:
    """A mapping and where it stands."""

    def __init__(self, data: Mapping[str, Any], at: str, problems: Problems) -> None:
        self.data = data
        self.at = at
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    # -- values ------------------------------------------------------------------

    def table(self, key: str) -> Reader:
        """A mapping; an empty one where there is none."""
        return Reader(self._typed(key, dict) or {}, step(self.at, key), self.problems)

    def text(self, key: str) -> str | None:
        found: str | None = self._typed(key, str)
        return found

    def flag(self, key: str) -> bool | None:
        found: bool | None = self._typed(key, bool)
        return found

    def whole(self, key: str) -> int | None:
        found: int | None = self._typed(key, int)
        return found

    def number(self, key: str) -> float | None:
        value = self.data.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        self._typed(key, float)
        return None

    def texts(self, key: str) -> list[str]:
        """A list of texts; one alone counts as a list."""
        value = self.data.get(key)
        if isinstance(value, str):
            return [value]
        return [
            one for one in self.items(key) if self._is(one, str, step(self.at, key))
        ]

    def items(self, key: str) -> list[Any]:
        return self._typed(key, list) or []

    def tables(self, key: str) -> list[Reader]:
        """A list of mappings."""
        at = step(self.at, key)
        return [
            Reader(one, step(at, index), self.problems)
            for index, one in enumerate(self.items(key))
            if self._is(one, dict, step(at, index))
        ]

    def mapping(self, key: str) -> dict[str, str]:
        """Text to text; ``null`` says nothing."""
        table = self.table(key)
        return {
            str(name): value
            for name, value in table.data.items()
            if value is not None and self._is(value, str, step(table.at, name))
        }

    def path(self, key: str) -> Path | None:
        text = self.text(key)
        return None if text is None else self.parsed_path(text, key)

    def paths(self, key: str) -> list[Path]:
        found = (self.parsed_path(text, key) for text in self.texts(key))
        return [path for path in found if path is not None]

    def expr(self, key: str) -> Expr | None:
        text = self.text(key)
        return None if text is None else self.parsed(text, key)

    # -- expressions -------------------------------------------------------------

    def parsed(self, text: str, key: str) -> Expr | None:
        """An expression; what is wrong with it is a problem at ``key``."""
        try:
            return parse(text)
        except BadExpression as error:
            self.bad("M006", f"'{shown(text)}' cannot be read: {error}", key)
            return None

    def parsed_path(self, text: str, key: str) -> Path | None:
        try:
            return parse_path(text)
        except BadExpression as error:
            self.bad("M006", f"'{shown(text)}' is no path: {error}", key)
            return None

    # -- problems ----------------------------------------------------------------

    def bad(
        self, code: str, message: str, key: str | None = None, hint: str | None = None
    ) -> None:
        self.problems.error(code, self._at(key), message, hint)

    def odd(
        self, code: str, message: str, key: str | None = None, hint: str | None = None
    ) -> None:
        self.problems.warning(code, self._at(key), message, hint)

    def note(self, message: str, key: str | None = None) -> None:
        self.problems.note("M011", self._at(key), message)

    def _at(self, key: str | None) -> str:
        return self.at if key is None else step(self.at, key)

    def _typed(self, key: str, kind: type) -> Any:
        value = self.data.get(key)
        if value is None or self._is(value, kind, step(self.at, key)):
            return value
        return None

    def _is(self, value: Any, kind: type, at: str) -> bool:
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return True
        message = f"expected {_KINDS[kind]}, got {named(value)}"
        self.problems.error("M003", at, message)
        return False


def named(value: Any) -> str:
    """A value's kind and how it begins, for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return _KINDS[type(value)]
    return f"{_KINDS.get(type(value), 'a value')} ({shown(str(value))})"


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Later mappings win, member by member, as deep as both are mappings."""
    out: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            before = out.get(key)
            both = isinstance(before, dict) and isinstance(value, dict)
            out[key] = merged(before, value) if both else value  # type: ignore[arg-type]
    return out


def unique(values: Iterable[Any]) -> list[Any]:
    """Each value once, the first time it comes."""
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(_key(value), value)
    return list(found.values())


def _key(value: Any) -> str:
    # JSON, so that 1 and true differ and lists can be looked up.
    return json.dumps(value, sort_keys=True)
