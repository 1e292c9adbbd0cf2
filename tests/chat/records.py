"""Records for tests: those of our own manifests, and small ones written by hand."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from specwire.chat.manifest import Manifest
from specwire_codegen import manifests
from specwire_codegen.problems import Problems

PROTOCOL = Path(__file__).resolve().parents[2] / "openapi" / "protocol"


@functools.cache
def dialects() -> dict[str, Any]:
    problems = Problems()
    files = sorted((PROTOCOL / "contracts").glob("*.yaml"))
    contracts = {file.name: manifests.read_manifest(file, problems) for file in files}
    return manifests.compile_dialects(contracts, problems)


def compiled(source: Path | dict[str, Any]) -> Manifest:
    """A manifest of any version, from its file or its data."""
    problems = Problems()
    data = (
        source
        if isinstance(source, dict)
        else manifests.read_manifest(source, problems)
    )
    made = manifests.compile_manifest(
        data, dialects(), source="test", problems=problems
    )
    assert not problems.has_errors, list(problems.render(notes=False))
    return Manifest(made)


@functools.cache
def ours(provider: str) -> Manifest:
    """The manifest of a provider that comes with the package."""
    return compiled(PROTOCOL / "providers" / f"{provider}.yaml")
