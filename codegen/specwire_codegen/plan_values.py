"""Values of a plan by their types; what is wrong is reported with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from .plantext import Lines
from .problems import Problems, did_you_mean, shown

Default: TypeAlias = str | int | float | tuple[()]
"""A default of an argument; an empty list is ``()``."""


class PlanValues:
    """Reads values out of tables; what reads the parts of a plan builds on it."""

    def __init__(
        self, data: dict[str, Any], file: str, lines: Lines, problems: Problems
    ) -> None:
        self.data = data
        self.file = file
        self.lines = lines
        self.problems = problems

    def _wrong(
        self,
        code: str,
        at: tuple[str | int, ...],
        message: str,
        hint: str | None = None,
    ) -> None:
        pointer = "".join(f"/{str(token).replace('/', '~1')}" for token in at)
        place = self.lines.place(at)
        where = f"{self.file}#{pointer}"
        self.problems.add("error", code, where, message, hint, place=place)

    def _known(
        self,
        table: Mapping[str, Any],
        members: Sequence[str],
        at: tuple[str | int, ...],
    ) -> None:
        for key in table:
            if key not in members:
                message = f"the plan knows no '{shown(key)}' here"
                hint = did_you_mean(key, members)
                hint = hint or f"expected one of {', '.join(members)}"
                self._wrong("P002", (*at, key), message, hint)

    def _table(
        self, table: Mapping[str, Any], key: str, at: tuple[str | int, ...]
    ) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self._wrong("P003", (*at, key), f"expected a table, got {_kind(value)}")
        return {}

    def _tables(self, key: str) -> list[tuple[int, dict[str, Any]]]:
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            return list(enumerate(value))
        message = f"expected [[{key}]], got {_kind(value)}"
        self._wrong("P003", (key,), message)
        return []

    def _text(
        self,
        table: Mapping[str, Any],
        key: str,
        at: tuple[str | int, ...],
        *,
        required: bool = False,
    ) -> str | None:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        if key in table:
            self._wrong("P003", (*at, key), f"expected text, got {_kind(value)}")
        elif required:
            self._wrong("P004", at, f"'{key}' is missing")
        return None

    def _texts(
        self, table: Mapping[str, Any], key: str, at: tuple[str | int, ...]
    ) -> dict[str, str]:
        out: dict[str, str] = {}
        for name in self._table(table, key, at):
            value = self._text(table[key], name, (*at, key))
            if value is not None:
                out[name] = value
        return out

    def _flag(
        self,
        table: Mapping[str, Any],
        key: str,
        at: tuple[str | int, ...],
        *,
        default: bool,
    ) -> bool:
        value = table.get(key, default)
        if isinstance(value, bool):
            return value
        message = f"expected true or false, got {_kind(value)}"
        self._wrong("P003", (*at, key), message)
        return default

    def _plain(
        self, table: Mapping[str, Any], key: str, at: tuple[str | int, ...]
    ) -> dict[str, Default]:
        """Values that may be defaults of arguments."""
        out: dict[str, Default] = {}
        for name, value in self._table(table, key, at).items():
            if value == [] or isinstance(value, (str, int, float)):
                out[name] = () if value == [] else value
            else:
                kind = "a list that is not empty" if value else _kind(value)
                message = f"expected text, a number or [], got {kind}"
                self._wrong("P003", (*at, key, name), message)
        return out


def _kind(value: Any) -> str:
    """What TOML calls the kind of a value, with an article."""
    names = {"str": "an empty text", "bool": "a boolean", "int": "a number"}
    names |= {"float": "a number", "list": "a list", "dict": "a table"}
    return names.get(type(value).__name__, "a date or time")
