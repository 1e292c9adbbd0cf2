"""Imports point inwards, and the heavy libraries are each imported in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .modules import CODEGEN, ROOT, SDK, imports, modules

# layer -> the layers of the package that it imports, lazily or not
ALLOWED: dict[str, set[str]] = {
    "core": {"core"},
    "models": {"core", "models"},
    "structured": {"core", "structured"},
    "tools": {"core", "structured", "tools"},
    "mixins": {"core", "mixins", "models", "resources", "structured", "tools"},
    "resources": {"core", "mixins", "models", "resources"},
    "specs": set(),
    "providers": set(),
    "mcp": {"core", "mcp", "structured", "tools"},
    # structured, tokens and tools: for answers as values, for counts, and for the
    # schemas of classes and functions; cache, guardrails, plugins, resilience: for the
    # client's builder; media: for ``client.media``
    "chat": {
        *("cache", "chat", "core", "guardrails", "media", "plugins", "resilience"),
        *("structured", "tokens", "tools"),
    },
    "tokens": {"budgets", "chat", "core", "tokens"},
    "guardrails": {"core", "guardrails"},
    "media": {"chat", "core", "media", "mixins"},
    "resilience": {"core", "resilience"},
    # chat: for the registry of models
    "budgets": {"budgets", "chat", "core"},
    # chat: for what manifests say of availability
    "telemetry": {"budgets", "chat", "core", "telemetry"},
    "cache": {"cache", "core"},
    "client": {"chat", "client", "core", "mixins", "resources"},
    "errors": {"core", "errors"},
    # sandbox: for its fixtures; telemetry: what a key looks like
    "testing": {"core", "sandbox", "telemetry", "testing"},
    # the clients whose faces these are, of which compat's stand on what it has by hand;
    # nothing imports aio but what is async itself
    "aio": {
        *("aio", "batch", "chat", "client", "compat", "core", "embeddings", "ledger"),
        *("mcp", "media", "resilience", "routing", "telemetry", "tokens"),
    },
    "sandbox": {"core", "sandbox"},
    "compat": {
        *("aio", "batch", "budgets", "cache", "chat", "client", "compat", "core"),
        *("embeddings", "guardrails", "mcp", "media", "mixins", "models", "resilience"),
        *("resources", "routing", "structured", "telemetry", "tokens"),
    },
    # chat: its clients, and what manifests say of embeddings
    "embeddings": {"chat", "core", "embeddings"},
    # chat: for manifests that plugins bring
    "plugins": {"chat", "core", "plugins"},
    # chat: a client is what each target is
    "routing": {"chat", "core", "resilience", "routing"},
    "ledger": {"core", "ledger", "mixins"},
    # ledger: its lock, and how a server is asked what became of a run
    "batch": {"batch", "budgets", "client", "core", "ledger", "mixins", "resilience"},
    "cli": {
        *("batch", "budgets", "chat", "cli", "client", "core", "mcp", "plugins"),
        "sandbox",
    },
    "__main__": {"cli"},
}
# library -> the modules that alone may import it
ONE_DOOR = {
    "requests": {"specwire.core.session"},
    "urllib3": {"specwire.core.session"},
    "cattrs": {"specwire.core.codec"},
    "tenacity": {"specwire.core.retry"},
    "jsonschema": {"specwire.core.checking", "specwire.structured.checks"},
    "aiohttp": {
        "specwire.aio.lent",
        "specwire.aio.line",
        "specwire.aio.places",
        "specwire.aio.session",
    },
    "greenlet": {"specwire.aio.bridge"},
    "keyring": {"specwire.chat.credentials", "specwire.cli.settings"},
    "rich": {"specwire.cli.progress"},
    "redis": {"specwire.resilience.limit_server"},
    "prometheus_client": {"specwire.telemetry.registry"},
    "opentelemetry": {"specwire.telemetry.spans"},
    "numpy": {"specwire.embeddings.arrays"},
    "yaml": set(),
}


def crossings(root: Path) -> Iterator[tuple[str, str, str, str]]:
    """Layer, layer, module and name of every import from one layer by another."""
    for name, path in modules(root / "specwire").items():
        layer = name.split(".")[0]
        for target in imports(f"specwire.{name}", path):
            other = f"{target}.".split(".")[1]
            if layer and target.startswith("specwire.") and other in ALLOWED:
                yield layer, other, f"specwire.{name}", target


def broken_layers(root: Path) -> list[str]:
    """``importer -> imported`` of every import that points outwards."""
    return [
        f"{module} -> {target}"
        for layer, other, module, target in crossings(root)
        if other not in ALLOWED.get(layer, {layer})
    ]


def broken_doors(root: Path) -> list[str]:
    """``importer -> library`` of every library imported past its one door."""
    found = []
    for name, path in modules(root / "specwire").items():
        module = f"specwire.{name}".rstrip(".")
        for target in imports(module, path):
            library = target.partition(".")[0]
            if library in ONE_DOOR and module not in ONE_DOOR[library]:
                found.append(f"{module} -> {library}")
    return sorted(set(found))


def crossed(root: Path, forbidden: str) -> list[str]:
    """Modules below ``root`` that import the package ``forbidden``."""
    return sorted(
        {
            name
            for name, path in modules(root).items()
            for target in imports(name, path, typing_too=True)
            if target.partition(".")[0] == forbidden
        }
    )


def test_imports_point_inwards() -> None:
    """No module imports a layer that stands further out than its own."""
    assert broken_layers(SDK) == []


def test_nothing_is_allowed_that_nobody_does() -> None:
    """Each entry of the table is an import that there is."""
    done = {layer: {layer} for layer in ALLOWED}
    for layer, other, _, _ in crossings(SDK):
        done.setdefault(layer, set()).add(other)
    unused = {layer: ALLOWED[layer] - done[layer] for layer in ALLOWED}
    assert {layer: others for layer, others in unused.items() if others} == {}


def test_the_page_has_the_same_table() -> None:
    """``docs/architecture.md`` says who imports whom as it is."""
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    told = {
        layer: set(re.findall(r"`(\w+)`", imported))
        for layers, imported in re.findall(r"(?m)^\| (`.*?) \| .* \| (.*) \|$", page)
        for layer in re.findall(r"`(\w+)`", layers)
    }
    assert told == {layer: others - {layer} for layer, others in ALLOWED.items()}


def test_heavy_libraries_have_one_door() -> None:
    """requests, urllib3, cattrs, tenacity and jsonschema are imported in one place."""
    assert broken_doors(SDK) == []


def test_generator_and_runtime_do_not_know_each_other() -> None:
    """codegen imports nothing of sdk; of sdk one door leads to codegen, lazily.

    It is for manifests of users, which the generator's compiler reads.
    """
    assert crossed(CODEGEN, "specwire") == []
    assert crossed(SDK, "specwire_codegen") == ["specwire.chat.foreign"]


def test_an_import_that_points_outwards_is_found(tmp_path: Path) -> None:
    """A core module that imports the client is reported."""
    _plant(tmp_path, "core/bad.py", "from ..client import Client\n")
    assert "specwire.core.bad -> specwire.client" in broken_layers(tmp_path)


def test_a_second_door_is_found(tmp_path: Path) -> None:
    """A mixin that imports requests is reported, even inside a function."""
    _plant(tmp_path, "mixins/bad.py", "def f():\n    import requests\n")
    assert broken_doors(tmp_path) == ["specwire.mixins.bad -> requests"]


def test_a_crossing_is_found(tmp_path: Path) -> None:
    """A runtime module that imports the generator is reported."""
    _plant(tmp_path, "core/bad.py", "import specwire_codegen.ir\n")
    assert crossed(tmp_path, "specwire_codegen") == ["specwire.core.bad"]


def _plant(root: Path, name: str, text: str) -> None:
    path = root / "specwire" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
