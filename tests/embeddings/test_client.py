"""``EmbeddingClient`` in each language: what is sent, in what lots, what comes back."""

from __future__ import annotations

import threading
from array import array
from typing import Any

import pytest

from specwire import AiClient, Client, Hook
from specwire.budgets import Budget
from specwire.chat.loader import ManifestLoader
from specwire.embeddings import EmbeddingClient, languages
from specwire.errors import (
    CancelledError,
    RateLimitError,
    RequestValidationError,
    SpecwireError,
    UnsupportedCapabilityError,
)
from specwire.sandbox import Sandbox
from specwire.sandbox.chat.vectors import vector
from specwire.testing import FakeClock
from tests.golden import library

from .conftest import Embedding, place

TEXTS = [f"text {n} of {n % 7}" for n in range(205)]


def near(text: str) -> Any:
    """What the sandbox makes of a text."""
    return pytest.approx(vector(text), abs=1e-6)


@pytest.mark.parametrize(
    ("model", "lots"),
    [
        ("openai/text-embedding-3-small", [205]),
        ("azure/text-embedding-3-small", [205]),
        ("cohere/embed-v4.0", [96, 96, 13]),
        ("gemini/gemini-embedding-001", [100, 100, 5]),
        ("jina/jina-embeddings-v3", [205]),
        ("mistral/mistral-embed", [205]),
        ("zhipu/embedding-3", [64, 64, 64, 13]),
        ("ollama/nomic-embed-text", [205]),
        ("qwen/text-embedding-v4", [10] * 20 + [5]),
    ],
)
def test_every_language_keeps_the_order(
    embedding: Embedding, box: Sandbox, model: str, lots: list[int]
) -> None:
    """In requests of the provider's size, several at a time; one alone is the same."""
    client = embedding(model)
    found = client.embed_batch(TEXTS)
    assert [each.index for each in found] == list(range(205))
    assert list(found.vectors[204]) == near(TEXTS[204])
    assert all(list(v) == near(t) for v, t in zip(found.vectors, TEXTS, strict=True))
    sent = [_inputs(request.json()) for request in box.requests]
    assert sorted(map(len, sent), reverse=True) == sorted(lots, reverse=True)
    assert found.requests == len(lots)
    one = client.embed(TEXTS[3])
    assert one.first is not None and list(one.first.vector) == near(TEXTS[3])


def _inputs(body: Any) -> list[str]:
    """The texts of a request, whatever its language."""
    if "requests" in body:
        return [each["content"]["parts"][0]["text"] for each in body["requests"]]
    found: list[str] = body.get("input") or body.get("texts")
    return found


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (
            "openai/m",
            {"model": "m", "input": "x", "encoding_format": "base64", "dimensions": 8},
        ),
        (
            "cohere/embed-v4.0",
            {
                "model": "embed-v4.0",
                "texts": ["x"],
                "embedding_types": ["base64"],
                "output_dimension": 8,
                "input_type": "search_query",
            },
        ),
        (
            "gemini/e",
            {
                "content": {"parts": [{"text": "x"}]},
                "outputDimensionality": 8,
                "taskType": "RETRIEVAL_QUERY",
            },
        ),
        (
            "jina/j",
            {"model": "j", "input": "x", "dimensions": 8, "task": "retrieval.query"},
        ),
        ("mistral/m", {"model": "m", "input": "x", "output_dimension": 8}),
        (
            "nvidia/a/b",
            {"model": "a/b", "input": "x", "dimensions": 8, "input_type": "query"},
        ),
    ],
)
def test_what_is_sent(model: str, body: dict[str, Any]) -> None:
    """Size and kind by the provider's names, and its words for a query."""
    manifest, wire = ManifestLoader().resolve(model)
    operation = manifest.data["operations"]["embeddings"]
    language = languages.language_of(manifest.data)
    encoding = operation.get("encoding") if language.encodes else None
    asked = languages.Asked(wire, 8, "query", encoding, operation)
    assert language.body(asked, ["x"], True) == body


def test_a_kind_is_always_said_where_it_is_needed(
    embedding: Embedding, box: Sandbox
) -> None:
    """Cohere and NVIDIA embed documents unless something else is asked for."""
    embedding("cohere/embed-v4.0").embed("x")
    embedding("nvidia/a/b").embed("x", input_type="own_word")
    assert box.requests[0].json()["input_type"] == "search_document"
    assert box.requests[1].json()["input_type"] == "own_word"


def test_settings_and_those_of_one_call(embedding: Embedding, box: Sandbox) -> None:
    """A call's own come before the client's; params are members of the body."""
    client = embedding(dimensions=16, params={"user": "a"}, batch_size=2)
    assert client.embed("x").first.dimensions == 16  # type: ignore[union-attr]
    found = client.embed_batch(["x", "y", "z"], 8, 3, params={"user": "b"})
    assert len(found.vectors[0]) == 8
    assert [request.json()["user"] for request in box.requests] == ["a", "b"]
    assert client.embed_batch(["x", "y", "z"]).requests == 2


def test_usage_is_summed_up(embedding: Embedding) -> None:
    """Over all requests."""
    found = embedding("cohere/embed-v4.0", batch_size=2).embed_batch(["a b", "c", "d"])
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (4, 4)
    assert (found.model, found.requests) == ("embed-v4.0", 2)


def test_tokens_of_a_request_are_bounded(embedding: Embedding, box: Sandbox) -> None:
    """Mistral takes 16,384 of them: long texts go in smaller lots."""
    texts = [f"{n} " + "word " * 1000 for n in range(20)]
    embedding("mistral/mistral-embed").embed_batch(texts)
    sent = [len(request.json()["input"]) for request in box.requests]
    assert sorted(sent) == [2, 6, 6, 6]


def test_equal_inputs_are_asked_for_once(embedding: Embedding, box: Sandbox) -> None:
    """Each has its vector all the same."""
    found = embedding().embed_batch(["a", "b", "a", "a"])
    assert box.requests[0].json()["input"] == ["a", "b"]
    assert found.vectors[3] == found.vectors[0] != found.vectors[1]


def test_no_inputs_are_no_request(embedding: Embedding, box: Sandbox) -> None:
    """And no vectors."""
    found = embedding().embed_batch([])
    assert (found.vectors, found.first, len(found), box.requests) == ([], None, 0, [])


def test_tokens_in_place_of_text(embedding: Embedding, box: Sandbox) -> None:
    """OpenAI's takes them; elsewhere they are refused before anything is sent."""
    assert len(embedding().embed_batch([[1, 2], [3]]).vectors) == 2
    for model in ("cohere/embed-v4.0", "gemini/g"):
        with pytest.raises(RequestValidationError, match="got list as input 0"):
            embedding(model).embed_batch([[1, 2]])
    assert len(box.requests) == 1


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("abc", "got one str"),
        (["a", ""], "input 1, got an empty str"),
        (["a", None], "input 1, got NoneType"),
        ([[]], "input 0, got a list that holds no tokens"),
        ([["a"]], "no tokens"),
        ([3], "got int"),
    ],
)
def test_what_cannot_be_embedded(
    embedding: Embedding, box: Sandbox, inputs: Any, said: str
) -> None:
    """It is said which input it is, and nothing is sent."""
    with pytest.raises(RequestValidationError, match=said):
        embedding().embed_batch(inputs)
    assert box.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dimensions", 0),
        ("batch_size", -1),
        ("concurrency", 65),
        ("concurrency", True),
        ("vectors", "tuple"),
        ("encoding_format", "hex"),
    ],
)
def test_settings_that_cannot_be(name: str, value: Any) -> None:
    """Each is refused by its name."""
    with pytest.raises(RequestValidationError, match=name):
        EmbeddingClient("openai/m", **{name: value})


def test_forms_of_vectors(embedding: Embedding) -> None:
    """An array unless asked otherwise; a matrix of all of them."""
    assert isinstance(embedding().embed("a").vectors[0], array)
    assert isinstance(embedding(vectors="list").embed("a").vectors[0], list)
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    found = embedding(vectors="numpy").embed_batch(["a", "b"])
    assert isinstance(found.vectors[0], numpy.ndarray)
    assert (found.numpy().shape, found.numpy().dtype) == ((2, 64), numpy.float32)
    plain = embedding().embed_batch(["a", "b"]).numpy()
    assert (plain == found.numpy()).all()


def test_without_numpy_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it is asked for, not at the first vector."""
    monkeypatch.setattr("specwire.embeddings.vectors.by_numpy", lambda: None)
    with pytest.raises(ImportError, match=r"pip install 'specwire\[embeddings\]'"):
        EmbeddingClient("openai/m", vectors="numpy")


def test_a_local_server_needs_no_key(box: Sandbox) -> None:
    """An address alone."""
    with EmbeddingClient("ollama/m", base_url=box.chat_urls["ollama"]) as client:
        assert len(client.embed("x").vectors[0]) == 64
    assert "authorization" not in box.requests[0].headers


def test_providers_without_embeddings() -> None:
    """Nothing is sent; the error says what is missing."""
    with EmbeddingClient("deepseek/x", api_key="k" * 20) as client:
        with pytest.raises(UnsupportedCapabilityError, match="embeddings"):
            client.embed("x")


# -- whose connections ----------------------------------------------------------------


class Seen(Hook):
    """Notes what passes."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def before_attempt(self, call: Any) -> None:
        self.names.append(call.name)


def test_over_a_client_that_is_there(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hooks see each attempt, and it stays open; any kind of client will do."""
    seen = Seen()
    key, url = place(box, "openai/m").values()
    with (
        Client(
            api_keys={"openai": key}, base_urls={"openai": url}, hooks=[seen]
        ) as one,
        AiClient("openai/gpt-4o", api_key=key, base_url=url, hooks=[seen]) as two,
        library.Client(hooks=[seen]) as three,
    ):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        clients: list[Any] = [one, two, three]
        for client in clients:
            with EmbeddingClient("openai/m", client=client) as embeddings:
                assert embeddings.embed("x").vectors
        with EmbeddingClient(client=two) as embeddings:
            assert embeddings.model == "gpt-4o"
            assert embeddings.embed("x").vectors  # nothing was closed
    assert seen.names == ["openai.embeddings"] * 4


def test_a_client_has_its_own_settings(box: Sandbox) -> None:
    """Both at once would leave open which count."""
    with AiClient("openai/m", **place(box, "openai/m")) as client:
        with pytest.raises(TypeError, match="own settings"):
            EmbeddingClient("openai/m", client=client, timeout=3)
    with pytest.raises(RequestValidationError, match="expected a model"):
        EmbeddingClient()


def test_builder_and_create(box: Sandbox) -> None:
    """Three ways to the same client."""
    seen, key = Seen(), place(box, "openai/m")
    builder = EmbeddingClient.builder().model("openai/m").api_key(key["api_key"])
    builder = builder.base_url(key["base_url"]).dimensions(8).timeout(5).hook(seen)
    builder = builder.vectors("list").batch_size(1).concurrency(2).max_retries(0)
    with builder.build() as client:
        found = client.embed_batch(["x", "y"])
    assert (found.requests, found.first.dimensions) == (2, 8)  # type: ignore[union-attr]
    assert len(seen.names) == 2
    with EmbeddingClient.create("openai/m", dimensions=8, **key) as client:
        assert client.embed("x").first.dimensions == 8  # type: ignore[union-attr]
        assert (client.model, client.provider) == ("m", "openai")
        assert key["api_key"] not in repr(client)
    with pytest.raises(ValueError, match="expected a model"):
        EmbeddingClient.builder().build()


def test_retries_wait_as_the_server_says(box: Sandbox) -> None:
    """Each request has its own; the rest goes on."""
    clock = FakeClock()
    box.fail("POST /openai/v1/embeddings", [429, 503], retry_after=3)
    with EmbeddingClient("openai/m", **place(box, "openai/m"), _clock=clock) as client:
        assert client.embed("x").vectors
    assert clock.slept[0] >= 3
    assert len(box.requests) == 3


def test_a_failed_request_names_its_inputs(embedding: Embedding, box: Sandbox) -> None:
    """As the error's attribute, and in its message; equal ones too."""
    box.fail("POST /openai/v1/embeddings", [200, 429])
    client = embedding(batch_size=2, concurrency=1)
    with pytest.raises(RateLimitError, match="inputs 2 to 4") as caught:
        client.embed_batch(["a", "b", "c", "d", "c"])
    assert caught.value.inputs == (2, 3, 4)  # type: ignore[attr-defined]


def test_a_closed_client(embedding: Embedding) -> None:
    """Says so."""
    client = embedding()
    client.close()
    client.close()
    with pytest.raises(CancelledError, match="closed"):
        client.embed("x")


def test_one_client_for_many_threads(embedding: Embedding) -> None:
    """Each call has its own vectors."""
    client = embedding(batch_size=1)
    found: dict[int, Any] = {}

    def work(n: int) -> None:
        texts = [f"of {n} the {m}" for m in range(4)]
        found[n] = (texts, client.embed_batch(texts).vectors)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for texts, made in found.values():
        assert [list(each) for each in made] == [near(text) for text in texts]


@pytest.mark.parametrize(
    ("id", "more", "lots", "path"),
    [
        ("cohere", {}, [13, 96, 96], "/v2/embed"),
        ("gemini", {}, [5, 100, 100], "/v1beta/models/m:batchEmbedContents"),
        ("openai", {"payload_format": "openai_style"}, [205], "/v1/embeddings"),
    ],
)
def test_manifests_from_elsewhere(
    box: Sandbox, id: str, more: dict[str, Any], lots: list[int], path: str
) -> None:
    """They say neither limits nor places; what is built in of the provider does."""
    base = box.chat_urls[id].removesuffix("/v1").removesuffix("/v1beta")
    below = {"gemini": "/v1beta", "openai": "/v1"}.get(id, "")
    loader = ManifestLoader()
    auth = {"type": "bearer", "token_env": "A_KEY"}
    if id == "gemini":
        auth = {"type": "custom_header", "header": "x-goog-api-key", "token_env": "A"}
    loader.register(
        {
            "id": id,
            "protocol_version": "2.0",
            "endpoint": {"base_url": base + below, "auth": auth},
            "endpoints": {"chat": {"path": "/chat", "adapter": id}},
            "capabilities": {"required": ["text", "embeddings"]},
            **more,
        }
    )
    key = box.chat_keys[id]
    with EmbeddingClient(f"{id}/m", loader=loader, api_key=key) as client:
        found = client.embed_batch(TEXTS)
    assert list(found.vectors[204]) == near(TEXTS[204])
    assert sorted(len(_inputs(request.json())) for request in box.requests) == lots
    assert box.requests[0].path.endswith(path)


@pytest.mark.parametrize(
    "model", ["openai/text-embedding-3-small", "gemini/gemini-embedding-001"]
)
def test_a_budget_counts_embeddings(box: Sandbox, tmp_path: Any, model: str) -> None:
    """As any call, by the registry's price; without an answer in tokens."""
    budget = Budget(1, ledger=str(tmp_path / "spent.db"))
    with EmbeddingClient(model, hooks=[budget], **place(box, model)) as client:
        client.embed_batch(["some words", "and more"])
    (entry,) = budget.ledger.each()
    assert f"{entry.provider}/{entry.model}" == model
    assert entry.nano > 0


@pytest.mark.parametrize("kind", ["MemoryCache", "DiskCache", "Cache"])
def test_the_stores_of_the_cache_layer(
    embedding: Embedding, box: Sandbox, tmp_path: Any, kind: str
) -> None:
    """They keep vectors by input, whichever call brought them."""
    caches = pytest.importorskip("specwire.cache", reason="there is no cache layer")
    args = [str(tmp_path / "kept.db")] if kind == "DiskCache" else []
    client = embedding(cache=getattr(caches, kind)(*args))
    first = client.embed_batch(["a", "b"])
    found = client.embed_batch(["b", "c", "a"])
    assert found.vectors[0] == first.vectors[1]
    assert (found.cached, len(box.requests)) == (2, 2)
    assert box.requests[1].json()["input"] == ["c"]


@pytest.mark.parametrize(
    "settings", [{"model": "nobody/x"}, {"dimensions": 0}, {"model": None}, {"no": 1}]
)
def test_a_key_is_in_no_frame_of_a_traceback(settings: dict[str, Any]) -> None:
    """Whatever the client was refused for."""
    key = "sk-a-secret-of-the-caller"
    with pytest.raises((SpecwireError, TypeError)) as caught:
        EmbeddingClient(**{"model": "openai/m", "api_key": key, **settings})
    frames = [entry.frame.f_locals for entry in caught.traceback[1:]]
    assert frames and key not in repr(frames) + str(caught.value)
