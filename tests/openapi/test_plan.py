"""The plan and the list of sources fit the documents."""

from __future__ import annotations

import re
import sys

import pytest

from .documents import NAMES, OPENAPI, WHOLE, load, operations

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLAN = tomllib.loads((OPENAPI / "plan.toml").read_text(encoding="utf-8"))
SOURCES = tomllib.loads((OPENAPI / "SOURCES.toml").read_text(encoding="utf-8"))

each_spec = pytest.mark.parametrize("name", NAMES)


def test_plan_names_every_operation_once() -> None:
    """Each operation of the planned documents has one entry, and no entry is left."""
    planned = [OPENAPI / document["file"] for document in PLAN["document"]]
    ids = [
        operation["operationId"]
        for path in planned
        for _, _, operation in operations(load(path))
    ]
    assert sorted(ids) == sorted(PLAN["operations"])
    assert len(set(PLAN["operations"].values())) == len(ids)


def test_plan_points_at_what_there_is() -> None:
    """Files, aliases, mixins, derived methods and texts name files and resources."""
    resources = {method.rpartition(".")[0] for method in PLAN["operations"].values()}
    for document in PLAN["document"]:
        assert all((OPENAPI / each).is_file() for each in document["overlays"])
        assert document["service"] in PLAN["service"]
    assert set(PLAN["alias"].values()) <= resources
    assert set(PLAN["mixins"]) <= resources
    reached = resources | set(PLAN["alias"])
    above = {
        name[: dot.start()] for name in reached for dot in re.finditer(r"\.", name)
    }
    assert set(PLAN["docs"]) == resources | above
    for derived in PLAN["derive"]:
        assert derived["of"] in PLAN["operations"].values()
    code = [*PLAN["mixins"].values(), *(derived["wrap"] for derived in PLAN["derive"])]
    assert all(re.fullmatch(r"specwire\.mixins\.\w+:\w+", each) for each in code)


@each_spec
def test_plan_has_a_variable_for_every_scheme(name: str) -> None:
    """Each security scheme of a service can be given in the environment."""
    schemes = WHOLE[name]["components"]["securitySchemes"]
    assert set(PLAN["service"][name]["env"]) == set(schemes)


def test_sources_are_named() -> None:
    """SOURCES.toml says of every document and overlay what it was written from."""
    written = {
        entry["file"]: entry for key, entry in SOURCES.items() if key != "licence"
    }
    documents = [f"{name}.yaml" for name in NAMES]
    assert set(written) >= {*documents, *(f"overlays/{each}" for each in documents)}
    for entry in written.values():
        assert any(OPENAPI.glob(entry["file"]))
        assert {"written_from", "source_date", "source_licence"} <= set(entry)
