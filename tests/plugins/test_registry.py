"""Plugins are found, switched, ordered; a broken one is named and skipped."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from specwire import AiClient, Client, Hook, plugins
from specwire.chat import Manifest
from specwire.errors import ManifestError
from specwire.plugins import Manifests, PluginRegistry, PluginWarning
from specwire.sandbox import Sandbox

from .packages import Place

HOOKS = """\
from specwire import Hook

class First(Hook):
    stage = 10

class Second(Hook):
    priority = 1

class Third(Hook):
    pass

SHARED = Third()

def several():
    return [Third(), First()]
"""
PROVIDER = {
    "id": "acme",
    "name": "Acme",
    "aliases": ["roadrunner"],
    "protocol_version": "2.0",
    "endpoint": {"base_url": "https://a.example/v1", "chat": "/chat/completions"},
    "capabilities": {"required": ["text", "streaming"]},
}


class Counting(Hook):
    """Counts what it sees."""

    def __init__(self) -> None:
        self.seen = 0

    def before_attempt(self, call: Any) -> None:
        self.seen += 1


def kinds(hooks: list[Hook]) -> list[str]:
    return [type(hook).__name__ for hook in hooks]


# -- finding -----------------------------------------------------------------------


def test_hooks_come_by_stage_then_priority_then_name(place: Place) -> None:
    """Whatever order the packages were installed in."""
    entries = {
        "hooks:zebra": "found_hooks:Third",
        "hooks:alpha": "found_hooks:SHARED",
        "hooks:middle": "found_hooks:Second",
        "hooks:most": "found_hooks:several",
    }
    place.install("found-hooks", entries, {"found_hooks.py": HOOKS})
    found = plugins.hooks()
    assert kinds(found) == ["First", "Second", "Third", "Third", "Third"]
    import found_hooks  # type: ignore[import-not-found]

    assert found[2] is found_hooks.SHARED  # alpha before most and zebra


def test_a_class_gives_each_client_a_hook_of_its_own(place: Place) -> None:
    """What is an object already is shared."""
    entries = {"hooks:own": "found_hooks:Third", "hooks:same": "found_hooks:SHARED"}
    place.install("found-hooks", entries, {"found_hooks.py": HOOKS})
    one, other = plugins.hooks(), plugins.hooks()
    assert one[0] is not other[0]
    assert one[1] is other[1]


def test_nothing_is_loaded_until_it_is_asked_for(place: Place) -> None:
    """To list plugins runs none of their code."""
    place.install(
        "loud", {"hooks:loud": "loud:make"}, {"loud.py": "raise RuntimeError('ran')"}
    )
    (plugin,) = [p for p in plugins.registry().plugins if p.name == "loud"]
    assert (plugin.state, plugin.source, plugin.value) == (
        "found",
        "loud 1.0",
        "loud:make",
    )


# -- broken ones -------------------------------------------------------------------

BROKEN = {
    "import": ("hooks", "broken:Nope", "", "AttributeError"),
    "module": ("hooks", "nowhere_at_all:x", "", "ModuleNotFoundError"),
    "raises": ("hooks", "broken:make", "raise OSError('gone')", "OSError: gone"),
    "exits": ("hooks", "broken:make", "raise SystemExit(3)", "SystemExit"),
    "type": (
        "hooks",
        "broken:make",
        "return 7",
        "expected a Hook, or several, got int",
    ),
    "member": ("hooks", "broken:make", "return [7]", "expected a Hook (it has before"),
    "stage": ("hooks", "broken:make", "return Odd()", "its stage or priority"),
    "provider": ("providers", "broken:make", "return {'id': 'x'}", "ManifestError"),
    "text": ("providers", "broken:make", "return 5", "expected a manifest, or several"),
    "path": ("manifests", "broken:make", "return '/no/such/place'", "there is nothing"),
    "command": ("commands", "broken:DATA", "", "expected main(argv)"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_named_once_and_skipped(place: Place, case: str) -> None:
    """Its warning says which, of which package, and why; the others work."""
    group, value, body, reason = BROKEN[case]
    source = (
        "from specwire import Hook\nDATA = 3\nclass Good(Hook): pass\n"
        f"class Odd(Hook): stage = 'late'\ndef make():\n    {body or 'pass'}\n"
    )
    entries = {f"{group}:bad": value, "hooks:good": "broken:Good"}
    place.install("broken-pack", entries, {"broken.py": source})
    registry = plugins.registry()
    with pytest.warns(PluginWarning) as caught:
        hooks = registry.hooks()
        registry.loader().names()
        registry.command("bad")
    assert kinds(hooks) == ["Good"]
    (warning,) = caught
    assert "'bad' of broken-pack 1.0" in str(warning.message)
    assert reason in str(warning.message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kinds(registry.hooks()) == ["Good"]
    (plugin,) = [p for p in registry.check() if p.name == "bad"]
    assert plugin.state == "broken"
    assert reason in plugin.reason


def test_a_name_that_is_taken_is_the_first_ones(place: Place) -> None:
    """Two packages of one name in one group: one works, one is named."""
    for index in (1, 2):
        place.install(
            f"pack-{index}",
            {"hooks:same": f"pack_{index}:Third"},
            {f"pack_{index}.py": HOOKS},
        )
    with pytest.warns(PluginWarning, match="the name is taken by pack-"):
        assert len(plugins.hooks()) == 1


# -- switching ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("", ["a", "b", "c"]),
        ("1", ["a", "b", "c"]),
        ("0", []),
        ("off", []),
        ("b", ["b"]),
        (" a , c ", ["a", "c"]),
        ("-b", ["a", "c"]),
        ("nobody", []),
    ],
)
def test_the_environment_decides(
    place: Place, monkeypatch: pytest.MonkeyPatch, said: str, left: list[str]
) -> None:
    """All, none, some, or all but some."""
    monkeypatch.setenv("SPECWIRE_PLUGINS", said)
    entries = {f"commands:{name}": "json:loads" for name in "abc"}
    place.install("three", entries)
    assert plugins.commands() == left
    states = {p.name: p.state for p in plugins.registry().plugins}
    assert [name for name in states if states[name] != "disabled"] == left


def test_a_program_decides_over_the_environment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``enable`` lets in what the environment keeps out, ``disable`` the reverse."""
    monkeypatch.setenv("SPECWIRE_PLUGINS", "a")
    place.install("two", {"commands:a": "json:loads", "commands:b": "json:loads"})
    registry = plugins.registry()
    assert registry.disable("a")
    assert registry.enable("b", group="commands")
    assert not registry.enable("nobody")
    assert plugins.commands() == ["b"]
    monkeypatch.setenv("SPECWIRE_PLUGINS", "0")
    assert plugins.commands() == ["b"]


def test_a_registered_part_is_used_and_forgotten() -> None:
    """Without any package; a name that is taken is refused."""
    registry = PluginRegistry(discover=False)
    registry.register(Counting)
    registry.register(Counting(), name="outer", priority=1)
    assert len(registry) == 2 and "outer" in registry
    assert [p.source for p in registry.plugins] == ["this program"] * 2
    with pytest.raises(ValueError, match="there already"):
        registry.register(Counting)
    with pytest.raises(ValueError, match="expected one of hooks"):
        registry.register(Counting, group="hoooks")
    assert registry.unregister("Counting")
    assert not registry.unregister("Counting")
    assert len(registry.hooks()) == 1


def test_threads_share_a_registry(place: Place) -> None:
    """Entry points are looked for once, and each thread gets its hooks."""
    place.install("h", {"hooks:a": "hh:Third"}, {"hh.py": HOOKS})
    registry, found = PluginRegistry(), []
    threads = [
        threading.Thread(target=lambda: found.append(registry.hooks()))
        for _ in "12345678"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [len(hooks) for hooks in found] == [1] * 8
    assert len({id(hooks[0]) for hooks in found}) == 8


# -- in clients --------------------------------------------------------------------


def test_a_hook_sees_the_calls_of_both_clients(box: Sandbox) -> None:
    """By ``hooks=`` and by the builder."""
    registry, hook = PluginRegistry(discover=False), Counting()
    registry.register(hook)
    with Client(
        api_keys=box.api_keys, base_urls=box.base_urls, hooks=registry.hooks()
    ) as client:
        client.models.list()
    url = box.base_urls["openai"]
    with (
        AiClient.builder()
        .model("openai/gpt-4o")
        .api_key(box.api_keys["openai"])
        .base_url(url)
        .plugins(registry)
        .build()
    ) as chat:
        chat.chat().user("Hi").execute()
    assert hook.seen == 2


def test_the_builder_orders_all_hooks_by_stage() -> None:
    """The plugins' among them; what stands in one stage keeps its order."""
    from specwire.resilience import CircuitBreaker, ResilientConfig

    class Guard(Hook):
        stage = 10

    class Last(Hook):
        stage = 90

    registry = PluginRegistry(discover=False)
    registry.register(Guard)
    built = (
        AiClient.builder()
        .model("openai/gpt-4o")
        .hook(Last())
        .hook(Counting())
        .resilience(ResilientConfig.production())
        .plugins(registry)
        .build()
    )
    names = kinds(list(built._hooks))
    assert names[:2] == ["Guard", "Counting"]
    assert names[-1] == "Last"
    assert CircuitBreaker.__name__ in names[2:-1]


def test_a_provider_of_a_plugin_is_asked(box: Sandbox) -> None:
    """By its id or an alias, with a key by the client's ``api_keys``."""
    registry = PluginRegistry(discover=False)
    url = box.base_urls["openai"]
    own = {**PROVIDER, "endpoint": {**PROVIDER["endpoint"], "base_url": url}}  # type: ignore[dict-item]
    registry.register(own, name="acme", group="providers")
    keys = {"acme": box.api_keys["openai"]}
    with Client(api_keys=keys, loader=registry.loader()) as client:
        for name in ("acme", "roadrunner"):
            assert client.chat(f"{name}/gpt-4o").user("Hi").execute().content
    assert len(box.requests) == 2


def test_own_directories_come_before_plugins_and_those_before_the_package(
    tmp_path: Path,
) -> None:
    """A plugin may bring a newer manifest of a provider that is built in."""
    import json

    named = {"path": "path", "plugin": "plugin", "both": "both"}
    for name in named:
        (tmp_path / name).mkdir()

    def put(place: str, id: str, name: str) -> None:
        data = {**PROVIDER, "id": id, "name": name, "aliases": []}
        (tmp_path / place / f"{id}.json").write_text(json.dumps(data))

    put("path", "groq", "mine")
    put("plugin", "groq", "theirs")
    put("plugin", "openai", "theirs")
    registry = PluginRegistry(discover=False)
    registry.register(tmp_path / "plugin", name="dir", group="manifests")
    put("both", "lone", "of a file")
    file = tmp_path / "both" / "lone.json"
    registry.register(file, name="file", group="manifests")
    loader = registry.loader(tmp_path / "path")
    names = [loader.load(id).name for id in ("groq", "openai", "lone", "gemini")]
    assert names == ["mine", "theirs", "of a file", "Google Gemini"]
    assert "lone" in loader.names()


class Source:
    """Manifests that are made when they are asked for."""

    def __init__(self, *names: str, gives: str | None = None) -> None:
        self._names = names
        self._gives = gives

    def names(self) -> list[str]:
        if not self._names:
            raise OSError("not reachable")
        return list(self._names)

    def load(self, name: str) -> Manifest:
        return Manifests({**PROVIDER, "id": self._gives or name}).load(
            self._gives or name
        )


def test_a_source_is_asked_for_what_it_names() -> None:
    """One that gives another manifest than it said is told."""
    registry = PluginRegistry(discover=False)
    registry.register(Source("one", "two"), name="good", group="providers")
    registry.register(Source("three", gives="four"), name="odd", group="providers")
    loader = registry.loader()
    assert loader.load("two").data["id"] == "two"
    with pytest.raises(ManifestError, match="expected the manifest of 'three'"):
        loader.load("three")


def test_a_source_that_fails_later_does_not_hide_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is reported in the log, and what is built in is found."""
    from specwire.chat import ManifestLoader

    loader = ManifestLoader(more=[Source()])
    assert loader.load("openai").data["id"] == "openai"
    assert "not reachable" in caplog.text


def test_a_plain_client_looks_for_nothing() -> None:
    """Neither plugins nor the metadata of packages are loaded for a call."""
    from tests.house.test_imports import loaded

    modules = loaded("from specwire import Client; Client().messages")
    assert not [m for m in modules if m.startswith("specwire.plugins")]
    assert "importlib.metadata" not in modules
