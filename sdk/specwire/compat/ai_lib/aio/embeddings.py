"""``ai_lib_python.embeddings``: its clients wait in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_embeddings import EmbeddingClient
from ....aio.faces.embedding_builders import (
    AsyncEmbeddingClientBuilder as EmbeddingClientBuilder,
)
from ..embeddings import (
    Embedding,
    EmbeddingModel,
    EmbeddingRequest,
    EmbeddingResponse,
    EmbeddingUsage,
    Vector,
    average_vectors,
    cosine_similarity,
    dot_product,
    euclidean_distance,
    find_most_similar,
    find_most_similar_embeddings,
    magnitude,
    manhattan_distance,
    normalize_vector,
    weighted_average_vectors,
)

__all__ = [
    "Embedding",
    "EmbeddingClient",
    "EmbeddingClientBuilder",
    "EmbeddingModel",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "EmbeddingUsage",
    "Vector",
    "average_vectors",
    "cosine_similarity",
    "dot_product",
    "euclidean_distance",
    "find_most_similar",
    "find_most_similar_embeddings",
    "magnitude",
    "manhattan_distance",
    "normalize_vector",
    "weighted_average_vectors",
]
