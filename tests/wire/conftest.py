"""Clients that are generated from the vendor's own documents, made once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.cli import main
from tests.house.modules import ROOT

SPECS = ROOT.parent / "shared" / "specs"


@pytest.fixture(scope="session")
def elsewhere(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Any]]:
    """Method -> the call that stands for it, where SimStudioClient has none."""
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield lambda method: _Elsewhere(folder, *CALLS[method]) if method in CALLS else None
    sys.path.remove(str(folder))


CALLS = {
    "knowledge.documents.upload": ("knowledge", "knowledge_bases", "upload_document"),
    "tables.rows.delete": ("tables", "tables", "delete_rows"),
}
NAMES = {"workspaceId": "workspace_id", "rowIds": "row_ids"}


class _Elsewhere:
    """One call of a package that is generated from one document."""

    def __init__(self, folder: Path, document: str, resource: str, name: str) -> None:
        self.package = f"sim_{document}"
        self.resource, self.name = resource, name
        out = folder / document
        if not out.exists():
            source = SPECS / f"sim-v2-{document}.json"
            options = ["-o", str(out), "--package", self.package]
            assert main(["build", str(source), *options]) == 0
            sys.path.insert(0, str(out))

    def __call__(self, base_url: str, key: str, args: Any, options: Any) -> Any:
        options = {**options.pop("body", {}), **options}
        named = {NAMES.get(name, name): value for name, value in options.items()}
        made = importlib.import_module(self.package).Client(
            api_keys={self.package: key}, base_urls={self.package: base_url}
        )
        with made as client:
            value = getattr(getattr(client, self.resource), self.name)(*args, **named)
        return getattr(value, "data", value)  # out of its envelope
