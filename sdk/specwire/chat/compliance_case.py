"""The input of a compliance case, and the manifest that its paths lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from . import foreign
from .loader import ManifestLoader
from .manifest import Manifest

ENDPOINT: Final = {"base_url": "http://localhost"}
_FIXTURES: Final = "fixtures/providers/{}.yaml"


class Given:
    """The input of a case, and what its paths lead to."""

    def __init__(self, case: Mapping[str, Any], root: Path) -> None:
        self.input: Mapping[str, Any] = case["input"]
        self.setup: Mapping[str, Any] = case.get("setup") or {}
        self.root = root

    def __getitem__(self, name: str) -> Any:
        return self.input[name]

    def get(self, name: str, default: Any = None) -> Any:
        found = self.input.get(name)
        return default if found is None else found

    def named(self, name: str) -> Any:
        """A member of the input, or else of the setup."""
        return self.input.get(name) or self.setup.get(name)

    def path(self, name: str) -> Path:
        """``name`` below the root, or where it leads from a folder of cases."""
        inner = re.sub(r"^(?:\.\./)+", "", name)
        suite = self.root / "tests" / "compliance"
        places = [self.root / name, self.root / inner, suite / inner]
        places += [parent / inner for parent in self.root.resolve().parents[:4]]
        return next((place for place in places if place.is_file()), places[0])

    def data(self) -> Mapping[str, Any] | None:
        """The case's manifest as it is written, where it is not a built-in one."""
        given = self.input.get("manifest")
        if given is not None:
            return foreign.read(given)
        path = self.named("manifest_path")
        if path:
            return foreign.read(self.path(path))
        fixture = self.path(_FIXTURES.format(self.named("provider")))
        return foreign.read(fixture) if fixture.is_file() else None

    def manifest(self, **changed: Any) -> Manifest:
        """The case's manifest; ``changed`` are members of its ``streaming``."""
        data = self.data()
        if data is None and (changed or not self.named("provider")):
            data = {
                "id": "compliance",
                "protocol_version": "2.0",
                "endpoint": ENDPOINT,
            }
        if data is None:
            return ManifestLoader().load(self.named("provider"))
        if changed:
            data = {**data, "streaming": {**(data.get("streaming") or {}), **changed}}
        return Manifest(foreign.compiled(data))

    def environment(self) -> dict[str, str]:
        return {k: str(v) for k, v in (self.setup.get("env") or {}).items()}
