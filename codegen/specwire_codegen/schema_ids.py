"""Names that schemas give themselves: ``$id``, ``$anchor`` and ``$dynamicAnchor``.

An ``$id`` is an address that need not exist anywhere, so a reference to one is found by
looking through the files at hand. OpenAPI documents hardly ever use it, and those that
do mostly mean ``#/components/...`` to start at the document all the same: it is looked
at only where a reference leads nowhere else. JSON Schema 2020-12, core, section 8.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urljoin

from .grammar import step
from .ir import Pointer


class SchemaIds:
    """Every ``$id`` of some files, and the anchors below each."""

    def __init__(self, files: Iterable[tuple[str, Any]]) -> None:
        self._places: dict[str, Pointer] = {}
        self._anchors: dict[tuple[str, str], Pointer] = {}
        self._bases: dict[Pointer, str] = {}
        for file, data in files:
            self._read(file, data)

    def find(self, ref: str, at: Pointer) -> Pointer | None:
        """Where the reference at ``at`` leads by the ``$id`` around it, if to any."""
        try:
            address, _, fragment = urljoin(self._base(at), ref).partition("#")
        except ValueError:
            return None
        if address not in self._places:
            return None
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchors.get((address, fragment))
        return self._places[address] + fragment

    def _base(self, at: Pointer) -> str:
        while at not in self._bases:
            at, slash, _ = at.rpartition("/")
            if not slash or "#" not in at:
                return self._bases.get(at, "")
        return self._bases[at]

    def _read(self, file: str, data: Any) -> None:
        waiting: list[tuple[Any, Pointer, str]] = [(data, f"{file}#", "")]
        while waiting:
            value, at, base = waiting.pop()
            if isinstance(value, list):
                waiting += [(inner, step(at, i), base) for i, inner in enumerate(value)]
            if not isinstance(value, Mapping):
                continue
            if isinstance(value.get("$id"), str):
                base = _joined(base, value["$id"])
                self._places.setdefault(base, at)
                self._bases[at] = base
            for name in _names(value):
                self._anchors.setdefault((base, name), at)
            waiting += [(inner, step(at, key), base) for key, inner in value.items()]


def anchors(data: Any, at: Pointer) -> dict[str, Pointer | None]:
    """Every anchor of one file; ``None`` for a dynamic one that has several places."""
    found: dict[str, Pointer | None] = {}
    waiting = [(data, at)]
    while waiting:
        value, at = waiting.pop()
        if isinstance(value, Mapping):
            for name in _names(value):
                several = name in found and "$dynamicAnchor" in value
                found[name] = None if several else found.get(name, at)
            waiting += [(inner, step(at, key)) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, step(at, i)) for i, inner in enumerate(value)]
    return found


def _names(schema: Mapping[str, Any]) -> Iterator[str]:
    stated = (schema.get("$anchor"), schema.get("$dynamicAnchor"))
    yield from sorted({name for name in stated if isinstance(name, str)})


def _joined(base: str, stated: str) -> str:
    try:
        return urljoin(base, stated).partition("#")[0]
    except ValueError:
        return stated
