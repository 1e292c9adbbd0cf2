"""Texts to vectors, vectors to what is alike, and documents by their worth.

>>> from specwire.embeddings import EmbeddingClient, most_similar
>>> with EmbeddingClient("openai/text-embedding-3-small") as embeddings:
...     found = embeddings.embed_batch(["a cat", "a dog"])  # doctest: +SKIP

Over OpenAI, Cohere, Gemini, Jina, Mistral and the others whose manifests have
embeddings, and over servers on your own machine. The names load when they are first
used (PEP 562); numpy is used where it is installed (``specwire[embeddings]``).
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .builder import EmbeddingClientBuilder as EmbeddingClientBuilder
    from .client import EmbeddingClient as EmbeddingClient
    from .client import VectorCache as VectorCache
    from .rerank import RerankClient as RerankClient
    from .types import Embedding as Embedding
    from .types import EmbeddingResponse as EmbeddingResponse
    from .types import EmbeddingUsage as EmbeddingUsage
    from .types import RerankResponse as RerankResponse
    from .types import RerankResult as RerankResult
    from .vectors import Match as Match
    from .vectors import average as average
    from .vectors import cosine as cosine
    from .vectors import dot as dot
    from .vectors import euclidean as euclidean
    from .vectors import magnitude as magnitude
    from .vectors import manhattan as manhattan
    from .vectors import most_similar as most_similar
    from .vectors import normalise as normalise

_BY_HOME = {
    ".embeddings.builder": "EmbeddingClientBuilder",
    ".embeddings.client": "EmbeddingClient VectorCache",
    ".embeddings.rerank": "RerankClient",
    ".embeddings.types": """
        Embedding EmbeddingResponse EmbeddingUsage RerankResponse RerankResult
    """,
    ".embeddings.vectors": """
        Match average cosine dot euclidean magnitude manhattan most_similar normalise
    """,
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}

__all__ = [*_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
