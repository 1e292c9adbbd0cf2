"""Manifests by name: where they are looked for, and what is no name."""

from __future__ import annotations

import json
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from specwire.chat import Manifest, ManifestLoader
from specwire.errors import ManifestError, RequestValidationError


def manifest(id: str = "acme", **more: Any) -> dict[str, Any]:
    """A manifest of version 2, in OpenAI's language."""
    url = f"https://api.{id}.example/v1"
    return {
        "id": id,
        "protocol_version": "2.0",
        "endpoint": {"base_url": url, "chat": "/chat/completions"},
        "capabilities": {"required": ["text", "streaming"]},
        **more,
    }


def put(root: Path, place: str, data: Any) -> Path:
    """A file below ``root``; JSON is YAML as well."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


# -- where -------------------------------------------------------------------------


def test_a_directory_comes_before_what_is_built_in(tmp_path: Path) -> None:
    """Explicit before the environment's, and that before the package's."""
    explicit, other = tmp_path / "a", tmp_path / "b"
    put(explicit, "openai.yaml", manifest("openai", name="mine"))
    put(other, "openai.yaml", manifest("openai", name="theirs"))
    put(other, "groq.yaml", manifest("groq", name="theirs"))
    environment = pytest.MonkeyPatch()
    with environment.context() as patch:
        patch.setenv("AI_PROTOCOL_PATH", str(other))
        loader = ManifestLoader(explicit)
        names = [loader.load(id).name for id in ("openai", "groq", "gemini")]
    assert names == ["mine", "theirs", "Google Gemini"]


def test_the_first_variable_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``AI_PROTOCOL_DIR`` before ``AI_PROTOCOL_PATH``; an empty one counts as
    absent."""
    put(tmp_path / "a", "acme.yaml", manifest(name="dir"))
    put(tmp_path / "b", "acme.yaml", manifest(name="path"))
    monkeypatch.setenv("AI_PROTOCOL_PATH", str(tmp_path / "b"))
    monkeypatch.setenv("AI_PROTOCOL_DIR", "  ")
    assert ManifestLoader().load("acme").name == "path"
    monkeypatch.setenv("AI_PROTOCOL_DIR", str(tmp_path / "a"))
    assert ManifestLoader().load("acme").name == "dir"


def test_layouts_of_a_directory(tmp_path: Path) -> None:
    """Compiled before source, version 2 before version 1, folders before flat files."""
    places = [
        "acme.yaml",
        "v1/providers/acme.yaml",
        "v1/providers/acme.json",
        "v2/providers/acme.yaml",
        "v2/providers/acme.json",
        "dist/v1/providers/acme.json",
        "dist/v2/providers/acme.json",
    ]
    found = []
    for place in places:
        put(tmp_path, place, manifest(name=place))
        found.append(ManifestLoader(tmp_path).load("acme").name)
    assert found == places


def test_a_directory_that_is_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so, and what is built in is used."""
    loader = ManifestLoader(tmp_path / "nowhere")
    assert loader.load("openai").id == "openai"
    assert "nowhere does not exist" in caplog.text


# -- names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "id"), [("google", "gemini"), ("kimi", "moonshot"), ("glm", "zhipu")]
)
def test_aliases(alias: str, id: str) -> None:
    """Another name of a provider leads to its manifest."""
    assert ManifestLoader().load(alias).id == id
    assert Manifest.builtin(alias).id == id


@pytest.mark.parametrize("name", ["Google", "GOOGLE", "open-ai", "unknown", "o", ""])
def test_names_are_exact(name: str) -> None:
    """What is nobody's name is an error; nothing is folded or guessed."""
    with pytest.raises(ManifestError, match="no provider"):
        ManifestLoader().load(name)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "evil\x00",
        "evil\n",
        "ev il",
        "evil.yaml",
    ],
)
def test_no_path_is_made_of_a_name(tmp_path: Path, name: str) -> None:
    """A name is an id before it is looked for."""
    put(tmp_path, "evil.yaml", manifest("evil"))
    root = tmp_path / "in"
    root.mkdir()
    with pytest.raises(ManifestError, match="no provider"):
        ManifestLoader(root).load(name)


def test_an_absolute_name_is_none(tmp_path: Path) -> None:
    """Nor is a file's path a name."""
    path = put(tmp_path, "evil.yaml", manifest("evil"))
    with pytest.raises(ManifestError, match="no provider"):
        ManifestLoader(tmp_path).load(str(path))


def test_aliases_of_a_directory(tmp_path: Path) -> None:
    """A manifest's own, and those of a table of identities; an id comes first."""
    put(tmp_path, "v2/providers/acme.yaml", manifest(aliases=["roadrunner", "beta"]))
    put(tmp_path, "v2/providers/beta.yaml", manifest("beta"))
    families = [{"canonical_id": "beta", "aliases": ["second"]}]
    put(tmp_path, "dist/provider-identity.json", {"families": families})
    loader = ManifestLoader(tmp_path)
    found = [loader.load(name).id for name in ("roadrunner", "second", "beta")]
    assert found == ["acme", "beta", "beta"]


def test_an_alias_of_two_is_refused(tmp_path: Path) -> None:
    """Whose it is cannot be told."""
    put(tmp_path, "acme.yaml", manifest(aliases=["both"]))
    put(tmp_path, "beta.yaml", manifest("beta", aliases=["both"]))
    with pytest.raises(ManifestError, match="alias of acme and beta"):
        ManifestLoader(tmp_path).load("both")


def test_a_file_that_cannot_be_read_ends_the_search(tmp_path: Path) -> None:
    """It never falls through to another manifest; the problems have their places."""
    put(tmp_path, "v2/providers/openai.yaml", "id: openai\nendpoint: [\n")
    put(tmp_path, "v1/providers/openai.yaml", manifest("openai"))
    with pytest.raises(ManifestError) as caught:
        ManifestLoader(tmp_path).load("openai")
    assert "openai.yaml:" in caught.value.problems[0]
    assert " error S003 " in caught.value.problems[0]


def test_a_file_is_of_whom_it_is_named(tmp_path: Path) -> None:
    """A file that describes another provider is refused."""
    put(tmp_path, "openai.yaml", manifest("acme"))
    with pytest.raises(ManifestError, match="expected the manifest of 'openai'"):
        ManifestLoader(tmp_path).load("openai")


def test_a_broken_table_of_identities(tmp_path: Path) -> None:
    """It is an error where it would have to be asked."""
    put(tmp_path, "dist/provider-identity.json", "{")
    loader = ManifestLoader(tmp_path)
    assert loader.load("openai").id == "openai"
    with pytest.raises(ManifestError, match="provider-identity"):
        loader.load("google")


# -- models ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "id", "wire"),
    [
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("openrouter/meta-llama/llama-3", "openrouter", "meta-llama/llama-3"),
        ("google/models/gemini-pro", "gemini", "models/gemini-pro"),
        ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
    ],
)
def test_models(model: str, id: str, wire: str) -> None:
    """The first slash separates; without one the registry knows."""
    found = ManifestLoader().resolve(model)
    assert (found[0].id, found[1]) == (id, wire)


def test_models_that_are_not_certain() -> None:
    """Of several providers, or of none: the error names what can be written."""
    loader = ManifestLoader()
    with pytest.raises(ManifestError, match="azure/gpt-4o or openai/gpt-4o"):
        loader.resolve("gpt-4o")
    with pytest.raises(ManifestError, match=r"did you mean .*openai/gpt-4o"):
        loader.resolve("gpt-4oo")


@pytest.mark.parametrize("model", ["", "  ", "openai/", None, 4])
def test_what_is_no_model(model: Any) -> None:
    """It is refused, with its pointer."""
    with pytest.raises(RequestValidationError) as caught:
        ManifestLoader().resolve(model)
    assert caught.value.pointer == "/model"


# -- what is kept ------------------------------------------------------------------


def test_what_was_loaded_is_kept(tmp_path: Path) -> None:
    """Until it is forgotten; without a cache each load reads."""
    path = put(tmp_path, "acme.yaml", manifest(name="one"))
    loader, other = ManifestLoader(tmp_path), ManifestLoader(tmp_path, cache=False)
    assert loader.load("acme").name == other.load("acme").name == "one"
    path.write_text(json.dumps(manifest(name="other")))
    assert (loader.load("acme").name, other.load("acme").name) == ("one", "other")
    assert loader.invalidate("acme") is True
    assert loader.invalidate("acme") is False
    assert loader.load("acme").name == "other"


def test_hot_reload(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that changed is read anew; a broken one leaves the last that was good."""
    path = put(tmp_path, "acme.yaml", manifest(name="one"))
    loader = ManifestLoader(tmp_path, hot_reload=True)
    first = loader.load("acme")
    assert loader.load("acme") is first
    path.write_text(json.dumps(manifest(name="two")))
    os.utime(path, ns=(1, 1))
    assert loader.load("acme").name == "two"
    path.write_text("{")
    assert loader.load("acme").name == "two"
    assert "kept as it was" in caplog.text


def test_registering(tmp_path: Path) -> None:
    """A mapping, a record or a manifest; it comes before everything else."""
    loader = ManifestLoader()
    with pytest.raises(ManifestError):
        loader.load("acme")
    made = loader.register(manifest(aliases=["roadrunner"]))
    assert loader.load("acme") is made
    assert loader.load("roadrunner") is made
    assert loader.register(made.data).id == "acme"
    loader.register(manifest("openai", name="mine"))
    assert loader.load("openai").name == "mine"
    loader.clear()
    assert loader.load("openai").name == "OpenAI"
    assert "acme" not in loader.names()


def test_a_file_of_any_name(tmp_path: Path) -> None:
    """``load_file`` reads what it is given."""
    path = put(tmp_path, "what ever#1.yml", manifest())
    assert ManifestLoader().load_file(path).id == "acme"
    with pytest.raises(ManifestError, match="S001"):
        ManifestLoader().load_file(tmp_path / "none.yaml")


def test_strict_checks_by_the_schema(tmp_path: Path) -> None:
    """What the structure tolerates, the full JSON Schema may not."""
    odd = manifest(retry_policy={"strategy": "sometimes"})
    assert ManifestLoader().register(odd).id == "acme"
    with pytest.raises(ManifestError, match="M012"):
        ManifestLoader(strict=True).register(odd)


def test_names_lists_all(tmp_path: Path) -> None:
    """Built in, in directories and registered; tables of identities are none."""
    put(tmp_path, "v2/providers/acme.yaml", manifest())
    put(tmp_path, "provider-identity.json", {"families": []})
    loader = ManifestLoader(tmp_path)
    loader.register(manifest("beta"))
    assert {"acme", "beta", "openai"} <= set(loader.names())
    assert "provider-identity" not in loader.names()


def test_threads_share_a_loader(tmp_path: Path) -> None:
    """All get the same manifest."""
    put(tmp_path, "acme.yaml", manifest())
    loader, found = ManifestLoader(tmp_path), []  # type: ignore[var-annotated]
    begin = threading.Barrier(8)

    def load() -> None:
        begin.wait()
        found.append(loader.load("acme"))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


# -- the manifest ------------------------------------------------------------------


def test_a_manifest_shows_its_record() -> None:
    """Members are attributes; equal records are equal; it pickles."""
    openai = Manifest.builtin("openai")
    assert (openai.id, openai.dialect) == ("openai", "openai")
    assert openai.base_url == openai.data["base_url"]
    assert pickle.loads(pickle.dumps(openai)) == openai
    with pytest.raises(AttributeError, match="nothing"):
        _ = openai.nothing
    with pytest.raises(ManifestError, match="format 1"):
        Manifest({"id": "acme"})


def test_endpoints() -> None:
    """By name, else the fallback's, else a path; or an error that lists what there
    is."""
    openai = Manifest.builtin("openai")
    assert openai.endpoint("chat") == ("POST", "/chat/completions", {})
    assert openai.endpoint("talk", "chat") == openai.endpoint("chat")
    assert openai.endpoint("talk", "/talk") == ("POST", "/talk", {})
    with pytest.raises(
        ManifestError, match=r"names no endpoint for 'talk'; it has .*chat"
    ):
        openai.endpoint("talk")


def test_models_of_a_manifest() -> None:
    """Its own word, then the registry's, by name or alias."""
    openai = Manifest.builtin("openai")
    found = openai.model("gpt-4o")
    assert found is not None
    assert found["context_window"] == 128_000
    assert openai.model("none") is None
    own = manifest(metadata={"models": {"m-1": {"context_window": 9}}})
    assert ManifestLoader().register(own).model("m-1") is not None
