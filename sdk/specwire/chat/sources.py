"""``Source``: manifests from elsewhere than a directory or this package.

What a plugin brings is one. A source is asked after the user's own directories and
before what comes with the package.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ..core.errors import ManifestError
from .manifest import Manifest

logger = logging.getLogger("specwire")


class Source(Protocol):
    """Where it has ``aliases()`` too, a mapping from alias to id, those lead to it."""

    def names(self) -> Iterable[str]:
        """The ids of the providers that it has."""

    def load(self, name: str) -> Manifest:
        """The manifest of one of them."""


class Sources:
    """Several, asked in order."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def names(self) -> list[str]:
        """The ids that they have."""
        return [name for source in self._sources for name in _names(source)]

    def canonical(self, name: str) -> str | None:
        """The id that one of them knows under another ``name``."""
        for source in self._sources:
            aliases: Mapping[str, str] = getattr(source, "aliases", dict)()
            if name in aliases:
                return aliases[name]
        return None

    def load(self, name: str) -> Manifest | None:
        """:raises ManifestError: where one gives another thing than it said."""
        for source in self._sources:
            if name not in _names(source):
                continue
            manifest = source.load(name)
            if not isinstance(manifest, Manifest) or manifest.data["id"] != name:
                raise ManifestError(
                    f"{source!r}: expected the manifest of {name!r}, got {manifest!r}"
                )
            return manifest
        return None


def _names(source: Source) -> list[str]:
    """What ``source`` has; one that fails is no reason not to look further."""
    try:
        return list(source.names())
    except Exception as error:
        logger.warning("manifests of %r are left out: %s", source, error)
        return []
