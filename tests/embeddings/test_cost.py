"""The layer costs nothing where it is not used."""

from __future__ import annotations

from tests.house.test_imports import loaded


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    """Neither numpy nor requests by the import; the layer not by a chat client."""
    found = loaded(
        "from specwire import AiClient; AiClient('openai/m', api_key='k' * 20).chat()\n"
        "import specwire.embeddings, sys\n"
        "assert not [m for m in sys.modules if m.startswith('specwire.embeddings.')]\n"
        "from specwire.embeddings import EmbeddingClient\n"
        "EmbeddingClient('openai/m', api_key='k' * 20)"
    )
    assert found & {"numpy", "requests", "concurrent.futures.thread"} == set()
