"""Embeddings and rankings of the sandbox."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest

from specwire.sandbox.chat.vectors import vector

from .conftest import Talker


def test_texts_with_the_same_words_are_near() -> None:
    """Likeness follows the words; every vector has length one."""
    cats, more, rain = map(vector, ("cats purr", "cats purr loudly", "rain in Paris"))
    assert math.isclose(sum(x * x for x in cats), 1, rel_tol=1e-6)
    near = sum(a * b for a, b in zip(cats, more, strict=True))
    far = sum(a * b for a, b in zip(cats, rain, strict=True))
    assert near > far


def test_openai_embeds_lists_and_base64(talk: Talker) -> None:
    """One vector a text, of the size asked for, as floats or their bytes."""
    body = {"model": "e", "input": ["a b", "c"], "dimensions": 8}
    plain = talk("openai", "/embeddings", body).json()
    assert [each["index"] for each in plain["data"]] == [0, 1]
    assert plain["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    coded = talk("openai", "/embeddings", {**body, "encoding_format": "base64"}).json()
    raw = base64.b64decode(coded["data"][0]["embedding"])
    assert struct.unpack("<8f", raw) == pytest.approx(plain["data"][0]["embedding"])


def test_gemini_embeds_one_and_many(talk: Talker) -> None:
    """A batch repeats the model in each of its requests."""
    content = {"content": {"parts": [{"text": "cats"}]}}
    one = talk("gemini", "/models/e:embedContent", content).json()
    asked: dict[str, Any] = {"requests": [{**content, "model": "models/e"}]}
    many = talk("gemini", "/models/e:batchEmbedContents", asked).json()
    assert many["embeddings"] == [one["embedding"]]
    asked["requests"][0]["model"] = "models/other"
    wrong = talk("gemini", "/models/e:batchEmbedContents", asked)
    assert wrong.status_code == 400


def test_cohere_embeds_by_type(talk: Talker) -> None:
    """Vectors stand below their type; input_type must be said."""
    body = {"model": "e", "texts": ["cats"], "input_type": "search_query"}
    asked = {**body, "embedding_types": ["float", "int8"]}
    found = talk("cohere", "/v2/embed", asked).json()["embeddings"]
    assert set(found) == {"float", "int8"} and max(found["int8"][0]) <= 127
    del body["input_type"]
    assert talk("cohere", "/v2/embed", body).status_code == 400


def test_a_request_holds_so_many_inputs(talk: Talker) -> None:
    """2,048 of OpenAI's, 100 of Gemini's, 96 of Cohere's."""
    one = {"model": "models/e", "content": {"parts": [{"text": "x"}]}}
    places: list[tuple[str, str, int, Any]] = [
        ("openai", "/embeddings", 2048, lambda n: {"model": "e", "input": ["x"] * n}),
        (
            "gemini",
            "/models/e:batchEmbedContents",
            100,
            lambda n: {"requests": [one] * n},
        ),
        (
            "cohere",
            "/v2/embed",
            96,
            lambda n: {
                "model": "e",
                "texts": ["x"] * n,
                "input_type": "search_query",
                "embedding_types": ["float"],
            },
        ),
    ]
    for provider, path, most, body in places:
        assert talk(provider, path, body(most)).status_code == 200
        assert talk(provider, path, body(most + 1)).status_code == 400


@pytest.mark.parametrize(
    ("provider", "path"), [("cohere", "/v2/rerank"), ("jina", "/rerank")]
)
def test_the_document_with_the_querys_words_is_first(
    talk: Talker, provider: str, path: str
) -> None:
    """Results are sorted and name the document's place."""
    documents = ["rain in Paris", "cats purr", "cats"]
    body = {"model": "r", "query": "cats purr", "documents": documents, "top_n": 2}
    results = talk(provider, path, body).json()["results"]
    assert [(each["index"], each["relevance_score"]) for each in results] == [
        (1, 1.0),
        (2, 0.5),
    ]
