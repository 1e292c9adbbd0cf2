"""``Source``: manifests from elsewhere than a directory or this package.

What a plugin brings is one. A source is asked after the user's own directories and
before what comes with the package.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
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


def names_of(source: Source) -> Iterable[str]:
    """What ``source`` has; one that fails is no reason not to look further."""
    try:
        return list(source.names())
    except Exception as error:
        logger.warning("manifests of %r are left out: %s", source, error)
        return ()


def loaded(source: Source, name: str) -> Manifest:
    """:raises ManifestError: where ``source`` gives another thing than it said."""
    manifest = source.load(name)
    if not isinstance(manifest, Manifest) or manifest.data["id"] != name:
        raise ManifestError(
            f"{source!r}: expected the manifest of {name!r}, got {manifest!r}"
        )
    return manifest
