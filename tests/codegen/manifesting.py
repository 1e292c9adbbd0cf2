"""Compiles small manifests by the project's own contracts, for the tests here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from specwire_codegen.manifests import (
    compile_dialects,
    compile_manifest,
    read_manifest,
)
from specwire_codegen.problems import Problems

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "openapi/protocol"
OFFICIAL = ROOT.parent / "shared/ai-protocol"
BASE = {"base_url": "https://api.example.com/v1"}


@cache
def dialects() -> dict[str, Any]:
    problems = Problems()
    contracts = {
        path.name: read_manifest(path, problems)
        for path in sorted((PROTOCOL / "contracts").glob("*.yaml"))
    }
    made = compile_dialects(contracts, problems)
    assert problems.render() == []
    return made


def manifest(**more: Any) -> dict[str, Any]:
    """A manifest of version 2.0 with these members."""
    return {
        "id": "example",
        "protocol_version": "2.0",
        "endpoint": dict(BASE),
        "capabilities": {"required": ["text"]},
        **more,
    }


def compiled(
    data: Mapping[str, Any], problems: Problems | None = None
) -> dict[str, Any]:
    """Its record; without ``problems`` there may be none."""
    found = Problems() if problems is None else problems
    record = compile_manifest(data, dialects(), source="m.yaml", problems=found)
    if problems is None:
        assert found.render() == []
    return record


def record(**more: Any) -> dict[str, Any]:
    """The record of :func:`manifest`."""
    return compiled(manifest(**more))


def said(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a manifest, as lines."""
    problems = Problems()
    compiled(data, problems)
    return problems.render()
