"""What the client of a wire case is given, where JSON has no form for it."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from specwire import UNSET, Timeout, load, models
from specwire.core.hooks import Hook
from specwire.tools import tool


@attrs.frozen
class AttrsPoint:
    type: str
    text: str


@dataclasses.dataclass
class DataPoint:
    type: str
    text: str


class PydanticLike:
    """What is taken for a pydantic model: it can dump itself."""

    def __init__(self, type: str, text: str) -> None:
        self.own = {"type": type, "text": text}

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return self.own


@attrs.frozen
class Pair:
    """A class that an answer is read as."""

    name: str
    score: float


class Failing(Hook):
    """A hook with a mistake in it."""

    def before_attempt(self, call: Any) -> None:
        raise AttributeError("a mistake of the hook's")


@tool
def add(a: int, b: int) -> str:
    """Add two numbers.

    :param a: one.
    :param b: the other.
    """
    return str(a + b)


@tool
def boom() -> str:
    """Fail."""
    raise ValueError("kaboom")


NAMED: dict[str, Any] = {
    "unset": UNSET,
    "nan": float("nan"),
    "inf": float("inf"),
    "Pair": Pair,
    "add": add,
    "boom": boom,
    "hook": Failing(),
}
MADE: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda text: text.encode(),
    "io": lambda text: io.BytesIO(text.encode()),
    "generator": lambda items: (item for item in items),
    "tuple": tuple,
    "set": set,
    "attrs": lambda values: AttrsPoint(**values),
    "dataclass": lambda values: DataPoint(**values),
    "pydantic": lambda values: PydanticLike(**values),
    "reply": lambda data: load(models.Message, data),
    "timeout": lambda values: Timeout(**values),
    "deep": lambda depth: _nested(depth),
    "digits": lambda count: 10**count,
}


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@attrs.frozen
class Making:
    """Makes values of a case's data; what it opens is closed with ``stack``."""

    folder: Path
    stack: contextlib.ExitStack

    def value(self, data: Any) -> Any:
        """``data`` with its tagged forms made: ``{"$": "bytes", "of": "text"}``."""
        if isinstance(data, list):
            return [self.value(each) for each in data]
        if not isinstance(data, dict):
            return data
        if "$" not in data:
            return {key: self.value(each) for key, each in data.items()}
        if data["$"] in NAMED:
            return NAMED[data["$"]]
        inner = self.value(data.get("of"))
        if data["$"] not in ("path", "file"):
            return MADE[data["$"]](inner)
        path = self.folder / data["name"]
        path.write_bytes(inner.encode())
        return (
            path if data["$"] == "path" else self.stack.enter_context(path.open("rb"))
        )
