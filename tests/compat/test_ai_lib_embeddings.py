"""``specwire.compat.ai_lib.embeddings`` and ``.rerank``: the code's own spellings."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest

from specwire.compat.ai_lib import embeddings, rerank
from specwire.compat.ai_lib.errors import AiLibError, RemoteError
from specwire.sandbox import Sandbox


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture(autouse=True)
def _keys(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_API_URL")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", box.chat_keys["openai"])
    monkeypatch.setenv("OPENAI_BASE_URL", box.chat_urls["openai"])
    monkeypatch.setenv("COHERE_API_KEY", box.chat_keys["cohere"])


def test_the_examples_of_its_docstrings() -> None:
    """create, builder, embed, embed_batch; vectors are lists."""
    with embeddings.EmbeddingClient.create("openai/text-embedding-3-small") as client:
        response = client.embed("Hello, world!")
        assert response.first and len(response.first.vector[:5]) == 5
        assert isinstance(response.first.vector, list)
        response = client.embed_batch(["Hello", "World", "Test"], batch_size=2)
        assert [each.index for each in response.embeddings] == [0, 1, 2]
        assert response.usage.prompt_tokens == response.usage.total_tokens == 3
        assert (client.model, client.provider) == ("text-embedding-3-small", "openai")
        assert response.to_dict()["data"][2]["object"] == "embedding"
    builder = embeddings.EmbeddingClient.builder().model("openai/m").dimensions(16)
    with builder.api_key(None).base_url(None).timeout(5).build() as client:
        assert client.embed("x").first.dimensions == 16  # type: ignore[union-attr]
    with pytest.raises(ValueError):
        embeddings.EmbeddingClient.builder().build()


def test_its_errors() -> None:
    """Theirs are raised; ours is the cause and knows the inputs."""
    with embeddings.EmbeddingClient("openai/unknown-model") as client:
        with pytest.raises(RemoteError) as caught:
            client.embed_batch(["a", "b"])
        assert caught.value.__cause__.inputs == (0, 1)  # type: ignore[union-attr]
        with pytest.raises(AiLibError):
            client.embed("")


def test_its_vectors() -> None:
    """All of its functions; a vector of zeros is like nothing, and no error."""
    assert embeddings.dot_product([1, 2], [3, 4]) == 11
    assert embeddings.magnitude([3, 4]) == 5
    assert embeddings.normalize_vector([0, 0]) == [0, 0]
    assert embeddings.normalize_vector([3, 4]) == pytest.approx([0.6, 0.8])
    assert embeddings.cosine_similarity([0, 0], [1, 1]) == 0.0
    assert embeddings.euclidean_distance([0, 0], [3, 4]) == 5
    assert embeddings.manhattan_distance([0, 0], [3, 4]) == 7
    assert embeddings.average_vectors([[0, 2], [2, 4]]) == [1, 3]
    halves = embeddings.weighted_average_vectors([[0.0], [4.0]], [0.25, 0.75])
    assert halves == pytest.approx([3])
    found = embeddings.find_most_similar([1, 0], [[0, 1], [1, 0], [0, 0]], top_k=2)
    assert found[0] == (1, pytest.approx(1)) and len(found) == 2
    far = embeddings.find_most_similar([1.0], [[3.0], [2.0]], metric="euclidean")
    assert far[0] == (1, 1.0)
    given = [embeddings.Embedding(n, [float(n), 1.0]) for n in range(3)]
    best = embeddings.find_most_similar_embeddings(given[2], given, 1)
    assert best[0][0] is given[2]
    for bad in ([1, 2, 3], [math.nan, 1]):
        with pytest.raises(ValueError):
            embeddings.cosine_similarity([1, 2], bad)
    with pytest.raises(ValueError, match="'best'"):
        embeddings.find_most_similar([1], [[1]], metric="best")


def test_its_models_and_requests() -> None:
    """Sizes by name; a request's body."""
    model = embeddings.EmbeddingModel("text-embedding-3-large")
    assert (model.dimensions, model.max_tokens) == (3072, 8191)
    assert all(each.dimensions and each.max_tokens for each in type(model))
    request = embeddings.EmbeddingRequest(["a", "b"], dimensions=8)
    assert (request.is_batch, request.batch_size) == (True, 2)
    assert request.to_dict()["dimensions"] == 8


def test_its_reranker(box: Sandbox) -> None:
    """Cohere where no provider is named, at an address that ends in ``/v2``."""
    url = f"{box.chat_urls['cohere']}/v2"
    builder = rerank.RerankerClient.builder().model("rerank-v3.5").base_url(url)
    with builder.timeout(5).build() as client:
        options = rerank.RerankOptions(top_n=1)
        found = client.rerank("a cat", ["a dog", "a cat"], options)
    assert [(each.index, each.document) for each in found] == [(1, "a cat")]
    assert client.model == "rerank-v3.5"
    with pytest.raises(ValueError, match="endpoint_path"):
        rerank.RerankerClient(model="m", endpoint_path="/other")
