"""Builds packages from small documents, in memory or on disk, for the tests here."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from specwire_codegen.build import Output, generate
from specwire_codegen.document import open_document
from specwire_codegen.ir import Api, Model, Operation
from specwire_codegen.job import Job, job_of_specs
from specwire_codegen.lower import lower
from specwire_codegen.problems import Problems
from specwire_codegen.refs import Documents
from specwire_codegen.shapes import Spot

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"
GOLDEN = HERE.parent / "golden"


def document(
    paths: Mapping[str, Any] | None = None,
    schemas: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An OpenAPI 3.1 document with these paths and component schemas."""
    components = {**more.pop("components", {}), "schemas": dict(schemas or {})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Test API", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "paths": dict(paths or {}),
        "components": components,
        **more,
    }


def replies(schema: Mapping[str, Any] | bool, media: str = "application/json") -> Any:
    """A ``responses`` object with one success reply."""
    content = {media: {"schema": schema}}
    return {"200": {"description": "Fine.", "content": content}}


def reads(**schemas: Any) -> dict[str, Any]:
    """A document whose operations receive each of these component schemas."""
    paths = {
        f"/{name.lower()}": {
            "get": {
                "operationId": f"get{name}",
                "responses": replies({"$ref": f"#/components/schemas/{name}"}),
            }
        }
        for name in schemas
    }
    return document(paths, schemas)


def saved(data: Mapping[str, Any], folder: Path, name: str = "api.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data), "utf-8")
    return path


def job(data: Mapping[str, Any], folder: Path) -> Job:
    """A user's package ``folder/out/shop``."""
    spec = saved(data, folder)
    return job_of_specs([spec], folder / "out", package="shop", overlays=[])


def built(data: Mapping[str, Any], folder: Path) -> tuple[Output, Problems]:
    problems = Problems()
    return generate(job(data, folder), problems), problems


def lowered(data: Mapping[str, Any], folder: Path) -> tuple[Api, Problems]:
    problems = Problems()
    documents = Documents(problems, root=folder)
    opened = open_document(saved(data, folder), documents=documents)
    documents.settle()
    return lower(
        documents, [(Spot(opened.data, opened.at), "shop")], problems
    ), problems


def model(api: Api, name: str) -> Model:
    found = api.decls[f"api.json#/components/schemas/{name}"]
    assert isinstance(found, Model)
    return found


def only(api: Api) -> Operation:
    (operation,) = api.operations
    return operation


@contextmanager
def imported(output: Output, folder: Path, name: str) -> Iterator[ModuleType]:
    """The package of ``output``, importable while the block runs."""
    for file, text in output.files.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]
