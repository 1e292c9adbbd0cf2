"""The services of a run: one for each document, and one for each other server."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from . import ir
from .raw import Raw


class Services:
    """All of them by name; ``reserved`` are the names that documents ask for."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.all: dict[str, ir.Service] = {}
        self._reserved = frozenset(reserved)
        self._documents: list[tuple[ir.Service, ir.Service]] = []
        self._by_url: dict[tuple[str, Raw], str] = {}

    def of_document(self, stated: ir.Service) -> ir.Service:
        """A document's own; another one's that has the same name and says the same."""
        for said, known in self._documents:
            if said == stated:
                return known
        added = stated if stated.id not in self.all else self._numbered(stated)
        self.all[added.id] = added
        self._documents.append((stated, added))
        self._by_url[added.id, added.base_url] = added.id
        return added

    def of_server(self, main: ir.Service, url: Raw) -> str:
        """The name of the service that is ``main`` at another URL."""
        if (main.id, url) not in self._by_url:
            there = evolve(main, base_url=url, keys=main.id)
            added = self._numbered(there)
            self.all[added.id] = added
            self._by_url[main.id, url] = added.id
        return self._by_url[main.id, url]

    def _numbered(self, wanted: ir.Service) -> ir.Service:
        number = len(self.all) + 1
        while (name := f"{wanted.id}_{number}") in self.all or name in self._reserved:
            number += 1
        return evolve(wanted, id=name)
