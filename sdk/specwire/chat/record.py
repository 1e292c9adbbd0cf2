"""What the modules of chat know of a manifest: its record.

A record is what a provider's manifest was compiled to: plain JSON, complete in itself.
Whoever builds requests or looks for keys needs nothing else, so that
:class:`~specwire.chat.manifest.Manifest` is one of several things that will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

Record: TypeAlias = Mapping[str, Any]


class Described(Protocol):
    """A provider, described by a record."""

    @property
    def data(self) -> Record:
        """The record."""
        ...


def part(manifest: Described, name: str) -> Mapping[str, Any]:
    """One table of the record; empty where the record has none."""
    found = manifest.data.get(name)
    # A record is JSON, so that the plain question comes first: it is asked often.
    return found if isinstance(found, (dict, Mapping)) else {}


def provider(manifest: Described) -> str:
    """The provider's id, for messages."""
    return str(manifest.data.get("id") or "provider")
