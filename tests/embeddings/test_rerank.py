"""``RerankClient``: who can, what is sent, and what a ranking has to be."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import AiClient
from specwire.embeddings import RerankClient
from specwire.errors import (
    DecodeError,
    RequestValidationError,
    UnsupportedCapabilityError,
)
from specwire.sandbox import Sandbox

from ..scripted import reply, serving
from .conftest import place

DOCUMENTS = ["dogs bark", "a cat sleeps", "a fine cat"]


@pytest.mark.parametrize(
    "model",
    [
        "cohere/rerank-v3.5",
        "jina/jina-reranker",
        "together/a/b",
        "fireworks/a/b",
        "llamacpp/x",
    ],
)
def test_the_best_comes_first(box: Sandbox, model: str) -> None:
    """With its place among the documents, and its text."""
    with RerankClient(model, **place(box, model)) as client:
        found = client.rerank("a fine cat", DOCUMENTS, 2)
    assert [each.index for each in found] == [2, 1]
    assert (found[0].document, len(found)) == ("a fine cat", 2)
    assert found[0].relevance_score > found[1].relevance_score
    assert found.model == model.partition("/")[2]
    body = box.requests[0].json()
    assert (body["top_n"], body["documents"]) == (2, DOCUMENTS)


def test_objects_and_what_is_billed(box: Sandbox) -> None:
    """Jina takes objects with a text, and counts tokens; Cohere counts searches."""
    objects = [{"text": text} for text in DOCUMENTS]
    with RerankClient("jina/j", **place(box, "jina/j")) as client:
        found = client.rerank("cat", objects)
    assert (found[0].document, found.search_units) == (DOCUMENTS[1], 0)
    assert found.total_tokens > 0
    with RerankClient("cohere/c", **place(box, "cohere/c")) as client:
        assert client.rerank("cat", DOCUMENTS).search_units == 1


def test_over_a_client_that_is_there(box: Sandbox) -> None:
    """And by a builder."""
    with AiClient("cohere/rerank-v3.5", **place(box, "cohere/c")) as client:
        assert RerankClient(client=client).rerank("cat", DOCUMENTS, 1)[0].index == 1
    builder = RerankClient.builder().model("cohere/rerank-v3.5")
    for name, value in place(box, "cohere/c").items():
        builder.setting(name, value)
    with builder.build() as ranking:
        assert ranking.rerank("cat", DOCUMENTS, params={"priority": 1})[0].index == 1
    assert box.requests[-1].json()["priority"] == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("", ["a"]), "text as query"),
        (("q", "abc"), "list of inputs"),
        (("q", ["a", ""]), "input 1"),
        (("q", ["a"], 0), "top_n"),
    ],
)
def test_what_cannot_be_ranked(args: Any, said: str) -> None:
    """Nothing is sent."""
    with serving() as server:
        with RerankClient("jina/j", api_key="k" * 20, base_url=server.url) as client:
            with pytest.raises(RequestValidationError, match=said):
                client.rerank(*args)
            assert len(client.rerank("q", [])) == 0
    assert server.received == []


@pytest.mark.parametrize(
    "results",
    [
        None,
        [1],
        [{"index": 2, "relevance_score": 1}],
        [{"index": -1, "relevance_score": 1}],
        [{"index": True, "relevance_score": 1}],
        [{"index": 0}],
        [{"index": 0, "relevance_score": "high"}],
        [{"index": 0, "relevance_score": 1}, {"index": 0, "relevance_score": 2}],
    ],
)
def test_what_is_no_ranking(results: Any) -> None:
    """Places beyond the documents, the same one twice, scores that are none."""
    with serving(reply(body={"results": results})) as server:
        with RerankClient("jina/j", api_key="k" * 20, base_url=server.url) as client:
            with pytest.raises(DecodeError, match=r"'results'|that is none"):
                client.rerank("q", ["a", "b"])


def test_other_shapes_and_orders() -> None:
    """Fireworks says ``data``; what is not in order is put in order."""
    items = [{"index": 1, "relevance_score": 0.1}, {"index": 0, "score": 0.9}]
    with serving(reply(body={"data": items})) as server:
        with RerankClient("jina/j", api_key="k" * 20, base_url=server.url) as client:
            assert [each.index for each in client.rerank("q", ["a", "b"])] == [0, 1]


def test_providers_that_cannot() -> None:
    """OpenAI has no ranking; nothing is sent."""
    with RerankClient("openai/m", api_key="k" * 20) as client:
        with pytest.raises(UnsupportedCapabilityError, match="rerank"):
            client.rerank("q", ["a"])
