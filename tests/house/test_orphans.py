"""Every module is reached from something a user can import or run."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from .modules import CODEGEN, SDK, imports, modules, tree_of

DOORS = {
    "specwire",
    "specwire.__main__",
    "specwire.aio",
    "specwire.aio.resource",  # what generated packages import
    "specwire.aio.packages",
    "specwire.batch",
    "specwire.batch.ray",
    "specwire.budgets",
    "specwire.cache",
    "specwire.chat",
    "specwire.chat.compliance",
    "specwire.cli",
    "specwire.client",
    "specwire.compat.anthropic",
    # what programs import from the official module as well
    "specwire.compat.anthropic._exceptions",
    "specwire.compat.anthropic.resources.messages",
    "specwire.compat.anthropic.types.beta.message_create_params",
    "specwire.compat.anthropic.types.beta.messages.batch_create_params",
    "specwire.compat.anthropic.types.message_create_params",
    "specwire.compat.anthropic.types.messages.batch_create_params",
    "specwire.compat.httpx",
    "specwire.compat.simstudio",
    "specwire.core.client",
    "specwire.core.webhooks",  # what generated packages import
    "specwire.embeddings",
    "specwire.errors",
    "specwire.guardrails",
    "specwire.ledger",
    "specwire.models",
    "specwire.plugins",
    "specwire.resilience",
    "specwire.routing",
    "specwire.tokens",
    "specwire.compat.ai_lib.structured",
    "specwire.compat.ai_lib.tokens",
    "specwire.compat.ai_lib",
    "specwire.compat.ai_lib.aio",
    "specwire.compat.ai_lib.batch",
    "specwire.compat.ai_lib.plugins",
    "specwire.compat.ai_lib.cache",
    "specwire.compat.ai_lib.guardrails",
    "specwire.compat.ai_lib.embeddings",
    "specwire.compat.ai_lib.rerank",
    "specwire.compat.ai_lib.mcp",
    "specwire.sandbox.mcp",  # python -m
    "specwire.compat.ai_lib.resilience",
    "specwire.compat.ai_lib.routing",
    "specwire.compat.ai_lib.telemetry",
    "specwire.compat.ai_lib.multimodal",
    "specwire.compat.ai_lib.stt",
    "specwire.compat.ai_lib.tts",
    "specwire.sandbox",
    "specwire.telemetry",
    "specwire.testing",
    "specwire.testing.plugin",  # pytest loads it
    "specwire.tools",
    "specwire.specs",
    "specwire_codegen",
    "specwire_codegen.manifest_contract",  # what specwire.chat.foreign imports
    "specwire_codegen.__main__",
    "specwire_codegen.manifest_cli",  # specwire manifests hands over to it
}
# A program changes one import line: the same modules, for tasks.
_FRONT = "specwire.compat.ai_lib."
_NAMES = import_module("specwire.compat.ai_lib")._MODULES.split()
DOORS |= {f"{_FRONT}aio.{name}" for name in _NAMES}


def orphans(root: Path, doors: set[str]) -> list[str]:
    """Modules below ``root`` that no import leads to from ``doors``."""
    known = modules(root)
    edges = {
        name: {
            found
            for target in (*imports(name, path, typing_too=True), *_texts(name, path))
            for found in _prefixes(target)
            if found in known
        }
        for name, path in known.items()
    }
    reached = {name for name in known if name in doors}
    waiting = list(reached)
    while waiting:
        for target in edges[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)
    return sorted(set(known) - reached)


def _prefixes(target: str) -> list[str]:
    parts = target.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def _texts(name: str, path: Path) -> list[str]:
    """Module names in tables of strings, for lazy imports.

    Relative ones, as ``".demo"``, and those of ``"specwire.demo:Class"``.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            module, colon, _ = node.value.partition(":")
            text = module.lstrip(".")
            if text.replace(".", "").replace("_", "").isalnum():
                found.append(text if colon else f"{package}.{text}")
    return found


def test_no_module_is_an_orphan() -> None:
    """Each module of both packages is reached from a public one."""
    assert orphans(SDK, DOORS) == []
    assert orphans(CODEGEN, DOORS) == []


def test_an_orphan_is_found(tmp_path: Path) -> None:
    """A module that nothing imports is reported."""
    package = tmp_path / "specwire"
    package.mkdir()
    (package / "__init__.py").write_text("from . import used\n")
    (package / "used.py").write_text("")
    (package / "forgotten.py").write_text("")
    assert orphans(tmp_path, DOORS) == ["specwire.forgotten"]
